"""Facts about what a repair asks for and what stays pinned."""

import pytest

from backend_engineer import FileChange
from backend_engineer.contract import Category, FindingType, Severity
from backend_engineer.outputs import CommandOutcome, CommandReport, Finding, Where
from backend_engineer.session.mending import failures, mendable, wanted_paths

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
