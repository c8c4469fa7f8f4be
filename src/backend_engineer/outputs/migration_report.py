"""What really running migrations showed (MIGR-01 to MIGR-05, FLOW-03, CONS-05).

Owns: the outcome of each pair and of the whole run, as plain values.
Must never know: databases, drivers, files.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Literal

from pydantic import Field

from backend_engineer.outputs.value import Value

__all__ = ["FileProblem", "LintNote", "MigrationReport", "PairOutcome", "PairVerdict"]


class PairVerdict(StrEnum):
    """How a pair ended; the comparison is of schemas, on databases without rows."""

    RESTORED = "restored"
    COLUMN_ORDER = "column-order"
    REPRESENTATION = "representation"
    DIFFERENT = "different"
    ROLLBACK_FAILED = "rollback-failed"
    FORWARD_FAILED = "forward-failed"
    REAPPLY_FAILED = "reapply-failed"
    NOT_RUN = "not-run"


class PairOutcome(Value):
    """One forward script with its rollback, as it ran.

    migration: the file or folder name without `.up.sql`. forward, rollback: their paths.
    verdict: schemas only. differences: one line each, `- lost`, `+ left behind`, `~ changed`.
    rows: what happened to seeded rows: `kept`, `lost`, `changed`, `not-seeded` or `not-run`, with
        `row_differences`. verify_before, verify_after, verify_after_rollback: `pass`, `fail` or
        `absent`, with the failure's words in `verify_message`. message: the server's own words where
        something failed. populated: how forward and rollback ended on a database with rows, with the
        server's words in `populated_message`. mode: `transaction`, `clone` or `commands`. seconds: wall
        time. irreversible: the annotation's text, if the scripts carry one.
    refused: what a script tried that the scratch database forbids.
    settings: what is set for the database or the role (SQLite: in the file's head) after forward and rollback and
        was not before, one line each as in `differences`; no schema holds it.
    runner: whether the scripts ran as their runner sends them. `fails`: its runner wraps them in a transaction,
        in which the server refused one. `may-fail`: the server refused one as a whole text, and who sends it
        in another way is not known. Both ran statement by statement instead, with the server's words in
        `runner_message`.
    """

    migration: str
    forward: str
    rollback: str | None
    verdict: PairVerdict
    differences: tuple[str, ...] = ()
    rows: Literal["kept", "lost", "changed", "not-seeded", "not-run"] = "not-run"
    row_differences: tuple[str, ...] = ()
    verify_before: Literal["pass", "fail", "absent", "not-run"] = "not-run"
    verify_after: Literal["pass", "fail", "absent", "not-run"] = "not-run"
    verify_after_rollback: Literal["pass", "fail", "absent", "not-run"] = "not-run"
    verify_message: str = ""
    message: str = ""
    populated: Literal["passed", "forward-failed", "rollback-failed", "not-run"] = "not-run"
    populated_message: str = ""
    mode: str = ""
    seconds: float = 0.0
    irreversible: str | None = None
    refused: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    runner: Literal["as-sent", "fails", "may-fail"] = "as-sent"
    runner_message: str = ""

    @property
    def stopped_as_stated(self) -> bool:
        """Whether the rollback of an annotated migration stopped with the annotation's words, as it should."""
        if self.verdict is not PairVerdict.ROLLBACK_FAILED or self.irreversible is None:
            return False
        said, note = _plain(self.message), _plain(self.irreversible)
        reason = _plain(self.irreversible.partition(";")[0])
        return _IRREVERSIBLE.search(said) is not None or bool(note and (note in said or reason in said))

    @property
    def rows_may_be_to_blame(self) -> bool:
        """Whether the failure on rows turns on their values, which were made up, and not on there being rows."""
        return _VALUES.search(self.populated_message) is not None


_IRREVERSIBLE = re.compile(r"\birreversible\b")
# Classes of SQLSTATE: data exceptions (22), broken keys, uniqueness and checks; and SQLite's words for the same.
# A missing value (23502, NOT NULL) is left out: any row that stands there lacks it.
_VALUES = re.compile(
    r"\[(?:22\w{3}|23503|23505|23514|23P01)\]|\b(?:UNIQUE|CHECK|FOREIGN KEY) constraint failed|datatype mismatch|malformed JSON"
)


def _plain(text: str) -> str:
    return " ".join(text.lower().split()).rstrip(".")


class LintNote(Value):
    """What a linter said of a script: `line` is 1-based, `rule` the linter's own name for it."""

    path: str
    line: int
    rule: str
    message: str


class FileProblem(Value):
    """What is wrong with a file before anything runs.

    code: `unread` a script among migrations that no layout takes, `unpaired` a rollback without its forward
    script, `program` a migration that only its own tool can run, `duplicate` a version that another has
    (`same-version` where the runner may go by the whole name), `marker` what the file's own tool would stumble over, `cut` a statement that it cuts in the middle unless the
    project has a runner of its own for such files. message: what, and why.
    """

    code: str
    path: str
    message: str


class MigrationReport(Value):
    """All pairs of one run.

    dialect: `sqlite` or `postgresql`, server_version as the server says it.
    schema_after: the schema that all forward scripts build, one line an object, for drift checks.
    not_checked: why nothing or not everything ran, empty if all did. lint: what an installed linter
    said of the scripts, already without what is a matter of taste. files: path -> text_hash of
    every script that ran, so that a report is never taken for another change. earlier: the same of the forward
    scripts that the run began with, so that it is never taken for a run on another base; None where that is not
    known. problems: files that were
    not run as they stand, and those that their tool will not take.
    """

    dialect: str
    server_version: str = ""
    pairs: tuple[PairOutcome, ...] = ()
    schema_after: tuple[str, ...] = ()
    not_checked: str = ""
    lint: tuple[LintNote, ...] = ()
    files: dict[str, str] = Field(default_factory=dict)
    earlier: dict[str, str] | None = None
    problems: tuple[FileProblem, ...] = ()
