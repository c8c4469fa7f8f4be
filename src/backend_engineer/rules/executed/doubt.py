"""Which pairs ran on a schema that an earlier script, which could not be run, should have changed.

Owns: the tables that scripts which were not run speak of, and the later pairs that speak of the same.
Must never know: how a pair is run, which rule reports it.

A script may call a function that only its application defines; then everything it was to build is missing,
and what a later script and its rollback do to the same tables was seen on another schema than the real one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from backend_engineer.migrations import discover
from backend_engineer.outputs import PairOutcome, PairVerdict
from backend_engineer.rules.rule import Context

__all__ = ["doubted"]

_CHANGES = re.compile(r"(?i)\b(?:CREATE|ALTER|DROP)\s")
_TABLE = re.compile(
    r"(?i)\b(?:TABLE(?:\s+IF(?:\s+NOT)?\s+EXISTS)?(?:\s+ONLY)?|ON|RENAME\s+TO)\s+"
    r"[\"`\[]?(?:\w+[\"`\]]?\.[\"`\[]?)?(\w+)"
)
_NO_TABLES = frozenset(("conflict", "delete", "update", "table", "column", "each"))


def doubted(pairs: Sequence[PairOutcome], context: Context) -> dict[tuple[str, str], str]:
    """Forward path and name -> the earlier migration that was not run and that speaks of a table of this pair, too."""
    missing: dict[str, str] = {}
    found: dict[tuple[str, str], str] = {}
    several = Counter(pair.forward for pair in pairs)
    own: dict[tuple[str, str], list[str]] = {}
    for path in (path for path, count in several.items() if count > 1):
        own |= _apart(path, context)
    for pair in pairs:
        texts = own.get((pair.forward, pair.migration)) or [
            context.text_of(path) or "" for path in (pair.forward, pair.rollback) if path is not None
        ]
        words = set(re.findall(r"\w+", " ".join(texts).lower()))
        cause = next((missing[name] for name in sorted(missing.keys() & words)), None)
        if cause is not None:
            found[pair.forward, pair.migration] = cause
        if _left_out(pair) and _CHANGES.search(texts[0]):
            for name in _TABLE.findall(texts[0]):
                if name.lower() not in _NO_TABLES:
                    missing.setdefault(name.lower(), pair.migration)
    return found


def _apart(path: str, context: Context) -> dict[tuple[str, str], list[str]]:
    """The scripts of each migration of a file that holds several."""
    items = discover({path: context.text_of(path) or ""}, folder="")
    return {
        (path, item.key): [script.sql for script in (item.forward, item.rollback) if script is not None]
        for item in items
    }


def _left_out(pair: PairOutcome) -> bool:
    """Whether the forward script was not run to its end; one without a rollback was."""
    if pair.verdict is PairVerdict.FORWARD_FAILED:
        return True
    return pair.verdict is PairVerdict.NOT_RUN and pair.rollback is not None
