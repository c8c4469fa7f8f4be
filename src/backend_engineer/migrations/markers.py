"""Single files that hold both directions, cut at their tool's markers.

Owns: the marker comments of each tool but Liquibase, what they switch, and how a file is cut at them.
Must never know: file names, versions, other files, databases.

A tool takes its markers in one spelling and stops, or takes them for plain comments, at any other. A line
that is nearly a marker is therefore cut at as if it were one, and noted: the file does not work as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from backend_engineer.migrations.cutting import badly_cut
from backend_engineer.migrations.liquibase import is_changelog, read_changelog
from backend_engineer.migrations.parts import Part, Sections

__all__ = ["read_markers", "switches_off"]


@dataclass(frozen=True, slots=True)
class _Marker:
    """A tool's markers.

    sign: stands in each of them, in lower case. like: a line that is meant to be one; the groups are `word`
    and `rest`. exact: what the tool really takes. off: in `rest`, switches the transaction off. wraps: what
    the tool does otherwise. again: what a second marker of a direction is to the tool. strict: the tool
    stumbles over a byte-order mark, and over statements before the first marker. both: only a file with both
    markers is the tool's: one alone may be anybody's comment.
    """

    tool: str
    sign: str
    like: re.Pattern[str]
    exact: re.Pattern[str]
    off: re.Pattern[str] = field(default=re.compile(r"(?!)"))
    wraps: bool | None = True
    again: Literal["joined", "refused", "text"] = "text"
    strict: bool = False
    both: bool = False


_MARKERS = (
    _Marker(
        "dbmate",
        "migrate:",
        re.compile(r"\s*-+\s*migrate:(?P<word>up|down)\b(?P<rest>.*)\Z", re.IGNORECASE),
        re.compile(r"--\s*migrate:(?:up(?:\s*\Z|\s+\S)|down(?:\s+\S+)?\s*\Z)"),
        re.compile(r"(?:^|\s)transaction:false(?=\s|$)"),
        strict=True,
    ),
    _Marker(
        "goose",
        "+goose",
        re.compile(r"\s*-+[\s-]*\+goose\b\s*(?P<word>\w*)(?P<rest>.*)\Z", re.IGNORECASE),
        re.compile(
            r"--[\s-]*\+goose\s+(?:Up|Down|StatementBegin|StatementEnd|NO TRANSACTION|ENVSUB (?:ON|OFF))[\s-]*\Z",
            re.IGNORECASE,
        ),
        again="refused",
        strict=True,
    ),
    _Marker(
        "sql-migrate",
        "+migrate",
        re.compile(r"\s*-+\s*\+migrate\b\s*(?P<word>\w*)(?P<rest>.*)\Z", re.IGNORECASE),
        re.compile(r"-- \+migrate\s+(?:Up|Down|StatementBegin|StatementEnd)(?:\s.*)?\Z"),
        re.compile(r"(?:^|\s)notransaction(?=\s|$)"),
        again="joined",
        strict=True,
    ),
    _Marker(
        "play",
        "!ups",
        re.compile(r"\s*(?:#|--).*!(?P<word>Up|Down)s(?P<rest>.*)\Z"),
        re.compile(""),
        # Evolutions run statement by statement; `autocommit` is on unless it is set otherwise.
        wraps=False,
        again="joined",
    ),
    _Marker(
        "rambler",
        "rambler",
        re.compile(r"\s*--\s*rambler\s+(?P<word>up|down)\b(?P<rest>.*)\Z"),
        re.compile(""),
        wraps=None,
        again="joined",
    ),
    _Marker(
        "node-pg-migrate",
        "migration",
        re.compile(r"\s*--[\s-]*(?P<word>up|down)\s+migration(?P<rest>.*)\Z", re.IGNORECASE),
        re.compile(""),
        both=True,
    ),
)
_GOOSE_OFF = re.compile(r"^--[\s-]*\+goose\s+NO TRANSACTION[\s-]*$", re.IGNORECASE | re.MULTILINE)
# What stands above is the forward script, what stands below the rollback.
_DIVIDERS = (
    ("tern", re.compile(r"^----\s*create above\s*/\s*drop below\s*----[ \t\r]*$", re.MULTILINE)),
    ("mybatis", re.compile(r"^\s*--\s*//\s*@UNDO\b[^\n]*$", re.MULTILINE | re.IGNORECASE)),
)
_QUICK = re.compile(
    r"migrate:up|migrate:down|\+goose|\+migrate|liquibase|create above|@undo|!ups|rambler|down\s+migration",
    re.IGNORECASE,
)
_SWITCH_OFF = re.compile(
    r"\A\s*--\s*no-transaction\b|^--\s*NO_TRANSACTION\b|^--\s*transactional:\s*false\b"
    r"|^--\s*disable_ddl_transaction\b|^--\s*atlas:txmode\s+none\b|^---- tern: disable-tx ----",
    re.MULTILINE,
)


def switches_off(sql: str) -> bool:
    """Whether a plain script carries a comment that tells its runner to use no transaction."""
    # Each of the words has one of these in it, and looking for them is cheaper than the pattern.
    quick = "transaction" in sql or "TRANSACTION" in sql or ":txmode" in sql or "disable-tx" in sql
    return quick and _SWITCH_OFF.search(sql) is not None


def read_markers(sql: str) -> tuple[Sections, ...]:
    """The migrations that a file's markers divide it into; empty where it has no marker.

    A byte-order mark at the start is no part of the text.
    """
    if _QUICK.search(sql) is None:
        return ()
    marked, sql = sql.startswith("\ufeff"), sql.removeprefix("\ufeff")
    if is_changelog(sql):
        return read_changelog(sql)
    for tool, divider in _DIVIDERS:
        found = divider.search(sql)
        if found is not None:
            return (_divided(tool, sql, found),)
    low = sql.lower()
    for marker in _MARKERS:
        sections = _Cut(marker, marked).cut(sql) if marker.sign in low else None
        if sections is not None:
            return (sections,)
    return ()


def _divided(tool: str, sql: str, found: re.Match[str]) -> Sections:
    wraps = not switches_off(sql)
    line = sql.count("\n", 0, found.end()) + 2
    above = Part(sql[: found.start()], 1, wraps)
    return Sections(tool, above, Part(sql[found.end() + 1 :], line, wraps))


class _Cut:
    """One pass over a file; each direction's lines keep their places by blank lines between them."""

    def __init__(self, marker: _Marker, byte_order_mark: bool) -> None:
        self.marker = marker
        self.lines: dict[str, list[str]] = {}
        self.begins: dict[str, int] = {}
        self.wraps: dict[str, bool | None] = {"up": marker.wraps, "down": marker.wraps}
        self.notes: list[str] = []
        self.cuts: list[str] = []
        self.current = ""
        if byte_order_mark and marker.strict:
            self.notes.append(f"line 1: {marker.tool} does not take the byte-order mark that it begins with")

    def cut(self, sql: str) -> Sections | None:
        """The two directions, or None where no marker stands in the text."""
        for number, line in enumerate(sql.split("\n"), 1):
            plain = line.rstrip("\r")
            found = self.marker.like.match(plain) if "-" in plain or "#" in plain else None
            if found is None or not self._turn(found, plain, number):
                self._take(line, number)
        if not self.lines or (self.marker.both and len(self.lines) < 2):
            return None
        if self.marker.tool == "goose" and _GOOSE_OFF.search(sql):
            self.wraps = {"up": False, "down": False}
        forward, rollback = self._part("up") or Part("", 1), self._part("down")
        return Sections(self.marker.tool, forward, rollback, notes=tuple(self.notes), cuts=tuple(self.cuts))

    def _turn(self, found: re.Match[str], line: str, number: int) -> bool:
        """Follow a marker; False where the line is text all the same."""
        marker, word = self.marker, found.group("word").lower()
        if marker.exact.match(line) is None:
            self.notes.append(f"line {number}: {marker.tool} does not take {line.strip()!r} as a marker")
        if word not in ("up", "down"):
            return False
        if word in self.lines and marker.again != "joined":
            if marker.again == "refused":
                self.notes.append(f"line {number}: {marker.tool} takes one {line.strip()!r} only")
            return False
        if marker.strict and word == "down" and "up" not in self.lines:
            self.notes.append(f"line {number}: {marker.tool} wants the forward part first")
        self.current = word
        for lines in self.lines.values():
            lines.append("")
        if word not in self.lines:
            self.lines[word] = []
            self.begins[word] = number + 1
        if marker.off.search(found.group("rest")) is not None:
            self.wraps[word] = False
        return True

    def _take(self, line: str, number: int) -> None:
        for word, lines in self.lines.items():
            lines.append(line if word == self.current else "")
        text = line.strip()
        if self.marker.strict and not self.current and text and not text.startswith("--"):
            # Whatever stands there runs in neither direction.
            note = f"line {number}: {self.marker.tool} takes no statement before its first marker"
            if self.marker.tool != "sql-migrate" and note not in self.notes:
                self.notes.append(note)

    def _part(self, word: str) -> Part | None:
        if word not in self.lines:
            return None
        lines = self.lines[word]
        if word != self.current:
            # The other direction's lines at the end are nothing but blanks here.
            while lines and not lines[-1]:
                lines.pop()
            lines.append("")
        text = "\n".join(lines)
        wrong = badly_cut(self.marker.tool, text, self.begins[word])
        if wrong:
            self.cuts.append(wrong)
        if self.marker.tool == "play":
            text = text.replace(";;", ";")
        return Part(text, self.begins[word], self.wraps[word])
