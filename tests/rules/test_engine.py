"""`check`: what it takes, what it refuses, and how findings come out."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_engineer.contract import Category, Parameters, Severity, Verdict
from backend_engineer.errors import RuleError, UsageError
from backend_engineer.outputs import Change, Clarification, FileChange
from backend_engineer.parsing import Reply, parse_reply
from backend_engineer.rules import (
    Configuration,
    Context,
    Hit,
    Rule,
    Silence,
    built_in_rules,
    check,
    rule_named,
)
from backend_engineer.rules.examples import bundle
from backend_engineer.rules.reply.samples import sample_reply

MakeRule = Callable[..., Rule]
MakeChange = Callable[..., Change]


def test_a_whole_reply_violates_nothing() -> None:
    report = check(parse_reply(sample_reply()))
    assert report.violated == ()
    assert [item for item in report.findings if item.violates] == []


def test_an_own_rule_takes_ten_lines() -> None:
    def no_todo(context: Context):
        for file in context.change:
            if "TODO" in (file.content or ""):
                yield Hit(file.path, "A TODO is left.")

    own = Rule(
        code="OWN001", title="A TODO is left", clauses=("PURP-01",), severity=Severity.MAJOR,
        category=Category.PLAN, reason="It is not done.", recommendation="Do it.", check=no_todo,
    )  # fmt: skip
    report = check(Change((FileChange("a.py", "# TODO\n"),)), rules=[own])
    assert [item.code for item in report.findings] == ["OWN001"]
    assert report.violated == ("PURP-01",)


@pytest.mark.parametrize("subject", [None, "text", 3, {}])
def test_what_is_neither_a_reply_nor_a_change_is_refused(subject: object) -> None:
    with pytest.raises(UsageError, match="Reply or a Change"):
        check(subject)


def test_a_clarification_is_no_input(change: MakeChange) -> None:
    with pytest.raises(UsageError, match="clarification"):
        check(change(), inputs=Clarification(gaps=()))


def test_what_was_not_run_by_the_library_is_refused(change: MakeChange) -> None:
    with pytest.raises(UsageError, match=r"verified.* a str"):
        check(change(), verified=["all green"])


@pytest.mark.parametrize(
    ("argument", "value"), [("select", ["NOPE-99"]), ("ignore", ["nope"]), ("rules", ["NOPE"])]
)
def test_a_word_that_names_nothing_is_refused(change: MakeChange, argument: str, value: list[str]) -> None:
    with pytest.raises(UsageError):
        check(change(), **{argument: value})


def test_a_waiver_needs_a_clause_and_a_reason(change: MakeChange) -> None:
    with pytest.raises(UsageError, match="no clause"):
        check(change(), waive={"CONS-99": "because"})
    with pytest.raises(UsageError, match="no reason"):
        check(change(), waive={"CONS-05": " "})


def test_what_is_no_rule_is_refused(change: MakeChange) -> None:
    with pytest.raises(RuleError, match="no `Rule`"):
        check(change(), rules=[len])


def test_two_rules_of_one_code_are_refused(change: MakeChange, rule: MakeRule) -> None:
    with pytest.raises(RuleError, match="two rules"):
        check(change(), rules=[rule(), rule()])


def test_a_rule_that_yields_something_else_is_malformed(change: MakeChange, rule: MakeRule) -> None:
    with pytest.raises(RuleError, match="`Hit` and `Silence` only"):
        check(change(), rules=[rule(answers=("no",))])


@pytest.mark.parametrize(
    "answer",
    [
        Hit("docs/a.md", "seen", (0, 0)),
        Hit("docs/a.md", "seen", (3,)),
        Hit("docs/a.md", None),
        Hit(None, "seen"),
        Hit("docs/a.md", "seen", clauses=("CONS-99",)),
        Hit("docs/a.md", "seen", severity="huge"),
        Silence(Verdict.HELD, "shown", clauses=("CONS-99",)),
        Silence("fine", "shown"),
    ],
)
def test_an_answer_that_makes_no_sense_is_the_rules_fault_by_name(
    change: MakeChange, rule: MakeRule, answer: Hit | Silence
) -> None:
    with pytest.raises(RuleError, match="OWN001"):
        check(change(), rules=[rule(answers=(answer,))])


def test_a_rule_without_words_for_its_findings_is_malformed() -> None:
    facts = {
        "code": "OWN001",
        "title": "Wrong",
        "clauses": ("CONS-02",),
        "severity": Severity.MAJOR,
        "category": Category.PLAN,
        "reason": "It matters.",
        "recommendation": "Mend it.",
        "check": lambda context: (),
    }
    for wrong in ({"title": ""}, {"severity": "huge"}, {"category": "huge"}, {"type": "huge"}):
        with pytest.raises(RuleError, match="OWN001"):
            Rule(**{**facts, **wrong})


def test_a_rule_that_names_no_clause_of_the_contract_is_malformed(rule: MakeRule) -> None:
    with pytest.raises(RuleError, match="no clause"):
        rule(clauses=("CONS-99",))


def test_a_heuristic_without_its_question_is_malformed(rule: MakeRule) -> None:
    with pytest.raises(RuleError, match="heuristic"):
        rule(exact=False, question="")


def test_a_waiver_makes_an_unchecked_clause_pass_and_stands_in_the_report(
    change: MakeChange, rule: MakeRule
) -> None:
    silence = (Silence(Verdict.NOT_CHECKED, "no server"),)
    report = check(change(), rules=[rule(answers=silence)], waive={"CONS-02": "checked at night"})
    assert report.ok
    assert report.verdicts[0].waived == "checked at night"
    assert report.clauses["CONS-02"] is Verdict.NOT_CHECKED


def test_a_waiver_does_not_hide_a_violation(change: MakeChange, rule: MakeRule) -> None:
    report = check(change(), rules=[rule(answers=(Hit("", "seen"),))], waive={"CONS-02": "it is late"})
    assert not report.ok


def test_a_call_that_asks_for_nothing_is_no_pass(change: MakeChange) -> None:
    for arguments in ({"select": []}, {"rules": []}, {"select": ["INPT-02"]}, {"select": ["PLN001"]}):
        with pytest.raises(UsageError, match="nothing to judge"):
            check(change(), **arguments)


def test_a_finding_of_a_rule_without_clauses_blocks_the_review(change: MakeChange, rule: MakeRule) -> None:
    report = check(change(), rules=[rule(clauses=(), answers=(Hit("", "seen"),))])
    assert not report.ok
    assert report.review_findings().status == "blocked"


def test_one_rule_can_be_run_alone(change: MakeChange) -> None:
    report = check(change(), select=["CAP001"])
    assert report.clauses == {"CONS-02": Verdict.HELD}
    assert report.ok


def test_one_clause_can_be_checked_alone(change: MakeChange) -> None:
    assert check(change(), select=["CONS-02"]).clauses == {"CONS-02": Verdict.HELD}


def test_a_beginning_selects_a_family(change: MakeChange) -> None:
    assert set(check(change(), select=["APID"]).clauses) == {"APID-01", "APID-02", "APID-03", "APID-04"}


def test_a_code_in_rules_stands_for_the_built_in_rule(change: MakeChange) -> None:
    assert check(change(), rules=["CAP001"]).clauses == {"CONS-02": Verdict.HELD}


def test_an_own_rule_stands_beside_the_built_in_ones(change: MakeChange, rule: MakeRule) -> None:
    report = check(change(), rules=[*built_in_rules(), rule(answers=(Hit("", "seen"),))])
    assert "CONS-02" in report.violated
    assert len(report.clauses) > 30


def test_a_rule_that_was_left_out_leaves_its_clause_unchecked(change: MakeChange) -> None:
    report = check(change(), ignore=["CAP001"])
    assert "left out CAP001" in report.unchecked["CONS-02"]


def test_a_clause_that_was_left_out_is_unchecked_and_without_findings(change: MakeChange) -> None:
    files = {f"docs/{number}.md": "# A\n" for number in range(20)}
    report = check(change(files), ignore=["CONS-02"])
    assert report.findings == ()
    assert "left out CONS-02" in report.unchecked["CONS-02"]


def test_findings_come_in_the_order_of_the_change(change: MakeChange, rule: MakeRule) -> None:
    hits = (Hit("b.md", "late", (9, 9)), Hit("b.md", "early", (2, 2)), Hit("a.md", "last"), Hit("", "first"))
    report = check(change({"b.md": "b\n", "a.md": "a\n"}), rules=[rule(answers=hits)])
    assert [item.evidence for item in report.findings] == ["first", "early", "late", "last"]


def test_equal_findings_have_fingerprints_of_their_own(change: MakeChange, rule: MakeRule) -> None:
    hits = (Hit("a.md", "seen", (1, 1)), Hit("a.md", "seen", (5, 5)))
    prints = [
        item.fingerprint for item in check(change({"a.md": "a\n"}), rules=[rule(answers=hits)]).findings
    ]
    assert len(set(prints)) == 2
    assert None not in prints


def test_a_fingerprint_does_not_move_with_its_lines(change: MakeChange, rule: MakeRule) -> None:
    def print_at(line: int) -> str | None:
        hit = Hit("a.md", "seen", (line, line))
        return check(change({"a.md": "a\n"}), rules=[rule(answers=(hit,))]).findings[0].fingerprint

    assert print_at(1) == print_at(700)


def test_a_secret_never_reaches_a_finding(change: MakeChange, rule: MakeRule) -> None:
    token = "npm" + "_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    hit = Hit("a.md", f"saw {token}", title=f"{token} seen", recommendation=f"revoke {token}")
    (finding,) = check(change({"a.md": "a\n"}), rules=[rule(answers=(hit,))]).findings
    assert token not in finding.model_dump_json()


def test_a_secret_never_reaches_a_reason_or_a_note(rule: MakeRule) -> None:
    token = "ghp" + "_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    made = Change((FileChange("a.py", f"x = 1\n# backend-engineer: allow OWN001 because {token}\n"),))
    answers = (Hit("a.py", "seen", (2, 2)), Silence(Verdict.NOT_CHECKED, f"cannot read {token}"))
    report = check(made, rules=[rule(answers=answers)], waive={"CONS-02": f"it is {token}"})
    assert len(report.suppressed) == 1
    assert token not in report.model_dump_json()


def test_half_a_character_in_a_title_is_shown_as_a_mark(change: MakeChange, rule: MakeRule) -> None:
    (finding,) = check(change(), rules=[rule(answers=(Hit("", "seen", title="no \ud800 sign"),))]).findings
    assert finding.title == "no ? sign"


def test_a_line_rule_counts_changed_lines_only(rule: MakeRule) -> None:
    file = FileChange("a.md", "one\ntwo\nthree\n", changed_lines=((2, 2),))
    hits = (Hit("a.md", "old", (1, 1)), Hit("a.md", "new", (2, 3)))
    report = check(Change((file,)), rules=[rule(answers=hits, line_rule=True)])
    assert [item.evidence for item in report.findings] == ["new"]
    assert any("1 hit(s) on lines that the change left alone" in note for note in report.notes)


def test_a_severity_of_the_configuration_wins(change: MakeChange, rule: MakeRule) -> None:
    configuration = Configuration(severities={"OWN001": Severity.INFO})
    report = check(change(), rules=[rule(answers=(Hit("", "seen"),))], configuration=configuration)
    assert report.findings[0].severity is Severity.INFO
    assert report.ok


def test_a_note_says_which_subjects_were_not_in_the_call(change: MakeChange) -> None:
    notes = " ".join(check(change()).notes)
    assert "Clauses about the reply have no verdict" in notes
    assert "Clauses about the inputs have no verdict" in notes


def test_a_rule_is_asked_with_the_parameters_of_the_call(change: MakeChange, rule: MakeRule) -> None:
    seen: list[Parameters] = []
    own = replace(rule(), check=lambda context: seen.append(context.parameters) or ())
    given = Parameters()
    check(change(), rules=[own], parameters=given)
    assert seen[0] is given


def test_a_rule_is_found_by_its_code() -> None:
    assert rule_named("CAP001").clauses == ("CONS-02",)
    with pytest.raises(UsageError, match="no rule 'CAP'"):
        rule_named("CAP")


PATHS = st.sampled_from(
    [
        "docs/a.md",
        "src/a.py",
        "src/a.ts",
        "db/migrations/0001_a.up.sql",
        "../x",
        "package.json",
        "openapi.json",
        "a/b.go",
    ]
)
TEXTS = st.one_of(
    st.text(max_size=80),
    st.sampled_from(
        ["{", "import os\n", "\ud800", "\0", "import (\n", '{"openapi": "3.0.3"}', "SELECT * FROM t;\n" * 3]
    ),
)
ORIGINS = st.sampled_from(["caller", "reply", "git", "directory"])


@given(st.dictionaries(PATHS, TEXTS, max_size=6), ORIGINS)
def test_any_change_ends_in_a_report_in_which_no_rule_broke_down(files: dict[str, str], origin: str) -> None:
    made = Change(tuple(FileChange(path, text) for path, text in files.items()), origin=origin)
    report = check(made, inputs=bundle({}), today=date(2026, 1, 1))
    assert [row.reason for row in report.verdicts if "stopped with" in row.reason] == []


@given(st.text(max_size=300))
def test_any_reply_ends_in_a_report_in_which_no_rule_broke_down(text: str) -> None:
    report = check(parse_reply(text))
    assert [row.reason for row in report.verdicts if "stopped with" in row.reason] == []


@given(st.integers(0, len(sample_reply())), st.integers(0, 60))
def test_a_reply_with_a_piece_cut_out_ends_in_a_report(start: int, length: int) -> None:
    text = sample_reply()
    report = check(parse_reply(text[:start] + text[start + length :]))
    assert isinstance(parse_reply(text), Reply)
    assert [row.reason for row in report.verdicts if "stopped with" in row.reason] == []


def test_a_mapping_is_no_base_and_the_error_says_how_to_make_one() -> None:
    with pytest.raises(UsageError) as caught:
        check(Change((FileChange("a.md", "A\n"),)), base={"a.md": "A\n"})  # type: ignore[arg-type]
    assert "SourceTree.from_mapping" in str(caught.value.hint)


@pytest.mark.parametrize("text", ["a\rb\nx = 1\n", "a\r\rx = 1\r"])
def test_a_hit_counts_where_line_numbers_cannot_be_compared(rule: MakeRule, text: str) -> None:
    line_rule = rule(answers=(Hit("a.py", "seen", (3, 3)),), line_rule=True)
    made = Change((FileChange("a.py", text, action="modify", changed_lines=((1, 1),)),), origin="git")
    assert [item.code for item in check(made, rules=[line_rule]).findings] == [line_rule.code]
    plain = made.with_files((replace(made.files[0], content=text.replace("\r", "\n")),))
    assert check(plain, rules=[line_rule]).findings == ()


TOKEN = "ghp" + "_" + "k7Qm2vR9xT4wZ8bN5cL1sD6fG3hJ0pAyE2uB"


@pytest.mark.parametrize("quoted", [TOKEN, TOKEN[:24], TOKEN[-20:], f"`{TOKEN[:30]}...`", f"~1{TOKEN}"])
def test_a_credential_that_a_quotation_cuts_is_taken_out(rule: MakeRule, quoted: str) -> None:
    cut = rule(answers=(Hit("a.py", f"seen: {quoted}", (1, 1), title=f"about {quoted}"),))
    made = Change((FileChange("a.py", f'token = "{TOKEN}"\n'),), origin="git")
    found = check(made, rules=[cut]).findings[0]
    shown = found.evidence + found.title
    assert not any(TOKEN[at : at + 9] in shown for at in range(len(TOKEN) - 8))
    assert "[redacted sha256:" in found.evidence


def test_a_password_is_taken_out_where_nothing_tells_that_it_is_one(rule: MakeRule) -> None:
    password = "hG7kL2mN9pQ4rS6t" + "V8x"
    quotes = rule(answers=(Hit("b.py", f"SELECT '{password}'", (1, 1)),))
    files = (FileChange("a.py", f'password = "{password}"\n'), FileChange("b.py", f"q('{password}')\n"))
    report = check(Change(files, origin="git"), rules=[quotes, "SEC401"])
    assert all(password not in item.evidence for item in report.findings)
