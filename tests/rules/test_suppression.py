"""A finding is set aside by a reason and until a day; what was set aside is reported; a reply excuses nothing."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.outputs import Change, FileChange, Report
from backend_engineer.rules import Configuration, Context, Hit, Need, Rule, Silence, Suppression, check
from backend_engineer.rules.examples import ExampleTree
from backend_engineer.rules.suppression import glob_matches

MakeRule = Callable[..., Rule]
TODAY = date(2026, 6, 1)
MARK = "backend-engineer: " + "allow"


def _deletes(context: Context) -> Iterator[Hit]:
    for file in context.change:
        for number, line in enumerate((file.content or "").split("\n"), start=1):
            if line == "DELETE":
                yield Hit(file.path, line, (number, number))


_FINDS_DELETE = Rule(
    code="OWN001",
    title="A delete",
    clauses=("CONS-02",),
    severity=Severity.MAJOR,
    category=Category.DATA,
    reason="It is gone.",
    recommendation="Keep it.",
    check=_deletes,
)


def judged(
    rule: Rule,
    text: str,
    origin: str = "git",
    base: str | None = None,
    extra: tuple[str, ...] = (),
    **facts: object,
) -> Report:
    made = Change((FileChange("src/a.sql", text),), origin=origin)
    tree = ExampleTree({"src/a.sql": base}) if base is not None else None
    return check(made, base=tree, rules=[rule, "SUP001", "SUP002", *extra], today=TODAY, **facts)


@pytest.fixture
def at_two(rule: MakeRule) -> Rule:
    return rule(answers=(Hit("src/a.sql", "seen", (2, 2)),))


def codes(report: Report) -> list[str | None]:
    return [item.code for item in report.findings]


def test_a_comment_sets_aside_the_finding_on_its_next_line(at_two: Rule) -> None:
    report = judged(at_two, f"-- {MARK} OWN001 because the table is tiny\nDELETE FROM t;\n")
    assert codes(report) == []
    assert [item.code for item in report.suppressed] == ["OWN001"]


def test_a_comment_sets_aside_the_finding_on_its_own_line(at_two: Rule) -> None:
    assert (
        codes(judged(at_two, f"SELECT 1;\nDELETE FROM t; -- {MARK} OWN001 because the table is tiny\n")) == []
    )


def test_what_was_set_aside_is_told_with_its_reason(at_two: Rule) -> None:
    report = judged(at_two, f"-- {MARK} OWN001 until 2026-12-31 because the table is tiny\nDELETE FROM t;\n")
    assert any("until 2026-12-31" in note and "the table is tiny" in note for note in report.notes)


def test_a_clause_whose_violation_was_set_aside_needs_review(at_two: Rule) -> None:
    report = judged(at_two, f"-- {MARK} OWN001 because the table is tiny\nDELETE FROM t;\n")
    assert report.clauses == {"CONS-02": Verdict.NEEDS_REVIEW}
    assert report.ok


@pytest.mark.parametrize(
    "comment",
    [
        f"{MARK} OWN001",
        f"{MARK} because of haste",
        f"{MARK} OWN001 until tomorrow because of haste",
        f"{MARK} OWN001 until 2026-13-01 because of haste",
        f"{MARK} OWN001 because   ",
        f"{MARK} OWN001 because */",
    ],
)
def test_a_comment_without_code_reason_or_date_counts_for_nothing_and_is_reported(
    at_two: Rule, comment: str
) -> None:
    assert codes(judged(at_two, f"-- {comment}\nDELETE FROM t;\n")) == ["SUP001", "OWN001"]


def test_a_comment_whose_day_has_passed_counts_for_nothing_and_is_reported(at_two: Rule) -> None:
    report = judged(at_two, f"-- {MARK} OWN001 until 2026-05-31 because it is moved\nDELETE FROM t;\n")
    assert codes(report) == ["SUP002", "OWN001"]


def test_the_last_day_counts(at_two: Rule) -> None:
    assert (
        codes(judged(at_two, f"-- {MARK} OWN001 until 2026-06-01 because it is moved\nDELETE FROM t;\n"))
        == []
    )


def test_without_a_day_a_suppression_with_an_end_counts_for_nothing(at_two: Rule) -> None:
    made = Change(
        (FileChange("src/a.sql", f"-- {MARK} OWN001 until 2026-12-31 because x\nDELETE FROM t;\n"),)
    )
    assert "OWN001" in codes(check(made, rules=[at_two]))


def test_another_line_and_another_code_are_not_covered(at_two: Rule) -> None:
    assert "OWN001" in codes(judged(at_two, f"\nDELETE FROM t;\n\n-- {MARK} OWN001 because it is far off\n"))
    assert "OWN001" in codes(judged(at_two, f"-- {MARK} OWN002 because it is another\nDELETE FROM t;\n"))


@pytest.mark.parametrize(("line", "covered"), [(1, False), (2, True), (3, True), (4, False)])
def test_a_comment_covers_its_line_and_the_next_and_no_more(rule: MakeRule, line: int, covered: bool) -> None:
    own = rule(answers=(Hit("src/a.sql", "seen", (line, line)),))
    report = judged(own, f"SELECT 1;\n-- {MARK} OWN001 because the table is tiny\nx;\ny;\n")
    assert (codes(report) == []) is covered


@pytest.mark.parametrize(
    ("span", "covered"), [((1, 2), True), ((3, 9), True), ((1, 9), True), ((4, 9), False)]
)
def test_a_comment_covers_a_finding_whose_lines_it_meets(
    rule: MakeRule, span: tuple[int, int], covered: bool
) -> None:
    own = rule(answers=(Hit("src/a.sql", "seen", span),))
    report = judged(own, f"SELECT 1;\n-- {MARK} OWN001 because the table is tiny\nx;\ny;\n")
    assert (codes(report) == []) is covered


def test_a_comment_does_not_cover_a_finding_about_the_whole_file(rule: MakeRule) -> None:
    own = rule(answers=(Hit("src/a.sql", "seen"),))
    assert codes(judged(own, f"-- {MARK} OWN001 because the table is tiny\n")) == ["OWN001"]


def test_one_comment_may_name_several_codes(rule: MakeRule) -> None:
    own = rule(code="OWN002", answers=(Hit("src/a.sql", "seen", (2, 2)),))
    for listed in ("OWN001, OWN002", "OWN002,OWN001"):
        assert codes(judged(own, f"-- {MARK} {listed} because the table is tiny\nx;\n")) == []


def test_what_was_set_aside_is_told_with_its_place_and_where_that_was_decided(at_two: Rule) -> None:
    report = judged(at_two, f"-- {MARK} OWN001 because the table is tiny\nDELETE FROM t;\n")
    assert report.notes[0] == "OWN001 at src/a.sql:2 is suppressed (src/a.sql:1): the table is tiny"


def test_the_verdict_says_that_its_finding_was_set_aside_and_why(at_two: Rule) -> None:
    report = judged(at_two, f"-- {MARK} OWN001 because the table is tiny\nDELETE FROM t;\n")
    assert report.verdicts[0].reason == "OWN001: 1 finding(s) set aside: the table is tiny"


def test_a_comment_for_the_file_covers_the_file(at_two: Rule) -> None:
    assert (
        codes(judged(at_two, f"DELETE FROM t;\nx\n\n-- {MARK}-file OWN001 because it is a fixture\n")) == []
    )


@pytest.mark.parametrize("closer", ["", " */", " -->", " #}"])
def test_a_comment_may_have_a_closer(at_two: Rule, closer: str) -> None:
    report = judged(at_two, f"/* {MARK} OWN001 because the table is tiny{closer}\nDELETE FROM t;\n")
    assert codes(report) == []
    assert report.notes[0].endswith("the table is tiny")


def test_a_deleted_file_holds_no_comment(rule: MakeRule) -> None:
    made = Change((FileChange("src/a.sql", None, action="delete"),), origin="git")
    assert codes(check(made, rules=[rule(answers=(Hit("src/a.sql", "seen"),)), "SUP001"])) == ["OWN001"]


def test_a_finding_without_a_place_is_set_aside_for_the_change(rule: MakeRule) -> None:
    own = rule(answers=(Hit("", "seen"),))
    report = judged(own, "x\n", configuration=configured("**"))
    assert report.notes[0].startswith("OWN001 at the change is suppressed (")


def test_a_reply_cannot_excuse_itself(at_two: Rule) -> None:
    text = f"-- {MARK} OWN001 because the model says so\nDELETE FROM t;\n"
    assert codes(judged(at_two, text, origin="reply")) == ["OWN001"]


def test_a_reply_keeps_what_the_base_excused(at_two: Rule) -> None:
    text = f"-- {MARK} OWN001 because the table is tiny\nDELETE FROM t;\n"
    assert codes(judged(at_two, text, origin="reply", base=text)) == []


# Comments that name no rule, and comments that set nothing aside ----------------------------------


def closing(rule: Rule, file: FileChange, **facts: object) -> list[tuple[str | None, str]]:
    """Code and lines of what is found about the comments."""
    report = check(Change((file,), origin="git"), rules=[rule, "SUP003", "SUP004"], today=TODAY, **facts)
    return [(item.code, item.where.lines) for item in report.findings if item.code != "OWN001"]


def sql(text: str, changed: tuple[tuple[int, int], ...] | None = None) -> FileChange:
    return FileChange("src/a.sql", text, changed_lines=changed)


def test_a_code_that_no_rule_has_is_reported_with_the_one_that_is_near(at_two: Rule) -> None:
    report = judged(
        at_two, f"-- {MARK} SUP0002 because the table is tiny\nDELETE FROM t;\n", extra=("SUP003",)
    )
    (found,) = [item for item in report.findings if item.code == "SUP003"]
    assert (found.severity.value, found.where.lines) == ("minor", "1")
    assert "`SUP0002` in the comment is no rule; `SUP002` is one" in found.evidence


def test_a_clause_in_place_of_a_rule_is_named_as_one(at_two: Rule) -> None:
    text = f"-- {MARK} OWN001, CONS-02 because the table is tiny\nDELETE FROM t;\n"
    assert closing(at_two, sql(text)) == [("SUP003", "1")]


def test_a_rule_of_the_callers_own_is_known(at_two: Rule) -> None:
    assert closing(at_two, sql(f"-- {MARK} OWN001 because the table is tiny\nDELETE FROM t;\n")) == []


def test_a_comment_that_sets_nothing_aside_is_a_remark(at_two: Rule) -> None:
    text = f"\nDELETE FROM t;\n\n-- {MARK} OWN001 because the table is tiny\nSELECT 1;\n"
    assert closing(at_two, sql(text)) == [("SUP004", "4")]
    report = check(Change((sql(text),), origin="git"), rules=[at_two, "SUP004"], today=TODAY)
    assert [item.severity.value for item in report.findings if item.code == "SUP004"] == ["info"]


def test_each_code_of_a_comment_is_looked_at_by_itself(at_two: Rule, rule: MakeRule) -> None:
    quiet = rule(code="OWN002", answers=())
    text = f"-- {MARK} OWN001, OWN002 because the table is tiny\nDELETE FROM t;\n"
    report = check(Change((sql(text),), origin="git"), rules=[at_two, quiet, "SUP004"], today=TODAY)
    (found,) = report.findings
    assert found.evidence.startswith("OWN002 finds nothing")


@pytest.mark.parametrize("mark", [f"{MARK} OWN001", f"{MARK}-file OWN001"])
def test_a_second_comment_over_the_same_finding_is_not_left_over(at_two: Rule, mark: str) -> None:
    text = f"-- {MARK} OWN001 because the table is tiny\nDELETE FROM t; -- {mark} because it is a fixture\n"
    assert closing(at_two, sql(text)) == []


def test_a_comment_under_an_ignored_path_is_not_left_over(at_two: Rule) -> None:
    text = f"-- {MARK} OWN001 because the table is tiny\nDELETE FROM t;\n"
    assert closing(at_two, sql(text), configuration=configured()) == []


@pytest.mark.parametrize("facts", [{"ignore": ["OWN001"]}, {"select": ["SUP"]}, {"ignore": ["CONS-02"]}])
def test_nothing_is_said_of_a_rule_that_the_call_leaves_out(
    at_two: Rule, facts: dict[str, list[str]]
) -> None:
    assert closing(at_two, sql(f"\n\n\n-- {MARK} OWN001 because the table is tiny\n"), **facts) == []


@pytest.mark.parametrize(
    "facts",
    [
        {"needs": (Need.BASE,)},
        {"answers": (Silence(Verdict.NOT_CHECKED, "it lacks a document."),)},
        {"answers": (Silence(Verdict.NEEDS_REVIEW, "a file could not be read."),)},
        {"answers": (Silence(Verdict.NOT_APPLICABLE, "there is no API."),)},
    ],
)
def test_nothing_is_said_of_a_rule_that_could_not_look(rule: MakeRule, facts: dict[str, object]) -> None:
    blind = rule(**facts)
    assert closing(blind, sql(f"-- {MARK} OWN001 because the table is tiny\n")) == []


@pytest.mark.parametrize(
    ("text", "changed", "said"),
    [
        ("SELECT 1;\n{}\nSELECT 2;\n", None, True),
        ("SELECT 1;\n{}\nSELECT 2;\n", ((2, 3),), True),
        ("SELECT 1;\n{}\nSELECT 2;\n", ((2, 2),), False),
        ("SELECT 1;\n{}\nSELECT 2;\n", ((3, 3),), False),
        ("SELECT 1;\nSELECT 2; {}\nSELECT 3;\n", ((2, 2),), True),
        ("SELECT 1;\nSELECT 2;\n{}", ((3, 3),), True),
        ("SELECT 1;\n{file}\nSELECT 2;\n", ((2, 3),), False),
        ("SELECT 1;\n{file}\nSELECT 2;\n", ((1, 3),), True),
    ],
)
def test_a_left_over_comment_is_told_only_where_every_line_it_is_for_is_new(
    rule: MakeRule, text: str, changed: tuple[tuple[int, int], ...] | None, said: bool
) -> None:
    quiet = rule(answers=())
    because = "OWN001 because the table is tiny"
    made = text.replace("{file}", f"-- {MARK}-file {because}").replace("{}", f"-- {MARK} {because}")
    assert bool(closing(quiet, sql(made, changed))) is said


def test_a_finding_on_a_line_that_was_left_alone_still_needs_its_comment(rule: MakeRule) -> None:
    old = rule(answers=(Hit("src/a.sql", "seen", (3, 3)),), line_rule=True)
    text = f"SELECT 1;\n-- {MARK} OWN001 because the table is tiny\nDELETE FROM t;\n"
    assert closing(old, sql(text, ((2, 2),))) == []


def test_a_left_over_comment_that_has_expired_is_told_once(at_two: Rule) -> None:
    text = f"\n\n\n-- {MARK} OWN001 until 2020-01-01 because it is moved\nSELECT 1;\n"
    assert closing(at_two, sql(text)) == []


def test_what_is_said_of_a_left_over_comment_can_be_set_aside_by_path(at_two: Rule) -> None:
    text = f"\nDELETE FROM t;\n\n-- {MARK} OWN001 because the table is tiny\n"
    assert closing(at_two, sql(text), configuration=configured(code="SUP004")) == []


@given(st.lists(st.sampled_from(["hit", "comment", "file", "code"]), min_size=1, max_size=8))
def test_a_comment_is_left_over_exactly_when_taking_it_out_changes_nothing(kinds: list[str]) -> None:
    """The hits come from the text itself, so that a comment taken out moves them."""
    lines = {"hit": "DELETE", "comment": f"-- {MARK} OWN001 because of it", "code": "SELECT"}
    lines["file"] = f"-- {MARK}-file OWN001 because of it"
    text = [lines[kind] for kind in kinds]
    said = {lines for code, lines in closing(_FINDS_DELETE, sql("\n".join(text))) if code == "SUP004"}
    for number, kind in enumerate(kinds, start=1):
        if kind in ("comment", "file"):
            covered = range(len(kinds)) if kind == "file" else range(number - 1, min(number + 1, len(kinds)))
            assert (str(number) in said) is not any(kinds[at] == "hit" for at in covered)


def configured(path: str = "src/**", code: str = "OWN001", until: date | None = None) -> Configuration:
    return Configuration(suppressions=(Suppression(code, path, "agreed with the team", until),))


def test_the_configuration_sets_aside_by_path(at_two: Rule) -> None:
    assert codes(judged(at_two, "DELETE FROM t;\n", configuration=configured())) == []
    assert codes(judged(at_two, "DELETE FROM t;\n", configuration=configured("lib/**"))) == ["OWN001"]


def test_an_expired_entry_of_the_configuration_is_reported(at_two: Rule) -> None:
    report = judged(at_two, "DELETE FROM t;\n", configuration=configured(until=date(2026, 1, 1)))
    assert sorted(str(code) for code in codes(report)) == ["OWN001", "SUP002"]


def test_an_ignored_path_sets_aside_every_code(at_two: Rule) -> None:
    assert codes(judged(at_two, "DELETE FROM t;\n", configuration=configured(code="*"))) == []


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("src/*.py", "src/a.py", True),
        ("src/*.py", "src/b/a.py", False),
        ("src/**", "src/b/a.py", True),
        ("**/a.py", "a.py", True),
        ("**/a.py", "x/y/a.py", True),
        ("src/**/a.py", "src/a.py", True),
        ("src/?.py", "src/ab.py", False),
        ("src/[id].ts", "src/[id].ts", True),
        ("*.md", "a.md\n", False),
    ],
)
def test_a_glob_stays_in_its_folder_unless_it_has_two_stars(pattern: str, path: str, fits: bool) -> None:
    assert glob_matches(pattern, path) is fits


@given(st.text(alphabet="ab/.*?[", max_size=12))
def test_a_path_fits_itself(path: str) -> None:
    assert glob_matches(path, path)


@given(st.text(max_size=60))
def test_any_comment_is_read_without_raising(rest: str) -> None:
    made = Change((FileChange("a.sql", f"-- {MARK}{rest}\nDELETE FROM t;\n"),), origin="git")
    check(made, rules=["SUP001", "SUP002"], today=TODAY)


@pytest.mark.parametrize("name", ["**", "src/*.sql", "src/?.sql", "**/a.sql"])
def test_a_comment_in_a_file_with_a_star_in_its_name_covers_that_file_alone(
    rule: MakeRule, name: str
) -> None:
    found = rule(answers=(Hit("src/a.sql", "seen", (1, 1)), Hit(name, "seen", (1, 1))))
    files = (FileChange("src/a.sql", "x\n"), FileChange(name, f"-- {MARK}-file OWN001 because it is so\n"))
    report = check(Change(files, origin="git"), rules=[found], today=TODAY)
    assert [item.where.path for item in report.findings] == ["src/a.sql"]
    assert [item.where.path for item in report.suppressed] == [name]
