"""What of a failing command is new, what was there before, and what nobody can tell."""

from typing import Any

import pytest

from backend_engineer.outputs import CommandOutcome, SuiteSummary


def outcome(before: int | None, after: int | None, **facts: Any) -> CommandOutcome:
    return CommandOutcome(kind="tests", argv=("t",), before=before, after=after, **facts)


def suite(run: int | None = 40, failed: int = 0, *names: str, **facts: Any) -> SuiteSummary:
    return SuiteSummary(run=run, failed=failed, failing=names, **facts)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (suite(40, 1), suite(46, 7)),
        (suite(40, 1, "a"), suite(41, 1, "b")),
        (suite(40, 2, "a", "b"), suite(41, 1, "c")),
        (suite(40, 1, "a"), suite(0, 1, "test_b.py", partial=True)),
        (suite(40, 1, "a"), None),
        (suite(5, 0), suite(5, 1)),
        (suite(40, 1, "a::x"), suite(40, 2, "a::x", "b::x")),
    ],
)
def test_a_failure_beside_the_old_one_is_the_changes(
    old: SuiteSummary | None, new: SuiteSummary | None
) -> None:
    found = outcome(1, 1, summary_before=old, summary=new)
    assert found.failed_by_change
    assert not found.unsettled


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (suite(40, 1, "a"), suite(46, 1, "a")),
        (suite(40, 2, "a", "b"), suite(46, 1, "b")),
        (suite(40, 3), suite(46, 3)),
        (suite(40, 3), suite(46, 2)),
        # The file was renamed with the test that fails in it.
        (suite(40, 1, "old/test_a.py::test_a"), suite(40, 1, "new/test_a.py::test_a")),
        (suite(40, 0), suite(41, 0)),
    ],
)
def test_an_old_failure_is_not_the_changes(old: SuiteSummary, new: SuiteSummary) -> None:
    found = outcome(1, 1, summary_before=old, summary=new)
    assert not found.failed_by_change
    assert found.failed_before
    assert not found.unsettled


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (None, None),
        (None, suite(40, 1)),
        (suite(3, 1, "a", partial=True), suite(3, 1, "a", partial=True)),
        (suite(0, 1, "a.py", partial=True), suite(40, 3, "x", "y", "z")),
    ],
)
def test_what_cannot_be_compared_is_unsettled(old: SuiteSummary | None, new: SuiteSummary | None) -> None:
    found = outcome(1, 1, summary_before=old, summary=new)
    assert not found.failed_by_change
    assert found.unsettled


def test_a_lost_summary_of_a_cut_output_is_unsettled() -> None:
    found = outcome(1, 1, summary_before=suite(40, 1), truncated=True)
    assert (found.failed_by_change, bool(found.unsettled)) == (False, True)


@pytest.mark.parametrize(("after", "new"), [(2, True), (1, False), (-9, True), (139, True)])
def test_without_any_count_only_a_graver_code_is_new(after: int, new: bool) -> None:
    found = outcome(1, after)
    assert (found.failed_by_change, bool(found.unsettled)) == (new, not new)


def test_a_milder_code_settles_nothing() -> None:
    assert outcome(2, 1).unsettled


def test_a_base_without_tests_has_no_old_failure() -> None:
    found = outcome(5, 1, summary_before=suite(0), summary=suite(1, 1, "a"))
    assert found.failed_by_change
    assert "no test" in found.new_failure


def test_a_change_that_brings_no_test_to_a_base_without_one_fails_nothing() -> None:
    found = outcome(5, 5, summary_before=suite(0), summary=suite(0))
    assert (found.failed_by_change, found.unsettled) == (False, "")


def test_what_did_not_end_before_is_unsettled() -> None:
    assert outcome(None, 1, before_timed_out=True).unsettled
    assert not outcome(None, 0, before_timed_out=True).unsettled


def test_what_ended_with_a_failure_before_and_does_not_end_now_is_the_changes() -> None:
    assert outcome(1, None, timed_out=True).failed_by_change


def test_what_was_not_run_at_all_is_nobodys_failure() -> None:
    found = outcome(None, None, not_run="no docker")
    assert (found.failed_by_change, found.unsettled) == (False, "")


def test_many_new_names_are_not_all_told() -> None:
    names = tuple(f"t{number}" for number in range(9))
    words = outcome(1, 1, summary_before=suite(9, 0), summary=suite(9, 9, *names)).new_failure
    assert words.endswith("t4 and 4 more")
