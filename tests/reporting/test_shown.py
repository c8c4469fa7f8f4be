"""What a report holds and no export may show: credentials wherever they stand, texts without end, a runner's commands."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_engineer.contract import Category, FindingType, Severity, Verdict
from backend_engineer.outputs import ClauseVerdict, Finding, Report, Where
from backend_engineer.reporting import (
    to_github,
    to_gitlab,
    to_html,
    to_json,
    to_junit,
    to_markdown,
    to_rdjson,
    to_rdjsonl,
    to_sarif,
    to_text,
)
from backend_engineer.reporting.shown import LONGEST, shown

KEY = "AKIA" + "Q7ZJ4TR5WX2MB3NK"
EXPORTS: dict[str, Callable[[Report], str]] = {
    "text": to_text,
    "findings": to_json,
    "strict": lambda report: to_json(report, "strict"),
    "json": lambda report: to_json(report, "report"),
    "sarif": to_sarif,
    "rdjson": to_rdjson,
    "rdjsonl": to_rdjsonl,
    "github": to_github,
    "gitlab": to_gitlab,
    "junit": to_junit,
    "markdown": to_markdown,
    "html": to_html,
}
every_export = pytest.mark.parametrize("name", EXPORTS)
COMMANDS = re.compile(r"(?m)^\s*::|##\w*\[")
"""What a runner reads as a command: two colons at a line's start, or a bracketed word after two hashes anywhere."""


def finding(**changes: object) -> Finding:
    fields: dict[str, object] = {
        "type": FindingType.EVIDENCE,
        "category": Category.SECURITY,
        "severity": Severity.MAJOR,
        "title": "A title",
        "where": Where(path="src/a.py", lines="3"),
        "evidence": "what was seen",
        "recommendation": "Mend it.",
        "code": "OWN001",
        "clauses": ("SECU-01",),
    }
    return Finding.model_validate(fields | changes).with_fingerprint()


def report_of(text: str) -> Report:
    """A report with the text in every place that takes one."""
    one = finding(
        title=text, where=Where(path=text, lines="1"), evidence=text, recommendation=text, code=f"OWN {text}"
    )
    row = ClauseVerdict(clause="SECU-01", verdict=Verdict.NOT_CHECKED, reason=text, waived=text)
    return Report(findings=(one,), verdicts=(row,), suppressed=(one,), notes=(text,))


@every_export
def test_a_credential_in_a_path_is_not_shown(name: str) -> None:
    found = finding(where=Where(path=f"config/{KEY}.json", lines="3"))
    assert KEY not in EXPORTS[name](Report(findings=(found,), suppressed=(found,)))


@every_export
def test_a_credential_in_any_text_is_not_shown(name: str) -> None:
    assert KEY not in EXPORTS[name](report_of(f"it reads {KEY} there"))


@pytest.mark.parametrize("export", [to_sarif, to_rdjson, to_rdjsonl, to_github, to_gitlab, to_junit])
def test_a_credential_in_the_path_that_stands_in_is_not_shown(export: Callable[..., str]) -> None:
    report = Report(findings=(finding(where=Where(path="")),))
    assert KEY not in export(report, anchor=f"config/{KEY}.json")


@every_export
def test_a_text_without_end_is_cut_and_says_so(name: str) -> None:
    text = EXPORTS[name](Report(findings=(finding(evidence="abc " * 25_000, title="t" * 100_000),)))
    assert len(text) < 20 * LONGEST
    assert "more characters" in text or "more\\ characters" in text


def test_a_credential_that_the_cut_would_halve_is_taken_out_first() -> None:
    whole = finding(evidence="x" * (LONGEST - 8) + " " + KEY)
    assert KEY[:7] not in shown(Report(findings=(whole,))).findings[0].evidence


def test_what_is_short_and_holds_no_credential_is_shown_as_it_is() -> None:
    report = Report(findings=(finding(),), notes=("a note",))
    assert shown(report) == report


@every_export
@pytest.mark.parametrize(
    "text",
    [
        "::error::x",
        "  ::set-env name=a::b",
        "see\n::stop-commands::word\nthere",
        "see\r\n::add-mask::x",
        "##[error]x",
        "a ##vso[task.setvariable variable=a]b",
        "##teamcity[buildStatus status='SUCCESS']",
        "\u00a0::error::x",
        "\u2028::error::x",
    ],
)
def test_no_line_of_an_export_is_a_command_of_a_runner(name: str, text: str) -> None:
    lines = EXPORTS[name](report_of(text))
    if name == "github":
        lines = re.sub(r"(?m)^::(?=(?:error|warning|notice) )", "", lines)
    assert not COMMANDS.search(lines)


SHARP = st.sampled_from(
    ["::", "##[", "##vso[", "#", "\n", "\r", " ", "\t", "\u2028", "\x85", "\x0b", "\u200b", "error::"]
)
TEXTS = st.lists(st.one_of(SHARP, st.text(max_size=4)), min_size=1, max_size=8).map("".join).filter(bool)


@settings(max_examples=60)
@given(TEXTS)
def test_whatever_a_text_says_no_export_holds_a_command_of_a_runner(text: str) -> None:
    report = report_of(text)
    for name, export in EXPORTS.items():
        lines = export(report)
        if name == "github":
            lines = re.sub(r"(?m)^::(?=(?:error|warning|notice) )", "", lines)
        assert not COMMANDS.search(lines), name


INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\U000e0041]"
)


@every_export
@pytest.mark.parametrize(
    "sign", ["\x9b2J", "\x1b[2J", "\u202e", "\u2066", "\u2028", "\ufeff", "\U000e0041", "\x7f"]
)
def test_no_export_holds_what_moves_a_cursor_or_hides_text(name: str, sign: str) -> None:
    assert not INVISIBLE.search(EXPORTS[name](report_of(f"a{sign}b")))


def test_json_gives_back_what_it_wrote_out() -> None:
    text = "a\x9b\u202e\u2028\U000e0041##[error]b"
    data = json.loads(to_json(Report(findings=(finding(evidence=text),))))
    assert data["findings"][0]["evidence"] == text
    line = json.loads(to_rdjsonl(Report(findings=(finding(evidence=text),))))
    assert json.loads(line["original_output"])["evidence"] == text


def test_a_link_in_a_text_is_none_in_sarif() -> None:
    message = json.loads(to_sarif(report_of("[click](https://e.example)")))["runs"][0]["results"][0][
        "message"
    ]
    assert not re.search(r"(?<!\\)\[[^\]]*\]\(", message["text"])
