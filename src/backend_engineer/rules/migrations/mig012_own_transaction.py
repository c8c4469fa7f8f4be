"""A script leaves transactions to its runner, or opens and closes its own.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from backend_engineer.contract import Category, Severity
from backend_engineer.migrations import Statement
from backend_engineer.rules.migrations.pairs import with_dialect
from backend_engineer.rules.migrations.placing import Unit
from backend_engineer.rules.migrations.samples import BASE, POSTGRESQL, scripts
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

__all__ = ["RULE"]


def _check(context: Context) -> Iterator[Hit | Silence]:
    for item in with_dialect(context, "postgresql", "sqlite"):
        if isinstance(item, Silence):
            yield item
            continue
        # What does not parse says nothing of transactions.
        unparsed = {path for path, _, _ in item.faults}
        for unit in item.units:
            if unit.script.path not in unparsed:
                yield from _about(unit, item.hit)
        for unit in item.back_units:
            if unit.script.path not in unparsed:
                yield from _about(unit, item.back_hit)


def _about(unit: Unit, hit: Callable[..., Hit]) -> Iterator[Hit]:
    opens = [item for item in unit.statements if _opens(item)]
    closes = [item for item in unit.statements if _closes(item)]
    if len(opens) != len(closes):
        yield hit((opens or closes)[0], f"{len(opens)} transaction(s) are opened and {len(closes)} closed.")
    elif opens and unit.script.transactional is True:
        words = "The script opens a transaction inside the one that its runner opens."
        yield hit(opens[0], words, Severity.MINOR)


def _opens(statement: Statement) -> bool:
    return statement.head == "begin" or (
        statement.head == "start" and [token[1] for token in statement.tokens[1:2]] == ["transaction"]
    )


def _closes(statement: Statement) -> bool:
    return statement.head in ("commit", "end", "abort") or (
        statement.head == "rollback" and all(token[1] != "to" for token in statement.tokens)
    )


RULE = Rule(
    code="MIG012",
    title="Transactions in a script do not add up",
    clauses=("MIGR-02",),
    severity=Severity.MAJOR,
    category=Category.MIGRATIONS,
    reason="A COMMIT of the script's own ends the runner's transaction, and a missing one leaves everything open.",
    recommendation="Take BEGIN and COMMIT out and let the runner wrap the script, or write both.",
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
            files=scripts(
                "BEGIN;\nALTER TABLE users ADD COLUMN age integer;", "ALTER TABLE users DROP COLUMN age;\n"
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="never closed",
        ),
        Example(
            files=scripts(
                "ALTER TABLE users ADD COLUMN age integer;", "ALTER TABLE users DROP COLUMN age;\nCOMMIT;\n"
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="closed, never opened",
        ),
    ),
)
