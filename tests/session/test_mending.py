"""Facts about what a repair asks for and what stays pinned."""

import pytest

from backend_engineer import FileChange
from backend_engineer.contract import Category, FindingType, Severity
from backend_engineer.outputs import (
    CommandOutcome,
    CommandReport,
    Finding,
    MigrationReport,
    PairOutcome,
    PairVerdict,
    Report,
    Where,
)
from backend_engineer.session.mending import failures, mendable, review_faults, to_mend, wanted_paths
from backend_engineer.session.mending import finding as own_finding

ACCEPTED = [FileChange(path, "x\n") for path in ("src/a.py", "src/b.py", "tests/test_a.py")]


def finding(
    path: str = "", evidence: str = "", code: str | None = None, severity: Severity = Severity.MAJOR
) -> Finding:
    return Finding(
        type=FindingType.EVIDENCE,
        category=Category.TESTING,
        severity=severity,
        title="t",
        where=Where(path=path),
        evidence=evidence,
        recommendation="r",
        code=code,
    )


@pytest.mark.parametrize(
    ("findings", "wanted", "everything"),
    [
        ([finding("src/a.py")], ("src/a.py",), False),
        ([finding("docs/planned.md")], ("docs/planned.md",), False),
        ([finding(evidence='File "src/b.py", line 3')], ("src/b.py",), False),
        ([finding(evidence="src/b.py and tests/test_a.py")], ("src/b.py", "tests/test_a.py"), False),
        ([finding(evidence="tests/test_a.py:3: AssertionError")], (), True),
        ([finding(evidence="Segmentation fault")], (), True),
        ([finding(evidence="other/src/a.py, src/a.pyc")], (), True),
        ([finding("src/a.py"), finding(evidence="exit code 1")], (), True),
        ([finding(code="SHP001", evidence="no tests")], (), False),
        ([finding(code="SHP001"), finding("src/a.py")], ("src/a.py",), False),
        ([finding("base/file.py")], (), True),
    ],
)
def test_a_repair_asks_for_what_is_to_blame_and_no_more(
    findings: list[Finding], wanted: tuple[str, ...], everything: bool
) -> None:
    assert wanted_paths(findings, ACCEPTED, ("docs/planned.md",)) == (wanted, everything)


@pytest.mark.parametrize(
    ("code", "severity", "can"),
    [
        ("SQL301", Severity.MAJOR, True),
        ("SQL301", Severity.MINOR, False),
        ("CHK001", Severity.MAJOR, False),
        ("PLN003", Severity.MAJOR, False),
        ("ATT001", Severity.MAJOR, False),
        ("FND001", Severity.BLOCKER, False),
        (None, Severity.CRITICAL, True),
    ],
)
def test_only_violations_that_files_can_mend_go_back(code: str | None, severity: Severity, can: bool) -> None:
    assert mendable(finding(code=code, severity=severity)) is can


@pytest.mark.parametrize(
    ("before", "after", "count"), [(0, 1, 1), (None, 1, 1), (1, 1, 0), (0, 0, 0), (0, None, 1)]
)
def test_a_command_is_blamed_on_the_change_only_when_it_was_fine_before(
    before: int | None, after: int | None, count: int
) -> None:
    outcome = CommandOutcome(kind="tests", argv=("t",), before=before, after=after, output="words")
    assert len(failures([CommandReport(outcomes=(outcome,))])) == count


def test_an_own_finding_carries_its_facts_and_a_fingerprint() -> None:
    made = own_finding("t", "e", "r", path="a", clauses=("FLOW-10",), code="OWN001")
    assert (made.title, made.evidence, made.recommendation) == ("t", "e", "r")
    assert (made.where.path, made.clauses, made.code) == ("a", ("FLOW-10",), "OWN001")
    assert (made.category, made.severity, made.type) == (Category.PLAN, Severity.MAJOR, FindingType.EVIDENCE)
    assert made.fingerprint == made.with_fingerprint().fingerprint is not None


def pair(verdict: PairVerdict, **facts: str | tuple[str, ...] | None) -> PairOutcome:
    return PairOutcome(
        **{"migration": "m", "forward": "m.up.sql", "rollback": "m.down.sql", "verdict": verdict, **facts}
    )


@pytest.mark.parametrize(
    ("verdict", "title", "path"),
    [
        (PairVerdict.FORWARD_FAILED, "The forward script fails", "m.up.sql"),
        (PairVerdict.ROLLBACK_FAILED, "The rollback fails", "m.down.sql"),
        (PairVerdict.REAPPLY_FAILED, "The forward script fails after its own rollback", "m.down.sql"),
        (PairVerdict.DIFFERENT, "The rollback does not restore the schema", "m.down.sql"),
    ],
)
def test_a_pair_that_failed_is_a_finding_at_the_script_to_blame(
    verdict: PairVerdict, title: str, path: str
) -> None:
    (found,) = failures([MigrationReport(dialect="sqlite", pairs=(pair(verdict),))])
    assert (found.title, found.where.path, found.clauses) == (title, path, ("MIGR-02",))
    assert (found.category, found.violates) == (Category.MIGRATIONS, True)


@pytest.mark.parametrize(
    "verdict",
    [
        PairVerdict.RESTORED,
        PairVerdict.COLUMN_ORDER,
        PairVerdict.REPRESENTATION,
        PairVerdict.NOT_RUN,
    ],
)
def test_a_pair_that_did_not_fail_is_no_finding(verdict: PairVerdict) -> None:
    assert failures([MigrationReport(dialect="sqlite", pairs=(pair(verdict),))]) == ()


@pytest.mark.parametrize(
    ("facts", "evidence"),
    [
        ({"message": "no t", "differences": ("- a: b",)}, "no t"),
        ({"differences": ("- a: b", "+ c: d")}, "- a: b\n+ c: d"),
        ({}, "The server gave no message."),
    ],
)
def test_the_evidence_of_a_pair_is_what_was_said_or_what_differs(
    facts: dict[str, str | tuple[str, ...]], evidence: str
) -> None:
    (found,) = failures([MigrationReport(dialect="sqlite", pairs=(pair(PairVerdict.DIFFERENT, **facts),))])
    assert found.evidence == evidence


def test_a_pair_without_a_rollback_is_found_at_its_forward_script() -> None:
    (found,) = failures(
        [MigrationReport(dialect="sqlite", pairs=(pair(PairVerdict.REAPPLY_FAILED, rollback=None),))]
    )
    assert found.where.path == "m.up.sql"


@pytest.mark.parametrize(
    ("output", "evidence"),
    [
        ("", "It printed nothing."),
        ("\n \n", "It printed nothing."),
        ("a b\n  c\n\n", "a b\n  c"),
        (
            "".join(f"{number}\n" for number in range(61)),
            "\n".join(str(number) for number in range(1, 61)),
        ),
    ],
    ids=["nothing", "blanks", "a little", "one line too many"],
)
def test_a_failed_command_shows_the_end_of_its_output(output: str, evidence: str) -> None:
    outcome = CommandOutcome(kind="tests", argv=("t",), before=0, after=1, output=output)
    (found,) = failures([CommandReport(outcomes=(outcome,))])
    assert found.evidence == evidence
    assert found.title == "The project's tests command fails with the change"
    assert (found.clauses, found.category, found.where.path) == (("FLOW-10",), Category.TESTING, "")


def test_the_failures_of_several_reports_stand_one_after_the_other() -> None:
    outcome = CommandOutcome(kind="tests", argv=("t",), before=0, after=1, output="words")
    pairs = MigrationReport(dialect="sqlite", pairs=(pair(PairVerdict.DIFFERENT),))
    commands = CommandReport(outcomes=(outcome,))
    found = failures([commands, pairs, pairs, commands])
    assert [item.where.path for item in found] == ["", "m.down.sql", "m.down.sql", ""]


def about(category: Category, path: str, code: str = "EXE002") -> Finding:
    return finding(path, code=code).model_copy(update={"category": category})


def test_what_really_ran_stands_for_the_rule_that_reports_it() -> None:
    ran = MigrationReport(dialect="sqlite", pairs=(pair(PairVerdict.ROLLBACK_FAILED, message="no b"),))
    findings = (
        about(Category.MIGRATIONS, "m.down.sql"),
        about(Category.MIGRATIONS, "m.up.sql"),
        about(Category.TESTING, "m.down.sql"),
        about(Category.MIGRATIONS, ""),
        about(Category.TESTING, "x", "CHK001"),
    )
    sent = to_mend(Report(findings=findings), [ran])
    assert [(item.category, item.where.path) for item in sent] == [
        (Category.MIGRATIONS, "m.up.sql"),
        (Category.TESTING, "m.down.sql"),
        (Category.MIGRATIONS, ""),
        (Category.MIGRATIONS, "m.down.sql"),
    ]
    assert sent[-1].evidence == "no b"


def test_only_violations_of_the_review_ask_for_a_new_review() -> None:
    findings = (
        finding("a", code="ATT001"),
        finding("b", code="FND002"),
        finding("c", code="FND003", severity=Severity.MINOR),
        finding("d", code="SQL301"),
        finding("e"),
    )
    assert [item.where.path for item in review_faults(Report(findings=findings))] == ["a", "b"]


@pytest.mark.parametrize(
    ("code", "can"),
    [("TRC001", False), ("ORD001", False), ("ORD002", True), ("SHP001", True), ("PAT001", True)],
)
def test_findings_about_the_words_around_the_files_do_not_go_back(code: str, can: bool) -> None:
    assert mendable(finding(code=code)) is can


@pytest.mark.parametrize(
    ("evidence", "wanted"),
    [
        ("src/a.py:3", ("src/a.py",)),
        ("'src/a.py'", ("src/a.py",)),
        ("(src/a.py)", ("src/a.py",)),
        ("src/a.py.bak and src/b.py", ("src/a.py", "src/b.py")),
        ("src/a.py-old, src/b.py", ("src/b.py",)),
        ("lib-src/a.py, src/b.py", ("src/b.py",)),
        ("src/b.py src/a.py", ("src/a.py", "src/b.py")),
    ],
)
def test_a_file_is_named_where_its_whole_path_stands(evidence: str, wanted: tuple[str, ...]) -> None:
    assert wanted_paths([finding(evidence=evidence)], ACCEPTED, ()) == (wanted, False)


@pytest.mark.parametrize("code", ["SHP001", "PTH001", "PAT001"])
def test_what_is_absent_opens_no_file(code: str) -> None:
    assert wanted_paths([finding("gone.md", "src/a.py", code), finding("src/b.py")], ACCEPTED, ()) == (
        ("src/b.py",),
        False,
    )
