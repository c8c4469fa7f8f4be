"""A cut reply and its continuation: what is repeated is joined once, what is new is kept."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_engineer.parsing import Reply, ReplyParser, parse_reply
from backend_engineer.parsing.resume import overlap

F3 = "```"
BODY = "".join(f"def function_{i}(x):\n    return x * {i}\n\n" for i in range(12))
FULL = f"## Docs\n\n{F3}python\n# file: a/b.py\n{BODY}{F3}\nValidation: ok\n\n{F3}python\n# file: c.py\nx = 1\n{F3}\n"
CUTS = st.integers(60, FULL.index(BODY) + len(BODY) - 2)


def _facts(reply: Reply) -> list[tuple[str, str | None, str]]:
    return [(file.path, file.content, file.status) for file in reply.files]


WANTED = _facts(parse_reply(FULL))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(FULL)))
def test_a_continuation_that_repeats_nothing_is_joined(at: int) -> None:
    before = parse_reply(FULL[:at], ending="truncated")
    assert _facts(parse_reply(FULL[at:], resume_from=before)) == WANTED


@settings(max_examples=100, deadline=None)
@given(CUTS, st.sampled_from(["line", "lines", "block", "prose and block"]))
def test_what_a_continuation_repeats_is_joined_once(at: int, how: str) -> None:
    before = FULL[:at]
    line = before.rfind("\n") + 1
    if not before[line:].strip():
        at = line = line - 1 - (before[line - 1 :] == "")
        before, line = FULL[:at], FULL.rfind("\n", 0, at) + 1
    if not before[line:].strip():
        return
    two_lines = FULL.rfind("\n", 0, line - 1) + 1
    again = {
        "line": FULL[line:],
        "lines": FULL[two_lines:],
        "block": f"{F3}python\n# file: a/b.py\n{FULL[line:]}",
        "prose and block": f"I go on where I stopped.\n\n{F3}python\n# file: a/b.py\n{FULL[line:]}",
    }[how]
    assert _facts(parse_reply(again, resume_from=before)) == WANTED


@settings(max_examples=60, deadline=None)
@given(CUTS, st.integers(1, 30))
def test_a_resumed_stream_gives_only_what_is_new(at: int, size: int) -> None:
    parser = ReplyParser(resume_from=FULL[:at])
    rest = FULL[at:]
    events = [
        event for i in range(0, len(rest), size) for event in parser.feed(rest[i : i + size])
    ] + parser.close()
    closed = [event.file for event in events if event.kind == "file-closed"]
    assert [(file.path, file.content) for file in closed] == [fact[:2] for fact in WANTED]
    assert not any(event.kind == "section" for event in events)


@pytest.mark.parametrize(
    ("old", "new", "length"),
    [("a\nconst x = fo", "const x = foo()", 12), ("x\n}\n", "}\n", 0), ("x\n`", "``\n", 0), ("one();\ntwo();\n", "one();\ntwo();\nthree", 14),
     ("def f():\n    a()\n  ", "    b()\n", 2), ("if x:\n    a()\nif y:\n  ", "    b()\n", 2), ("def f():\n    a()\n  ", "  b()\n", 0),
     ("def f():\n    if x:\n    ", "    b()\n", 0), ("if x {\n\ta()\n\t", "\tb()\n", 1), ("a:\n  b: 1\n  ", "  c: 2\n", 2), ("a:\n  b:\n  ", "  c: 2\n", 0),
     ("abc", "xyz", 0), ("", "x", 0), ("x", "", 0), ("    ret", "    return", 7)],
)  # fmt: skip
def test_overlaps_are_told_from_chance(old: str, new: str, length: int) -> None:
    assert overlap(old, new) == length


@settings(max_examples=200, deadline=None)
@given(st.text("ab\n ", max_size=30), st.text("ab\n ", max_size=30))
def test_an_overlap_always_is_one(old: str, new: str) -> None:
    length = overlap(old, new)
    assert length == 0 or old.endswith(new[:length])


def test_the_joined_text_is_the_replys_text() -> None:
    at = FULL.index("return x * 7")
    assert parse_reply(FULL[at:], resume_from=FULL[:at]).text == FULL
