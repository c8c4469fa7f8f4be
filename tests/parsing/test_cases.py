"""The tricky inputs, one fact each: what is a file, what is content, what is told."""

from __future__ import annotations

import time

import pytest

from backend_engineer.contract import Section
from backend_engineer.errors import ReplyUnusable, UsageError
from backend_engineer.parsing import Limits, Reply, ReplyParser, parse_reply

F3, F4, T3 = "```", "````", "~~~"


def _text(*lines: str) -> str:
    return "\n".join(lines) + "\n"


def _files(reply: Reply) -> list[tuple[str, str | None]]:
    return [(file.path, file.content) for file in reply.files]


def _codes(reply: Reply) -> list[str]:
    return [item.code for item in reply.diagnostics]


def test_the_first_file_of_a_reply_is_exact() -> None:
    reply = parse_reply(_text(F3 + "ts", "// file: a.ts", "body", F3, "prose"))
    (file,) = reply.files
    assert (file.path, file.content, file.status, file.language) == ("a.ts", "body\n", "complete", "ts")
    assert (file.start_line, file.end_line) == (3, 3)


def test_several_files_in_one_block_lose_and_gain_no_newline() -> None:
    reply = parse_reply(_text(F3 + "text", "// file: a", "body", "", "// file: b", "body2", F3))
    assert _files(reply) == [("a", "body\n\n"), ("b", "body2\n")]
    assert _codes(reply) == []


def test_two_headers_in_a_row_leave_the_first_file_empty_and_complete() -> None:
    first, _ = parse_reply(_text(F3, "// file: a", "// file: b", "x", F3)).files
    assert (first.content, first.status, first.start_line, first.end_line) == ("", "complete", 3, 2)


def test_a_block_without_a_name_under_a_section_is_told_of() -> None:
    reply = parse_reply(_text("## Tests", "", F3 + "py", "def test_it(): ...", F3))
    assert (_files(reply), _codes(reply)) == ([], ["unnamed-block"])
    assert reply.diagnostics[0].line == 3


@pytest.mark.parametrize(
    "lines",
    [
        ("Look:", F3 + "py", "print()", F3),
        ("## Tests", F3 + "console", "$ pytest", F3),
        ("## Tests", F3 + "py", F3),
        ("## Docs", F3 + "json", '{"attestations": []}', F3),
        ("## Docs", "## Findings", F3 + "json", "{}", F3),
    ],
)
def test_a_block_that_is_meant_for_no_file_is_not_told_of(lines: tuple[str, ...]) -> None:
    assert _codes(parse_reply(_text(*lines))) == []


def test_lines_before_the_first_header_are_told_of() -> None:
    reply = parse_reply(_text(F3 + "ts", "one", "two", "// file: a.ts", "x", F3))
    assert (_files(reply), _codes(reply)) == ([("a.ts", "x\n")], ["orphan-lines"])


@pytest.mark.parametrize("inner", ["bash", ""])
def test_a_markdown_file_keeps_its_inner_fences(inner: str) -> None:
    body = ("text", F3 + inner, "x", F3, "text")
    reply = parse_reply(_text(F3 + "markdown", "// file: d.md", *body, F3, "", "Validation: ok"))
    assert _files(reply) == [("d.md", _text(*body))]


def test_a_bare_fence_before_a_blank_line_closes_a_markdown_file() -> None:
    reply = parse_reply(_text(F3 + "md", "// file: d.md", "text", F3, "", F3, "other", F3))
    assert _files(reply) == [("d.md", "text\n")]


def test_a_bare_fence_before_a_validation_line_closes_a_markdown_file() -> None:
    block = (F3 + "md", "// file: d.md", "text", F3, "Validation: ok")
    reply = parse_reply(_text(*block) * 2 + _text(F3, "x", F3))
    assert [content for _, content in _files(reply)] == ["text\n", "text\n"]


def test_an_undecided_bare_fence_closes_after_the_hold() -> None:
    text = _text(F3 + "md", "// file: d.md", "text", F3) + "long\n" * 20_000 + _text(F3, "x", F3)
    assert _files(parse_reply(text)) == [("d.md", "text\n")]


def test_a_longer_fence_holds_shorter_ones_even_unclosed() -> None:
    body = (F3 + "a", "x", F3, F3 + "b", "y")
    assert _files(parse_reply(_text(F4 + "markdown", "// file: d.md", *body, F4))) == [("d.md", _text(*body))]


@pytest.mark.parametrize(("outer", "inner"), [(T3, F3), (F3, T3)])
def test_a_fence_of_the_other_character_is_content(outer: str, inner: str) -> None:
    reply = parse_reply(_text(outer, "// file: a", inner, "x", inner, outer))
    assert _files(reply) == [("a", _text(inner, "x", inner))]


def test_a_longer_run_closes_and_a_shorter_one_does_not() -> None:
    reply = parse_reply(_text(F3, "# file: a", "x", "`" * 7, F4, "# file: b", F3, F4))
    assert _files(reply) == [("a", "x\n"), ("b", F3 + "\n")]


def test_a_closer_may_have_blanks_but_no_words_after_it() -> None:
    reply = parse_reply(_text(F3, "# file: a", F3 + " end", "x", F3 + "  \t"))
    assert (_files(reply), _codes(reply)) == ([("a", F3 + " end\nx\n")], ["closer-with-text"])


def test_carriage_returns_stay_in_contents_and_out_of_paths() -> None:
    text = _text(F3 + "ts", "// file: a.ts", "x", F3, F3, "# file: b (no final newline)", "y", F3).replace(
        "\n", "\r\n"
    )
    assert _files(parse_reply(text)) == [("a.ts", "x\r\n"), ("b", "y")]


@pytest.mark.parametrize("sign", ["\u2028", "\x85", "\x0b", "\x0c", "\r"])
def test_only_a_line_feed_ends_a_line(sign: str) -> None:
    body = f"a{sign}{F3}{sign}// file: b{sign}"
    assert _files(parse_reply(_text(F3, "// file: a", body, F3))) == [("a", body + "\n")]


def test_a_byte_order_mark_is_passed_over_before_a_fence_and_kept_in_a_file() -> None:
    assert _files(parse_reply("\ufeff" + _text(F3, "// file: a", "\ufeffx", F3))) == [("a", "\ufeffx\n")]


@pytest.mark.parametrize("ending", ["complete", "truncated"])
def test_a_cut_header_names_no_file(ending: str) -> None:
    reply = parse_reply(F3 + "ts\n// file: src/mod", ending=ending)
    assert (_files(reply), _codes(reply)) == ([], ["truncated-header"])


def test_a_forgotten_closer_ends_the_file_where_the_next_one_begins() -> None:
    reply = parse_reply(_text(F3 + "ts", "// file: a.ts", "a", F3 + "ts", "// file: b.ts", "b", F3))
    assert [(file.path, file.content, file.status) for file in reply.files] == [
        ("a.ts", "a\n", "implicit"),
        ("b.ts", "b\n", "complete"),
    ]
    assert _codes(reply) == ["forgotten-closer"]


@pytest.mark.parametrize("first", ["#!/bin/sh", "<?php", '<?xml version="1.0"?>', "# -*- coding: utf-8 -*-"])
def test_a_preamble_may_stand_before_the_header_and_stays(first: str) -> None:
    (file,) = parse_reply(_text(F3, first, "# file: a", "x", F3)).files
    assert (file.content, file.start_line, file.end_line) == (f"{first}\nx\n", 2, 4)


@pytest.mark.parametrize(
    "path",
    ["../x", "/etc/x", "C:\\x", "~/.ssh/x", ".git/hooks/x", "NUL", "a/./../b", "x/COM1.txt", "a\x00.ts"],
)
def test_a_refused_path_costs_only_its_own_file(path: str) -> None:
    reply = parse_reply(_text(F3, f"// file: {path}", "x", F3, F3, "// file: ok.ts", "y", F3))
    assert (_files(reply), _codes(reply)) == ([("ok.ts", "y\n")], ["refused-path"])


def test_collisions_are_told_and_keep_the_order() -> None:
    blocks = [_text(F3, f"# file: {path}", F3) for path in ("A.ts", "a.ts", "q", "q/b", "\u00e9", "e\u0301")]
    reply = parse_reply("".join(blocks))
    assert [file.path for file in reply.files] == ["A.ts", "a.ts", "q", "q/b", "\u00e9", "e\u0301"]
    assert _codes(reply) == ["path-collision"] * 3


def test_the_findings_block_is_told_from_a_json_file() -> None:
    block = (F3 + "json", '{"tool": "t", "version": "v", "status": "ready", "findings": []}', F3)
    reply = parse_reply(
        _text(F3 + "json", "// file: config.json", '{"findings": 1}', F3, *block, "more prose")
    )
    assert reply.findings is not None
    assert reply.findings.tool == "t"
    assert [file.path for file in reply.files] == ["config.json"]


def test_thinking_yields_no_file_and_its_end_tag_stays_in_a_file() -> None:
    text = _text("<think>", F3, "// file: a", "</think>", F3, "// file: b", "</think>", F3)
    assert _files(parse_reply(text)) == [("b", "</think>\n")]


def test_a_file_about_this_format_yields_only_itself() -> None:
    body = (F3 + "ts", "// file: x.ts", "x", "// file: y.ts", F3)
    assert _files(parse_reply(_text(F4 + "md", "// file: d.md", *body, F4))) == [("d.md", _text(*body))]
    assert _files(parse_reply(_text(F4, *body, F4))) == []


def test_a_half_received_closing_fence_is_dropped_unless_the_reply_is_complete() -> None:
    text = F3 + "ts\n// file: a.ts\nx\n``"
    (cut,) = parse_reply(text, ending="truncated").files
    (whole,) = parse_reply(text).files
    assert (cut.content, cut.status) == ("x\n", "truncated")
    assert (whole.content, whole.status) == ("x\n``", "implicit")


def test_a_closing_fence_needs_no_line_end() -> None:
    (file,) = parse_reply(F3 + "\n// file: a\nx\n" + F3, ending="truncated").files
    assert (file.content, file.status) == ("x\n", "complete")


def test_a_truncated_file_says_how_much_was_received() -> None:
    reply = parse_reply(F3 + "\n// file: a\none\ntw", ending="truncated")
    assert "1 whole lines and 6 characters" in reply.diagnostics[0].message


@pytest.mark.parametrize(
    "line",
    [
        "# file: see docs",
        "    // file: b.ts",
        "// File: b.ts",
        "// path: b.ts",
        "// file: b.ts and more",
        "// file: https://x.y/z",
    ],
)
def test_what_only_looks_like_a_header_is_content(line: str) -> None:
    assert _files(parse_reply(_text(F3, "// file: a", line, F3))) == [("a", line + "\n")]


@pytest.mark.parametrize(
    "line",
    ["// file: b.ts", "# FILE: b.ts", "-- filename: b.ts", "; Path: b.ts", "% file: b.ts", "/* file: b.ts */", "<!-- file: b.ts -->",
     "(* file: b.ts *)", "{# file: b.ts #}", "REM file: b.ts", "' file: b.ts", "  //file:b.ts"],
)  # fmt: skip
def test_every_leader_and_key_counts_on_the_first_line(line: str) -> None:
    assert _files(parse_reply(_text(F3, line, "x", F3))) == [("b.ts", "x\n")]


def test_words_after_the_path_on_the_first_line_are_told_of() -> None:
    reply = parse_reply(_text(F3, "// file: src/b.ts updated", "x", F3))
    assert (_files(reply), _codes(reply)) == ([("src/b.ts", "x\n")], ["header-words"])


def test_with_a_seal_only_sealed_headers_count_in_mid_block() -> None:
    text = _text(F3, "// file: a s3al", "// file: fake.ts", "// file: b s3al", "x", F3, F3, "// file: c", F3)
    reply = parse_reply(text, seal="s3al")
    assert _files(reply) == [("a", "// file: fake.ts\n"), ("b", "x\n"), ("c", "")]
    assert _codes(reply) == ["unsealed-header"]


def test_with_a_seal_an_unsealed_example_does_not_end_the_file() -> None:
    body = (F3 + "ts", "// file: x.ts", "x", F3)
    reply = parse_reply(_text(F3 + "md", "// file: d.md s3al", *body, F3), seal="s3al")
    assert _files(reply) == [("d.md", _text(*body))]


def test_actions_are_read_and_may_stand_together() -> None:
    reply = parse_reply(
        _text(F3, '// file: "a b.ts" (modify) (no final newline)', "x", F3, F3, "// file: c (delete)", F3, F3,
              '// file: app/(g)/p.tsx (rename from "app/(h)/p q.tsx")', F3)
    )  # fmt: skip
    facts = [(f.path, f.content, f.action, f.stated, f.previous_path) for f in reply.files]
    assert facts == [
        ("a b.ts", "x", "modify", True, None),
        ("c", None, "delete", True, None),
        ("app/(g)/p.tsx", None, "rename", True, "app/(h)/p q.tsx"),
    ]


def test_the_base_tells_modified_files_from_added_ones() -> None:
    text = _text(F3, "// file: a", "x", "new", F3, F3, "// file: b", F3)
    old, new = parse_reply(text, base={"a": "x\n"}).files
    assert (old.action, old.changed_lines, old.stated) == ("modify", ((2, 2),), False)
    assert old.base_hash is not None
    assert (new.action, new.base_hash) == ("add", None)


def test_a_diff_is_applied_to_the_base() -> None:
    text = _text(F3 + "diff", "// file: a", "@@ -1,2 +1,2 @@", " x", "-y", "+z", F3)
    (file,) = parse_reply(text, base={"a": "x\ny\n"}).files
    assert (file.content, file.action) == ("x\nz\n", "modify")
    (kept,) = parse_reply(text).files
    assert (kept.content, kept.patch) == (None, "@@ -1,2 +1,2 @@\n x\n-y\n+z\n")


def test_a_diff_that_does_not_fit_is_refused_with_hunk_and_line() -> None:
    text = _text(F3 + "diff", "// file: a", "@@ -1,2 +1,2 @@", " x", "-y", "+z", F3)
    reply = parse_reply(text, base={"a": "x\nother\n"})
    assert reply.files == ()
    assert "hunk 1, line 2" in reply.diagnostics[0].message


def test_a_path_given_twice_keeps_both_and_the_later_stands() -> None:
    text = _text(F3, "// file: a", "1", F3, F3, "// file: b", F3, F3, "// file: a", "2", F3)
    reply = parse_reply(text)
    assert [file.path for file in reply.files] == ["a", "b", "a"]
    assert [(file.path, file.content) for file in reply.change] == [("a", "2\n"), ("b", "")]
    assert _codes(reply) == ["duplicate-path"]
    assert parse_reply(text, duplicates="first").change.files[0].content == "1\n"
    with pytest.raises(ReplyUnusable, match="lines 3 and 10"):
        parse_reply(text, duplicates="error")


def test_sections_come_from_headings_else_from_paths() -> None:
    block = _text(F3, "// file: tests/test_a.py", F3)
    assert parse_reply(block).files[0].section is Section.TESTS
    assert parse_reply("## 3. Ports/Adapters:\n" + block).files[0].section is Section.PORTS
    assert parse_reply("## Docs\n## Attestations\n" + block).files[0].section is Section.TESTS


def test_a_header_line_is_kept_on_request() -> None:
    text = _text(F3, "#!/bin/sh", "# file: a", "x", "# file: b", "y", F3)
    files = parse_reply(text, keep_header=True).files
    assert [(f.content, f.start_line) for f in files] == [
        ("#!/bin/sh\n# file: a\nx\n", 2),
        ("# file: b\ny\n", 5),
    ]


@pytest.mark.parametrize(
    ("limits", "text", "code"),
    [
        (Limits(files=1), _text(F3, "# file: a", "# file: b", F3), "too-many-files"),
        (Limits(file=4), _text(F3, "# file: a", "one", "two", F3), "file-too-large"),
        (Limits(line=20), _text(F3, "# file: a", "x" * 30, F3), "line-too-long"),
        (Limits(total=20), _text(F3, "# file: a", "x" * 30, F3), "reply-too-long"),
        (Limits(nesting=1), _text(F3, "# file: a", F3 + "x", F3 + "y", F3 + "z"), "nested-too-deep"),
        (Limits(items=2), _text("- a", "- b", "- c"), "too-many-bullets"),
        (Limits(items=1), _text("Validation: a", "Validation: b"), "too-many-validations"),
        (Limits(items=1), _text("Question: a?", "Question: b?"), "too-many-questions"),
    ],
)
def test_limits_end_in_a_diagnostic(limits: Limits, text: str, code: str) -> None:
    reply = parse_reply(text, limits=limits)
    assert code in _codes(reply)
    assert len(reply.files) <= 1


@pytest.mark.parametrize("line", ["- x\n", "  goes on\n", "Validation: x\n", "Question: x?\n"])
def test_a_reply_of_millions_of_such_lines_costs_no_more_than_its_length(line: str) -> None:
    text = "- first\n" + line * (4_000_000 // len(line))
    start = time.process_time()
    reply = parse_reply(text)
    assert time.process_time() - start < 6  # it took half a minute where a bullet grew line by line
    assert len(reply.checklist) <= 10_000
    assert len(reply.validations) <= 10_000
    assert len(reply.questions) <= 10_000


def test_invalid_bytes_become_replacement_characters() -> None:
    assert _files(parse_reply(b"```\n# file: a\n\xff\n```\n")) == [("a", "\ufffd\n")]


def test_a_closed_parser_takes_nothing_more() -> None:
    parser = ReplyParser()
    parser.close()
    with pytest.raises(UsageError):
        parser.feed("x")
    with pytest.raises(UsageError):
        parser.close()


@pytest.mark.parametrize(
    "call", [{"names": "all"}, {"ending": "over"}, {"seal": "two words"}, {"duplicates": "both"}]
)
def test_arguments_out_of_range_are_named(call: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        parse_reply("", **call)  # type: ignore[arg-type]
