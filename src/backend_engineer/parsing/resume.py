"""The seam between a reply that was cut and the text that continues it.

Owns: what a continuation repeats (a fence, a header, the last lines) and so is left out of the joined text.
Must never know: events, how a reply is read, models.

A model that is asked to go on may open the file's fence again, write its header again, say a sentence
first, repeat the line it stopped in, or several whole lines. All of that is joined once. What might be
new text is kept: whole lines at a clean cut count as repeated only if they are two or more, or long.
"""

from __future__ import annotations

from typing import Final

from backend_engineer.parsing.block import Opener, read_opener
from backend_engineer.parsing.header import read_header

__all__ = ["OpenFile", "Seam", "overlap"]

_PREAMBLE: Final = 2048
"""Characters of a continuation in which a repeated fence and header are looked for."""

_REPEATED: Final = 8192
"""Characters that a continuation may repeat."""

_LONG: Final = 24
"""Characters, blanks aside, from which a repetition that is not plainly a line's cannot be chance."""

_OPENS: Final = (":", "{", "(", "[", ">")
"""What ends a line whose following lines stand further in."""


class OpenFile:
    """The file that was open when a reply was cut: its path and the fence that opened its block."""

    __slots__ = ("opener", "path")

    def __init__(self, path: str, opener: Opener) -> None:
        self.path = path
        self.opener = opener


def _borders(new: str, old: str) -> list[int]:
    """Lengths, longest first, at which the end of `old` is the beginning of `new` (Knuth, Morris, Pratt)."""
    text = new[: len(old)] + "\0\0" + old[-len(new) :] if new and old else ""
    if not text:
        return []
    fallback = [0] * len(text)
    length = 0
    for at in range(1, len(text)):
        while length and text[at] != text[length]:
            length = fallback[length - 1]
        length += text[at] == text[length]
        fallback[at] = length
    found = []
    limit = min(len(new), len(old))
    length = fallback[-1]
    while length:
        if length <= limit:
            found.append(length)
        length = fallback[length - 1]
    return found


def overlap(old: str, new: str) -> int:
    """How many characters at the beginning of `new` only repeat the end of `old`."""
    for length in _borders(new[:_REPEATED], old[-_REPEATED:]):
        start = len(old) - length
        line = old[old.rfind("\n", 0, start) + 1 : start]
        repeated = old[start:]
        dense = len("".join(repeated.split()))
        if dense >= _LONG:
            return length
        # A run of one mark says nothing: a cut fence or bracket may go on with the same mark.
        word = "".join(repeated.split())
        if line.strip() or not (len(set(word)) > 1 or word.isalnum()):
            continue
        if not repeated.endswith("\n") or repeated.count("\n") >= 2:
            return length
    return _repeated_indent(old, new)


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]


def _repeated_indent(old: str, new: str) -> int:
    """How many blanks that end `old` are said again, where it stops inside a line's indentation.

    Blanks alone could as well be new, so the lines before must tell: the new line's own indent is the
    one that is due there, and both together would be one that no line has.
    """
    cut = old[old.rfind("\n") + 1 :]
    indent = _indent(new)
    blank = not new[len(indent) :].partition("\n")[0].strip()
    if not cut or cut.strip(" \t") or blank or not indent.startswith(cut):
        return 0
    lines = [line for line in old[-_REPEATED:].split("\n")[:-1] if line.strip()]
    known = {_indent(line) for line in lines}
    if indent not in known or cut + indent in known:
        return 0
    last = _indent(lines[-1])
    due = len(indent) > len(last) if lines[-1].rstrip().endswith(_OPENS) else indent == last
    return len(cut) if due else 0


class Seam:
    """Takes a continuation in chunks and gives what is new of it, once it can tell."""

    def __init__(self, old: str, open_file: OpenFile | None, seal: str | None) -> None:
        """old: the text that was cut. open_file: the file that it was cut in, None if it was between files."""
        self._old = old[-_REPEATED:]
        self._open = open_file
        self._seal = seal
        self._held = ""
        self._settled = False

    def feed(self, text: str) -> str:
        """More of the continuation; the part of everything so far that is new and can be told."""
        if self._settled:
            return text
        self._held += text
        if len(self._held) < _PREAMBLE + _REPEATED:
            return ""
        return self.finish()

    def finish(self) -> str:
        """The continuation is over, or long enough: what is new of what was held."""
        if self._settled:
            return ""
        self._settled = True
        new = self._held[self._repeated_opening() :]
        return new[overlap(self._old, new) :]

    def _repeated_opening(self) -> int:
        """Where the continuation's own text begins after a fence and header that open the file again."""
        if self._open is None:
            return 0
        at, lines = 0, self._held[:_PREAMBLE].split("\n")[:-1]
        for number, line in enumerate(lines):
            at += len(line) + 1
            if self._is_header(line):
                return at
            opener = read_opener(line)
            if opener is not None:
                following = lines[number + 1] if number + 1 < len(lines) else ""
                if self._is_header(following):
                    return at + len(following) + 1
                same = opener.info != "" and opener.info == self._open.opener.info
                return at if same and not any(before.strip() for before in lines[:number]) else 0
        return 0

    def _is_header(self, line: str) -> bool:
        header = read_header(line, first=True, seal=self._seal)
        return header is not None and self._open is not None and header.path == self._open.path
