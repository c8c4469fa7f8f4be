"""One verdict a clause: the worst stands, nothing found is not proof, what was not looked at is said."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_engineer.contract import CLAUSES, Severity, Subject, Verdict
from backend_engineer.errors import UsageError
from backend_engineer.outputs import Change, CommandReport, FileChange, MigrationReport
from backend_engineer.parsing import Reply
from backend_engineer.rules import Hit, Need, Rule, RunFacts, Silence, check
from backend_engineer.rules.examples import bundle
from backend_engineer.rules.reply.samples import attestations, sample_reply
from backend_engineer.workspace import change_from_diff

MakeRule = Callable[..., Rule]
MakeChange = Callable[..., Change]


def test_an_exact_rule_that_finds_nothing_holds_its_clause(rule: MakeRule, change: MakeChange) -> None:
    assert check(change(), rules=[rule()]).clauses == {"CONS-02": Verdict.HELD}


def test_a_heuristic_that_finds_nothing_needs_review_and_says_what_to_ask(
    rule: MakeRule, change: MakeChange
) -> None:
    (row,) = check(change(), rules=[rule(exact=False)]).verdicts
    assert row.verdict is Verdict.NEEDS_REVIEW
    assert "Is it so?" in row.reason
    assert "everywhere" in row.reason
    assert "a look" in row.reason


@pytest.mark.parametrize("severity", list(Severity))
def test_only_blocker_critical_and_major_violate(
    rule: MakeRule, change: MakeChange, severity: Severity
) -> None:
    report = check(change(), rules=[rule(answers=(Hit("docs/a.md", "seen"),), severity=severity)])
    failing = severity in (Severity.BLOCKER, Severity.CRITICAL, Severity.MAJOR)
    assert (report.clauses["CONS-02"] is Verdict.VIOLATED) == failing
    assert report.ok is not failing
    assert len(report.findings) == 1


@pytest.mark.parametrize("exact", [True, False])
def test_a_finding_that_does_not_violate_is_neither_held_nor_passed_over(
    rule: MakeRule, change: MakeChange, exact: bool
) -> None:
    report = check(
        change(), rules=[rule(answers=(Hit("docs/a.md", "seen"),), severity=Severity.MINOR, exact=exact)]
    )
    assert report.clauses == {"CONS-02": Verdict.NEEDS_REVIEW}
    assert "1 finding(s) that do not violate" in report.verdicts[0].reason
    assert report.ok


def test_a_remark_beside_an_exact_check_is_told_and_takes_nothing_away(
    rule: MakeRule, change: MakeChange
) -> None:
    report = check(change(), rules=[rule(answers=(Hit("docs/a.md", "seen"),), severity=Severity.INFO)])
    assert report.clauses == {"CONS-02": Verdict.HELD}
    assert "1 finding(s) that do not violate" in report.verdicts[0].reason


def test_a_rule_that_breaks_down_leaves_its_clause_unchecked(rule: MakeRule, change: MakeChange) -> None:
    report = check(change(), rules=[rule(raises=ZeroDivisionError("by zero"))])
    assert report.clauses == {"CONS-02": Verdict.NOT_CHECKED}
    assert "OWN001 stopped with ZeroDivisionError" in report.unchecked["CONS-02"]
    assert not report.ok


def test_the_breakdown_of_a_rule_shows_no_secret(rule: MakeRule, change: MakeChange) -> None:
    token = "ghp" + "_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    report = check(change(), rules=[rule(raises=ValueError(f"cannot read {token}"))])
    assert token not in report.unchecked["CONS-02"]


@pytest.mark.parametrize(
    ("need", "hint"),
    [
        (Need.REPLY, "pass the parsed reply"),
        (Need.INPUTS, "pass `inputs=`"),
        (Need.BASE, "pass `base=`"),
        (Need.MIGRATION_REPORT, "verify_migrations"),
        (Need.COMMAND_REPORT, "verify_commands"),
        (Need.RUN, "a session passes"),
    ],
)
def test_an_absent_argument_leaves_the_clause_unchecked_and_says_what_to_pass(
    rule: MakeRule, change: MakeChange, need: Need, hint: str
) -> None:
    report = check(change(), rules=[rule(needs=(need,))])
    assert report.clauses == {"CONS-02": Verdict.NOT_CHECKED}
    assert hint in report.unchecked["CONS-02"]


def test_an_absent_extra_leaves_the_clause_unchecked(
    rule: MakeRule, change: MakeChange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend_engineer.rules.found.find_spec", lambda name: None)
    report = check(change(), rules=[rule(needs=(Need.EXTRA_CODE,))])
    assert "backend-engineer[code]" in report.unchecked["CONS-02"]


VERDICTS = st.sampled_from([verdict for verdict in Verdict if verdict is not Verdict.VIOLATED])


@given(st.lists(VERDICTS, min_size=1, max_size=5), st.booleans())
def test_of_several_rules_the_worst_stands(verdicts: list[Verdict], hit: bool) -> None:
    from backend_engineer.contract import Category

    def made(number: int, answer: Hit | Silence) -> Rule:
        return Rule(
            code=f"OWN{number:03}",
            title="Something",
            clauses=("CONS-02",),
            severity=Severity.MAJOR,
            category=Category.PLAN,
            reason="It matters.",
            recommendation="Mend it.",
            check=lambda context: (answer,),
        )

    answers: list[Hit | Silence] = [Silence(verdict, "so it is") for verdict in verdicts]
    answers += [Hit("", "seen")] if hit else []
    report = check(Change(), rules=[made(number, answer) for number, answer in enumerate(answers)])
    worst = Verdict.VIOLATED if hit else Verdict.worst(verdicts)
    assert report.clauses == {"CONS-02": worst}


def test_a_diff_without_its_base_leaves_every_clause_about_the_change_unchecked() -> None:
    made = change_from_diff("--- a/src/a.py\n+++ b/src/a.py\n@@ -1,1 +1,2 @@\n import os\n+KEY = 1\n")
    about_it = [row for row in check(made).verdicts if CLAUSES[row.clause].subject is Subject.CHANGE]
    assert {row.verdict for row in about_it} == {Verdict.NOT_CHECKED}
    assert "`src/a.py` came as a diff" in check(made).unchecked["CONS-02"]


@pytest.mark.parametrize("day", [datetime(2026, 1, 1, 12), date(2026, 1, 1)])
def test_a_day_may_be_a_point_in_time(change: MakeChange, day: date) -> None:
    text = (
        "# backend-engineer: "
        + "allow ELI001 until 2026-01-01 because it is printed\n# ... rest of the code ...\n"
    )
    made = change({"config/app.sh": text})
    assert check(made, today=day).suppressed == check(made, today=date(2026, 1, 1)).suppressed


def test_a_day_in_words_is_refused_by_name(change: MakeChange) -> None:
    words: Any = "2026-01-01"
    with pytest.raises(UsageError, match="today is a str"):
        check(change(), today=words)


def test_a_silence_narrowed_to_a_clause_leaves_the_others_alone(rule: MakeRule, change: MakeChange) -> None:
    silence = Silence(Verdict.NOT_APPLICABLE, "no such thing", ("CONS-06",))
    report = check(change(), rules=[rule(clauses=("CONS-02", "CONS-06"), answers=(silence,))])
    assert report.clauses == {"CONS-02": Verdict.HELD, "CONS-06": Verdict.NOT_APPLICABLE}


def test_a_hit_may_violate_one_clause_of_its_rule_only(rule: MakeRule, change: MakeChange) -> None:
    hit = Hit("docs/a.md", "seen", clauses=("CONS-06",))
    report = check(change(), rules=[rule(clauses=("CONS-02", "CONS-06"), answers=(hit,))])
    assert report.clauses == {"CONS-02": Verdict.HELD, "CONS-06": Verdict.VIOLATED}


TWO = (Hit("docs/a.md", "seen", (2, 3)), Hit("docs/a.md", "seen", (5, 5)))
FOUND = "OWN001: 1 finding(s) that do not violate: Something is wrong."
NOTHING = (
    "OWN001 found nothing, which proves nothing. Ask: Is it so? Look at everywhere. What settles it: a look."
)


@pytest.mark.parametrize(
    ("answers", "severity", "exact", "reason"),
    [
        (TWO, Severity.MAJOR, True, "OWN001: Something is wrong, docs/a.md:2-3 (and 1 more)"),
        (TWO[:1], Severity.MAJOR, False, "OWN001: Something is wrong, docs/a.md:2-3"),
        ((Hit("docs/a.md", "seen"),), Severity.MAJOR, True, "OWN001: Something is wrong, docs/a.md"),
        ((Hit("", "seen"),), Severity.MAJOR, True, "OWN001: Something is wrong"),
        ((Hit("docs/a.md", "seen"),), Severity.MINOR, True, FOUND),
        ((Hit("docs/a.md", "seen"),), Severity.MINOR, False, f"{FOUND} Ask: Is it so?"),
        ((), Severity.MAJOR, True, "OWN001 found nothing against it."),
        ((), Severity.MAJOR, False, NOTHING),
        ((Silence(Verdict.NOT_APPLICABLE, "no such thing"),), Severity.MAJOR, True, "OWN001: no such thing"),
    ],
)
def test_a_verdict_says_which_rule_speaks_and_what_it_saw(
    rule: MakeRule,
    change: MakeChange,
    answers: tuple[Hit | Silence, ...],
    severity: Severity,
    exact: bool,
    reason: str,
) -> None:
    (row,) = check(change(), rules=[rule(answers=answers, severity=severity, exact=exact)]).verdicts
    assert (row.reason, row.rules) == (reason, ("OWN001",))


def test_a_verdict_names_every_rule_that_spoke_and_none_twice(rule: MakeRule, change: MakeChange) -> None:
    silences = (Silence(Verdict.HELD, "one"), Silence(Verdict.HELD, "two"))
    (row,) = check(change(), rules=[rule(answers=silences), rule(code="OWN002")]).verdicts
    assert row.rules == ("OWN001", "OWN002")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["CAP001"], "the caller left out CAP001."),
        (["CAP001", "CONS-02"], "the caller left out CAP001, CONS-02."),
    ],
)
def test_a_clause_whose_rules_were_left_out_says_by_what(
    change: MakeChange, words: list[str], reason: str
) -> None:
    (row,) = (row for row in check(change(), ignore=words).verdicts if row.clause == "CONS-02")
    assert (row.verdict, row.reason) == (Verdict.NOT_CHECKED, reason)


@pytest.mark.parametrize(
    ("clause", "verdict", "reason"),
    [
        ("PURP-01", Verdict.NEEDS_REVIEW, CLAUSES["PURP-01"].judgement),
        ("CONS-05", Verdict.NOT_CHECKED, "only running shows it; pass the reports in `verified=`."),
        ("CONS-06", Verdict.NOT_CHECKED, "no rule of this call speaks of it."),
        ("CONS-04", Verdict.NOT_CHECKED, "made of SECU-02: no rule of this call speaks of it."),
    ],
)
def test_a_clause_that_nothing_speaks_of_says_what_it_would_take(
    rule: MakeRule, change: MakeChange, clause: str, verdict: Verdict, reason: str
) -> None:
    report = check(change(), rules=[rule()], select=[clause, "OWN001"])
    (row,) = (row for row in report.verdicts if row.clause == clause)
    assert (row.verdict, row.reason, row.rules) == (verdict, reason, ())


# -- derived clauses --------------------------------------------------------------------------------------


def test_a_derived_clause_takes_the_worst_of_its_sources(reply: Callable[[str], Reply]) -> None:
    text = sample_reply(plan=None)
    report = check(reply(text))
    assert report.clauses["PROT-02"] is Verdict.VIOLATED
    assert report.clauses["CHEK-01"] is Verdict.VIOLATED


def test_every_derived_clause_is_at_least_as_bad_as_each_source_in_the_call(
    reply: Callable[[str], Reply],
) -> None:
    report = check(reply(sample_reply()), run=RunFacts())
    for clause in CLAUSES.values():
        for source in clause.derived_from:
            if clause.id in report.clauses and source in report.clauses:
                assert report.clauses[clause.id].rank <= report.clauses[source].rank


def test_selecting_a_derived_clause_runs_the_rules_of_its_sources(reply: Callable[[str], Reply]) -> None:
    report = check(reply(sample_reply(plan=None)), select=["CHEK-01"])
    assert report.clauses == {"CHEK-01": Verdict.VIOLATED}


# -- attestations -----------------------------------------------------------------------------------------


def attested(reply: Callable[[str], Reply], **facts: str) -> Reply:
    return reply(sample_reply(claimed=attestations(**facts)))


def test_a_claim_whose_quote_stands_is_attested(reply: Callable[[str], Reply]) -> None:
    report = check(attested(reply))
    assert report.clauses["FLOW-04"] is Verdict.ATTESTED


def test_a_clause_that_nobody_attests_needs_review(reply: Callable[[str], Reply]) -> None:
    report = check(reply(sample_reply()))
    assert report.clauses["FLOW-04"] is Verdict.NEEDS_REVIEW


def test_a_change_without_its_reply_attests_nothing(change: MakeChange) -> None:
    assert check(change()).clauses["FLOW-04"] is Verdict.NEEDS_REVIEW


def test_a_false_claim_violates_what_it_claims(reply: Callable[[str], Reply]) -> None:
    report = check(attested(reply, quote="users.lock(user_id)"))
    assert report.clauses["FLOW-04"] is Verdict.VIOLATED


def test_a_claim_at_the_wrong_lines_attests_nothing(reply: Callable[[str], Reply]) -> None:
    report = check(attested(reply, lines="1"))
    assert report.clauses["FLOW-04"] is Verdict.NEEDS_REVIEW


def test_a_claim_answers_the_question_of_a_heuristic(rule: MakeRule, reply: Callable[[str], Reply]) -> None:
    report = check(attested(reply), rules=[rule(clauses=("FLOW-04",), exact=False)])
    assert report.clauses == {"FLOW-04": Verdict.ATTESTED}


@pytest.mark.parametrize(("exact", "verdict"), [(False, Verdict.ATTESTED), (True, Verdict.NEEDS_REVIEW)])
def test_a_claim_answers_the_small_finding_of_a_heuristic_and_not_of_an_exact_rule(
    rule: MakeRule, reply: Callable[[str], Reply], exact: bool, verdict: Verdict
) -> None:
    hits = (Hit("docs/a.md", "seen"),)
    own = rule(clauses=("FLOW-04",), answers=hits, severity=Severity.MINOR, exact=exact)
    assert check(attested(reply), rules=[own]).clauses == {"FLOW-04": verdict}


def test_an_attested_clause_says_where_its_quote_stands(reply: Callable[[str], Reply]) -> None:
    (row,) = check(attested(reply), select=["FLOW-04"]).verdicts
    assert row.reason == "attested by the reply at src/services/login.py:3, where its quote stands."


def test_an_unattested_clause_says_what_is_missing(reply: Callable[[str], Reply], change: MakeChange) -> None:
    judged = (reply(sample_reply()), attested(reply, lines="1"), change())
    reasons = [check(subject, select=["FLOW-04"]).verdicts[0].reason for subject in judged]
    assert [reason.partition(" Ask: ")[0] for reason in reasons] == [
        "the reply does not attest it.",
        "the reply's attestation does not stand where it says (elsewhere).",
        "only an attestation could serve it, and a change without its reply carries none.",
    ]


def test_a_claim_answers_a_heuristic_that_cannot_tell(rule: MakeRule, reply: Callable[[str], Reply]) -> None:
    silence = Silence(Verdict.NEEDS_REVIEW, "no service was recognised")
    report = check(attested(reply), rules=[rule(clauses=("FLOW-04",), answers=(silence,), exact=False)])
    assert report.clauses == {"FLOW-04": Verdict.ATTESTED}


def test_a_claim_does_not_answer_what_an_exact_rule_wants_reviewed(
    rule: MakeRule, reply: Callable[[str], Reply]
) -> None:
    silence = Silence(Verdict.NEEDS_REVIEW, "two services write the same row")
    report = check(attested(reply), rules=[rule(clauses=("FLOW-04",), answers=(silence,))])
    assert report.clauses == {"FLOW-04": Verdict.NEEDS_REVIEW}


def test_a_claim_does_not_outweigh_a_violation(rule: MakeRule, reply: Callable[[str], Reply]) -> None:
    report = check(attested(reply), rules=[rule(clauses=("FLOW-04",), answers=(Hit("", "seen"),))])
    assert report.clauses == {"FLOW-04": Verdict.VIOLATED}


def test_a_clause_that_does_not_apply_needs_no_claim(rule: MakeRule, reply: Callable[[str], Reply]) -> None:
    silence = Silence(Verdict.NOT_APPLICABLE, "no events here")
    report = check(reply(sample_reply()), rules=[rule(clauses=("FLOW-06",), answers=(silence,))])
    assert report.clauses == {"FLOW-06": Verdict.NOT_APPLICABLE}


def test_a_clause_that_a_rule_has_shown_needs_no_claim(rule: MakeRule, reply: Callable[[str], Reply]) -> None:
    silence = Silence(Verdict.HELD, "the handler stands at line 3")
    report = check(reply(sample_reply()), rules=[rule(clauses=("RELI-04",), answers=(silence,))])
    assert report.clauses == {"RELI-04": Verdict.HELD}


def test_a_clause_that_wants_both_a_check_and_a_claim_needs_review_without_the_claim(
    rule: MakeRule, reply: Callable[[str], Reply]
) -> None:
    report = check(reply(sample_reply()), rules=[rule(clauses=("APID-02",))])
    assert report.clauses == {"APID-02": Verdict.NEEDS_REVIEW}


# -- scope ------------------------------------------------------------------------------------------------


def ids(*subjects: Subject) -> list[str]:
    return [row.id for row in CLAUSES.values() if row.subject in subjects]


def test_a_change_alone_has_a_verdict_for_each_clause_about_changes(change: MakeChange) -> None:
    assert list(check(change()).clauses) == ids(Subject.CHANGE)


def test_a_reply_adds_the_clauses_about_replies(reply: Callable[[str], Reply]) -> None:
    report = check(reply(sample_reply()))
    assert list(report.clauses) == ids(Subject.CHANGE, Subject.REPLY)


def test_the_facts_of_a_run_add_the_clauses_about_runs(change: MakeChange) -> None:
    assert list(check(change(), run=RunFacts()).clauses) == ids(Subject.CHANGE, Subject.RUN)


def test_inputs_add_the_clauses_about_inputs(change: MakeChange) -> None:
    report = check(change(), inputs=bundle({}))
    assert list(report.clauses) == ids(Subject.CHANGE, Subject.INPUTS)
    assert report.clauses["INPT-02"] is Verdict.NOT_CHECKED


def test_the_report_names_the_subjects_of_the_call(change: MakeChange, reply: Callable[[str], Reply]) -> None:
    assert check(change()).subjects == (Subject.CHANGE,)
    every = check(reply(sample_reply()), inputs=bundle({}), run=RunFacts()).subjects
    assert set(every) == {Subject.CHANGE, Subject.REPLY, Subject.INPUTS, Subject.RUN}


def test_clauses_about_the_library_never_appear(reply: Callable[[str], Reply]) -> None:
    report = check(reply(sample_reply()), inputs=bundle({}), run=RunFacts())
    assert not set(ids(Subject.LIBRARY)) & set(report.clauses)
    assert len(report.clauses) == len(CLAUSES) - len(ids(Subject.LIBRARY))


def test_every_verdict_gives_a_reason(reply: Callable[[str], Reply]) -> None:
    report = check(reply(sample_reply()), inputs=bundle({}), run=RunFacts())
    assert [row.clause for row in report.verdicts if not row.reason.strip()] == []


def test_totals_count_each_verdict_once_for_its_subject(reply: Callable[[str], Reply]) -> None:
    report = check(reply(sample_reply()))
    assert sum(report.totals[Subject.REPLY].values()) == len(ids(Subject.REPLY))
    assert sum(report.totals[Subject.CHANGE].values()) == len(ids(Subject.CHANGE))


def test_a_clause_that_only_running_shows_says_so_without_a_report(change: MakeChange) -> None:
    scripts = {
        "db/migrations/0001_a.up.sql": "-- OPERATIONS: short.\nCREATE TABLE a (id INTEGER);\n-- VERIFY: SELECT 1 FROM a;\n",
        "db/migrations/0001_a.down.sql": "DROP TABLE a;\n",
    }
    report = check(change(scripts))
    assert "verify_migrations" in report.unchecked["MIGR-02"]


def test_a_report_about_other_scripts_counts_for_nothing(change: MakeChange) -> None:
    scripts = {
        "db/migrations/0001_a.up.sql": "CREATE TABLE a (id INTEGER);\n",
        "db/migrations/0001_a.down.sql": "DROP TABLE a;\n",
    }
    foreign = MigrationReport(dialect="sqlite", files=dict.fromkeys(scripts, "0" * 64))
    report = check(change(scripts), verified=[foreign], select=["EXE002"])
    assert "another text" in report.unchecked["MIGR-02"]


def test_a_command_report_about_another_change_counts_for_nothing(change: MakeChange) -> None:
    foreign = CommandReport(change="0" * 64)
    report = check(change(), verified=foreign)
    assert "another change" in report.unchecked["FLOW-10"]


@pytest.mark.parametrize("path", ["src/a.py", "db/0002_x.up.sql", "config/app.yaml", "Dockerfile", ".env"])
def test_source_in_another_encoding_is_not_checked_and_never_passes(path: str) -> None:
    made = Change((FileChange(path, None, language="binary"),), origin="git")
    report = check(made)
    rows = [row for row in report.verdicts if CLAUSES[row.clause].subject is Subject.CHANGE]
    assert {row.verdict for row in rows} == {Verdict.NOT_CHECKED}
    assert f"`{path}` is no text in UTF-8" in report.unchecked["CONS-01"]


@pytest.mark.parametrize(
    ("path", "language", "action"),
    [("a.png", "binary", "add"), ("tests/data/latin.txt", "binary", "add"), ("vendor/sub", "link", "modify")],
)
def test_what_is_no_source_is_named_in_a_note(path: str, language: str, action: Any) -> None:
    made = Change((FileChange(path, None, language=language, action=action),), origin="git")
    report = check(made)
    assert report.clauses["CONS-02"] is Verdict.HELD
    assert any(note.endswith(f"not looked at: {path}.") for note in report.notes)


def test_nothing_is_said_of_a_file_that_is_gone() -> None:
    made = Change((FileChange("src/a.py", None, language="binary", action="delete"),), origin="git")
    report = check(made)
    assert not any("looked at" in note for note in report.notes)
    assert report.clauses["CONS-02"] is Verdict.HELD


def test_a_change_without_files_says_so() -> None:
    assert any("holds no file" in note for note in check(Change(origin="git")).notes)


def test_a_waiver_of_a_clause_that_is_not_in_the_call_is_told() -> None:
    made = Change((FileChange("docs/a.md", "# A\n"),))
    told = [
        note
        for note in check(made, waive={"INPT-02": "later", "CONS-05": "nightly"}).notes
        if "waive" in note
    ]
    assert told == ["The waiver of INPT-02 had nothing to waive: the call gives it no verdict."]
