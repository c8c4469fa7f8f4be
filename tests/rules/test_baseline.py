"""With a baseline only new findings count, and nothing secret is in it."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_engineer.contract import Verdict
from backend_engineer.errors import InvalidDocument
from backend_engineer.outputs import Change, FileChange
from backend_engineer.rules import Baseline, Hit, Rule, baseline_of, check, read_baseline

MakeRule = Callable[..., Rule]
CHANGE = Change((FileChange("a.md", "a\n"), FileChange("b.md", "b\n")))


def test_a_known_finding_does_not_violate(rule: MakeRule) -> None:
    own = rule(answers=(Hit("a.md", "old"),))
    report = check(CHANGE, rules=[own], baseline=baseline_of(check(CHANGE, rules=[own])))
    assert report.ok
    assert report.clauses == {"CONS-02": Verdict.NEEDS_REVIEW}
    assert [item.evidence for item in report.suppressed] == ["old"]


def test_a_new_finding_beside_a_known_one_violates(rule: MakeRule) -> None:
    baseline = baseline_of(check(CHANGE, rules=[rule(answers=(Hit("a.md", "old"),))]))
    report = check(CHANGE, rules=[rule(answers=(Hit("a.md", "old"), Hit("b.md", "new")))], baseline=baseline)
    assert [item.evidence for item in report.findings] == ["new"]
    assert not report.ok


def test_a_second_one_of_the_same_kind_is_new(rule: MakeRule) -> None:
    baseline = baseline_of(check(CHANGE, rules=[rule(answers=(Hit("a.md", "seen", (1, 1)),))]))
    twice = rule(answers=(Hit("a.md", "seen", (1, 1)), Hit("a.md", "seen", (9, 9))))
    assert len(check(CHANGE, rules=[twice], baseline=baseline).findings) == 1


def test_a_second_one_is_new_when_the_first_stands_on_a_line_left_alone(rule: MakeRule) -> None:
    old = rule(answers=(Hit("a.md", "seen", (9, 9)),), line_rule=True)
    baseline = baseline_of(check(CHANGE, rules=[old]))
    for new, first in (((1, 1), (10, 10)), ((20, 20), (9, 9))):
        changed = Change((FileChange("a.md", "a\n", changed_lines=(new,)),))
        twice = rule(answers=(Hit("a.md", "seen", first), Hit("a.md", "seen", new)), line_rule=True)
        report = check(changed, rules=[twice], baseline=baseline)
        assert [item.where.span for item in report.findings] == [new]


def test_a_known_finding_stays_known_when_its_lines_move(rule: MakeRule) -> None:
    baseline = baseline_of(check(CHANGE, rules=[rule(answers=(Hit("a.md", "seen", (1, 1)),))]))
    assert check(CHANGE, rules=[rule(answers=(Hit("a.md", "seen", (70, 71)),))], baseline=baseline).ok


def test_a_baseline_holds_no_evidence(rule: MakeRule) -> None:
    baseline = baseline_of(check(CHANGE, rules=[rule(answers=(Hit("a.md", "a telling line"),))]))
    assert "telling" not in baseline.model_dump_json()


def test_a_baseline_made_with_a_baseline_knows_all(rule: MakeRule) -> None:
    own = rule(answers=(Hit("a.md", "old"),))
    first = baseline_of(check(CHANGE, rules=[own]))
    assert baseline_of(check(CHANGE, rules=[own], baseline=first)) == first


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"format": 2}', '{"findings": [{"fingerprint": "x"}]}', '{"more": 1}']
)
def test_what_is_no_baseline_is_refused_with_its_path(text: str) -> None:
    with pytest.raises(InvalidDocument, match=r"known\.json"):
        read_baseline(text, "known.json")


def test_a_refused_baseline_says_where_it_is_wrong() -> None:
    with pytest.raises(InvalidDocument) as error:
        read_baseline('{"findings": [{"fingerprint": "x"}]}', "known.json")
    assert (error.value.path, error.value.pointer) == ("known.json", "/findings/0/fingerprint")


def test_a_baseline_is_written_in_the_order_of_paths_and_codes(rule: MakeRule) -> None:
    rules = [
        rule(code="OWN002", answers=(Hit("b.md", "x"), Hit("a.md", "x"))),
        rule(answers=(Hit("b.md", "x"), Hit("a.md", "x"))),
    ]
    known = baseline_of(check(CHANGE, rules=rules)).findings
    assert [(item.path, item.code) for item in known] == [
        ("a.md", "OWN001"),
        ("a.md", "OWN002"),
        ("b.md", "OWN001"),
        ("b.md", "OWN002"),
    ]
    assert {item.title for item in known} == {"Something is wrong"}


HITS = st.lists(
    st.builds(Hit, st.sampled_from(["a.md", "b.md", ""]), st.sampled_from(["x", "y"]), st.just((1, 1))),
    max_size=6,
)


@given(HITS)
def test_a_baseline_survives_being_written_and_knows_exactly_its_findings(hits: list[Hit]) -> None:
    from backend_engineer.contract import Category, Severity

    own = Rule(
        code="OWN001", title="Wrong", clauses=("CONS-02",), severity=Severity.MAJOR, category=Category.PLAN,
        reason="It matters.", recommendation="Mend it.", check=lambda context: hits,
    )  # fmt: skip
    first = check(CHANGE, rules=[own])
    baseline = baseline_of(first)
    assert read_baseline(baseline.model_dump_json()) == baseline
    assert len(baseline.findings) == len(hits)
    again = check(CHANGE, rules=[own], baseline=baseline)
    assert again.findings == ()
    assert check(CHANGE, rules=[own], baseline=Baseline()).findings == first.findings


def test_a_file_whose_name_is_no_text_and_one_that_holds_a_credential_can_be_known(
    rule: Callable[..., Rule],
) -> None:
    key = "AKIA" + "Q7ZJ4TR5WX2MB3NK"
    for path in ("caf\udce9.py", f"config/{key}.yaml"):
        finds = rule(answers=(Hit(path, f"seen in {path}", (1, 1)),))
        made = Change((FileChange(path, "x = 1\n"),))
        text = baseline_of(check(made, rules=[finds])).model_dump_json()
        assert key not in text
        assert check(made, rules=[finds], baseline=read_baseline(text)).findings == ()
