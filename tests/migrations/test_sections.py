"""VERIFY, OPERATIONS and IRREVERSIBLE notes."""

from hypothesis import given
from hypothesis import strategies as st

from backend_engineer.migrations import read_notes
from backend_engineer.migrations.sections import irreversible_note

SCRIPT = """ALTER TABLE a ADD COLUMN b integer;
-- Dry run: on a copy.
-- VERIFY
-- SELECT b FROM a;
-- SELECT 1
--   FROM a;
-- OPERATIONS
-- duration: 2 s
-- impact: a lock
--   of the table
-- throttling: none
"""


def test_the_checks_stand_behind_their_dashes() -> None:
    notes = read_notes(SCRIPT)
    assert notes.verify == "SELECT b FROM a;\nSELECT 1\n  FROM a;"
    assert notes.verify_line == 3


def test_a_note_goes_on_in_the_next_line() -> None:
    operations = read_notes(SCRIPT).operations
    assert operations is not None
    assert operations.get("impact") == "a lock of the table"
    assert operations.get("throttling") == "none"


def test_a_heading_with_a_colon_may_carry_its_first_line() -> None:
    assert read_notes("-- VERIFY: SELECT 1 FROM a;\n").verify == "SELECT 1 FROM a;"


def test_a_comment_that_begins_like_a_heading_is_none() -> None:
    assert read_notes("-- verify that it works\nSELECT 1;\n").verify is None


def test_a_section_ends_where_the_comments_end() -> None:
    assert read_notes("-- VERIFY\n-- SELECT 1;\nDROP TABLE a;\n-- no check\n").verify == "SELECT 1;"


def test_the_first_irreversible_note_counts() -> None:
    assert (
        irreversible_note("SELECT 1;", "-- IRREVERSIBLE: rows are gone; restore\n")
        == "rows are gone; restore"
    )
    assert irreversible_note("-- irreversible\n", None) == ""
    assert irreversible_note("SELECT 'IRREVERSIBLE';", None) is None


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    read_notes(text)
    irreversible_note(text)
