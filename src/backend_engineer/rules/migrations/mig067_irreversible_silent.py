"""A rollback of an irreversible migration stops and says so.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.outputs import PairVerdict
from backend_engineer.rules.migrations.pairs import examine, no_pairs
from backend_engineer.rules.migrations.samples import BASE, DOWN, POSTGRESQL, UP, ran, scripts
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

__all__ = ["RULE"]


def _check(context: Context) -> Iterator[Hit | Silence]:
    silence = no_pairs(context)
    if silence is not None:
        yield silence
        return
    for pair in examine(context):
        outcome = pair.outcome
        if not pair.migration.irreversible or pair.back is None:
            continue
        if outcome is None:
            yield Silence(
                Verdict.NOT_CHECKED,
                "its migrations were not run; pass the report of `verify_migrations` in `verified=`",
            )
        elif outcome.verdict is PairVerdict.DIFFERENT:
            seen = "; ".join(outcome.differences[:3])
            yield Hit(pair.back_path, f"The rollback ran to its end, and the schema differs: {seen}")


RULE = Rule(
    code="MIG067",
    title="A rollback of an irreversible step runs and restores nothing",
    clauses=("MIGR-02",),
    severity=Severity.MAJOR,
    category=Category.MIGRATIONS,
    reason="A rollback that reports success is believed.",
    recommendation="Let the rollback stop with the annotation's message, or restore what can be restored.",
    check=_check,
    valid=(
        Example(files={"docs/a.md": "# A\n"}, inputs=POSTGRESQL, base=BASE, note="no migration"),
        Example(
            files=scripts(UP, DOWN),
            inputs=POSTGRESQL,
            base=BASE,
            verified=ran(scripts(UP, DOWN)),
            note="restored",
        ),
    ),
    invalid=(
        Example(
            files=scripts(UP, "SELECT 1;\n"),
            inputs=POSTGRESQL,
            base=BASE,
            verified=ran(
                scripts(UP, "SELECT 1;\n"), verdict="different", differences=("- column users.name",)
            ),
            note="nothing is restored",
        ),
        Example(
            files=scripts(UP, "COMMENT ON TABLE users IS NULL;\n"),
            inputs=POSTGRESQL,
            base=BASE,
            verified=ran(
                scripts(UP, "COMMENT ON TABLE users IS NULL;\n"),
                verdict="different",
                differences=("- column users.name",),
            ),
            note="something else is done",
        ),
    ),
)
