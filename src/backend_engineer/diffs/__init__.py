"""Unified diffs: read strictly, applied exactly, written in git's form.

Owns: the grammar of patches, their application, their making, and which lines differ.
Must never know: files, folders, git, replies.
"""

from backend_engineer.diffs.apply import apply_patch, split_lines
from backend_engineer.diffs.make import changed_ranges, make_diff
from backend_engineer.diffs.patch import FilePatch, Hunk, parse_patch

__all__ = ["FilePatch", "Hunk", "apply_patch", "changed_ranges", "make_diff", "parse_patch", "split_lines"]
