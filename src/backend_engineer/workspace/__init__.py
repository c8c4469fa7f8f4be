"""Source trees, git, and the reading and writing of changes.

Owns: everything that touches a caller's files: reading a base, telling what changed, writing a change.
Must never know: prompts, replies, rules, the session.
"""

from backend_engineer.workspace.tree import IGNORED, SourceTree, TreeDigest

__all__ = ["IGNORED", "SourceTree", "TreeDigest"]
