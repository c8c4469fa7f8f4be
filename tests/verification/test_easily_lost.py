"""Made-up rows hold what a rollback easily loses, and give way to plain ones where scripts stumble over them."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_engineer.outputs import MigrationReport, PairOutcome
from backend_engineer.verification import verify_migrations
from backend_engineer.verification.sqlite import rich
from backend_engineer.verification.sqlite.seeding import seed_rows

POSTGRES = """CREATE TYPE level AS ENUM ('a', 'b', 'c', 'd', 'e');
CREATE TABLE t (id serial PRIMARY KEY, name text, tags text[], doc jsonb, l level NOT NULL DEFAULT 'a',
  amount numeric(12,4) NOT NULL, at timestamptz, n int NOT NULL, big bigint,
  st text NOT NULL CHECK (st IN ('new', 'paid', 'sent', 'done', 'lost')), code varchar(40) NOT NULL, b bytea,
  f double precision, age int CHECK (age >= 0));
"""
LOST = {
    "case": ("name", "lower(name)"),
    "blanks": ("name", "trim(name)"),
    "length": ("name", "left(name, 12)"),
    "letters": ("name", "regexp_replace(name, '[^ -~]', '', 'g')"),
    "quotes": ("name", "replace(name, '''', '')"),
    "empty text": ("name", "nullif(name, '')"),
    "code": ("code", "left(code, 20)"),
    "elements": ("tags", "tags[1:1]"),
    "list": ("tags", "'{}'"),
    "document": ("doc", "jsonb_build_object('n', doc -> 'n')"),
    "nulls": ("doc", "jsonb_strip_nulls(doc)"),
    "label": ("l", "CASE WHEN l = 'e' THEN 'd'::level ELSE l END"),
    "middle label": ("l", "CASE WHEN l = 'd' THEN 'e'::level ELSE l END"),
    "checked word": ("st", "CASE WHEN st = 'lost' THEN 'done' ELSE st END"),
    "places": ("amount", "round(amount, 2)"),
    "sign": ("amount", "abs(amount)"),
    "whole sign": ("n", "abs(n)"),
    "seconds": ("at", "date_trunc('second', at)"),
    "bytes": ("b", "substr(b, 1, 16)"),
    "fraction": ("f", "round(f::numeric, 2)::float8"),
}


@pytest.fixture(scope="module")
def on_postgres(postgres: None) -> MigrationReport:
    """One pair for each way to lose something, and a clean one, in one run."""
    files = {"clean/1_x.up.sql": "SELECT 1;\n", "clean/1_x.down.sql": "SELECT 1;\n"}
    base: dict[str, str] = {}
    for name, (column, value) in {**LOST, "clean": ("id", "id")}.items():
        folder = name.replace(" ", "_")
        base |= {f"{folder}/0_b.up.sql": POSTGRES, f"{folder}/0_b.down.sql": ""}
        files[f"{folder}/1_x.up.sql"] = "ALTER TABLE t ADD COLUMN x int;\n"
        files[f"{folder}/1_x.down.sql"] = f"UPDATE t SET {column} = {value};\nALTER TABLE t DROP COLUMN x;\n"
    return verify_migrations({**base, **files}, "postgresql", base=base)


def rows_of(report: MigrationReport, name: str) -> str:
    start = name.replace(" ", "_") + "/"
    return next(pair.rows for pair in report.pairs if pair.forward.startswith(start))


@pytest.mark.parametrize("name", LOST)
def test_a_rollback_that_loses_something_on_postgres_is_found(
    on_postgres: MigrationReport, name: str
) -> None:
    assert rows_of(on_postgres, name) == "changed"


def test_a_rollback_that_loses_nothing_is_told_so(on_postgres: MigrationReport) -> None:
    assert rows_of(on_postgres, "clean") == "kept"


SQLITE = """CREATE TABLE t (id integer PRIMARY KEY, name text, code varchar(20) NOT NULL, weight numeric, n int,
  st text CHECK (st IN ('new', 'paid', 'sent', 'done')), b blob, made_at text, age int CHECK (age >= 0));
"""


def lite(up: str, down: str, base: str = SQLITE) -> PairOutcome:
    files = {"0_b.up.sql": base, "0_b.down.sql": ""}
    files |= {"1_x.up.sql": up + "\n", "1_x.down.sql": down + "\n"}
    return verify_migrations(files, "sqlite").pairs[-1]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("name", "lower(name)"),
        ("name", "trim(name)"),
        ("name", "substr(name, 1, 12)"),
        ("name", "replace(name, '''', '')"),
        ("name", "nullif(name, '')"),
        ("code", "substr(code, 1, 19)"),
        ("weight", "round(weight, 1)"),
        ("weight", "abs(weight)"),
        ("n", "abs(n)"),
        ("st", "replace(st, 'done', 'sent')"),
        ("b", "substr(b, 1, 16)"),
        ("made_at", "substr(made_at, 1, 19)"),
    ],
)
def test_a_rollback_that_loses_something_on_sqlite_is_found(column: str, value: str) -> None:
    found = lite("ALTER TABLE t ADD x int;", f"UPDATE t SET {column} = {value}; ALTER TABLE t DROP x;")
    assert found.rows == "changed"


def test_a_forward_script_that_stumbles_over_mixed_rows_alone_is_run_on_plain_ones() -> None:
    narrow = "CREATE TABLE t2 (id integer PRIMARY KEY, name text CHECK (length(name) < 20));\n"
    up = narrow + "INSERT INTO t2 SELECT id, name FROM t;\nDROP TABLE t;\nALTER TABLE t2 RENAME TO t;"
    wide = "CREATE TABLE t (id integer PRIMARY KEY, name text);\n"
    back = wide.replace(" t ", " t2 ") + "INSERT INTO t2 SELECT id, name FROM t;\nDROP TABLE t;\n"
    found = lite(up, back + "ALTER TABLE t2 RENAME TO t;", wide)
    assert (found.populated, found.rows) == ("passed", "kept")
    assert "plain made-up rows" in found.populated_message
    assert "CHECK constraint failed" in found.populated_message


@pytest.mark.parametrize("mode", ["transaction", "clone"])
def test_postgres_falls_back_to_plain_rows_as_well(postgres: None, mode: str) -> None:
    begin, end = ("BEGIN;\n", "COMMIT;\n") if mode == "clone" else ("", "")
    base = {"0_b.up.sql": "CREATE TABLE t (id int PRIMARY KEY, name text);\n", "0_b.down.sql": ""}
    files = {
        **base,
        "1_x.up.sql": f"{begin}ALTER TABLE t ALTER name TYPE varchar(20);\n{end}",
        "1_x.down.sql": f"{begin}ALTER TABLE t ALTER name TYPE text;\n{end}",
    }
    (found,) = verify_migrations(files, "postgresql", base=base).pairs
    assert (found.mode, found.populated, found.rows) == (mode, "passed", "kept")
    assert "[22001]" in found.populated_message


def test_a_rollback_that_fails_on_what_stood_before_is_told_beside_what_plain_rows_show(
    postgres: None,
) -> None:
    base = {"0_b.up.sql": "CREATE TABLE t (id int PRIMARY KEY, n int);\n", "0_b.down.sql": ""}
    files = {
        **base,
        "1_x.up.sql": "ALTER TABLE t ALTER n TYPE bigint;\n",
        "1_x.down.sql": "UPDATE t SET n = n::smallint;\nALTER TABLE t ALTER n TYPE int;\n",
    }
    (found,) = verify_migrations(files, "postgresql", base=base).pairs
    assert (found.verdict, found.populated, found.rows) == ("restored", "rollback-failed", "kept")


def test_a_document_whose_keys_change_places_is_the_same_document(postgres: None) -> None:
    base = {"0_b.up.sql": "CREATE TABLE t (id int PRIMARY KEY, doc json);\n", "0_b.down.sql": ""}
    files = {
        **base,
        "1_x.up.sql": "ALTER TABLE t ALTER doc TYPE jsonb;\n",
        "1_x.down.sql": "ALTER TABLE t ALTER doc TYPE json;\n",
    }
    (found,) = verify_migrations(files, "postgresql", base=base).pairs
    assert (found.verdict, found.rows) == ("restored", "kept")


def test_all_values_of_a_list_are_there() -> None:
    link = sqlite3.connect(":memory:")
    link.execute(
        "CREATE TABLE t (id integer PRIMARY KEY, st text NOT NULL CHECK (st IN ('a','b','c','d','e')))"
    )
    assert seed_rows(link, 1) == (1, 1)
    assert {row[0] for row in link.execute("SELECT st FROM t")} == set("abcde")
    link.close()


@given(st.text("abc_", min_size=1, max_size=30), st.one_of(st.none(), st.integers(1, 500)))
def test_a_text_never_outgrows_its_column(name: str, length: int | None) -> None:
    made = rich.text(name, length)
    assert 0 < len(made) <= (length or 60)
    if length is None or length >= 6:
        assert made != made.strip()
        assert made != made.lower()
        assert not made.isascii()
        assert "'" in made


@given(st.integers(1, 30), st.integers(0, 30), st.booleans())
def test_a_number_fits_its_column(digits: int, scale: int, negative: bool) -> None:
    scale = min(digits, scale)
    made = rich.fraction(digits, scale, negative=negative)
    before, _, after = made.lstrip("-").partition(".")
    assert len(before.lstrip("0")) <= digits - scale
    assert len(after) <= scale
    assert made.startswith("-") is negative
