"""GitHub workflow commands."""

from __future__ import annotations

from collections.abc import Callable

from backend_engineer.contract import Severity
from backend_engineer.outputs import Finding, Report, Where
from backend_engineer.reporting import to_github


def test_a_finding_becomes_one_command_with_file_lines_and_title(
    make_finding: Callable[..., Finding], make_report: Callable[..., Report]
) -> None:
    line = to_github(make_report(make_finding()))
    assert line == (
        "::error endLine=129,file=src/users.py,line=88,title=major%3A No guard at this route (AUTH001)"
        "::No guard at this route%0Athe route changes a user%0Aand asks nobody%0AAsk the policy before the change.\n"
    )


def test_percent_signs_colons_and_commas_are_escaped(
    make_finding: Callable[..., Finding], make_report: Callable[..., Report]
) -> None:
    report = make_report(make_finding(where=Where(path="a,b:c%.py"), title="100%, done"))
    assert "file=a%2Cb%3Ac%25.py" in to_github(report)
    assert "title=major%3A 100%25%2C done" in to_github(report)


def test_the_weightiest_come_first_and_a_last_notice_counts_what_was_left_out(
    make_finding: Callable[..., Finding], make_report: Callable[..., Report]
) -> None:
    minor = [make_finding(severity=Severity.MINOR, title=f"minor {number}") for number in range(12)]
    report = make_report(*minor, make_finding(severity=Severity.BLOCKER, title="worst"))
    lines = to_github(report).splitlines()
    assert "worst" in lines[0]
    assert sum(line.startswith("::warning") for line in lines) == 10
    assert lines[-1] == "::notice title=backend-engineer::2 more finding(s) are not shown as annotations."


def test_notices_leave_room_for_the_one_that_counts(
    make_finding: Callable[..., Finding], make_report: Callable[..., Report]
) -> None:
    infos = [make_finding(severity=Severity.INFO, title=f"info {number}") for number in range(11)]
    lines = to_github(make_report(*infos)).splitlines()
    assert len(lines) == 10
    assert lines[-1].endswith("::2 more finding(s) are not shown as annotations.")


def test_ten_notices_and_no_more_are_all_shown(
    make_finding: Callable[..., Finding], make_report: Callable[..., Report]
) -> None:
    infos = [make_finding(severity=Severity.INFO, title=f"info {number}") for number in range(10)]
    lines = to_github(make_report(*infos)).splitlines()
    assert len(lines) == 10
    assert "more finding" not in lines[-1]


def test_nothing_is_printed_for_a_clean_report(clean_report: Report) -> None:
    assert to_github(clean_report) == ""
