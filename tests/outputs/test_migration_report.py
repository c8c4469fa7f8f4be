"""What the outcome of a pair says of itself: a stop that was stated, and rows that were made up."""

from __future__ import annotations

import pytest

from backend_engineer.outputs import PairOutcome, PairVerdict


def outcome(**facts: str | PairVerdict | None) -> PairOutcome:
    return PairOutcome.model_validate(
        {"migration": "m", "forward": "u", "rollback": "d", "verdict": PairVerdict.ROLLBACK_FAILED, **facts}
    )


@pytest.mark.parametrize(
    ("message", "note", "stated"),
    [
        ("This migration is irreversible", "rows are merged", True),
        ("ERROR: Rows are  merged.", "rows are merged", True),
        ("rows are merged", "rows are merged; restore the backup", True),
        ("rows are merged", "Rows are merged.", True),
        ("restore the backup", "rows are merged; restore the backup", False),
        ("no such column: b", "rows are merged", False),
        ("irreversibly wrong", "rows are merged", False),
        ("no such column: b", "", False),
        ("This migration is irreversible", None, False),
    ],
)
def test_a_rollback_stops_as_stated_only_with_the_words_of_its_note(
    message: str, note: str | None, stated: bool
) -> None:
    assert outcome(message=message, irreversible=note).stopped_as_stated is stated


def test_only_a_rollback_that_failed_stops_as_stated() -> None:
    facts = {"message": "irreversible", "irreversible": "rows are merged"}
    assert not outcome(verdict=PairVerdict.FORWARD_FAILED, **facts).stopped_as_stated


@pytest.mark.parametrize(
    ("words", "blame"),
    [
        ("value too long [22001]", True),
        ("duplicate key [23505]", True),
        ("breaks a foreign key [23503]", True),
        ("breaks a check [23514]", True),
        ("overlaps [23P01]", True),
        ("holds null values [23502]", False),
        ("no such table [42P01]", False),
        ("UNIQUE constraint failed: t.a", True),
        ("CHECK constraint failed: c", True),
        ("FOREIGN KEY constraint failed", True),
        ("NOT NULL constraint failed: t.a", False),
        ("datatype mismatch", True),
        ("malformed JSON", True),
        ("", False),
    ],
)
def test_rows_are_to_blame_only_where_their_values_are(words: str, blame: bool) -> None:
    assert outcome(populated_message=words).rows_may_be_to_blame is blame
