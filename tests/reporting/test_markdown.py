"""Markdown: nothing that a finding says becomes markup."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backend_engineer.outputs import Finding, Report, Where
from backend_engineer.reporting import to_markdown

markdown_it = pytest.importorskip("markdown_it")


def tokens(text: str) -> list[tuple[str, str]]:
    parsed = markdown_it.MarkdownIt("commonmark").enable("table").parse(text)
    return [(token.type, token.content) for token in parsed] + [
        (child.type, child.content) for token in parsed for child in token.children or []
    ]


def test_evidence_stands_in_a_block_that_it_cannot_close(
    make_finding: Callable[..., Finding], make_report: Callable[..., Report]
) -> None:
    evidence = "```\n# not a heading\n`````"
    found = tokens(to_markdown(make_report(make_finding(evidence=evidence))))
    assert [content for kind, content in found if kind == "fence"] == [evidence + "\n"]


def test_links_images_html_and_emphasis_stay_text(
    make_finding: Callable[..., Finding], make_report: Callable[..., Report]
) -> None:
    title = "![x](http://e.example) [a](b) <b>bold</b> **strong** `code` <http://e.example> &amp;"
    found = tokens(to_markdown(make_report(make_finding(title=title, recommendation=title))))
    kinds = {kind for kind, _ in found}
    assert not kinds & {"link_open", "image", "em_open", "code_inline", "html_block", "html_inline"}


def test_a_title_reads_as_it_was_written(
    make_finding: Callable[..., Finding], make_report: Callable[..., Report]
) -> None:
    title = r"a*b_c [d](e) #1 1. x | y \ z & < >"
    parsed = markdown_it.MarkdownIt("commonmark").parse(to_markdown(make_report(make_finding(title=title))))
    heading = next(token for token in parsed if token.type == "inline" and "major:" in token.content)
    shown = "".join(
        child.content for child in heading.children or [] if child.type in ("text", "text_special")
    )
    assert shown.replace("\u200b", "") == f"1. major: {title}"


def test_nobody_is_mentioned_and_no_issue_linked(
    make_finding: Callable[..., Finding], make_report: Callable[..., Report]
) -> None:
    text = to_markdown(make_report(make_finding(title="@everyone see #12 at https://e.example")))
    heading = next(line for line in text.splitlines() if "major" in line)
    assert "@everyone" not in heading
    assert "#12" not in heading
    assert "https://" not in heading


def test_a_bar_in_a_reason_does_not_break_the_table(full_report: Report) -> None:
    found = [kind for kind, _ in tokens(to_markdown(full_report))]
    assert found.count("td_open") == 4 * len(full_report.verdicts)


def test_the_place_is_named(make_finding: Callable[..., Finding], make_report: Callable[..., Report]) -> None:
    assert "the change as a whole" in to_markdown(make_report(make_finding(where=Where(path=""))))
