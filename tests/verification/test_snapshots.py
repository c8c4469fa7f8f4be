"""The levels at which two schemas differ, and rows before and after."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_engineer.verification.snapshots import Fact, Level, compare_rows, compare_schemas, schema_lines

FACTS = st.builds(Fact, st.sampled_from("ab"), st.sampled_from("xy"), st.integers(0, 2))
SCHEMAS = st.dictionaries(st.sampled_from(["table t", "column t.a", "column t.b", "index i"]), FACTS)


@given(SCHEMAS)
def test_a_schema_equals_itself(schema) -> None:
    assert compare_schemas(schema, schema) == (Level.EXACT, ())


@given(SCHEMAS, SCHEMAS)
def test_the_level_is_the_same_in_both_directions(one, other) -> None:
    assert compare_schemas(one, other)[0] == compare_schemas(other, one)[0]


@given(SCHEMAS, SCHEMAS)
def test_only_equal_schemas_have_no_line(one, other) -> None:
    level, lines = compare_schemas(one, other)
    assert (level is Level.EXACT) == (one == other)
    assert bool(lines) == (level is not Level.EXACT)


def test_the_worst_level_counts() -> None:
    before = {"a": Fact("1", "1", 1), "b": Fact("( 1 )", "1"), "c": Fact("1", "1")}
    moved = {**before, "a": Fact("1", "1", 2)}
    rewritten = {**moved, "b": Fact("1", "1")}
    changed = {**rewritten, "c": Fact("2", "2")}
    assert [compare_schemas(before, other)[0] for other in (moved, rewritten, changed)] == [1, 2, 3]


def test_a_line_says_what_is_lost_left_behind_and_changed() -> None:
    before = {"a": Fact("1", "1"), "b": Fact("2", "2"), "c": Fact("( 3 )", "3"), "d": Fact("4", "4", 1)}
    after = {"b": Fact("2", "two"), "c": Fact("3", "3"), "d": Fact("4", "4", 2), "e": Fact("5", "5")}
    assert compare_schemas(before, after) == (
        Level.DIFFERENT,
        ("- a: 1", "+ e: 5", "~ b: two, was 2", "~ c: 3, was ( 3 )"),
    )


def test_places_are_told_where_nothing_else_differs() -> None:
    before, after = (
        {"a": Fact("1", "1", 1), "b": Fact("2", "2", 2)},
        {"a": Fact("1", "1", 2), "b": Fact("2", "2", 2)},
    )
    assert compare_schemas(before, after) == (Level.COLUMN_ORDER, ("~ a: at place 2, was 1",))


def test_a_later_difference_of_places_takes_no_earlier_one_back() -> None:
    before = {"a": Fact("1", "1"), "b": Fact("2", "2", 1), "c": Fact("3", "3")}
    after = {"a": Fact("one", "1"), "b": Fact("2", "2", 2), "c": Fact("3", "3")}
    assert compare_schemas(before, after) == (Level.REPRESENTATION, ("~ a: one, was 1",))


def test_a_schema_is_written_one_line_an_object_in_its_order() -> None:
    assert schema_lines({"b": Fact("2", "two"), "a": Fact("1", "one")}) == ("b: 2", "a: 1")


def table(*rows: tuple[object, ...], columns: tuple[str, ...] = ("a", "b")) -> dict:
    return {"t": {"columns": list(columns), "rows": [list(row) for row in rows]}}


def test_the_same_rows_in_another_order_are_kept() -> None:
    assert compare_rows(table((1, 2), (3, 4)), table((3, 4), (1, 2))) == ("kept", ())


def test_columns_in_another_order_keep_their_values() -> None:
    assert compare_rows(table((1, 2)), table((2, 1), columns=("b", "a")))[0] == "kept"


def test_a_missing_row_a_missing_column_and_a_missing_table_are_lost() -> None:
    assert compare_rows(table((1, 2)), table())[0] == "lost"
    assert compare_rows(table((1, 2)), table((1,), columns=("a",)))[0] == "lost"
    assert compare_rows(table((1, 2)), {})[0] == "lost"


def test_a_column_that_held_nothing_is_no_loss() -> None:
    assert compare_rows(table((1, None)), table((1,), columns=("a",)))[0] == "kept"


def test_other_values_and_rows_left_behind_are_changes() -> None:
    assert compare_rows(table((1, 2)), table((1, 3)))[0] == "changed"
    assert compare_rows(table((1, 2)), table((1, 2), (9, 9)))[0] == "changed"


def test_without_rows_nothing_can_be_said() -> None:
    assert compare_rows(table(), table()) == ("not-seeded", ())


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        (table((1, 2), (3, 4)), {}, ("lost", ("- t: all 2 rows, the table is gone",))),
        ({**table((1, 2)), "e": {"columns": ["a"], "rows": []}}, table((1, 2)), ("kept", ())),
        (
            {"e": {"columns": ["a"], "rows": []}, **table((1, 2))},
            {},
            ("lost", ("- t: all 1 rows, the table is gone",)),
        ),
        (table((1, 2), (3, 4), (5, 6)), table((3, 4)), ("lost", ("- t: 2 of 3 rows",))),
        (table((1, 2)), table((1, 2), (3, 4), (3, 4)), ("changed", ("+ t: 2 rows left behind",))),
        (
            table((1, 2), (3, None), (5, 6)),
            table((1,), (3,), (5,), columns=("a",)),
            ("lost", ("- t.b: 2 values, the column is gone",)),
        ),
        (table((1, 2)), table((1, 2, 3), columns=("a", "b", "c")), ("kept", ())),
        (table((1, 1)), table((1, 2)), ("changed", ("~ t: 1 row(s) changed, such as b 1 became 2",))),
        (
            table((1, 2), (3, 4)),
            table((3, None), (1, None)),
            ("changed", ("~ t: 2 row(s) changed, such as b 2 became NULL",)),
        ),
        (
            table((1, 2, 3, 4, 5), columns=("a", "b", "c", "d", "e")),
            table((9, 8, 7, 6, 5), columns=("a", "b", "c", "d", "e")),
            ("changed", ("~ t: 1 row(s) changed, such as a 1 became 9; b 2 became 8; c 3 became 7",)),
        ),
        (
            table((1, "x" * 40), (2, "y" * 41)),
            table((1, "y" * 41), (2, "y" * 41)),
            ("changed", (f"~ t: 1 row(s) changed, such as b {'x' * 40} became {'y' * 37}...",)),
        ),
        (
            table((1, 2), (3, 4)),
            table((3, 5)),
            ("lost", ("- t: 1 of 2 rows", "~ t: 2 row(s) changed, such as a 1 became 3; b 2 became 5")),
        ),
        (
            table((1, 2)),
            table((2, 1), columns=("b", "a")) | {"new": {"columns": ["a"], "rows": [[1]]}},
            ("kept", ()),
        ),
    ],
    ids=[
        "a table",
        "an empty table",
        "a table behind an empty one",
        "rows",
        "rows left behind",
        "a column's values",
        "a new column",
        "one value",
        "the pair that agrees in most columns",
        "three columns of five at most",
        "long values",
        "both lost and changed",
        "another table",
    ],
)
def test_what_happened_to_rows_is_told_in_numbers(was: dict, now: dict, told: tuple) -> None:
    assert compare_rows(was, now) == told


@given(
    st.lists(st.tuples(st.integers(0, 2), st.one_of(st.none(), st.integers(0, 2))), max_size=5),
    st.lists(st.tuples(st.integers(0, 2), st.one_of(st.none(), st.integers(0, 2))), max_size=5),
)
def test_rows_are_kept_exactly_when_they_are_the_same_rows(one: list, other: list) -> None:
    outcome, lines = compare_rows(table(*one), table(*other))
    same = sorted(one, key=repr) == sorted(other, key=repr)
    assert outcome == ("not-seeded" if not one else "kept" if same else outcome)
    assert (outcome in ("kept", "not-seeded")) == (same or not one) == (not lines)
    assert (outcome == "lost") == (len(other) < len(one))
