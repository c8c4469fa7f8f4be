"""A unified diff read strictly: what it holds must be what its own counts say.

Owns: the grammar of unified diffs, git's extended headers included, as frozen values.
Must never know: file systems, git itself, what a patch is applied to.

Only LF ends a line here; a CR before it belongs to the line, so that a diff of a CRLF file keeps both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from backend_engineer.errors import BadPatch

__all__ = ["FilePatch", "Hunk", "parse_patch"]

_HUNK: Final = re.compile(r"@@ -([0-9]{1,9})(?:,([0-9]{1,9}))? \+([0-9]{1,9})(?:,([0-9]{1,9}))? @@")
_NO_NEWLINE: Final = "\\"
_ESCAPE: Final = re.compile(r"\\([0-7]{3}|.)")
_ESCAPED: Final = {"n": 10, "t": 9, "r": 13, "a": 7, "b": 8, "f": 12, "v": 11, '"': 34, "\\": 92}


@dataclass(frozen=True, slots=True)
class Hunk:
    """One hunk: the old and the new text it stands for, line by line, and where they begin.

    old_start, new_start: 1-based first line, as the `@@` line says (0 before an empty side's first line).
    old_lines, new_lines: the text of each side, every line with its line end.
    lines: the hunk as written: a mark (` `, `-`, `+`) and the text with its line end.
    header_line: 1-based line of the `@@` line in the patch.
    """

    old_start: int
    new_start: int
    lines: tuple[tuple[str, str], ...]
    header_line: int

    @property
    def old_lines(self) -> tuple[str, ...]:
        """The lines that must stand in the old text."""
        return tuple(text for mark, text in self.lines if mark != "+")

    @property
    def new_lines(self) -> tuple[str, ...]:
        """The lines that stand in the new text."""
        return tuple(text for mark, text in self.lines if mark != "-")


@dataclass(frozen=True, slots=True)
class FilePatch:
    """What a diff says about one file.

    path: the new path, or the old one for a deletion. previous_path: the old path of a rename or copy.
    action: `add`, `modify`, `delete` or `rename`. hunks: in order, none for a pure rename or mode change.
    old_mode, new_mode: as git writes them, empty if not given; a link is 120000, a submodule 160000. binary: git said only that they differ.
    line: 1-based line of its first header in the patch.
    """

    path: str
    action: str
    hunks: tuple[Hunk, ...] = ()
    previous_path: str | None = None
    old_mode: str = ""
    new_mode: str = ""
    binary: bool = False
    line: int = 1


@dataclass(slots=True)
class _Open:
    """The file whose headers and hunks are being read."""

    line: int
    old: str | None = None
    new: str | None = None
    added: bool = False
    deleted: bool = False
    moved_from: str | None = None
    moved_to: str | None = None
    old_mode: str = ""
    new_mode: str = ""
    binary: bool = False
    hunks: list[Hunk] | None = None


class _Reader:
    """Reads a patch line by line; all its changes of state are in `read`."""

    def __init__(self, text: str, path: str | None) -> None:
        self.fallback = path
        self.lines = text.split("\n")
        self.at = 0
        self.done: list[FilePatch] = []
        self.open: _Open | None = None

    def read(self) -> tuple[FilePatch, ...]:
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if line.startswith("diff --git "):
                self.close()
                self.open = _git_header(line.rstrip("\r"), self.at + 1)
            elif line.startswith("--- ") and self._next_starts("+++ "):
                self._file_header()
                continue
            elif line.startswith("@@ "):
                self._hunk()
                continue
            elif self.open is not None and self.open.hunks is None:
                _extended(self.open, line.rstrip("\r"))
            elif line[:1] in ("+", "-", " ") and line.strip() and self.open is not None:
                raise self._bad("there are more lines than the hunk's counts say.", self.at + 1)
            self.at += 1
        self.close()
        return tuple(self.done)

    def _next_starts(self, mark: str) -> bool:
        return self.at + 1 < len(self.lines) and self.lines[self.at + 1].startswith(mark)

    def _file_header(self) -> None:
        if self.open is None or self.open.hunks is not None:
            self.close()
            self.open = _Open(self.at + 1)
        self.open.old = _header_path(self.lines[self.at][4:], "a/", self.at + 1)
        self.open.new = _header_path(self.lines[self.at + 1][4:], "b/", self.at + 2)
        self.open.hunks = []
        self.at += 2

    def _bad(self, message: str, line: int) -> BadPatch:
        path = (self.open.new or self.open.old or "") if self.open else ""
        hunks = len(self.open.hunks) if self.open and self.open.hunks else None
        return BadPatch(message, path=path, hunk=hunks, line=line)

    def _hunk(self) -> None:
        header_line = self.at + 1
        match = _HUNK.match(self.lines[self.at])
        if match is None:
            raise self._bad("the '@@' line is not of the form '@@ -1,2 +1,3 @@'.", header_line)
        if self.open is None:
            self.open = _Open(header_line)
        if self.open.hunks is None:
            self.open.hunks = []
        old_start, old_count, new_start, new_count = (int(part or 1) for part in match.groups())
        lines = self._body(old_count, new_count, header_line, len(self.open.hunks) + 1)
        self.open.hunks.append(Hunk(old_start, new_start, lines, header_line))

    def _body(self, old: int, new: int, header_line: int, number: int) -> tuple[tuple[str, str], ...]:
        """The hunk's lines; both counts must come out exactly."""
        wanted = (old, new)
        found: list[tuple[str, str]] = []
        self.at += 1
        while old or new:
            line = self.lines[self.at] if self.at < len(self.lines) else None
            last = self.at + 1 >= len(self.lines)
            # Editors and models strip the blank from an empty context line; nothing else can begin a
            # line with nothing, so it is read as one, but for the empty string after the last newline.
            if line is not None and not (line == "" and last) and line in ("", "\r"):
                line = " " + line
            if line is None or line[:1] not in (" ", "-", "+"):
                raise BadPatch(
                    f"the hunk says {wanted[0]} old and {wanted[1]} new lines, but ends "
                    f"{old} old and {new} new lines short.",
                    path=self._path(),
                    hunk=number,
                    line=self.at + 1,
                )
            mark = line[0]
            old -= mark != "+"
            new -= mark != "-"
            if old < 0 or new < 0:
                raise BadPatch(
                    f"the hunk has more {'new' if new < 0 else 'old'} lines than its '@@' line says.",
                    path=self._path(),
                    hunk=number,
                    line=self.at + 1,
                )
            self.at += 1
            end = "\n"
            if self.at < len(self.lines) and self.lines[self.at].startswith(_NO_NEWLINE):
                end = ""
                self.at += 1
            found.append((mark, line[1:] + end))
        return tuple(found)

    def _path(self) -> str:
        return (self.open.new or self.open.old or "") if self.open else ""

    def close(self) -> None:
        if self.open is not None:
            self.done.append(_finished(self.open, self.fallback))
        self.open = None


def _git_header(line: str, number: int) -> _Open:
    opened = _Open(number)
    rest = line[len("diff --git ") :]
    if rest.startswith('"'):
        match = re.match(r'("(?:[^"\\]|\\.)*") (.*)\Z', rest)
        if match:
            opened.old, opened.new = (
                _strip(part, side) for part, side in zip(match.groups(), ("a/", "b/"), strict=True)
            )
        return opened
    # `a/P b/P`: without a rename both halves name the same path, which tells where to cut if P has blanks.
    half = (len(rest) - 1) // 2
    if rest[half : half + 1] == " " and rest[2:half] == rest[half + 3 :]:
        opened.old, opened.new = rest[2:half], rest[half + 3 :]
    elif rest.count(" ") == 1:
        first, _, second = rest.partition(" ")
        opened.old, opened.new = _strip(first, "a/"), _strip(second, "b/")
    return opened


def _extended(opened: _Open, line: str) -> None:
    """Take one of git's extended header lines; anything else between header and hunk is ignored."""
    key, _, value = line.partition(" ")
    if line.startswith("new file mode "):
        opened.added, opened.new_mode = True, line[14:].strip()
    elif line.startswith("deleted file mode "):
        opened.deleted, opened.old_mode = True, line[18:].strip()
    elif line.startswith("old mode "):
        opened.old_mode = line[9:].strip()
    elif line.startswith("new mode "):
        opened.new_mode = line[9:].strip()
    elif line.startswith("index ") and line.count(" ") == 2:
        opened.old_mode = opened.new_mode = line.rpartition(" ")[2]
    elif line.startswith(("rename from ", "copy from ")):
        opened.moved_from = _unquoted(value.partition(" ")[2])
    elif line.startswith(("rename to ", "copy to ")):
        opened.moved_to = _unquoted(value.partition(" ")[2])
        opened.added = opened.added or key == "copy"
    elif line.startswith(("Binary files ", "GIT binary patch")):
        opened.binary = True


def _finished(opened: _Open, fallback: str | None) -> FilePatch:
    old, new = opened.old, opened.new
    if old is None and new is None:
        old = new = fallback
    if opened.moved_from is not None and opened.moved_to is not None:
        old, new = opened.moved_from, opened.moved_to
    added = opened.added or (old == "/dev/null")
    deleted = opened.deleted or (new == "/dev/null")
    path = old if deleted else new
    if path is None or path == "/dev/null":
        raise BadPatch("it names no file: '---' and '+++' lines are missing.", line=opened.line)
    action = "add" if added else "delete" if deleted else "modify"
    moved = old not in (None, "/dev/null", path) and not deleted
    if action == "modify" and moved:
        action = "rename"
    return FilePatch(
        path=path,
        action=action,
        hunks=tuple(opened.hunks or ()),
        previous_path=old if action == "rename" or (action == "add" and moved) else None,
        old_mode=opened.old_mode,
        new_mode=opened.new_mode,
        binary=opened.binary,
        line=opened.line,
    )


def _header_path(text: str, side: str, line: int) -> str:
    """The path of a `---` or `+++` line: unquoted, without a time stamp and without git's `a/` or `b/`."""
    text = text.rstrip("\r")
    if not text.startswith('"'):
        text = text.partition("\t")[0].rstrip(" ")
    if not text:
        raise BadPatch("the header line names no path.", line=line)
    return _strip(text, side)


def _strip(text: str, side: str) -> str:
    return _unquoted(text).removeprefix(side)


def _unquoted(text: str) -> str:
    """Undo git's C-style quoting, whose octal escapes are the path's bytes in UTF-8."""
    text = text.strip(" \t")  # blanks of ASCII only: git leaves the others in a name as they are
    if not (text.startswith('"') and text.endswith('"') and len(text) > 1):
        return text
    out = bytearray()
    at = 1
    for match in _ESCAPE.finditer(text, 1, len(text) - 1):
        out += text[at : match.start()].encode("utf-8", "surrogatepass")
        word = match.group(1)
        out.append(int(word, 8) & 0xFF if len(word) == 3 else _ESCAPED.get(word, ord(word[0]) & 0xFF))
        at = match.end()
    out += text[at:-1].encode("utf-8", "surrogatepass")
    return out.decode("utf-8", "replace")


def parse_patch(text: str, *, path: str | None = None) -> tuple[FilePatch, ...]:
    """Read a unified diff, with or without git's extended headers, prose around it allowed.

    path: the file that hunks without any file header belong to.
    Raises BadPatch with the file, the hunk (1-based) and the line of the patch when a hunk's counts are
    not what it holds, when a `@@` line is malformed, or when no file is named.
    """
    return _Reader(text, path).read()
