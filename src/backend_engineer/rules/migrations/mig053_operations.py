"""A forward script says how long it takes, whom it disturbs, and how it is throttled.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_engineer.contract import Category, Severity
from backend_engineer.rules.migrations.pairs import examine, no_pairs, weight
from backend_engineer.rules.migrations.samples import BASE, POSTGRESQL, papers, scripts
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

__all__ = ["RULE"]


_LABELS = ("duration", "impact", "throttling")
_QUANTITY = re.compile(
    r"\d\s*(?:ms|s|sec|min|m|h|hours?|minutes?|seconds?)\b|\b(?:instant|immediate|milliseconds|seconds?|minutes?|hours?)\b",
    re.IGNORECASE,
)


def _check(context: Context) -> Iterator[Hit | Silence]:
    silence = no_pairs(context)
    if silence is not None:
        yield silence
        return
    for pair in examine(context):
        notes = pair.migration.operations
        if notes is None:
            if pair.forward.statements and not pair.migration.idempotent:
                yield Hit(
                    pair.path,
                    f"`{pair.migration.key}` has no OPERATIONS section.",
                    severity=weight(context, Severity.MAJOR, lambda item: item.operations is not None),
                )
            continue
        missing = [label for label in _LABELS if not notes.get(label)]
        if missing:
            yield Hit(pair.path, f"The section does not say: {', '.join(missing)}.", (notes.line, notes.line))
        elif not _QUANTITY.search(notes.get("duration") or ""):
            yield Hit(
                pair.path, f"The duration is no quantity: {notes.get('duration')}.", (notes.line, notes.line)
            )


RULE = Rule(
    code="MIG053",
    title="An OPERATIONS section is missing or has gaps",
    clauses=("MIGR-05",),
    severity=Severity.MAJOR,
    category=Category.MIGRATIONS,
    reason="Whoever runs it at night has to know what to expect.",
    recommendation="Write `-- OPERATIONS` with `-- duration:` (a quantity), `-- impact:` and `-- throttling:`.",
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
                **scripts(None, "ALTER TABLE users DROP COLUMN age;\n"),
                "db/migrations/0002_age.up.sql": papers(
                    "SELECT age FROM users;", "ALTER TABLE users ADD COLUMN age integer;"
                ).partition("-- OPERATIONS")[0],
            },
            inputs=POSTGRESQL,
            base=BASE,
            note="no section",
        ),
        Example(
            files={
                **scripts(None, "ALTER TABLE users DROP COLUMN age;\n"),
                "db/migrations/0002_age.up.sql": papers(
                    "SELECT age FROM users;", "ALTER TABLE users ADD COLUMN age integer;"
                ).replace("-- throttling: none needed, no rows are written\n", ""),
            },
            inputs=POSTGRESQL,
            base=BASE,
            note="no throttling",
        ),
    ),
)
