"""The HTML page: well formed, escaped, and readable without colour."""

from __future__ import annotations

import itertools
import re
from html.parser import HTMLParser

from backend_engineer.contract import Severity, Verdict
from backend_engineer.outputs import Report
from backend_engineer.reporting import to_html


class Outline(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in ("meta", "link", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def outline(report: Report) -> Outline:
    parser = Outline()
    parser.feed(to_html(report))
    parser.close()
    assert parser.open == []
    return parser


def test_no_tag_or_attribute_comes_from_a_finding(full_report: Report) -> None:
    found = outline(full_report)
    assert "script" not in found.tags
    assert "img" not in found.tags
    assert not [
        name for name, _ in found.attributes if name.startswith("on") or name in ("src", "href", "style")
    ]


def test_every_severity_and_verdict_is_a_word_of_the_page(full_report: Report) -> None:
    words = {word.strip() for word in outline(full_report).words}
    assert {str(severity) for severity in Severity} <= words
    assert {str(verdict) for verdict in Verdict} <= words


def test_headings_never_skip_a_level_and_there_is_one_main_landmark(full_report: Report) -> None:
    found = outline(full_report)
    levels = [int(tag[1]) for tag in found.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert found.tags.count("main") == 1


def test_the_page_names_its_language_and_its_table(full_report: Report) -> None:
    found = outline(full_report)
    assert ("lang", "en") in found.attributes
    assert "caption" in found.tags
    assert {value for name, value in found.attributes if name == "scope"} == {"col", "row"}


def test_nothing_is_loaded_from_elsewhere(full_report: Report) -> None:
    page = to_html(full_report)
    assert "url(" not in page
    assert "@import" not in page


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_text_colour_keeps_a_contrast_of_seven_to_one_on_every_background(full_report: Report) -> None:
    page = to_html(full_report)
    texts = set(re.findall(r"(?<![-\w])color: (#[0-9a-f]{6})", page))
    grounds = set(re.findall(r"background: (#[0-9a-f]{6})", page))
    assert len(texts) >= 4
    assert grounds == {"#ffffff", "#f4f4f4"}
    for text in texts:
        for ground in grounds:
            assert (luminance(ground) + 0.05) / (luminance(text) + 0.05) >= 7
