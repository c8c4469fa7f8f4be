"""Each rollback, really run, brings back the schema that was there before its migration.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.outputs import MigrationReport, PairOutcome, PairVerdict, text_hash
from backend_engineer.rules.executed.belonging import pairs_or_reasons
from backend_engineer.rules.executed.doubt import doubted
from backend_engineer.rules.reading import sorted_files
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

__all__ = ["RULE"]

# SQLite's words where rows are copied into a new table: whether real rows lack the value is another matter.
_COPIED = re.compile(r"\bNOT NULL constraint failed: ")
_FAILS = {
    PairVerdict.DIFFERENT: (
        "The rollback does not bring the schema back",
        "Undo in the rollback what the forward script did.",
    ),
    PairVerdict.ROLLBACK_FAILED: (
        "The rollback fails",
        "Mend the rollback until it runs on what the forward script built.",
    ),
    PairVerdict.FORWARD_FAILED: (
        "The migration fails",
        "Mend the forward script until it runs on the schema before it.",
    ),
    PairVerdict.REAPPLY_FAILED: (
        "The migration fails after its rollback",
        "Have the rollback remove all that the forward script makes.",
    ),
}


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
        for item in (*_about(pair), *_beside(pair), *_on_rows(pair)):
            cause = doubts.get(pair.forward)
            if cause is None or isinstance(item, Silence):
                yield item
            else:
                yield replace(item, severity=Severity.INFO, evidence=f"{item.evidence}; {_seen(pair, cause)}")
                yield Silence(Verdict.NEEDS_REVIEW, _seen(pair, cause))


def _seen(pair: PairOutcome, cause: str) -> str:
    return f"`{pair.migration}` was seen on a schema that `{cause}`, which was not run, should have changed."


def _about(pair: PairOutcome) -> Iterable[Hit | Silence]:
    if pair.verdict in _FAILS:
        title, advice = _FAILS[pair.verdict]
        seen = "; ".join(pair.differences[:5]) or pair.message or pair.verdict.value
        path = pair.forward if pair.verdict is PairVerdict.FORWARD_FAILED else pair.rollback or pair.forward
        excused = pair.stopped_as_stated or (
            pair.irreversible is not None and pair.verdict is PairVerdict.DIFFERENT
        )
        if excused:
            yield Silence(
                Verdict.NEEDS_REVIEW, f"`{pair.migration}` is annotated as irreversible: {pair.irreversible}"
            )
        else:
            yield Hit(path, seen, title=title, recommendation=advice)
    elif pair.verdict is PairVerdict.NOT_RUN:
        if pair.rollback is None and pair.irreversible is not None:
            yield Silence(
                Verdict.NEEDS_REVIEW, f"`{pair.migration}` is annotated as irreversible: {pair.irreversible}"
            )
        else:
            yield Silence(
                Verdict.NOT_CHECKED, f"`{pair.migration}` was not run: {pair.message or 'no reason is given'}"
            )
    elif pair.verdict in (PairVerdict.COLUMN_ORDER, PairVerdict.REPRESENTATION):
        seen = "; ".join(pair.differences[:5]) or pair.verdict.value
        yield Hit(
            pair.rollback or pair.forward,
            seen,
            title="The rollback brings the schema back in another form",
            severity=Severity.INFO,
        )


def _beside(pair: PairOutcome) -> Iterable[Hit | Silence]:
    """What a comparison of schemas cannot see."""
    if pair.settings and pair.irreversible is None:
        yield Hit(
            pair.rollback or pair.forward,
            "; ".join(pair.settings[:5]),
            title="The rollback leaves settings behind that no schema holds",
            recommendation="Take the setting back in the rollback.",
            severity=Severity.MAJOR,
        )
    if pair.runner != "as-sent":
        yield Silence(Verdict.NEEDS_REVIEW, f"`{pair.migration}`: {pair.runner_message}")


def _on_rows(pair: PairOutcome) -> Iterable[Hit]:
    # What was not run for a reason of its own, or failed without rows already, says nothing new on rows.
    told = bool(pair.populated_message) and pair.populated_message in pair.message
    if told or (pair.verdict is PairVerdict.NOT_RUN and pair.rollback is not None):
        return
    if pair.populated in ("forward-failed", "rollback-failed"):
        forward = pair.populated == "forward-failed"
        made_up = pair.rows_may_be_to_blame or _COPIED.search(pair.populated_message) is not None
        yield Hit(
            pair.forward if forward else pair.rollback or pair.forward,
            pair.populated_message or pair.populated,
            title=f"The {'migration' if forward else 'rollback'} fails on a database with rows",
            recommendation="Ask whether real rows can hold such values: those of the run were made up."
            if made_up
            else "Mend the script so that it runs where rows stand already.",
            severity=Severity.MINOR if made_up else Severity.MAJOR,
        )
    if pair.rows in ("lost", "changed"):
        yield Hit(
            pair.rollback or pair.forward,
            "; ".join(pair.row_differences[:5]) or f"Rows are {pair.rows}.",
            title=f"Rows are {pair.rows} on the way there and back",
            recommendation="Keep the data, or annotate the step as irreversible and say what is lost.",
            severity=Severity.MINOR,
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
    clauses=("FLOW-03", "MIGR-02"),
    severity=Severity.CRITICAL,
    category=Category.MIGRATIONS,
    reason="A rollback is needed on the worst day; it must have worked once before.",
    recommendation="Mend the scripts until forward, back and forward again run and restore the schema.",
    check=_check,
    valid=(
        Example(files=_FILES, verified=_report(PairVerdict.RESTORED, verify_after="pass"), note="restored"),
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
    ),
)
