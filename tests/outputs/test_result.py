"""Results and records are values that survive JSON (META-05)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from backend_engineer.contract import Section, Status, Verdict
from backend_engineer.outputs import (
    Change,
    ClauseVerdict,
    FileChange,
    Report,
    ReviewFindings,
    StageResult,
    Usage,
    text_hash,
)

counts = st.integers(min_value=0, max_value=10**9)
usages = st.builds(Usage, calls=counts, input_tokens=counts, output_tokens=counts, reasoning_tokens=counts)
files = st.builds(
    FileChange,
    path=st.text(min_size=1, max_size=10),
    content=st.one_of(st.none(), st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40)),
    section=st.one_of(st.none(), st.sampled_from(Section)),
    action=st.sampled_from(["add", "modify", "delete", "rename"]),
    changed_lines=st.one_of(st.none(), st.just(((1, 2), (5, 5)))),
)


@given(usages, usages, usages)
def test_usage_adds_up_in_any_order(a: Usage, b: Usage, c: Usage) -> None:
    assert (a + b) + c == a + (b + c)
    assert a + b == b + a


@given(st.lists(files, max_size=3))
def test_a_result_survives_json(changed: list[FileChange]) -> None:
    result = StageResult(status=Status.READY, changes=(Change(files=tuple(changed), origin="reply"),))
    assert StageResult.model_validate_json(result.model_dump_json()) == result


def test_every_output_of_the_header_has_a_typed_place_in_the_result() -> None:
    # CodeDiffs, Migrations+Rollbacks, Tests, OpenAPI/SDL, Observability and Runbooks are files of the
    # changes by section; ReviewFindingsJSON is a document of its own.
    fields = StageResult.model_fields
    assert {"changes", "review_findings", "handoffs", "report", "record"} <= set(fields)
    assert {Section.MIGRATIONS, Section.TESTS, Section.OBSERVABILITY, Section.DOCS} <= set(Section)
    assert ReviewFindings.of(Status.READY).findings == ()


def test_a_waiver_takes_a_clause_out_of_the_unchecked() -> None:
    row = ClauseVerdict(clause="CONS-05", verdict=Verdict.NOT_CHECKED, reason="no database", waived=None)
    assert not Report(verdicts=(row,)).ok
    assert Report(verdicts=(row.model_copy(update={"waived": "no schema here"}),)).ok


def test_a_waiver_does_not_hide_a_violation() -> None:
    row = ClauseVerdict(clause="CONS-02", verdict=Verdict.VIOLATED, reason="16 files", waived="please")
    assert not Report(verdicts=(row,)).ok


def test_the_worst_verdict_stands() -> None:
    assert Verdict.worst([Verdict.HELD, Verdict.ATTESTED, Verdict.NEEDS_REVIEW]) is Verdict.NEEDS_REVIEW
    assert Verdict.worst([Verdict.NOT_CHECKED, Verdict.VIOLATED]) is Verdict.VIOLATED
    assert Verdict.worst([]) is Verdict.NEEDS_REVIEW


def test_lone_surrogates_do_not_break_a_hash() -> None:
    assert text_hash("\ud800") != text_hash("?")


def test_a_line_is_changed_where_the_ranges_say_so() -> None:
    file = FileChange("a", "1\n2\n3\n", changed_lines=((2, 2),))
    assert [file.is_changed(line) for line in (1, 2, 3)] == [False, True, False]
    assert FileChange("a", "1\n").is_changed(1)
