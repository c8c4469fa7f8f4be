"""The framing of server-sent events."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_engineer.clients import SSEDecoder, StreamLimits
from backend_engineer.clients.sse import ServerEvent
from backend_engineer.errors import ProtocolViolation, UsageError

LINE = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=20)
EVENT = st.tuples(st.sampled_from(["", "ping", "error"]), st.lists(LINE, min_size=1, max_size=3))
END = st.sampled_from(["\n", "\r", "\r\n"])


def written(events: list[tuple[str, list[str]]], end: str) -> bytes:
    lines: list[str] = []
    for name, data in events:
        lines += [f"event: {name}"] if name else []
        lines += [f"data: {line}" for line in data]
        lines += [": a comment", ""]
    return "".join(line + end for line in lines).encode()


@given(events=st.lists(EVENT, max_size=5), end=END, data=st.data())
def test_any_cutting_gives_the_events_that_were_written(
    events: list[tuple[str, list[str]]], end: str, data: st.DataObject
) -> None:
    stream = written(events, end)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    decoder, got = SSEDecoder(), []
    for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        got += decoder.feed(stream[start:stop])
    assert got == [ServerEvent(name, "\n".join(lines)) for name, lines in events]


@given(st.lists(st.binary(max_size=30), max_size=8))
def test_bytes_of_any_kind_give_events_or_a_named_error(chunks: list[bytes]) -> None:
    decoder = SSEDecoder(StreamLimits(line=40, event=60, answer=120))
    with contextlib.suppress(ProtocolViolation):
        for chunk in chunks:
            assert all(isinstance(event, ServerEvent) for event in decoder.feed(chunk))


@pytest.mark.parametrize("inside", ["\u2028", "\u2029", "\u0085", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e"])
def test_only_cr_and_lf_end_a_line(inside: str) -> None:
    assert SSEDecoder().feed(f"data: a{inside}b\n\n".encode()) == [ServerEvent("", f"a{inside}b")]


def test_a_byte_order_mark_before_the_first_line_is_passed_over() -> None:
    assert SSEDecoder().feed(b"\xef\xbb\xbfdata: x\n\n") == [ServerEvent("", "x")]


def test_an_event_that_is_not_closed_is_not_given() -> None:
    assert SSEDecoder().feed(b"data: x\n") == []


def test_one_blank_after_the_colon_is_no_part_of_the_value() -> None:
    assert SSEDecoder().feed(b"data:  x\ndata:y\n\n") == [ServerEvent("", " x\ny")]


def test_unknown_fields_and_events_without_data_are_passed_over() -> None:
    assert SSEDecoder().feed(b"id: 7\nretry: 9\nevent: ping\n\ndata: x\n\n") == [ServerEvent("", "x")]


@pytest.mark.parametrize(
    ("stream", "word"),
    [(b"x" * 11, "line"), (b"data: 1\n" * 6, "event"), (b": 345678\n" * 12, "answer")],
)
def test_what_passes_a_limit_is_named(stream: bytes, word: str) -> None:
    decoder = SSEDecoder(StreamLimits(line=10, event=10, answer=100))
    chunks = [stream[start : start + 3] for start in range(0, len(stream), 3)]
    with pytest.raises(ProtocolViolation, match=word):
        [decoder.feed(chunk) for chunk in chunks]


@pytest.mark.parametrize("name", ["line", "event", "answer"])
@pytest.mark.parametrize("value", [0, -1])
def test_a_size_limit_is_above_zero(name: str, value: int) -> None:
    with pytest.raises(UsageError, match=name):
        StreamLimits(**{name: value})
