"""What can be wrong with a pair that was run: the one table that rules and reports of pairs read.

Owns: which outcome of a pair is a defect, its words, its weight, and what an annotation excuses.
Must never know: contexts, findings, databases.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from backend_engineer.contract import Severity
from backend_engineer.outputs import PairOutcome, PairVerdict

__all__ = ["RUN", "VERIFIED", "Defect", "defects_of"]

RUN = ("FLOW-03", "MIGR-02")
"""The clauses that a defect of the scripts is about."""

VERIFIED = ("MIGR-04", "FLOW-03")
"""The clauses that a defect of the checks is about."""


def _never(pair: PairOutcome) -> bool:
    return False


def _annotated(pair: PairOutcome) -> bool:
    return pair.irreversible is not None


def _what_differs(pair: PairOutcome) -> tuple[str, ...]:
    return (*filter(None, (pair.message,)), *pair.differences) or (pair.verdict.value,)


class Defect(NamedTuple):
    """One way in which a pair can be wrong.

    is_so: whether a pair has it. excused: whether the pair's annotation takes it away. seen: the evidence, a line
    each. on_rollback: whether the rollback is to be mended, and not the forward script.
    """

    code: str
    title: str
    severity: Severity
    recommendation: str
    is_so: Callable[[PairOutcome], bool]
    seen: Callable[[PairOutcome], tuple[str, ...]] = _what_differs
    excused: Callable[[PairOutcome], bool] = _never
    on_rollback: bool = True
    clauses: tuple[str, ...] = RUN

    def path_of(self, pair: PairOutcome) -> str:
        """The script that is to be mended."""
        return (pair.rollback or pair.forward) if self.on_rollback else pair.forward


def defects_of(pair: PairOutcome) -> Iterator[Defect]:
    """All that is wrong with a pair, what its annotation excuses as well; the most basic first."""
    return (item for item in _DEFECTS if item.is_so(pair))


def _ended(*verdicts: PairVerdict) -> Callable[[PairOutcome], bool]:
    return lambda pair: pair.verdict in verdicts


# SQLite's words where rows are copied into a new table: whether real rows lack the value is another matter.
_COPIED = re.compile(r"\bNOT NULL constraint failed: ")


def _made_up(pair: PairOutcome) -> bool:
    return pair.rows_may_be_to_blame or _COPIED.search(pair.populated_message) is not None


def _ran_with_rows(pair: PairOutcome) -> bool:
    """Whether the run with rows says anything new: not where the pair was not run, or failed without rows already."""
    told = bool(pair.populated_message) and pair.populated_message in pair.message
    return not told and (pair.verdict is not PairVerdict.NOT_RUN or pair.rollback is None)


def _fails(way: str, *, made_up: bool) -> Callable[[PairOutcome], bool]:
    return lambda pair: pair.populated == way and _ran_with_rows(pair) and _made_up(pair) is made_up


def _rows_are(outcome: str) -> Callable[[PairOutcome], bool]:
    return lambda pair: pair.rows == outcome and _ran_with_rows(pair)


def _with_rows(pair: PairOutcome) -> tuple[str, ...]:
    return (pair.populated_message or pair.populated,)


def _of_rows(pair: PairOutcome) -> tuple[str, ...]:
    return pair.row_differences or (f"Rows are {pair.rows}.",)


def _of_settings(pair: PairOutcome) -> tuple[str, ...]:
    return pair.settings


def _failed_check(pair: PairOutcome) -> tuple[str, ...]:
    return (pair.verify_message or f"A check of `{pair.migration}` fails after it ran.",)


def _cannot_fail(*, with_rows: bool) -> Callable[[PairOutcome], bool]:
    # A check of rows finds nothing wrong where there are none: then only a person can tell.
    return lambda pair: (
        pair.verify_after == "pass"
        and pair.verify_before == "pass"
        and (pair.populated != "not-run") is with_rows
    )


def _passes_before(pair: PairOutcome) -> tuple[str, ...]:
    return (f"The checks of `{pair.migration}` pass before it ran as well.",)


def _passes_rolled_back(pair: PairOutcome) -> tuple[str, ...]:
    return (f"The checks of `{pair.migration}` still pass after its rollback.",)


def _still_passes(pair: PairOutcome) -> bool:
    # Where the rollback leaves something behind, that is the cause, and it is told.
    told = pair.verdict is PairVerdict.DIFFERENT or pair.verify_before == "pass"
    return not told and pair.verify_after == "pass" and pair.verify_after_rollback == "pass"


_KEEP = "Keep the data, or annotate the step with `-- IRREVERSIBLE: reason; recovery`."
_MADE_UP = "Ask whether real rows can hold such values: those of the run were made up."
_STAND = "Mend the script so that it runs where rows stand already."
_TELL = "Check something that only the migration makes true."
_ON_ROWS = "fails on a database with rows"
_BACK = "on the way there and back"
# The codes are those of the rules, so that a baseline knows a finding of a folder and of a change as one.
_DEFECTS: tuple[Defect, ...] = (
    Defect("EXE002", "The migration fails", Severity.CRITICAL, "Mend the forward script until it runs on the schema before it.", _ended(PairVerdict.FORWARD_FAILED), on_rollback=False),
    Defect("EXE002", "The rollback fails", Severity.CRITICAL, "Mend the rollback until it runs on what the forward script built.", _ended(PairVerdict.ROLLBACK_FAILED), excused=lambda pair: pair.stopped_as_stated),
    Defect("EXE002", "The rollback does not bring the schema back", Severity.CRITICAL, "Undo in the rollback what the forward script did.", _ended(PairVerdict.DIFFERENT), excused=_annotated),
    Defect("EXE002", "The rollback brings the schema back in another form", Severity.INFO, "Nothing must be done; a comparison of dumps will show the difference.", _ended(PairVerdict.COLUMN_ORDER, PairVerdict.REPRESENTATION)),
    Defect("EXE002", "The migration fails after its rollback", Severity.CRITICAL, "Have the rollback remove all that the forward script makes.", _ended(PairVerdict.REAPPLY_FAILED)),
    Defect("EXE002", "The rollback leaves settings behind that no schema holds", Severity.MAJOR, "Take the setting back in the rollback.", lambda pair: bool(pair.settings), _of_settings, _annotated),
    Defect("EXE002", f"The migration {_ON_ROWS}", Severity.MAJOR, _STAND, _fails("forward-failed", made_up=False), _with_rows, on_rollback=False),
    Defect("EXE002", f"The migration {_ON_ROWS}", Severity.MINOR, _MADE_UP, _fails("forward-failed", made_up=True), _with_rows, on_rollback=False),
    Defect("EXE002", f"The rollback {_ON_ROWS}", Severity.MAJOR, _STAND, _fails("rollback-failed", made_up=False), _with_rows),
    Defect("EXE002", f"The rollback {_ON_ROWS}", Severity.MINOR, _MADE_UP, _fails("rollback-failed", made_up=True), _with_rows),
    Defect("EXE002", f"Rows are lost {_BACK}", Severity.MAJOR, _KEEP, _rows_are("lost"), _of_rows, _annotated),
    Defect("EXE002", f"Rows are changed {_BACK}", Severity.MAJOR, _KEEP, _rows_are("changed"), _of_rows, _annotated),
    Defect("EXE003", "A check fails after the migration", Severity.CRITICAL, "Mend the migration, or the check if it asks for the wrong thing.", lambda pair: pair.verify_after == "fail", _failed_check, on_rollback=False, clauses=VERIFIED),
    Defect("EXE003", "A VERIFY section cannot fail", Severity.MAJOR, _TELL, _cannot_fail(with_rows=True), _passes_before, on_rollback=False, clauses=VERIFIED),
    Defect("EXE003", "A VERIFY section may be unable to fail", Severity.MINOR, _TELL, _cannot_fail(with_rows=False), _passes_before, on_rollback=False, clauses=VERIFIED),
    Defect("EXE003", "A VERIFY section passes after the rollback", Severity.MAJOR, "Undo in the rollback what the check looks at, or check something that the rollback takes away.", _still_passes, _passes_rolled_back, _annotated, on_rollback=False, clauses=VERIFIED),
)  # fmt: skip
