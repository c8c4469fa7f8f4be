"""What holds for every text: chunks do not matter, nothing is taken back, nothing raises, spans tile."""

from __future__ import annotations

import random
from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_engineer.contract import Ending
from backend_engineer.parsing import (
    Limits,
    ParserEvent,
    ReplyParser,
    parse_reply,
    reply_from_events,
    spans_of,
)

NAMES = ("header", "any")


def _events(
    chunks: Iterable[str | bytes],
    names: str = "header",
    ending: str = "complete",
    seal: str | None = None,
    limits: Limits | None = None,
) -> list[ParserEvent]:
    parser = ReplyParser(names=names, seal=seal, limits=limits or Limits())  # type: ignore[arg-type]
    out: list[ParserEvent] = []
    for chunk in chunks:
        out += parser.feed(chunk)
    return out + parser.close(ending)


_LINE = st.sampled_from(
    ["```", "```ts", "````md", "~~~", "```json", "   ```", "```end", "// file: a.ts", "# file: b/c.py 5ea1", "<!-- file: d.md -->",
     "// file: ../x", "-- file: e.sql (delete)", "x", "", "", "\r", "é😀", "\u2028", "## Migrations", "Validation: ok", "- item",
     "<think>", "</think>", "**src/a.ts**", "`b.py`:", "// src/z.ts", "<source>", "</source>", '{"findings": [', '{"plan": {', '"', "#!/bin/sh",
     "\ufeff", "`", "``", "@@ -1 +1 @@", "Question: what?"]
)  # fmt: skip
_TEXT = st.builds(
    "".join,
    st.lists(
        st.one_of(
            st.builds(lambda a, b: a + b, _LINE, st.sampled_from(["\n", "\n", "\r\n", ""])),
            st.text(max_size=5),
        ),
        max_size=25,
    ),
)


@pytest.mark.parametrize("names", NAMES)
def test_every_cut_in_two_gives_the_same_events(case: str, names: str) -> None:
    whole = _events([case], names)
    for at in range(len(case) + 1):
        assert _events([case[:at], case[at:]], names) == whole


@pytest.mark.parametrize("names", NAMES)
def test_single_characters_and_single_bytes_give_the_same_events(case: str, names: str) -> None:
    whole = _events([case], names)
    assert _events(case, names) == whole
    data = case.encode()
    assert _events((data[i : i + 1] for i in range(len(data))), names) == whole


def test_every_cut_inside_a_character_gives_the_same_events(case: str) -> None:
    whole, data = _events([case]), case.encode()
    for at in range(len(data) + 1):
        assert _events([data[:at], data[at:]]) == whole


@pytest.mark.parametrize("names", NAMES)
def test_two_hundred_random_cuts_give_the_same_events(case: str, names: str) -> None:
    whole, rng = _events([case], names), random.Random(7)
    for _ in range(200):
        cuts = sorted(rng.randrange(len(case) + 1) for _ in range(rng.randrange(1, 9)))
        bounds = [0, *cuts, len(case)]
        assert _events([case[a:b] for a, b in pairwise(bounds)], names) == whole


def test_every_cut_in_three_of_short_cases_gives_the_same_events(cases: dict[str, str]) -> None:
    for text in cases.values():
        if len(text) > 45:
            continue
        whole = _events([text])
        for a in range(len(text) + 1):
            for b in range(a, len(text) + 1):
                assert _events([text[:a], text[a:b], text[b:]]) == whole


@settings(max_examples=300, deadline=None)
@given(
    _TEXT, st.data(), st.sampled_from(NAMES), st.sampled_from(list(Ending)), st.sampled_from([None, "5ea1"])
)
def test_any_text_in_any_chunks_gives_the_same_events(
    text: str, data: st.DataObject, names: str, ending: Ending, seal: str | None
) -> None:
    whole = _events([text], names, ending, seal)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    bounds = [0, *cuts, len(text)]
    assert _events([text[a:b] for a, b in pairwise(bounds)], names, ending, seal) == whole


@settings(max_examples=150, deadline=None)
@given(
    _TEXT,
    st.sampled_from(
        [
            Limits(total=60),
            Limits(line=12),
            Limits(file=10),
            Limits(files=1),
            Limits(items=1),
            Limits(nesting=1),
            Limits(diagnostics=1),
        ]
    ),
)
def test_limits_act_the_same_in_any_chunks(text: str, limits: Limits) -> None:
    whole = _events([text], limits=limits)
    assert _events(text, limits=limits) == whole
    assert _events([text[:30], text[30:]], limits=limits) == whole


_ITEMS = st.lists(
    st.sampled_from(
        (
            *("- one", "  - two", "  goes on", "* three", "", "## Questions", "- Why?", "Question: how?"),
            *("Validation: fine", "- Validation: fine", "words", "1. four", "      - deep"),
        )
    ),
    max_size=14,
).map("\n".join)


@settings(max_examples=300, deadline=None)
@given(_ITEMS, st.integers(0, 3), st.integers(0, 200))
def test_a_limit_on_items_keeps_the_first_and_says_so_once(text: str, most: int, cut: int) -> None:
    free, bound = parse_reply(text), parse_reply(text, limits=Limits(items=most))
    said = {code: [item.code for item in bound.diagnostics].count(code) for code in _TOO_MANY}
    kinds = zip(
        _TOO_MANY,
        (
            (free.checklist, bound.checklist),
            (free.validations, bound.validations),
            (free.questions, bound.questions),
        ),
        strict=True,
    )
    for code, (every, kept) in kinds:
        assert kept == every[:most]
        assert said[code] == (len(every) > most)
    assert _events([text[:cut], text[cut:]], limits=Limits(items=most)) == _events(
        [text], limits=Limits(items=most)
    )


_TOO_MANY = ("too-many-bullets", "too-many-validations", "too-many-questions")


@settings(max_examples=200, deadline=None)
@given(_TEXT, _TEXT, st.sampled_from(NAMES))
def test_events_of_a_prefix_are_a_prefix_of_the_events(first: str, second: str, names: str) -> None:
    parser = ReplyParser(names=names)  # type: ignore[arg-type]
    early = parser.feed(first)
    assert _events([first + second], names)[: len(early)] == early


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(NAMES))
def test_no_bytes_raise(data: bytes, names: str) -> None:
    reply = parse_reply(data, names=names)  # type: ignore[arg-type]
    assert reply.text == data.decode("utf-8", "replace")
    half = len(data) // 2
    assert _events([data[:half], data[half:]], names) == _events([data], names)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=120), st.sampled_from(NAMES))
def test_no_text_raises(text: str, names: str) -> None:
    assert parse_reply(text, names=names).text == text  # type: ignore[arg-type]


@settings(max_examples=200, deadline=None)
@given(_TEXT, st.sampled_from(NAMES))
def test_spans_tile_the_text(text: str, names: str) -> None:
    spans = spans_of(_events([text], names), len(text))
    assert "".join(text[span.start : span.end] for span in spans) == text
    assert all(a.end == b.start for a, b in pairwise(spans))


def test_content_spans_hold_the_content(cases: dict[str, str]) -> None:
    for name in ("one file and prose", "two headers", "carriage returns", "longer fence", "whole contract"):
        text = cases[name]
        spans = [span for span in spans_of(_events([text]), len(text)) if span.kind == "content"]
        contents = [file.content for file in parse_reply(text).files]
        assert [text[span.start : span.end] for span in spans] == [content for content in contents if content]


def test_lines_of_files_say_where_their_content_stands(case: str) -> None:
    lines = case.split("\n")
    for file in parse_reply(case).files:
        shown = "\n".join(lines[file.start_line - 1 : file.end_line])
        assert (
            (file.content or "").rstrip("\n") in (shown, shown.replace("   ", "", 1))
            or "file:" in shown
            or "  " in shown
        )


@settings(max_examples=100, deadline=None)
@given(_TEXT, st.sampled_from(NAMES))
def test_lines_of_text_add_up_to_the_contents(text: str, names: str) -> None:
    events = _events([text], names)
    gathered, files = "", []
    for event in events:
        if event.kind == "file-opened":
            gathered = ""
        elif event.kind == "text":
            gathered += event.text
        elif event.kind == "file-closed" and event.file.content is not None and event.file.patch is None:
            files.append((gathered.removesuffix("\n"), event.file.content.removesuffix("\n")))
    assert all(one == other for one, other in files)


@settings(max_examples=100, deadline=None)
@given(_TEXT)
def test_a_stream_adds_up_to_the_reply(text: str) -> None:
    events = _events(text)
    assert reply_from_events(events, text=text) == parse_reply(text)
