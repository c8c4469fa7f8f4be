"""A forward script guards itself.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_engineer.contract import Category, Severity
from backend_engineer.rules.migrations.pairs import examine, no_pairs
from backend_engineer.rules.migrations.samples import BASE, POSTGRESQL, papers, scripts
from backend_engineer.rules.reading import has_order
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

__all__ = ["RULE"]


_GUARD = re.compile(
    r"\b(?:(?:lock|statement|busy)_timeout\b|raise\s+exception\b|if\s+(?:not\s+)?exists\b|assert\b|foreign_key_check\b"
    r"|lock\s*=\s*(?:none|shared)\b|algorithm\s*=|nowait\b|lock\s+timeout\b|limit\b|changes\s*\(|guard\b|precondition\b)"
)


# One of these stands in whatever the pattern finds, and looking for them is cheaper than the pattern.
_NEEDLES = (
    *(
        "timeout",
        "raise",
        "exists",
        "assert",
        "foreign_key",
        "lock",
        "algorithm",
        "nowait",
        "limit",
        "changes",
    ),
    *("guard", "precondition"),
)


def _guarded(sql: str) -> bool:
    low = sql.lower()
    return any(needle in low for needle in _NEEDLES) and _GUARD.search(low) is not None


def _check(context: Context) -> Iterator[Hit | Silence]:
    silence = no_pairs(context)
    if silence is not None:
        yield silence
        return
    for pair in examine(context):
        if pair.forward.statements and not _guarded(pair.migration.forward.sql):
            yield Hit(
                pair.path,
                f"`{pair.migration.key}` sets no timeout, checks nothing and bounds nothing.",
                # A condition may bound a script as well: where nobody asked for a guard, it is a remark.
                severity=Severity.MINOR if has_order(context) else Severity.INFO,
            )


RULE = Rule(
    code="MIG055",
    title="A migration has no safety guard",
    clauses=("FLOW-03",),
    severity=Severity.MINOR,
    category=Category.MIGRATIONS,
    reason="A guard stops a script that meets what nobody foresaw.",
    recommendation="Set a timeout, check a precondition, or bound the rows that are written.",
    check=_check,
    valid=(
        Example(
            files=scripts(
                "ALTER TABLE users ADD COLUMN age integer;", "ALTER TABLE users DROP COLUMN age;\n"
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="a column and back",
        ),
        Example(files={"docs/a.md": "# A\n"}, inputs=POSTGRESQL, base=BASE, note="no migration"),
    ),
    invalid=(
        Example(
            files={
                **scripts(None, "DROP TABLE kind;\n"),
                "db/migrations/0002_age.up.sql": papers(
                    "SELECT id FROM kind;", "CREATE TABLE kind (id integer PRIMARY KEY);"
                ).replace("SET lock_timeout = '2s';\n", ""),
            },
            inputs=POSTGRESQL,
            base=BASE,
            note="no timeout",
        ),
        Example(
            files={
                **scripts(None, "DROP TABLE kind;\n"),
                "db/migrations/0002_age.up.sql": papers(
                    "SELECT id FROM kind;", "CREATE TABLE kind (id integer PRIMARY KEY);"
                ).replace("SET lock_timeout = '2s';", "SET search_path = public;"),
            },
            inputs=POSTGRESQL,
            base=BASE,
            note="another setting",
        ),
    ),
)
