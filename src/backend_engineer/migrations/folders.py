"""Rollbacks that stand in a folder of their own: `up/` and `down/`, or `rollback/` below the forward scripts.

Owns: which folders are meant, and which file undoes which.
Must never know: file contents, versions, databases.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from backend_engineer.migrations.conventions import Convention, Named, Role, is_migration_folder

__all__ = ["named_by_folder"]

_FORTH = frozenset({"up", "ups", "forward", "upgrade", "upgrades", "do", "apply"})
_BACK = frozenset(
    {
        "down",
        "downs",
        "backward",
        "downgrade",
        "downgrades",
        "undo",
        "rollback",
        "rollbacks",
        "revert",
        "reverts",
    }
)
_CONVENTION = Convention("folders", re.compile("(?!)"))
_LAST_WORD = re.compile(r"[._-](?:up|down|do|undo|rollback|revert|forward)\Z", re.IGNORECASE)
_VERSION = re.compile(r"\d+")


def named_by_folder(paths: Iterable[str]) -> dict[str, Named]:
    """What each path says that stands in such a folder, or beside one.

    A folder counts as one of rollbacks once one of its files has a counterpart, or where other scripts stand
    above it; then all its files do. Sqitch has a layout of its own.
    """
    scripts = [path for path in paths if path.endswith(".sql")]
    folders = {path.rpartition("/")[0] for path in scripts}
    if not any(folder.rpartition("/")[2].lower() in _BACK for folder in folders):
        return {}
    places = {path: _place(path) for path in scripts}
    forth = {(root, stem): path for path, (root, role, stem) in places.items() if role == "forward"}
    back = {(root, stem): path for path, (root, role, stem) in places.items() if role == "rollback"}
    for path in scripts:
        folder, _, name = path.rpartition("/")
        if (folder, _stem(name)) in back:
            # No folder of their own: the forward scripts stand above their rollbacks.
            forth.setdefault((folder, _stem(name)), path)
    above = {root for root, role, _ in places.values() if role != "rollback"}
    roots = {
        root for root, stem in back if (root, stem) in forth or (root in above and is_migration_folder(root))
    }
    roots -= {
        root for root in roots if any(path.startswith(f"{root}/deploy/".lstrip("/")) for path in scripts)
    }
    chosen = {path: (root, "forward", stem) for (root, stem), path in forth.items() if root in roots}
    chosen |= {path: (root, "rollback", stem) for (root, stem), path in back.items() if root in roots}
    return {path: _named(path, root, role, stem) for path, (root, role, stem) in chosen.items()}


def _place(path: str) -> tuple[str, str, str]:
    """The folder above, the role that the path's folder gives it, and the name without its last word."""
    folder, _, name = path.rpartition("/")
    root, _, last = folder.rpartition("/")
    word = last.lower()
    role = "rollback" if word in _BACK else "forward" if word in _FORTH else ""
    return root if role else folder, role, _stem(name)


def _stem(name: str) -> str:
    return _LAST_WORD.sub("", name.removesuffix(".sql"))


def _named(path: str, root: str, role: str, stem: str) -> Named:
    name = path.rpartition("/")[2]
    key = name.removesuffix(".up.sql")
    version = _VERSION.match(stem)
    plays: Role = "rollback" if role == "rollback" else "forward"
    digits = version[0] if version is not None else ""
    rest = stem[len(digits) :].lstrip("_.-")
    return Named(_CONVENTION, path, plays, key if plays == "forward" else stem, digits, rest, root)
