"""GitLab Code Quality, held against a strict model of its documented fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from backend_engineer.outputs import Finding, Report, Where
from backend_engineer.reporting import to_gitlab


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Lines(Strict):
    begin: int = Field(ge=1)
    end: int = Field(ge=1)


class Location(Strict):
    path: str = Field(min_length=1, pattern=r"^[^/]")
    lines: Lines


class Issue(Strict):
    description: str = Field(min_length=1)
    check_name: str = Field(min_length=1)
    fingerprint: str = Field(pattern=r"^[0-9a-f]{32}$")
    severity: Literal["info", "minor", "major", "critical", "blocker"]
    location: Location


ISSUES = TypeAdapter(list[Issue])


def test_every_entry_has_the_documented_fields_and_no_others(full_report: Report) -> None:
    issues = ISSUES.validate_json(to_gitlab(full_report, anchor="db/first.sql"))
    assert [issue.severity for issue in issues] == [item.severity for item in full_report.findings]


def test_fingerprints_never_collide(
    make_finding: Callable[..., Finding], make_report: Callable[..., Report]
) -> None:
    issues = ISSUES.validate_json(to_gitlab(make_report(*[make_finding() for _ in range(5)])))
    assert len({issue.fingerprint for issue in issues}) == 5


def test_a_leading_dot_slash_is_taken_off(
    make_finding: Callable[..., Finding], make_report: Callable[..., Report]
) -> None:
    issues = ISSUES.validate_json(
        to_gitlab(make_report(make_finding(where=Where(path="././a.py", lines="7"))))
    )
    assert (issues[0].location.path, issues[0].location.lines.begin) == ("a.py", 7)


def test_a_clean_report_is_an_empty_array(clean_report: Report) -> None:
    assert ISSUES.validate_json(to_gitlab(clean_report)) == []
