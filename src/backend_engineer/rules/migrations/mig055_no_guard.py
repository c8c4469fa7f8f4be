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
    r"\b(?:lock|statement)_timeout\b|\bbusy_timeout\b|\braise\s+exception\b|\bif\s+(?:not\s+)?exists\b|\bassert\b|\bforeign_key_check\b"
    r"|\block\s*=\s*(?:none|shared)\b|\balgorithm\s*=|\bnowait\b|\block\s+timeout\b|\blimit\b|\bchanges\s*\(|\bguard\b|\bprecondition\b",
    re.IGNORECASE,
)


def _check(context: Context) -> Iterator[Hit | Silence]:
    silence = no_pairs(context)
    if silence is not None:
        yield silence
        return
    for pair in examine(context):
        if pair.forward.statements and _GUARD.search(pair.migration.forward.sql) is None:
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
