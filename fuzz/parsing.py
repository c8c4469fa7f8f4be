"""Fuzz the reply parser, the patch reader and the writer: nothing raises, chunks do not matter, round trips hold.

Run:  python fuzz/parsing.py -max_total_time=600
Needs the package atheris (development only). Each input is read as text or bytes and in both name modes;
a failed assertion or any exception that is not one of this project's named errors is a crash.
"""

from __future__ import annotations

import sys
from contextlib import suppress

import atheris

with atheris.instrument_imports(include=["backend_engineer"]):
    from backend_engineer.diffs import apply_patch, make_diff, parse_patch
    from backend_engineer.errors import BadPatch, UnsafePath, UsageError
    from backend_engineer.outputs import FileChange
    from backend_engineer.parsing import (
        Limits,
        ParserEvent,
        ReplyParser,
        parse_reply,
        spans_of,
        write_reply,
    )

_PIECES = (
    "```", "````", "~~~", "```ts\n", "```md\n", "```json\n", "```diff\n", "// file: a.ts", "# file: b.md", "-- file: c.sql s3al",
    " (delete)", " (rename from a.ts)", " (no final newline)", "\n", "\r\n", "\n\n", "## Docs\n", "Validation: ok\n", "<think>", "</think>",
    "- x\n", '{"findings": [', '{"plan": {"files": [', '"', "}", "]", "**src/a.ts**\n", "`b.py`:\n", "// src/z.ts\n", "<source>\n",
    "</source>\n", "@@ -1 +1 @@\n", "--- a/x\n", "+++ b/x\n", "-a\n", "+b\n", " c\n", "\ufeff", "\u2028", "😀", "`", "#!/bin/sh\n", "   ",
)  # fmt: skip
_LIMITS = (Limits(), Limits(total=64), Limits(line=16), Limits(file=12), Limits(files=1), Limits(nesting=1))


def _text(data: atheris.FuzzedDataProvider) -> str:
    """Pieces of the grammar and arbitrary text, mixed."""
    parts = []
    for _ in range(data.ConsumeIntInRange(0, 40)):
        choice = data.ConsumeIntInRange(0, len(_PIECES) + 2)
        parts.append(_PIECES[choice] if choice < len(_PIECES) else data.ConsumeUnicode(6))
    return "".join(parts)


def _check_stream(data: atheris.FuzzedDataProvider, text: str) -> None:
    options = {
        "names": data.PickValueInList(["header", "any"]),
        "seal": data.PickValueInList([None, "s3al"]),
        "limits": data.PickValueInList(list(_LIMITS)),
    }
    ending = data.PickValueInList(["complete", "truncated", "dropped"])
    whole = ReplyParser(**options)
    events: list[ParserEvent] = whole.feed(text) + whole.close(ending)
    parser = ReplyParser(**options)
    pieces: list[ParserEvent] = []
    at = 0
    while at < len(text):
        step = data.ConsumeIntInRange(1, 12)
        pieces += parser.feed(text[at : at + step])
        assert events[: len(pieces)] == pieces, "an event was taken back"
        at += step
    pieces += parser.close(ending)
    assert pieces == events, "chunks changed the events"
    spans = spans_of(events, len(text))
    assert "".join(text[span.start : span.end] for span in spans) == text, "spans do not tile"


def _check_round_trip(data: atheris.FuzzedDataProvider, text: str) -> None:
    seal = data.PickValueInList([None, "s3al"])
    with suppress(UsageError, UnsafePath):
        path = data.PickValueInList(["a.ts", "d.md", "b c.py", "x.diff", "Makefile"])
        written = write_reply([FileChange(path, text), FileChange("z.sql", "select 1;\n")], seal=seal)
        back = parse_reply(written, seal=seal).files
        assert [(file.path, file.content) for file in back] == [(path, text), ("z.sql", "select 1;\n")]


def _check_diffs(text: str, other: str) -> None:
    with suppress(BadPatch):
        for patch in parse_patch(text):
            apply_patch(patch, other)
    if text != other:
        (patch,) = parse_patch(make_diff(text, other, "p q.txt"))
        assert apply_patch(patch, text) == other, "a made diff does not apply"


def test_one_input(raw: bytes) -> None:
    """One input, held against every property."""
    data = atheris.FuzzedDataProvider(raw)
    text = _text(data)
    _check_stream(data, text)
    _check_round_trip(data, text)
    _check_diffs(text, _text(data))
    parse_reply(text, base={"a.ts": "a\n"}, resume_from=_text(data))
    parse_reply(raw)


def main() -> None:
    """Start the fuzzer with libFuzzer's own arguments."""
    atheris.Setup(sys.argv, test_one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
