"""The objects of a shadow schema: found by what they stand on, and knowing what was touched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_engineer.migrations import split_statements
from backend_engineer.migrations.shadow import Shadow, apply, differences
from backend_engineer.migrations.shadow.schema import Objects

NAMES = st.sampled_from(["a", "b", "c"])
STATEMENTS = st.one_of(
    st.builds("CREATE TABLE {} (id serial PRIMARY KEY, x text UNIQUE)".format, NAMES),
    st.builds("CREATE TABLE {} (id integer REFERENCES {} (id), y text)".format, NAMES, NAMES),
    st.builds("COMMENT ON COLUMN {}.x IS 'seen'".format, NAMES),
    st.builds("CREATE INDEX {}_index ON {} (x)".format, NAMES, NAMES),
    st.builds("ALTER TABLE {} RENAME TO {}".format, NAMES, NAMES),
    st.builds("ALTER TABLE {} RENAME COLUMN x TO z".format, NAMES),
    st.builds("ALTER TABLE {} DROP COLUMN x".format, NAMES),
    st.builds("ALTER TABLE {} ADD COLUMN x integer".format, NAMES),
    st.builds("DROP TABLE {} CASCADE".format, NAMES),
    st.builds("CREATE FUNCTION {}(g text) RETURNS text LANGUAGE sql AS $$ SELECT 1 $$".format, NAMES),
    st.builds("DROP FUNCTION {}".format, NAMES),
)
SCRIPTS = st.lists(STATEMENTS, max_size=14).map(";\n".join)


def run(shadow: Shadow, script: str) -> Shadow:
    for statement in split_statements(script, "postgresql"):
        apply(shadow, statement, "postgresql")
    return shadow


@pytest.fixture(autouse=True)
def _without_leftovers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Objects, "small", 64)


@given(SCRIPTS, SCRIPTS)
def test_an_index_finds_what_a_look_at_every_object_finds(first: str, second: str) -> None:
    schemas = []
    for small in (0, 10_000):
        Objects.small = small
        shadow = run(Shadow(), first)
        # The first question makes the index, and what follows has to keep it.
        shadow.objects.standing_on("a")
        original = shadow.copy()
        schemas.append((run(shadow.copy(), second), original))
    (indexed, kept), (searched, plain) = schemas
    assert list(indexed.objects.items()) == list(searched.objects.items())
    assert indexed.troubles == searched.troubles
    marks = {
        mark for name in "abc" for mark in (name, f"table {name}", f"column {name}.x", f"function {name}")
    }
    for one, other in ((indexed, searched), (kept, plain)):
        assert {mark: sorted(one.objects.standing_on(mark)) for mark in marks} == {
            mark: sorted(other.objects.standing_on(mark)) for mark in marks
        }


@given(SCRIPTS, SCRIPTS)
def test_all_that_differs_is_among_what_was_touched(first: str, second: str) -> None:
    before = run(Shadow(), first).copy()
    after = run(before.copy(), second)
    assert differences(before, after, after.objects.touched) == differences(before, after)


def test_a_copy_is_not_changed_with_its_original() -> None:
    shadow = run(Shadow(), "CREATE TABLE a (id integer, x text); CREATE INDEX i ON a (x)")
    Objects.small = 0
    shadow.objects.standing_on("a")
    copy = shadow.copy()
    run(shadow, "DROP INDEX i; ALTER TABLE a DROP COLUMN x")
    assert sorted(copy.objects.standing_on("a")) == ["column a.id", "column a.x", "index i"]
    assert copy.objects.touched == set()


def test_a_statement_that_was_read_once_does_the_same_again() -> None:
    script = "CREATE TABLE a (id serial PRIMARY KEY, x varchar(3) DEFAULT 'q' NOT NULL, CHECK (id > 0))"
    (statement,) = split_statements(script, "postgresql")
    shadows = [Shadow(), Shadow()]
    for shadow in shadows:
        apply(shadow, statement, "postgresql")
    assert shadows[0].objects == shadows[1].objects
    assert "sequence a_id_seq" in shadows[1].objects
