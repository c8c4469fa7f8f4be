"""What was seen while a pair ran amounts to one verdict."""

from __future__ import annotations

import pytest

from backend_engineer.migrations import Migration, discover
from backend_engineer.outputs import PairVerdict
from backend_engineer.verification.outcomes import NEEDS_PSQL, Observation, outcome_of
from backend_engineer.verification.snapshots import Fact, Snapshot

A: Snapshot = {"column t.a": Fact("integer", "integer", 1), "column t.b": Fact("text", "text", 2)}
MOVED: Snapshot = {"column t.a": Fact("integer", "integer", 2), "column t.b": Fact("text", "text", 1)}
REWRITTEN: Snapshot = {**A, "column t.a": Fact("INTEGER", "integer", 1)}
LESS: Snapshot = {"column t.a": Fact("integer", "integer", 1)}
ROWS = {"t": {"columns": ["a"], "rows": [["1"], ["2"]]}}
FEWER = {"t": {"columns": ["a"], "rows": [["1"]]}}


@pytest.fixture
def pair() -> Migration:
    return made(
        "-- IRREVERSIBLE: the old values are gone\nALTER TABLE t ADD b text;\n", "ALTER TABLE t DROP b;\n"
    )


def made(up: str, down: str | None) -> Migration:
    files = {"db/migrations/0002_step.up.sql": up}
    files |= {"db/migrations/0002_step.down.sql": down} if down is not None else {}
    (found,) = discover(files).migrations
    return found


@pytest.mark.parametrize(
    ("seen", "verdict", "message"),
    [
        (Observation(before=A, restored=A), PairVerdict.RESTORED, ""),
        (Observation(before=A, restored=A, after=LESS, again=LESS), PairVerdict.RESTORED, ""),
        (Observation(before=A, restored=A, after=LESS), PairVerdict.RESTORED, ""),
        (Observation(before=A, restored=A, again=LESS), PairVerdict.RESTORED, ""),
        (Observation(before=A, restored=MOVED), PairVerdict.COLUMN_ORDER, ""),
        (Observation(before=A, restored=REWRITTEN), PairVerdict.REPRESENTATION, ""),
        (Observation(before=A, restored=LESS), PairVerdict.DIFFERENT, ""),
        (Observation(before=A, restored=A, after=A, again=MOVED), PairVerdict.RESTORED, ""),
        (Observation(before=A, restored=MOVED, after=A, again=REWRITTEN), PairVerdict.COLUMN_ORDER, ""),
        (
            Observation(before=A, restored=A, after=A, again=LESS),
            PairVerdict.REAPPLY_FAILED,
            "The second forward run builds another schema than the first.",
        ),
        (
            Observation(before=A, restored=A, again_error="no b"),
            PairVerdict.REAPPLY_FAILED,
            "The forward script fails the second time: no b",
        ),
        (
            Observation(before=A, restored=A, again_error=""),
            PairVerdict.REAPPLY_FAILED,
            "The forward script fails the second time: ",
        ),
        (
            Observation(before=A, restored=LESS, again_error="no b"),
            PairVerdict.DIFFERENT,
            "The forward script fails the second time: no b",
        ),
        (Observation(before=A, forward_error="no t"), PairVerdict.FORWARD_FAILED, "no t"),
        (Observation(before=A, forward_error=""), PairVerdict.FORWARD_FAILED, ""),
        (Observation(before=A, after=A, rollback_error="no b"), PairVerdict.ROLLBACK_FAILED, "no b"),
        (Observation(before=A, after=A, rollback_error=""), PairVerdict.ROLLBACK_FAILED, ""),
        (
            Observation(before=A),
            PairVerdict.NOT_RUN,
            "The run ended before the schemas could be compared.",
        ),
        (
            Observation(restored=A),
            PairVerdict.NOT_RUN,
            "The run ended before the schemas could be compared.",
        ),
        (Observation(not_run="no server", forward_error="no t"), PairVerdict.NOT_RUN, "no server"),
        (Observation(forward_error=f"it {NEEDS_PSQL}"), PairVerdict.NOT_RUN, f"it {NEEDS_PSQL}"),
        (Observation(rollback_error=f"it {NEEDS_PSQL}"), PairVerdict.NOT_RUN, f"it {NEEDS_PSQL}"),
        (
            Observation(rollback_error="no such function: slug"),
            PairVerdict.NOT_RUN,
            "The script calls a function that only its application defines: no such function: slug",
        ),
        (
            Observation(forward_error="not authorised", refused=["ATTACH"]),
            PairVerdict.NOT_RUN,
            "The scratch database forbids what the script needs: not authorised",
        ),
        (Observation(before=A, restored=A, refused=["PRAGMA"]), PairVerdict.RESTORED, ""),
    ],
)
def test_what_was_seen_amounts_to_one_verdict(
    pair: Migration, seen: Observation, verdict: PairVerdict, message: str
) -> None:
    outcome = outcome_of(pair, seen)
    assert (outcome.verdict, outcome.message) == (verdict, message)


def test_a_pair_that_was_run_without_a_rollback_is_not_run() -> None:
    outcome = outcome_of(made("SELECT 1;\n", None), Observation(before=A, after=A))
    assert (outcome.verdict, outcome.rollback) == (PairVerdict.NOT_RUN, None)
    assert outcome.message == "There is no rollback script; the forward script ran."


def test_a_forward_script_that_fails_is_told_though_there_is_no_rollback() -> None:
    outcome = outcome_of(made("SELECT 1;\n", None), Observation(before=A, forward_error="no t"))
    assert (outcome.verdict, outcome.message) == (PairVerdict.FORWARD_FAILED, "no t")


@pytest.mark.parametrize(
    ("seen", "lines"),
    [
        (Observation(before=A, restored=LESS), ("- column t.b: text",)),
        (Observation(before=A, restored=LESS, again_error="no b"), ("- column t.b: text",)),
        (
            Observation(before=A, restored=REWRITTEN, again_error="no b"),
            ("~ column t.a: INTEGER, was integer",),
        ),
        (Observation(before=A, restored=REWRITTEN), ("~ column t.a: INTEGER, was integer",)),
        (Observation(before=A, restored=A, after=LESS, again=A), ("+ column t.b: text",)),
        (Observation(before=A, restored=A), ()),
    ],
)
def test_the_differences_belong_to_the_verdict(
    pair: Migration, seen: Observation, lines: tuple[str, ...]
) -> None:
    assert outcome_of(pair, seen).differences == lines


@pytest.mark.parametrize(
    ("seen", "rows", "lines", "populated", "words"),
    [
        (Observation(), "not-run", (), "not-run", ""),
        (Observation(rows_before=ROWS), "not-seeded", (), "not-run", ""),
        (
            Observation(rows_before=ROWS, populated_error=("forward", "no")),
            "not-run",
            (),
            "forward-failed",
            "no",
        ),
        (
            Observation(rows_before=ROWS, populated_error=("rollback", "no")),
            "not-run",
            (),
            "rollback-failed",
            "no",
        ),
        (Observation(rows_before=ROWS, rows_after=ROWS), "kept", (), "passed", ""),
        (Observation(rows_before=ROWS, rows_after=FEWER), "lost", ("- t: 1 of 2 rows",), "passed", ""),
    ],
)
def test_rows_are_judged_only_where_both_sides_were_seen(
    pair: Migration, seen: Observation, rows: str, lines: tuple[str, ...], populated: str, words: str
) -> None:
    outcome = outcome_of(pair, seen)
    assert (outcome.rows, outcome.row_differences) == (rows, lines)
    assert (outcome.populated, outcome.populated_message) == (populated, words)


def test_the_checks_are_told_one_by_one(pair: Migration) -> None:
    outcome = outcome_of(
        pair,
        Observation(
            before=A,
            restored=A,
            verify_before=("absent", "one"),
            verify_after=("fail", "two"),
            verify_rollback=("pass", "three"),
        ),
    )
    told = (
        outcome.verify_before,
        outcome.verify_after,
        outcome.verify_after_rollback,
        outcome.verify_message,
    )
    assert told == ("absent", "fail", "pass", "two")


def test_the_words_of_a_check_that_passes_are_left_out(pair: Migration) -> None:
    assert outcome_of(pair, Observation(verify_after=("pass", "well"))).verify_message == ""


def test_a_check_that_was_never_reached_was_not_run(pair: Migration) -> None:
    outcome = outcome_of(pair, Observation())
    assert {outcome.verify_before, outcome.verify_after, outcome.verify_after_rollback} == {"not-run"}


def test_the_outcome_says_which_scripts_ran_how_and_how_long(pair: Migration) -> None:
    outcome = outcome_of(pair, Observation(mode="clone", seconds=1.23456, refused=["COPY", "DO"]))
    assert (outcome.migration, outcome.forward, outcome.rollback) == (
        "0002_step",
        "db/migrations/0002_step.up.sql",
        "db/migrations/0002_step.down.sql",
    )
    assert (outcome.mode, outcome.seconds, outcome.refused) == ("clone", 1.2346, ("COPY", "DO"))
    assert outcome.irreversible == "the old values are gone"
