"""Files whose text is not kept are read like any other, so that the ones after them are found."""

from __future__ import annotations

import pytest

from backend_engineer.parsing import Limits, ReplyParser, parse_reply

F3, F4 = "```", "````"
EXAMPLE = f"{F3}ts\n// file: x.ts\nx\n{F3}\n"


@pytest.mark.parametrize("path", ["../d.md", "d.md"])
def test_an_example_in_a_file_that_is_not_kept_yields_no_file(path: str) -> None:
    text = f"{F4}md\n// file: {path}\nlong enough to pass the limit\n{EXAMPLE}{F4}\n{F3}\n// file: ok.ts\ny\n{F3}\n"
    limits = Limits(file=20)
    assert [file.path for file in parse_reply(text, limits=limits).files if file.path != "d.md"] == ["ok.ts"]
    parser = ReplyParser(limits=limits)
    events = [event for sign in text for event in parser.feed(sign)] + parser.close()
    assert [
        event.file.path for event in events if event.kind == "file-closed" and event.file.path != "d.md"
    ] == ["ok.ts"]


def test_a_file_past_the_limit_keeps_whole_lines_and_is_truncated() -> None:
    (file,) = parse_reply(f"{F3}\n// file: a\none\ntwo\nthree\n{F3}\n", limits=Limits(file=9)).files
    assert (file.content, file.status) == ("one\ntwo\n", "truncated")
