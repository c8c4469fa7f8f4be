"""Whatever a finding says, every export stays well formed and nothing in it becomes a command, a tag or a cursor move."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_engineer.contract import Category, FindingType, Severity, Subject, Verdict
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
from backend_engineer.reporting.escaping import for_markdown, for_terminal, for_xml, one_line

SHARP = st.sampled_from(
    ["::", "\n", "\r", "\x1b[2J", "%0A", "<", ">", "&", "]]>", "`", "```", "|", "@a", "#1", "![", "](", "\u202e", "\u2028",
     "\x00", "\x85", "https://", "www.a.example", "$x$", "{{", "{%", "\ufffe", "\U000e0041", "-->", "<!--", "mailto:a@b.example"]
)  # fmt: skip
TEXTS = st.lists(st.one_of(SHARP, st.text(max_size=6)), max_size=8).map("".join)
TITLES = TEXTS.filter(bool)
PATHS = st.one_of(st.just(""), TITLES)
FINDINGS = st.builds(
    Finding,
    type=st.sampled_from(FindingType),
    category=st.sampled_from(Category),
    severity=st.sampled_from(Severity),
    title=TITLES,
    where=st.builds(Where, path=PATHS, lines=st.sampled_from(["", "3", "3-9", "9-3"])),
    evidence=TEXTS,
    recommendation=TEXTS,
    code=st.one_of(st.none(), st.just("AUTH001"), TITLES),
)
REPORTS = st.builds(
    Report,
    findings=st.lists(FINDINGS, max_size=3).map(tuple),
    verdicts=st.lists(
        st.builds(
            ClauseVerdict,
            clause=st.just("CONS-01"),
            verdict=st.sampled_from(Verdict),
            reason=TEXTS,
            waived=st.none() | TEXTS,
        ),
        max_size=2,
    ).map(tuple),
    notes=st.lists(TEXTS, max_size=2).map(tuple),
    subjects=st.just((Subject.CHANGE,)),
)
ROUNDS = settings(max_examples=80)
UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]"
)


@ROUNDS
@given(REPORTS)
def test_json_exports_parse_and_lose_no_finding(report: Report) -> None:
    assert json.loads(to_json(report))["findings"] == [
        item.model_dump(mode="json") for item in report.findings
    ]
    assert len(json.loads(to_sarif(report, rules=()))["runs"][0]["results"]) == len(report.findings)
    assert len(json.loads(to_gitlab(report))) == len(report.findings)
    assert len(json.loads(to_rdjson(report))["diagnostics"]) == len(report.findings)
    lines = to_rdjsonl(report).split("\n")[:-1]
    assert [json.loads(line)["severity"] for line in lines if line] == [
        row["severity"] for row in json.loads(to_rdjson(report))["diagnostics"]
    ]


@ROUNDS
@given(REPORTS)
def test_every_line_for_github_is_one_command_of_ours(report: Report) -> None:
    text = to_github(report)
    assert not UNSAFE.search(text)
    for line in text.split("\n")[:-1]:
        head, _, message = line.removeprefix("::").partition("::")
        assert re.fullmatch(r"(error|warning|notice) ([a-zA-Z]+=[^:,\r\n]*(,|$))*", head), line
        assert "\r" not in message
    assert text.count("\n") == len(report.findings)


@ROUNDS
@given(REPORTS)
def test_junit_is_well_formed_whatever_stands_in_it(report: Report) -> None:
    root = ElementTree.fromstring(to_junit(report, rules=()))
    assert {node.tag for node in root.iter()} <= {
        "testsuites",
        "testsuite",
        "testcase",
        "failure",
        "skipped",
        "system-out",
    }


@ROUNDS
@given(REPORTS)
def test_html_holds_only_the_templates_own_tags(report: Report) -> None:
    page = to_html(report)
    body = page.partition("<body>")[2]
    tags = set(re.findall(r"</?([a-zA-Z!][a-zA-Z0-9!-]*)", body))
    assert tags <= {"main", "h1", "h2", "h3", "p", "strong", "section", "span", "dl", "dt", "dd", "pre", "table", "caption",
                    "thead", "tbody", "tr", "th", "td", "ul", "li", "body", "html"}  # fmt: skip
    assert not UNSAFE.search(page)


@ROUNDS
@given(REPORTS)
def test_terminal_text_holds_nothing_that_moves_a_cursor_or_hides(report: Report) -> None:
    assert not UNSAFE.search(to_text(report))


@ROUNDS
@given(REPORTS)
def test_markdown_holds_no_markup_of_a_finding(report: Report) -> None:
    markdown_it = pytest.importorskip("markdown_it")
    parsed = markdown_it.MarkdownIt("commonmark").enable("table").parse(to_markdown(report))
    children = [child for token in parsed for child in token.children or []]
    kinds = {child.type for child in children}
    assert not kinds & {"link_open", "image", "em_open", "code_inline", "hardbreak", "html_inline"}
    assert not {token.type for token in parsed} & {
        "html_block",
        "code_block",
        "hr",
        "blockquote_open",
        "ordered_list_open",
    }
    headings = [token for token in parsed if token.type == "heading_open"]
    assert len(headings) == 1 + len(report.findings) + bool(report.verdicts) + bool(report.notes)


@given(TEXTS)
def test_one_line_is_one_line(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1


@given(TEXTS)
def test_escaping_for_the_terminal_twice_changes_nothing_more(text: str) -> None:
    assert for_terminal(for_terminal(text)) == for_terminal(text)


@given(st.text())
def test_text_that_xml_can_hold_is_left_alone(text: str) -> None:
    kept = "".join(char for char in text if for_xml(char) == char)
    assert ElementTree.fromstring(
        f"<a>{kept.replace('&', '&amp;').replace('<', '&lt;').replace(chr(13), '&#13;').replace('>', '&gt;')}</a>"
    ).text == (kept or None)


@pytest.mark.parametrize("shout", ["@all", "#12", "https://e.example", "www.e.example", "a@b.example"])
def test_nothing_links_itself(shout: str) -> None:
    assert shout not in for_markdown(shout)


def test_a_lone_surrogate_never_reaches_the_output(make_finding: Callable[..., Finding]) -> None:
    finding = make_finding().model_copy(update={"title": "a\ud800b"})
    report = Report(findings=(finding,))
    for export in (to_json, to_rdjson, to_rdjsonl, to_gitlab, to_github, to_markdown, to_html, to_text):
        assert export(report).encode("utf-8")
    for export in (to_sarif, to_junit):
        assert export(report, rules=()).encode("utf-8")
