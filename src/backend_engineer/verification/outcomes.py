"""From what was seen while a pair ran to its outcome.

Owns: `Observation`, and which verdict it amounts to.
Must never know: databases, drivers, processes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from backend_engineer.migrations import Migration
from backend_engineer.outputs import PairOutcome, PairVerdict
from backend_engineer.verification.snapshots import Level, Snapshot, compare_rows, compare_schemas

__all__ = ["MADE_BY_ROLLBACK", "NEEDS_PSQL", "Observation", "outcome_of"]

NEEDS_PSQL = "needs psql, and psql is not what runs the scripts here"
"""In the words of a failure: the script may be right, and cannot be run here."""

MADE_BY_ROLLBACK = "The rollback makes objects that were not there before the forward script ran."
"""In a message: what the forward script took away was perhaps never made."""

Check = Literal["pass", "fail", "absent", "not-run"]

_VERDICTS = {
    Level.EXACT: PairVerdict.RESTORED,
    Level.COLUMN_ORDER: PairVerdict.COLUMN_ORDER,
    Level.REPRESENTATION: PairVerdict.REPRESENTATION,
    Level.DIFFERENT: PairVerdict.DIFFERENT,
}
_NOT_RUN: tuple[Check, str] = ("not-run", "")


@dataclass(slots=True)
class Observation:
    """What was seen while a pair ran; None where it did not come to that.

    before, after, restored, again: the schema at the four moments. The errors are the server's words.
    verify_*: how the checks ended, with the reason. verify_rows: how they ended on a populated database, before,
    after forward and after rollback, as far as it came to that. rows_before, rows_after: rows of a populated
    database, None where there was none. plain_rows: the words with which forward failed on rows that hold what is easy
    to lose, where it ran on plain ones. populated_error: which script failed there, and its words.
    settings_before, settings_after: what is set for the database before forward and after rollback. as_sent:
    whether the runner is known to send a script as it failed, and the words; None where none failed so.
    """

    before: Snapshot | None = None
    after: Snapshot | None = None
    restored: Snapshot | None = None
    again: Snapshot | None = None
    forward_error: str | None = None
    rollback_error: str | None = None
    again_error: str | None = None
    verify_before: tuple[Check, str] = _NOT_RUN
    verify_after: tuple[Check, str] = _NOT_RUN
    verify_rollback: tuple[Check, str] = _NOT_RUN
    verify_rows: list[tuple[Check, str]] = field(default_factory=list)
    rows_before: Mapping[str, Any] | None = None
    rows_after: Mapping[str, Any] | None = None
    populated_error: tuple[str, str] | None = None
    plain_rows: str = ""
    refused: list[str] = field(default_factory=list)
    settings_before: Mapping[str, str] | None = None
    settings_after: Mapping[str, str] | None = None
    as_sent: tuple[bool, str] | None = None
    not_run: str = ""
    mode: str = ""
    seconds: float = 0.0


def outcome_of(migration: Migration, seen: Observation) -> PairOutcome:
    """The outcome of a pair; a refusal means that it was not run to its end, whatever came of it."""
    verdict, differences, message = _verdict(migration, seen)
    rows, row_differences = _rows(seen)
    populated, populated_message = _populated(seen)
    return PairOutcome(
        migration=migration.key,
        forward=migration.forward.path,
        rollback=migration.rollback.path if migration.rollback else None,
        verdict=verdict,
        differences=differences,
        rows=rows,
        row_differences=row_differences,
        verify_before=_told_by_rows(seen, seen.verify_before[0], 0),
        verify_after=seen.verify_after[0],
        verify_after_rollback=_told_by_rows(seen, seen.verify_rollback[0], 2),
        verify_message=seen.verify_after[1] if seen.verify_after[0] == "fail" else "",
        message=message,
        populated=populated,
        populated_message=populated_message,
        mode=seen.mode,
        seconds=round(seen.seconds, 4),
        irreversible=migration.irreversible,
        refused=tuple(seen.refused),
        settings=_settings(seen),
        runner="as-sent" if seen.as_sent is None else "fails" if seen.as_sent[0] else "may-fail",
        runner_message=_runner_message(migration, seen),
    )


def _told_by_rows(seen: Observation, without: Check, moment: int) -> Check:
    """How checks ended before forward (0) or after rollback (2): a check of rows finds nothing where there are none.

    It counts where the rows show that it can tell: it passes on them after the forward script, and not now.
    """
    rows = seen.verify_rows
    if without != "pass" or len(rows) <= max(moment, 1) or rows[1][0] != "pass":
        return without
    return rows[moment][0]


# Layouts that several runners share, or that somebody made for himself.
_ANYBODYS = frozenset({"golang-migrate", "suffix pair", "folders", "single file", "authelia"})


def _runner_message(migration: Migration, seen: Observation) -> str:
    if seen.as_sent is None:
        return ""
    certain, words = seen.as_sent
    runner = "The runner" if migration.tool in _ANYBODYS else f"The runner ({migration.tool})"
    how = (
        f"{runner} wraps the script in a transaction, and the server refuses it there"
        if certain
        else "Sent as one text, which the server takes for one transaction, the script is refused"
    )
    return f"{how}: {words}. It was run statement by statement instead."


def _settings(seen: Observation) -> tuple[str, ...]:
    before, after = seen.settings_before, seen.settings_after
    if before is None or after is None:
        return ()
    lines = [f"- {name}: {value}" for name, value in before.items() if name not in after]
    lines += [f"+ {name}: {value}" for name, value in after.items() if name not in before]
    lines += [
        f"~ {name}: {after[name]}, was {value}"
        for name, value in before.items()
        if after.get(name, value) != value
    ]
    return tuple(lines)


def _verdict(migration: Migration, seen: Observation) -> tuple[PairVerdict, tuple[str, ...], str]:
    unfit = _why_not_run(migration, seen)
    if unfit:
        return PairVerdict.NOT_RUN, (), unfit
    if seen.forward_error is not None:
        return PairVerdict.FORWARD_FAILED, (), seen.forward_error
    if migration.rollback is None:
        return PairVerdict.NOT_RUN, (), "There is no rollback script; the forward script ran."
    if not migration.rollback.runnable and seen.mode != "commands":
        words = "The rollback is a program, or another script's text: its own tool has to run it"
        return PairVerdict.NOT_RUN, (), f"{words}; the forward script ran."
    if seen.rollback_error is not None:
        return PairVerdict.ROLLBACK_FAILED, (), seen.rollback_error
    if seen.before is None or seen.restored is None:
        return PairVerdict.NOT_RUN, (), "The run ended before the schemas could be compared."
    level, differences = compare_schemas(seen.before, seen.restored)
    failed = seen.again_error is not None  # a server may fail without a word
    again = f"The forward script fails the second time: {seen.again_error}" if failed else ""
    if level is Level.DIFFERENT:
        return PairVerdict.DIFFERENT, differences, again or _what_rollback_made(seen)
    if again:
        return PairVerdict.REAPPLY_FAILED, differences, again
    if seen.after is not None and seen.again is not None:
        second, other = compare_schemas(seen.after, seen.again)
        if second is Level.DIFFERENT:
            return (
                PairVerdict.REAPPLY_FAILED,
                other,
                "The second forward run builds another schema than the first.",
            )
    return _VERDICTS[level], differences, ""


def _why_not_run(migration: Migration, seen: Observation) -> str:
    """Why what was seen says nothing about the scripts; empty where it does."""
    stopped = next((words for words in (seen.forward_error, seen.rollback_error) if words), "")
    if seen.not_run or not stopped:
        return seen.not_run
    if seen.refused:
        return f"The scratch database forbids what the script needs: {stopped}"
    if NEEDS_PSQL in stopped:
        return stopped
    if "no such function" in stopped:
        return f"The script calls a function that only its application defines: {stopped}"
    if _ELSEWHERE.search(stopped):
        words = (
            "The script needs what only its own server has; run it against a scratch database there (a DSN)"
        )
        return f"{words}: {stopped}"
    place = _placeholder(migration, seen)
    if place:
        who = "Its runner" if migration.tool in _ANYBODYS else migration.tool.capitalize()
        words = f"{who} fills in {place!r} before a server sees the script"
        return f"{words}, and nobody else can: {stopped}"
    return ""


# A role that nobody made, a database's own name, and an extension that is not installed: all three belong to the
# server that the script is written for.
_ELSEWHERE = re.compile(
    r'\[42501\]|role "[^"]*" does not exist.*\[42704\]|database "[^"]*" does not exist.*\[3D000\]'
    r'|extension "[^"]*" is not available.*\[0A000\]|could not open extension control file.*\[58P01\]'
)


def _placeholder(migration: Migration, seen: Observation) -> str:
    """What the tool would have filled in in the script that failed, empty where it sends the text itself."""
    if seen.forward_error is not None:
        return migration.forward.placeholder
    return migration.rollback.placeholder if seen.rollback_error is not None and migration.rollback else ""


def _what_rollback_made(seen: Observation) -> str:
    """A remark where nothing differs but objects that the rollback has made, or has written anew."""
    if seen.before is None or seen.after is None or seen.restored is None:
        return ""
    new = [key for key in seen.restored if key not in seen.before]
    if any(seen.after.get(key) == seen.restored[key] for key in new):
        return ""
    kept = {key: fact for key, fact in seen.restored.items() if key in seen.before}
    return MADE_BY_ROLLBACK if compare_schemas(seen.before, kept)[0] is not Level.DIFFERENT else ""


def _rows(seen: Observation) -> tuple[Any, tuple[str, ...]]:
    if seen.rows_before is None:
        return "not-run", ()
    if seen.rows_after is None:
        return ("not-run" if seen.populated_error else "not-seeded"), ()
    return compare_rows(seen.rows_before, seen.rows_after)


def _populated(seen: Observation) -> tuple[Any, str]:
    if seen.populated_error is not None:
        direction, words = seen.populated_error
        return f"{direction}-failed", words
    if seen.rows_after is None:
        return "not-run", ""
    return "passed", f"{_PLAIN}: {seen.plain_rows}" if seen.plain_rows else ""


_PLAIN = "Run on plain made-up rows, because forward fails on one with long, mixed or negative values"
