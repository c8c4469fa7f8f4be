"""Each rollback, really run, brings back the schema that was there before its migration.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.outputs import MigrationReport, PairOutcome, PairVerdict, text_hash
from backend_engineer.rules.executed.belonging import pairs_or_reasons
from backend_engineer.rules.executed.defects import RUN, defects_of
from backend_engineer.rules.executed.doubt import doubted
from backend_engineer.rules.reading import sorted_files
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

__all__ = ["RULE"]

# Together with the pair's own words; the rest stands in the report of the run.
_SHOWN = 5


def _check(context: Context) -> Iterable[Hit | Silence]:
    files = sorted_files(context)
    if not files.migrations and not files.rollbacks:
        yield Silence(Verdict.NOT_APPLICABLE, "the change holds no migration.")
        return
    pairs, reasons = pairs_or_reasons(context)
    for reason in reasons:
        yield Silence(Verdict.NOT_CHECKED, reason)
    mine = {file.path for file in (*files.migrations, *files.rollbacks)}
    doubts = doubted(pairs, context)
    for pair in pairs:
        if not {pair.forward, pair.rollback} & mine:
            continue
        for item in (*_told(pair), *_left_open(pair)):
            cause = doubts.get((pair.forward, pair.migration))
            if cause is None or isinstance(item, Silence):
                yield item
            else:
                yield replace(item, severity=Severity.INFO, evidence=f"{item.evidence}; {_seen(pair, cause)}")
                yield Silence(Verdict.NEEDS_REVIEW, _seen(pair, cause))


def _seen(pair: PairOutcome, cause: str) -> str:
    return f"`{pair.migration}` was seen on a schema that `{cause}`, which was not run, should have changed."


def _told(pair: PairOutcome) -> Iterable[Hit | Silence]:
    for defect in defects_of(pair):
        if defect.code != "EXE002":
            continue
        if defect.excused(pair):
            yield _annotated(pair)
        else:
            yield Hit(
                defect.path_of(pair),
                "; ".join(defect.seen(pair)[:_SHOWN]),
                title=defect.title,
                recommendation=defect.recommendation,
                severity=defect.severity,
            )


def _left_open(pair: PairOutcome) -> Iterable[Silence]:
    """What the run says nothing about."""
    if pair.verdict is PairVerdict.NOT_RUN:
        if pair.rollback is None and pair.irreversible is not None:
            yield _annotated(pair)
        else:
            yield Silence(
                Verdict.NOT_CHECKED, f"`{pair.migration}` was not run: {pair.message or 'no reason is given'}"
            )
    if pair.runner != "as-sent":
        yield Silence(Verdict.NEEDS_REVIEW, f"`{pair.migration}`: {pair.runner_message}")


def _annotated(pair: PairOutcome) -> Silence:
    return Silence(
        Verdict.NEEDS_REVIEW, f"`{pair.migration}` is annotated as irreversible: {pair.irreversible}"
    )


_FORWARD, _BACK = "db/migrations/0001_c.up.sql", "db/migrations/0001_c.down.sql"
_UP = "-- OPERATIONS: under one second, no throttling.\nALTER TABLE t ADD COLUMN c TEXT;\n-- VERIFY: SELECT c FROM t;\n"
_DOWN = "ALTER TABLE t DROP COLUMN c;\n"
_FILES = {
    _FORWARD: _UP,
    _BACK: _DOWN,
    "tests/test_c.py": "def test_c():\n    assert True\n",
    "docs/c.md": "# c\n",
}


def _report(verdict: PairVerdict, **facts: object) -> tuple[MigrationReport]:
    pair = {
        "migration": "db/migrations/0001_c",
        "forward": _FORWARD,
        "rollback": _BACK,
        "verdict": verdict,
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
    code="EXE002",
    title="A migration or its rollback fails when run",
    clauses=RUN,
    severity=Severity.CRITICAL,
    category=Category.MIGRATIONS,
    reason="A rollback is needed on the worst day; it must have worked once before.",
    recommendation="Mend the scripts until forward, back and forward again run and restore the schema.",
    check=_check,
    valid=(
        Example(files=_FILES, verified=_report(PairVerdict.RESTORED, verify_after="pass"), note="restored"),
        Example(
            files=_FILES,
            verified=_report(
                PairVerdict.RESTORED,
                rows="lost",
                irreversible="rows of t are deleted; restore from the backup",
                verify_after="pass",
            ),
            note="what is lost is annotated",
        ),
        Example(files={"docs/c.md": "# c\n"}, note="no migration"),
    ),
    invalid=(
        Example(
            files=_FILES,
            verified=_report(
                PairVerdict.DIFFERENT, differences=("+ left behind: column t.c",), verify_after="pass"
            ),
            note="a column stays",
        ),
        Example(
            files=_FILES,
            verified=_report(PairVerdict.ROLLBACK_FAILED, message="no such column: c", verify_after="pass"),
            note="the rollback breaks off",
        ),
        Example(
            files=_FILES,
            verified=_report(
                PairVerdict.RESTORED, settings=("+ search_path of the database: app",), verify_after="pass"
            ),
            note="a setting of the database stays",
        ),
        Example(
            files=_FILES,
            verified=_report(
                PairVerdict.RESTORED,
                rows="lost",
                row_differences=("- t: 1 of 3 rows",),
                populated="passed",
                verify_after="pass",
            ),
            note="rows are lost on the way",
        ),
    ),
)
