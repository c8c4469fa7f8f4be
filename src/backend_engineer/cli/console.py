"""Where results go: labelled text or JSON on standard output, complaints on standard error.

Owns: colour (which only ever repeats a word), encodings that cannot show a character, JSON's spelling.
Must never know: what is shown.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from backend_engineer.contract import Severity, Verdict
from backend_engineer.errors import UnreadableDocument, UsageError
from backend_engineer.reporting.escaping import for_json

__all__ = ["Console", "read_bytes", "read_text", "standard_input", "write_text"]

_RED, _YELLOW, _GREEN, _PLAIN = "31", "33", "32", ""
_COLOURS: Mapping[str, str] = {
    Severity.BLOCKER: _RED,
    Severity.CRITICAL: _RED,
    Severity.MAJOR: _RED,
    Severity.MINOR: _YELLOW,
    Severity.INFO: _PLAIN,
    Verdict.VIOLATED: _RED,
    Verdict.NOT_CHECKED: _YELLOW,
    Verdict.NEEDS_REVIEW: _YELLOW,
    Verdict.ATTESTED: _GREEN,
    Verdict.HELD: _GREEN,
    Verdict.NOT_APPLICABLE: _PLAIN,
}


class _Nowhere(io.StringIO):
    """Takes every text and keeps none."""

    def write(self, text: str, /) -> int:
        """Take a text."""
        return len(text)


class Console:
    """Standard output and standard error, and how to write to them."""

    def __init__(
        self,
        output: TextIO | None = None,
        complaints: TextIO | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        # A process may be started with its outputs closed; then there is nobody to tell.
        self.output: TextIO = output or sys.stdout or _Nowhere()
        self.complaints: TextIO = complaints or sys.stderr or _Nowhere()
        variables = os.environ if environment is None else environment
        for stream in (self.output, self.complaints):
            if isinstance(stream, io.TextIOWrapper):
                # A terminal that cannot show a character gets it written out instead of a crash.
                stream.reconfigure(errors="backslashreplace")
        self.coloured = (
            not variables.get("NO_COLOR") and variables.get("TERM", "") != "dumb" and self.output.isatty()
        )

    def say(self, text: str = "") -> None:
        """One line, or several, on standard output."""
        self.output.write(text if text.endswith("\n") else text + "\n")
        self.output.flush()

    def say_document(self, text: str) -> None:
        """A document of a format that is UTF-8, whatever the encoding of standard output: only a terminal gets its own."""
        if not isinstance(self.output, io.TextIOWrapper) or self.output.isatty():
            self.say(text)
            return
        self.output.flush()
        self.output.buffer.write((text if text.endswith("\n") else text + "\n").encode("utf-8", "replace"))
        self.output.buffer.flush()

    def say_json(self, data: Any) -> None:
        """JSON data as one indented document on standard output."""
        self.say_document(for_json(json.dumps(data, indent=2, ensure_ascii=False)))

    def say_json_line(self, data: Any) -> None:
        """JSON data as one line on standard output."""
        self.say_document(for_json(json.dumps(data, ensure_ascii=False)))

    def complain(self, text: str) -> None:
        """One line, or several, on standard error."""
        self.output.flush()
        self.complaints.write(text if text.endswith("\n") else text + "\n")
        self.complaints.flush()

    def paint(self, word: str, meaning: Severity | Verdict) -> str:
        """The word, in colour on a terminal that wants it; the word itself always stays."""
        colour = _COLOURS[meaning]
        return f"\x1b[{colour}m{word}\x1b[0m" if self.coloured and colour else word


def standard_input() -> BinaryIO:
    """Standard input as bytes; `UsageError` when the process has none."""
    if sys.stdin is None:
        raise UsageError("Standard input is closed.", hint="Name a file, or pipe something in.")
    return sys.stdin.buffer


def read_bytes(name: str) -> bytes:
    """The bytes of a file, or of standard input for `-`; `UsageError` says why it cannot be read."""
    if name == "-":
        return standard_input().read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}.", hint="Check the path.") from None
    except ValueError as error:
        raise UsageError(f"{name!r} is no file name: {error}.", hint="Check the path.") from None


def read_text(name: str) -> str:
    """The text of a file in UTF-8, or of standard input for `-`."""
    data = read_bytes(name)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableDocument(
            "it is not text in UTF-8.", path=name, line=line, hint="Save it as UTF-8."
        ) from None


def write_text(name: str, text: str) -> None:
    """Write a file as UTF-8 with line feeds; `UsageError` says why it cannot be written."""
    try:
        with Path(name).open("w", encoding="utf-8", errors="replace", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"{name} cannot be written: {error.strerror}.", hint="Check the path.") from None
