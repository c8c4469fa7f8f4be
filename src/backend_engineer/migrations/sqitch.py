"""Sqitch's plan: which scripts are meant, and in which order.

Owns: reading a plan, and telling sqitch's folders from others of the same names.
Must never know: pairing, script contents, databases.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from backend_engineer.migrations.conventions import Named

__all__ = ["is_sqitch", "plans_of"]


def is_sqitch(item: Named, named: list[Named], plans: Mapping[str, list[str]]) -> bool:
    """Whether a script is sqitch's: a plan stands above it, or both a deploy and a revert script do."""
    if item.folder in plans:
        return True
    roles = {
        other.role for other in named if other.folder == item.folder and other.convention is item.convention
    }
    return {"forward", "rollback"} <= roles


def plans_of(files: Mapping[str, str]) -> dict[str, list[str]]:
    """Folder -> the names in its plan's order."""
    plans: dict[str, list[str]] = {}
    for path in files:
        if path == "sqitch.plan" or path.endswith("/sqitch.plan"):
            plans[path.rpartition("/")[0]] = _planned(files[path] or "")
    return plans


def _planned(text: str) -> list[str]:
    """The scripts' names in a plan's order; a change that is reworked later stands under the last tag before that."""
    names: list[str] = []
    open_since: dict[str, int] = {}
    tagged: dict[str, str] = {}
    for row in (row.strip() for row in text.splitlines()):
        if not row or row[0] in "%#":
            continue
        word = row.split()[0]
        if word.startswith("@"):
            tagged |= dict.fromkeys(open_since, word)
            continue
        if word in open_since:
            # The plan itself says which tag it was, among what the reworked change needs.
            said = re.search(rf"[\[ ]{re.escape(word)}(@[^\s\]]+)", row)
            names[open_since[word]] = word + (said[1] if said is not None else tagged.get(word, ""))
        tagged.pop(word, None)
        open_since[word] = len(names)
        names.append(word)
    return names
