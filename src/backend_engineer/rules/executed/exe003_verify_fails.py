"""The checks in a migration's VERIFY section, really run, pass after it, and neither before it nor after its rollback.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.outputs import MigrationReport, PairOutcome, PairVerdict, text_hash
from backend_engineer.rules.executed.belonging import pairs_or_reasons
from backend_engineer.rules.executed.defects import VERIFIED, defects_of
from backend_engineer.rules.executed.doubt import doubted
from backend_engineer.rules.reading import sorted_files
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

__all__ = ["RULE"]


def _check(context: Context) -> Iterable[Hit | Silence]:
    files = sorted_files(context)
    if not files.migrations:
        yield Silence(Verdict.NOT_APPLICABLE, "the change holds no migration.")
        return
    pairs, reasons = pairs_or_reasons(context)
    for reason in reasons:
        yield Silence(Verdict.NOT_CHECKED, reason)
    mine = {file.path for file in files.migrations}
    doubts = doubted(pairs, context)
    for pair in pairs:
        cause = doubts.get((pair.forward, pair.migration))
        if pair.forward in mine and cause is not None and pair.verify_after != "not-run":
            yield Silence(
                Verdict.NEEDS_REVIEW,
                f"the checks of `{pair.migration}` saw a schema that `{cause}`, which was not run, should have changed.",
            )
        elif pair.forward in mine:
            yield from _about(pair)


def _about(pair: PairOutcome) -> Iterable[Hit | Silence]:
    for defect in defects_of(pair):
        if defect.code != "EXE003":
            continue
        if defect.excused(pair):
            words = f"`{pair.migration}` is annotated as irreversible, and its checks pass after the rollback: {pair.irreversible}"
            yield Silence(Verdict.NEEDS_REVIEW, words)
        else:
            yield Hit(
                defect.path_of(pair),
                "; ".join(defect.seen(pair)),
                title=defect.title,
                recommendation=defect.recommendation,
                severity=defect.severity,
            )
    if pair.verify_after == "absent":
        yield Silence(Verdict.NEEDS_REVIEW, f"`{pair.migration}` has no check that could be run.")
    elif pair.verify_after == "not-run":
        yield Silence(Verdict.NOT_CHECKED, f"the checks of `{pair.migration}` were not run.")


_FORWARD, _BACK = "db/migrations/0001_c.up.sql", "db/migrations/0001_c.down.sql"
_UP = "-- OPERATIONS: under one second, no throttling.\nALTER TABLE t ADD COLUMN c TEXT;\n-- VERIFY: SELECT c FROM t;\n"
_DOWN = "ALTER TABLE t DROP COLUMN c;\n"
_FILES = {
    _FORWARD: _UP,
    _BACK: _DOWN,
    "tests/test_c.py": "def test_c():\n    assert True\n",
    "docs/c.md": "# c\n",
}


def _report(**facts: object) -> tuple[MigrationReport]:
    pair = {
        "migration": "db/migrations/0001_c",
        "forward": _FORWARD,
        "rollback": _BACK,
        "verdict": PairVerdict.RESTORED,
        **facts,
    }
    return (
        MigrationReport(
            dialect="sqlite",
            pairs=(PairOutcome.model_validate(pair),),
            files={_FORWARD: text_hash(_UP), _BACK: text_hash(_DOWN)},
        ),
    )


RULE = Rule(
    code="EXE003",
    title="A migration's own check fails",
    clauses=VERIFIED,
    severity=Severity.CRITICAL,
    category=Category.MIGRATIONS,
    reason="A check that was never run is a comment.",
    recommendation="Mend the migration, or the check if it asks for the wrong thing.",
    check=_check,
    valid=(
        Example(
            files=_FILES,
            verified=_report(verify_before="fail", verify_after="pass"),
            note="passes afterwards only",
        ),
        Example(files={"docs/c.md": "# c\n"}, note="no migration"),
    ),
    invalid=(
        Example(
            files=_FILES, verified=_report(verify_before="fail", verify_after="fail"), note="fails afterwards"
        ),
        Example(
            files=_FILES,
            verified=_report(verify_before="pass", verify_after="pass", populated="passed"),
            note="passes before as well",
        ),
        Example(
            files=_FILES,
            verified=_report(verify_before="fail", verify_after="pass", verify_after_rollback="pass"),
            note="passes after the rollback as well",
        ),
    ),
)
