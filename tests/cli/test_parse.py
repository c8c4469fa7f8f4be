"""`parse`: the parts of a reply in a listing, as JSON, or as they come."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def test_files_sections_actions_and_diagnostics_are_listed(cli: Callable[..., Any], last_login: Path) -> None:
    shown = cli("parse", last_login / "hand-written" / "reply.md", "--base", last_login / "service")
    assert shown.code == 0
    assert "Files: 15\n" in shown.out
    assert "  File 3: accounts/models/user.py\n    Section: Schema/Models\n    Action: modify\n" in shown.out
    assert "Diagnostics: 0\n" in shown.out


def test_json_holds_contents_and_every_part(cli: Callable[..., Any], last_login: Path) -> None:
    data = json.loads(cli("parse", last_login / "hand-written" / "reply.md", "--json").out)
    assert len(data["files"]) == 15
    assert data["files"][0]["content"].startswith("-- The time of a user's last login")
    assert {"checklist", "plan", "validations", "attestations", "findings", "diagnostics"} <= set(data)


def test_standard_input_is_read_without_a_file_name(cli: Callable[..., Any]) -> None:
    shown = cli("parse", stdin=b"## Docs\n\n```md\n<!-- file: docs/a.md -->\n# A\n```\n")
    assert "  File 1: docs/a.md\n" in shown.out


def test_watching_a_file_gives_one_json_line_an_event(cli: Callable[..., Any], last_login: Path) -> None:
    shown = cli("parse", last_login / "hand-written" / "reply.md", "--watch", "--json")
    events = [json.loads(line) for line in shown.out.splitlines()]
    closed = [event["file"]["path"] for event in events if event["kind"] == "file-closed"]
    assert len(closed) == 15
    assert {"checklist", "plan", "section", "validation", "attestations", "findings"} <= {
        event["kind"] for event in events
    }


@pytest.mark.parametrize(
    "text", [b"", b"Only prose, and not much of it.\n", b"\xff\xfe\x00", b"```ts\n// file: a.ts\nconst"]
)
def test_whatever_is_sent_is_listed(cli: Callable[..., Any], tmp_path: Path, text: bytes) -> None:
    reply = tmp_path / "reply.md"
    reply.write_bytes(text)
    for extra in ((), ("--watch",), ("--json",), ("--names", "any"), ("--ending", "truncated")):
        shown = cli("parse", reply, *extra)
        assert (shown.code, shown.err) == (0, "")


def test_a_reply_to_another_prompt_needs_lenient_names(cli: Callable[..., Any], tmp_path: Path) -> None:
    reply = tmp_path / "reply.md"
    reply.write_text("Here is `src/a.py`:\n\n```python\nprint(1)\n```\n")
    assert "Files: 0\n" in cli("parse", reply).out
    assert "  File 1: src/a.py\n" in cli("parse", reply, "--names", "any").out


@pytest.mark.parametrize("watch", [(), ("--watch",)])
def test_a_file_that_is_not_there_ends_with_2(
    cli: Callable[..., Any], tmp_path: Path, watch: tuple[str, ...]
) -> None:
    shown = cli("parse", tmp_path / "nothing.md", *watch)
    assert shown.code == 2
    assert "nothing.md cannot be read: No such file or directory." in shown.err


def test_control_characters_of_a_reply_are_written_out(cli: Callable[..., Any], tmp_path: Path) -> None:
    reply = tmp_path / "reply.md"
    reply.write_text("- \x1b[31mred\x1b[0m\n- two\n- three\n")
    assert "\x1b" not in cli("parse", reply).out
    assert "\x1b" not in cli("parse", reply, "--watch").out
