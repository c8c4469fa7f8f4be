"""What a person reads: labels and words, never colour alone, never a traceback (ACCS-01, ACCS-02)."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backend_engineer.cli.console import Console
from backend_engineer.cli.exports import FORMATS, emit_report
from backend_engineer.cli.main import COMMANDS
from backend_engineer.contract import Severity, Verdict
from backend_engineer.outputs import Change, FileChange
from backend_engineer.rules import check

ANSI = re.compile(r"\x1b\[[0-9;]*m")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def console(environment: dict[str, str], output: io.StringIO | None = None) -> Console:
    return Console(output or Terminal(), io.StringIO(), environment)


@pytest.mark.parametrize("meaning", [*Severity, *Verdict])
def test_colour_only_repeats_a_word(meaning: Severity | Verdict) -> None:
    painted = console({}).paint(str(meaning), meaning)
    assert ANSI.sub("", painted) == str(meaning)


def test_a_terminal_gets_colour_for_what_is_violated() -> None:
    assert console({}).paint("violated", Verdict.VIOLATED) != "violated"


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_color_and_dumb_terminals_get_plain_text(environment: dict[str, str]) -> None:
    assert console(environment).paint("violated", Verdict.VIOLATED) == "violated"


def test_an_empty_no_color_counts_as_unset() -> None:
    assert console({"NO_COLOR": ""}).coloured


def test_output_that_is_no_terminal_is_plain() -> None:
    assert console({}, io.StringIO()).paint("violated", Verdict.VIOLATED) == "violated"


def test_every_line_of_a_check_is_labelled(cli: Callable[..., Any], last_login: Path) -> None:
    shown = cli("check", last_login / "hand-written" / "reply.md", "--base", last_login / "service")
    for line in shown.out.splitlines():
        assert re.match(r"$|( {2})?[A-Za-z][\w -]*:|Finding \d+ of \d+$|Notes$| {4}\| ", line), line


def test_every_command_has_a_line_in_the_help_and_a_help_of_its_own(cli: Callable[..., Any]) -> None:
    shown = cli("--help")
    assert shown.code == 0
    for command in COMMANDS:
        assert command.name in shown.out
        assert cli(command.name, "--help").out.startswith("usage: ")


def test_the_help_explains_the_exit_codes(cli: Callable[..., Any]) -> None:
    shown = cli("--help").out
    assert all(re.search(rf"^  {code}  ", shown, re.MULTILINE) for code in range(6))


def test_bad_arguments_end_with_2_and_say_what_to_do(cli: Callable[..., Any]) -> None:
    shown = cli("parse", "--nonsense")
    assert shown.code == 2
    assert "Error: " in shown.err
    assert "What to do: " in shown.err


def test_no_command_at_all_ends_with_2(cli: Callable[..., Any]) -> None:
    assert cli().code == 2


def test_a_defect_is_told_in_a_sentence(cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr("backend_engineer.cli.commands.clauses.act", broken)
    shown = cli("clauses")
    assert shown.code == 70
    assert shown.err.startswith("Error: This is a defect of backend-engineer (ZeroDivisionError: oh).")
    assert "Traceback" not in shown.err


def test_an_interruption_ends_with_130(cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("backend_engineer.cli.commands.clauses.act", interrupted)
    assert cli("clauses") == (130, "", "Interrupted: nothing more was done.\n")


def test_an_error_with_json_is_json_too(cli: Callable[..., Any]) -> None:

    shown = cli("explain", "NOPE99", "--json")
    assert shown.code == 2
    assert json.loads(shown.out)["error"]["kind"] == "UsageError"


def run(*arguments: str, **options: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "backend_engineer", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **options,
    )


def test_a_closed_pipe_ends_quietly() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "backend_engineer", "clauses"]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, timeout=60)
    os.close(writing)
    assert done.returncode == 141
    assert done.stderr == b""


def test_control_c_while_waiting_for_input_leaves_no_traceback() -> None:
    # A test run that a shell started in the background ignores the signal, and so would what it starts.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = run("parse", "--watch", stdin=subprocess.PIPE)
    finally:
        signal.signal(signal.SIGINT, before)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"- one\n- two\n- three\n\n## Tests\n")
    process.stdin.flush()
    assert process.stdout.readline().startswith(b"Checklist: ")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err == b"Interrupted: nothing more was done.\n"


def test_an_ascii_terminal_gets_other_characters_written_out(tmp_path: Path) -> None:
    reply = tmp_path / "reply.md"
    reply.write_text("- grün\n- two\n- three\n", "utf-8")
    process = run("parse", str(reply), env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, b"")
    assert b"gr\\xfcn" in out


def test_watching_shows_events_before_the_input_ends() -> None:
    process = run("parse", "--watch", stdin=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"## Docs\n\n```md\n<!-- file: docs/a.md -->\n# A\n```\nValidation: fine.\n\n")
    process.stdin.flush()
    assert process.stdout.readline() == b"Section: Docs\n"
    assert process.stdout.readline() == b"File: docs/a.md (add, 1 lines)\n"
    time.sleep(0.01)
    assert process.poll() is None
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, b"")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437", "utf-16", "utf-8"])
@pytest.mark.parametrize("name", sorted(FORMATS))
def test_a_document_is_utf_8_whatever_the_encoding_of_the_output(encoding: str, name: str) -> None:
    raw = io.BytesIO()
    console = Console(output=io.TextIOWrapper(raw, encoding=encoding))
    files = (FileChange("src/é©.py", 'rows = db.execute("SELECT * FROM \u2264")\n'),)
    emit_report(check(Change(files)), None, name, console)
    text = raw.getvalue().decode("utf-8")
    assert "é©" in text or "%C3%A9%C2%A9" in text
    if name in ("json", "findings", "strict", "sarif", "rdjson", "gitlab"):
        json.loads(text)
