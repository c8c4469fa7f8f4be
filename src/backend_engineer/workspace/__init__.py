"""Source trees, git, and the reading and writing of changes.

Owns: everything that touches a caller's files: reading a base, telling what changed, writing a change.
Must never know: prompts, replies, rules, the session.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_engineer.first_use import names_on_first_use
from backend_engineer.workspace.tree import IGNORED, SourceTree, TreeDigest

if TYPE_CHECKING:
    from backend_engineer.workspace.reading import (
        change_from_diff,
        change_from_directory,
        change_from_git,
    )
    from backend_engineer.workspace.writing import Written, recover_write, write_change

__all__ = [
    "IGNORED",
    "SourceTree",
    "TreeDigest",
    "Written",
    "change_from_diff",
    "change_from_directory",
    "change_from_git",
    "recover_write",
    "write_change",
]

# Rules import SourceTree alone; what reads diffs and writes folders loads when it is first used.
__getattr__, __dir__ = names_on_first_use(
    __name__,
    {
        "reading": ("change_from_diff", "change_from_directory", "change_from_git"),
        "writing": ("Written", "recover_write", "write_change"),
    },
)
