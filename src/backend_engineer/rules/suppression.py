"""Findings that someone decided to live with: read from comments and configuration, matched, never hidden.

Owns: the grammar of the inline comment, which suppressions count, and what they take out.
Must never know: which rules exist, verdicts, where a configuration file stands.

The comment is `backend-engineer: allow CODE until 2027-01-31 because REASON`; several codes are separated
by commas, `until ...` may be left out, `because` may not. It covers its own line and the next one;
`allow-file` covers the file. A reply cannot excuse itself: in a reply a comment counts only where the
base already holds it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from backend_engineer.outputs import FileChange, Finding
from backend_engineer.redaction import redact
from backend_engineer.rules.rule import ANY, Context, Place, Suppression

__all__ = ["InlineNote", "Split", "apply_suppressions", "glob_matches", "idle_notes", "inline_notes"]

_MARK = "backend-engineer: allow"
_GRAMMAR = re.compile(
    r"backend-engineer: allow(?P<file>-file)? (?P<codes>[A-Z][A-Z0-9-]*(?:, ?[A-Z][A-Z0-9-]*)*)"
    r"(?: until (?P<until>\S+))?(?: because (?P<reason>.+?))?\s*(?:\*/|-->|#\}|\*\))?\s*$"
)


class InlineNote(NamedTuple):
    """One inline comment: the suppressions it makes, or what is wrong with it; path and 1-based line."""

    path: str
    line: int
    suppressions: tuple[Suppression, ...]
    problem: str = ""


class Split(NamedTuple):
    """Findings that stand, findings taken out with the suppression that did it, and notes for the report."""

    kept: tuple[Finding, ...]
    taken: tuple[tuple[Finding, Suppression], ...]
    notes: tuple[str, ...]


def inline_notes(context: Context) -> tuple[InlineNote, ...]:
    """Every suppression comment in the change, in order; made once for a call."""

    def make() -> tuple[InlineNote, ...]:
        return tuple(
            _read(file.path, number, line)
            for file in context.change
            if file.content is not None and _MARK in file.content
            for number, line in enumerate(file.content.split("\n"), start=1)
            if _MARK in line and _may_speak(context, file.path, line)
        )

    notes: tuple[InlineNote, ...] = context.shared("suppression.inline", make)
    return notes


def _may_speak(context: Context, path: str, line: str) -> bool:
    if context.change.origin != "reply":
        return True
    old = context.base.get(path) if context.base is not None else None
    return old is not None and line.strip() in (row.strip() for row in old.split("\n"))


def _read(path: str, number: int, line: str) -> InlineNote:
    match = _GRAMMAR.search(line)
    if match is None:
        return InlineNote(path, number, (), "it is not of the form `allow CODE [until DATE] because REASON`")
    if match["reason"] is None or not re.search(r"\w", match["reason"]):
        return InlineNote(path, number, (), "it gives no reason; add `because ...`")
    until: date | None = None
    if match["until"] is not None:
        try:
            until = date.fromisoformat(match["until"])
        except ValueError:
            return InlineNote(path, number, (), f"{match['until']!r} is no date; write it as 2027-01-31")
    lines = None if match["file"] else (number, number + 1)
    made = tuple(
        Suppression(code.strip(), path, match["reason"], until, lines, source=f"{path}:{number}")
        for code in match["codes"].split(",")
    )
    return InlineNote(path, number, made)


def apply_suppressions(findings: Iterable[Finding], context: Context) -> Split:
    """Take out the findings that a valid suppression covers.

    A suppression with an expiry counts only when the caller says what day it is, up to and with that day.
    """
    valid = [item for item in context.suppressions if is_current(item, context.today)]
    inline: dict[str, list[Suppression]] = {}
    for note in inline_notes(context):
        inline.setdefault(note.path, []).extend(
            item for item in note.suppressions if is_current(item, context.today)
        )
    kept: list[Finding] = []
    taken: list[tuple[Finding, Suppression]] = []
    for finding in findings:
        # A comment speaks of its own file alone, whatever stars that file has in its name.
        own = inline.get(finding.where.path, ())
        by = next((item for item in (*valid, *own) if _covers(item, finding)), None)
        if by is None:
            kept.append(finding)
        else:
            taken.append((finding, by))
    return Split(tuple(kept), tuple(taken), tuple(_notes(taken)))


def idle_notes(context: Context) -> Iterator[tuple[InlineNote, Suppression]]:
    """Comments that set nothing aside although they could have, each with the part that did not.

    Left out is what cannot be told in this call: a code whose rule did not run or did not look at everything, a
    comment that has expired, and one that covers lines which the change left alone, whose findings no rule tells.
    """
    outcome = context.outcome
    for note in inline_notes(context) if outcome is not None else ():
        file = context.change.get(note.path)
        if outcome is None or file is None or not _is_all_new(file, note):
            continue
        for item in note.suppressions:
            if item.code not in outcome.looked or not is_current(item, context.today):
                continue
            if not any(_covers_place(item, place) for place in outcome.places if place.path == note.path):
                yield note, item


def _is_all_new(file: FileChange, note: InlineNote) -> bool:
    """Whether the change made every line new that a comment is there for."""
    if file.changed_lines is None or file.content is None:
        return True
    lines = file.content.split("\n")
    wanted = {line for item in note.suppressions for line in _meant(item, note, lines)}
    new = {line for first, last in file.changed_lines for line in range(first, last + 1)}
    return wanted <= new


def _meant(item: Suppression, note: InlineNote, lines: Sequence[str]) -> Iterable[int]:
    """The lines that a comment speaks of: its own where code stands before it, else the next one too."""
    if item.lines is None:
        return range(1, len(lines) + (lines[-1] != ""))
    before = lines[note.line - 1].partition(_MARK)[0]
    beside = any(character.isalnum() for character in before)
    return (note.line,) if beside or note.line >= len(lines) else (note.line, note.line + 1)


def is_current(item: Suppression, today: date | None) -> bool:
    """Whether a suppression has no expiry, or the caller's day is not past it."""
    return item.until is None or (today is not None and today <= item.until)


def _covers(item: Suppression, finding: Finding) -> bool:
    return _covers_place(item, Place(finding.code or "", finding.where.path, finding.where.span))


def _covers_place(item: Suppression, place: Place) -> bool:
    if item.code not in (place.code, ANY) or not glob_matches(item.path, place.path):
        return False
    span = place.lines
    if item.lines is None:
        return True
    return span is not None and item.lines[0] <= span[1] and span[0] <= item.lines[1]


def _notes(taken: Sequence[tuple[Finding, Suppression]]) -> Iterable[str]:
    for finding, by in taken:
        end = f" until {by.until.isoformat()}" if by.until else ""
        place = finding.where.path + (f":{finding.where.lines}" if finding.where.lines else "")
        yield f"{finding.code} at {place or 'the change'} is suppressed{end} ({by.source}): {redact(by.reason)}"


@lru_cache(maxsize=512)
def _glob(pattern: str) -> re.Pattern[str]:
    parts: list[str] = []
    index = 0
    while index < len(pattern):
        if pattern.startswith("**/", index):
            parts.append("(?:[^/]+/)*")
            index += 3
        elif pattern.startswith("**", index):
            parts.append(".*")
            index += 2
        elif pattern[index] == "*":
            parts.append("[^/]*")
            index += 1
        elif pattern[index] == "?":
            parts.append("[^/]")
            index += 1
        else:
            parts.append(re.escape(pattern[index]))
            index += 1
    return re.compile("".join(parts) + r"\Z", re.DOTALL)


def glob_matches(pattern: str, path: str) -> bool:
    """Whether a path fits a glob: `*` and `?` stay within a folder, `**` crosses folders."""
    return pattern == path or _glob(pattern).match(path) is not None
