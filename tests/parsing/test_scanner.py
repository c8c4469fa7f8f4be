"""What the scanner tells of a file: the code, the line, the path, and the words that name the trouble."""

from __future__ import annotations

import json
from typing import Any

import pytest

from backend_engineer.parsing import Limits, ReplyParser, parse_reply
from backend_engineer.parsing.events import DiagnosticRaised, FindingsRead, ParserEvent

F3 = "```"


def text_of(*lines: str) -> str:
    return "\n".join(lines) + "\n"


def events(text: str, **options: Any) -> list[ParserEvent]:
    parser = ReplyParser(**options)
    return [*parser.feed(text), *parser.close()]


def told(text: str, **options: Any) -> list[tuple[str, str, int, str | None]]:
    return [
        (item.code, item.message, item.line, item.path)
        for item in events(text, **options)
        if isinstance(item, DiagnosticRaised)
    ]


def test_words_behind_a_path_are_quoted() -> None:
    text = text_of(F3, "// file: src/a.ts (new) here", "x", F3)
    assert told(text) == [
        ("header-words", "Words after the path are passed over: '(new) here'.", 2, "src/a.ts")
    ]


def test_the_text_of_a_deleted_file_is_passed_over_and_told() -> None:
    text = text_of(F3, "// file: a.ts (delete)", "x", F3)
    message = "A deleted file has no content; the block's text is passed over."
    assert told(text) == [("body-ignored", message, 3, "a.ts")]
    assert [(file.action, file.content) for file in parse_reply(text).files] == [("delete", None)]


def test_a_deleted_file_collides_with_nothing() -> None:
    text = text_of(F3, "// file: A.ts (delete)", F3, F3, "// file: a.ts", "x", F3)
    assert told(text) == []


def test_two_paths_that_differ_in_case_collide() -> None:
    text = text_of(F3, "// file: A.ts", "x", F3, F3, "// file: a.ts", "x", F3)
    assert told(text) == [("path-collision", "a.ts and A.ts collide (case).", 7, "a.ts")]


def test_a_path_given_twice_is_told_with_its_first_line() -> None:
    text = text_of(F3, "// file: a.ts", "x", F3, F3, "// file: a.ts", "y", F3)
    assert told(text) == [("duplicate-path", "a.ts was already given at line 3.", 7, "a.ts")]


def test_a_path_given_twice_in_one_block_is_told() -> None:
    text = text_of(F3, "// file: a.ts", "x", "// file: b.ts", "x", "// file: a.ts", "y", F3)
    assert told(text) == [("duplicate-path", "a.ts was already given at line 3.", 7, "a.ts")]


def test_a_file_whose_block_never_ends_is_told_with_its_line() -> None:
    ((code, _, line, path),) = told(text_of(F3, "// file: a.ts", "x"))
    assert (code, line, path) == ("unclosed-file", 4, "a.ts")


def test_a_header_without_the_seal_is_told_with_its_line() -> None:
    text = text_of(F3, "// file: a.ts", "x", F3)
    assert told(text, seal="s1") == [
        ("unsealed-header", "The header does not carry the request's seal.", 2, "a.ts")
    ]


def test_a_refused_path_is_told_with_the_reason() -> None:
    text = text_of(F3, "// file: ../a.ts", "x", F3)
    message = "The path '../a.ts' is refused: it leaves the folder with '..'."
    assert told(text) == [("refused-path", message, 2, "../a.ts")]
    assert parse_reply(text).files == ()


@pytest.mark.parametrize("count", [2, 3, 4])
def test_files_beyond_the_limit_are_told_once(count: int) -> None:
    blocks = [line for name in "abcd"[:count] for line in (F3, f"// file: {name}", "x", F3)]
    text, limits = text_of(*blocks), Limits(files=2)
    assert [file.path for file in parse_reply(text, limits=limits).files] == ["a", "b"]
    assert (
        told(text, limits=limits)
        == [("too-many-files", "Only the first 2 files are read.", 10, None)][: count - 2]
    )


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_diagnostics_beyond_the_limit_are_told_once(count: int) -> None:
    blocks = [line for _ in range(count) for line in (F3, "// file: ../a", "x", F3)]
    text, limits = text_of(*blocks), Limits(diagnostics=2)
    more = [("too-many-diagnostics", "More were left out.", 10, None)]
    assert [row[0] for row in told(text, limits=limits)[:2]] == ["refused-path"] * min(count, 2)
    assert told(text, limits=limits)[2:] == (more if count > 2 else [])


BASE = {"a.ts": "one\ntwo\n"}


def test_a_diff_that_does_not_fit_is_told_with_its_hunk_and_line() -> None:
    body = ("--- a/a.ts", "+++ b/a.ts", "@@ -1 +1 @@", "-other", "+1")
    text = text_of(F3 + "diff", "// file: a.ts", *body, F3)
    ((code, message, line, path),) = told(text, base=BASE)
    assert (code, line, path, parse_reply(text, base=BASE).files) == ("patch-refused", 3, "a.ts", ())
    assert message.startswith("The diff is refused: a.ts, hunk 1, line 1: the base does not hold")


def test_a_diff_for_two_files_is_refused() -> None:
    body = ("--- a/a.ts", "+++ b/a.ts", "@@ -1 +1 @@", "-one", "+1")
    text = text_of(F3 + "diff", "// file: a.ts", *body, *body, F3)
    ((code, message, *_),) = told(text, base=BASE)
    assert (code, "the block holds differences for 2 files, not for one." in message) == (
        "patch-refused",
        True,
    )


def test_a_diff_that_fits_gives_the_new_text_and_its_changed_lines() -> None:
    body = ("--- a/a.ts", "+++ b/a.ts", "@@ -2 +2 @@", "-two", "+2")
    (file,) = parse_reply(text_of(F3 + "diff", "// file: a.ts", *body, F3), base=BASE).files
    assert (file.content, file.action, file.changed_lines) == ("one\n2\n", "modify", ((2, 2),))
    assert file.patch == text_of(*body)


def findings_block(*severities: str) -> tuple[str, ...]:
    rows: list[dict[str, Any]] = [
        {
            "type": "evidence",
            "category": "testing",
            "severity": severity,
            "title": "t",
            "where": {"path": "a", "lines": "1"},
            "evidence": "e",
            "recommendation": "r",
        }
        for severity in severities
    ]
    return (F3 + "json", json.dumps({"findings": rows}), F3)


def test_a_document_is_told_with_the_place_of_its_text() -> None:
    text = text_of("words", *findings_block("major"))
    (event,) = (event for event in events(text) if isinstance(event, FindingsRead))
    start = text.index("{")
    assert (event.line, event.start, event.end) == (3, start, text.rindex("}") + 2)


def test_only_the_first_block_of_a_kind_counts() -> None:
    text = text_of(*findings_block("major"), *findings_block("minor"))
    reply = parse_reply(text)
    assert reply.findings is not None
    assert [item.severity.value for item in reply.findings.findings] == ["major"]
    assert told(text)[-1:] == [("second-findings", "Only the first findings block counts.", 5, None)]


@pytest.mark.parametrize(("before", "read"), [(63, True), (64, False)])
def test_blocks_are_looked_at_for_documents_up_to_a_limit(before: int, read: bool) -> None:
    other = (F3 + "json", '{"plan": 1}', F3)
    text = text_of(*(other * before), *findings_block("major"))
    assert (parse_reply(text).findings is not None) is read
