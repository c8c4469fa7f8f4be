"""Tokens of SQL with their places, and the pieces that a script is cut into."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_engineer.migrations.lexer import Dialect, read_lexemes, tokenize

PIECES = st.sampled_from(
    ["'", "''", '"', "$$", "$a$", "$1", "--", "\n", "/*", "*/", ";", "(", ")", "E'", "\\", " ", "x", "Ä", "[", "]", "`",
     "1.5", "..", "::", "U&'", 'u&"', "x'", "->>", "\u2003", "\r\n", "\x00", "\ud800"]
)  # fmt: skip
SCRIPTS = st.lists(PIECES, max_size=40).map("".join)
DIALECTS = st.sampled_from(["postgresql", "sqlite"])


@given(SCRIPTS, DIALECTS)
def test_pieces_joined_are_the_script_but_for_blanks_at_its_end(script: str, dialect: Dialect) -> None:
    read = read_lexemes(script, dialect)
    joined = "".join(read.pieces)
    # A carriage return may be the end of a comment, and the line feed behind it a blank.
    assert script.startswith(joined)
    assert not script[len(joined) :].strip()
    assert len(read.pieces) == len(read.lexemes)


@given(SCRIPTS, DIALECTS)
def test_a_token_stands_where_it_says(script: str, dialect: Dialect) -> None:
    read = tokenize(script, dialect)
    for kind, value, start, end in read.tokens:
        text = script[start:end]
        assert value in (text, text.lower()) or kind == "q"
    places = [(start, end) for _, _, start, end in read.tokens]
    assert places == sorted(places)
    assert all(script.startswith(text, start) for text, start in read.comments)


@given(SCRIPTS, DIALECTS)
def test_a_script_reads_the_same_when_its_words_are_known(script: str, dialect: Dialect) -> None:
    assert read_lexemes(script, dialect) == read_lexemes(script, dialect)


@pytest.mark.parametrize(
    ("script", "dialect", "tokens"),
    [
        ("SELECT $1, $$a;b$$", "postgresql", [("w", "select"), ("n", "$1"), ("p", ","), ("d", "$$a;b$$")]),
        ("$t$ x $$ y $t$ z", "postgresql", [("d", "$t$ x $$ y $t$"), ("w", "z")]),
        ("a /* b /* c */ d */ e", "postgresql", [("w", "a"), ("w", "e")]),
        ("a /* b /* c */ d", "sqlite", [("w", "a"), ("w", "d")]),
        ('U&"x" e\'\\\'\' "a""b"', "postgresql", [("q", "x"), ("s", "e'\\''"), ("q", 'a"b')]),
        ("[a b] `c` :n", "sqlite", [("q", "a b"), ("q", "c"), ("n", ":n")]),
        ("1..2", "postgresql", [("n", "1"), ("p", "."), ("n", ".2")]),
    ],
)
def test_each_dialect_reads_by_its_own_quotes(
    script: str, dialect: Dialect, tokens: list[tuple[str, str]]
) -> None:
    assert [token[:2] for token in tokenize(script, dialect).tokens] == tokens


@pytest.mark.parametrize(
    ("script", "unclosed"),
    [
        ("a 'b", 2),
        ("a $x$ b", 2),
        ("a /* b", 2),
        ('a "b', 2),
        ("a E'b\\", 2),
        ("a 'b'", None),
        ("-- a", None),
    ],
)
def test_what_never_ends_is_told_with_its_place(script: str, unclosed: int | None) -> None:
    assert tokenize(script, "postgresql").unclosed == unclosed


def test_a_quoted_name_is_no_key_word() -> None:
    quoted, plain = read_lexemes('"table" TABLE', "postgresql").lexemes
    assert quoted.value == plain.value
    assert quoted.plain != "table" == plain.plain


def test_blanks_at_the_end_cost_no_more_than_others() -> None:
    # Tried from each blank anew, this many would take minutes.
    assert len(read_lexemes("SELECT 1" + " " * 300_000, "postgresql").pieces) == 2
