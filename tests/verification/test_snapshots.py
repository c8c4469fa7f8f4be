"""The levels at which two schemas differ, and rows before and after."""

from hypothesis import given
from hypothesis import strategies as st

from backend_engineer.verification.snapshots import Fact, Level, compare_rows, compare_schemas

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
