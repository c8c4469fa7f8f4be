"""Splitting scripts into statements, in both dialects."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_engineer.migrations import read_script, split_statements
from backend_engineer.migrations.lexer import tokenize

POSTGRESQL = [
    ("SELECT 1; SELECT 2", ["SELECT 1", "SELECT 2"]),
    ("SELECT ';'; SELECT 'it''s;'", ["SELECT ';'", "SELECT 'it''s;'"]),
    (r"SELECT E'a\';b'; SELECT 2", [r"SELECT E'a\';b'", "SELECT 2"]),
    (r"SELECT 'a\'; SELECT 2", [r"SELECT 'a\'", "SELECT 2"]),
    ('SELECT "a;""b"; SELECT 2', ['SELECT "a;""b"', "SELECT 2"]),
    ("SELECT 1 -- one; two\n; SELECT 2", ["SELECT 1", "SELECT 2"]),
    ("/* a /* b; */ c; */ SELECT 1; SELECT 2", ["SELECT 1", "SELECT 2"]),
    ("DO $$ BEGIN PERFORM 1; END $$; SELECT 2", ["DO $$ BEGIN PERFORM 1; END $$", "SELECT 2"]),
    ("DO $a$ SELECT $$;$$; $a$; SELECT 2", ["DO $a$ SELECT $$;$$; $a$", "SELECT 2"]),
    ("SELECT a$b$c; SELECT 2", ["SELECT a$b$c", "SELECT 2"]),
    ("SELECT $1; SELECT 2", ["SELECT $1", "SELECT 2"]),
    ("SELECT U&'d\\0061;'; SELECT 2", ["SELECT U&'d\\0061;'", "SELECT 2"]),
    ("CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2); SELECT 3", ["CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2)", "SELECT 3"]),
    (
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 1 END; END; SELECT 3",
        ["CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 1 END; END", "SELECT 3"],
    ),
    ("BEGIN; SELECT 1; END; SELECT 2", ["BEGIN", "SELECT 1", "END", "SELECT 2"]),
    (";;; SELECT 1;;", ["SELECT 1"]),
    ("-- nothing\n", []),
    ("", []),
    ("SELECT 1 /* never closed; SELECT 2", ["SELECT 1"]),
]  # fmt: skip
SQLITE = [
    ("SELECT 1; SELECT 2", ["SELECT 1", "SELECT 2"]),
    ("SELECT [a;b], `c;d`, \"e;f\"; SELECT 2", ["SELECT [a;b], `c;d`, \"e;f\"", "SELECT 2"]),
    ("/* a /* b; */ SELECT 1; SELECT 2", ["SELECT 1", "SELECT 2"]),
    (r"SELECT 'a\'; SELECT 2", [r"SELECT 'a\'", "SELECT 2"]),
    (
        "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE a SET b = CASE WHEN 1 THEN 2 END; DELETE FROM c; END; SELECT 2",
        ["CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE a SET b = CASE WHEN 1 THEN 2 END; DELETE FROM c; END", "SELECT 2"],
    ),
    ("CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END; SELECT 2", ["CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END", "SELECT 2"]),
    ("BEGIN; SELECT 1; END; SELECT 2", ["BEGIN", "SELECT 1", "END", "SELECT 2"]),
]  # fmt: skip

SQL_PIECES = st.sampled_from(
    ["'", "''", '"', "$$", "$a$", "--", "\n", "/*", "*/", ";", "(", ")", "E'", "\\", "BEGIN", " ATOMIC ", "END", "CASE", " ",
     "CREATE FUNCTION", "CREATE TRIGGER", "x", "ä", "[", "]", "`", "1", "select", "\r\n", "\f", "\x00", "\ud800"]
)  # fmt: skip
SCRIPTS = st.lists(SQL_PIECES, max_size=40).map("".join)


@pytest.mark.parametrize(("script", "expected"), POSTGRESQL)
def test_a_postgresql_script_is_cut_where_the_server_cuts_it(script: str, expected: list[str]) -> None:
    assert [item.text for item in split_statements(script, "postgresql")] == expected


@pytest.mark.parametrize(("script", "expected"), SQLITE)
def test_an_sqlite_script_is_cut_where_sqlite_cuts_it(script: str, expected: list[str]) -> None:
    assert [item.text for item in split_statements(script, "sqlite")] == expected


@given(SCRIPTS, st.sampled_from(["postgresql", "sqlite"]))
def test_the_pieces_of_any_text_are_that_text_again(script: str, dialect) -> None:
    read = read_script(script, dialect)
    assert "".join(item.source for item in read.statements) + read.tail == script


@given(st.lists(st.sampled_from([row[1] for row in POSTGRESQL if len(row[1]) == 1]), max_size=6))
def test_statements_joined_by_semicolons_come_apart_again(parts: list[list[str]]) -> None:
    texts = [text for part in parts for text in part]
    script = "".join(f"{text};\n" for text in texts)
    assert [item.text for item in split_statements(script, "postgresql")] == texts


@given(SCRIPTS)
def test_the_line_of_a_statement_is_where_its_first_token_begins(script: str) -> None:
    starts = [token[2] for token in tokenize(script, "postgresql").tokens if token[:2] != ("p", ";")]
    for item in split_statements(script, "postgresql"):
        begins = next(start for start in starts if start >= item.start)
        assert script.startswith(item.text, begins)
        assert item.line == script.count("\n", 0, begins) + 1


def test_a_comment_of_postgresql_ends_at_a_carriage_return_too() -> None:
    assert [item.text for item in split_statements("-- a\rDROP TABLE b;", "postgresql")] == ["DROP TABLE b"]
    assert split_statements("-- a\rDROP TABLE b;", "sqlite") == ()


def test_an_unclosed_string_is_told_with_its_line() -> None:
    assert read_script("SELECT 1;\nSELECT 'a;\n", "postgresql").unclosed_line == 2
    assert read_script("SELECT 1;\nSELECT $x$ a;\n", "postgresql").unclosed_line == 2
    assert read_script("SELECT 'it''s';", "postgresql").unclosed_line is None


@pytest.mark.parametrize(
    "script", [row[0] for row in POSTGRESQL if "never" not in row[0] and "$1" not in row[0]]
)
def test_the_count_agrees_with_postgresqls_own_grammar(script: str) -> None:
    postgast = pytest.importorskip("postgast", reason="the extra pg is not installed")
    assert len(split_statements(script, "postgresql")) == len(postgast.parse(script).stmts)
