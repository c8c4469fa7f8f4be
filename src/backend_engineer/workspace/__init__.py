"""Source trees, git, and the reading and writing of changes.

Owns: everything that touches a caller's files: reading a base, telling what changed, writing a change.
Must never know: prompts, replies, rules, the session.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

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
_MODULES = {name: "reading" for name in __all__ if name.startswith("change")} | dict.fromkeys(
    ("Written", "recover_write", "write_change"), "writing"
)


def __getattr__(name: str) -> Any:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{module}"), name)
