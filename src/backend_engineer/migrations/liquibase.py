"""Liquibase's formatted SQL: changesets with their rollbacks in one file.

Owns: the comments that Liquibase reads, and how a changelog is cut at them.
Must never know: file names, other tools, other files, databases.
"""

from __future__ import annotations

import re

from backend_engineer.migrations.parts import Part, Sections

__all__ = ["is_changelog", "read_changelog"]

_FIRST_LINE = re.compile(r"\A\s*--\s*liquibase\s*formatted", re.IGNORECASE)
_CHANGESET = re.compile(
    r"\s*--\s*changeset\s+(?P<author>\"[^\"]+\"|[^:]+):\s*(?P<id>\"[^\"]+\"|\S+)(?P<rest>.*)\Z", re.IGNORECASE
)
_NEARLY = re.compile(r"\s*-+\s*changeset\b", re.IGNORECASE)
_ROLLBACK_LINE = re.compile(r"\s*--\s*rollback(?:\s(?P<sql>.*))?\Z", re.IGNORECASE)
_ROLLBACK_OPEN = re.compile(r"\s*/\*\s*liquibase\s*rollback\b(?P<sql>.*)\Z", re.IGNORECASE)
_IGNORE = re.compile(r"--\s*ignoreLines:(?P<what>\w+)\s*\Z", re.IGNORECASE)
_EXPLICITLY_EMPTY = re.compile(r"\A\s*(?:empty|not\s+required)\s*;?\s*\Z", re.IGNORECASE)
_ELSEWHERE = re.compile(r"\A\s*changeSetId:\S+", re.IGNORECASE)


def is_changelog(sql: str) -> bool:
    """Whether a file says in its first line that it is a changelog."""
    return _FIRST_LINE.match(sql) is not None


def read_changelog(sql: str) -> tuple[Sections, ...]:
    """The changesets of a changelog in their order."""
    lines = _without_ignored(sql.split("\n"))
    starts = [
        (number, match)
        for number, line in enumerate(lines)
        if (match := _CHANGESET.match(line.rstrip("\r"))) is not None
    ]
    heads = {number for number, _ in starts}
    notes = [
        f"line {number + 1}: Liquibase does not take {line.strip()!r} as a changeset"
        for number, line in enumerate(lines)
        if number not in heads and _NEARLY.match(line)
    ]
    found: list[Sections] = []
    for place, (number, match) in enumerate(starts):
        stop = starts[place + 1][0] if place + 1 < len(starts) else len(lines)
        found.append(_changeset(match, lines[number + 1 : stop], number + 2, () if place else notes))
    return tuple(found)


def _without_ignored(lines: list[str]) -> list[str]:
    """The lines, with those blank that `ignoreLines` takes out."""
    kept: list[str] = []
    left = 0
    for line in lines:
        mark = _IGNORE.match(line.rstrip("\r"))
        what = mark.group("what").lower() if mark is not None else ""
        if left < 0:
            left = 0 if what == "end" else left
            kept.append("")
        elif left:
            left -= 1
            kept.append("")
        elif what:
            left = -1 if what == "start" else int(what) if what.isdecimal() else 0
            kept.append("")
        else:
            kept.append(line)
    return kept


def _said(rest: str, name: str) -> str:
    found = re.search(rf"\b{name}:(?:\"([^\"]*)\"|(\S+))", rest, re.IGNORECASE)
    return "" if found is None else found[1] or found[2] or ""


def _changeset(head: re.Match[str], body: list[str], line: int, notes: list[str] | tuple[()]) -> Sections:
    forward, rollback, first = _directions(body, line)
    rest = head.group("rest")
    wraps = _said(rest, "runInTransaction").lower() != "false"
    text = "\n".join(rollback)
    explicit = bool(rollback) and _EXPLICITLY_EMPTY.match(text) is not None
    delimiter = _said(rest, "endDelimiter")
    strange = f"endDelimiter:{delimiter}" if delimiter.strip(";") else ""
    elsewhere = "the statements of another changeset" if _ELSEWHERE.match(text) else ""
    engines = ["none"] if _said(rest, "ignore").lower() == "true" else _said(rest, "dbms").lower().split(",")
    return Sections(
        "liquibase",
        Part("\n".join(forward), line, wraps, placeholder=strange),
        Part(
            "" if explicit else text, first, wraps, placeholder=elsewhere or strange, sql_itself=not elsewhere
        )
        if rollback
        else None,
        identity=f"{head.group('author')}:{head.group('id')}".replace('"', ""),
        irreversible=text.strip() if explicit else None,
        engines=tuple(item.strip() for item in engines if item.strip()),
        repeated="true" in (_said(rest, "runOnChange").lower(), _said(rest, "runAlways").lower()),
        notes=tuple(notes),
    )


def _directions(body: list[str], line: int) -> tuple[list[str], list[str], int]:
    """The lines of both directions, and the line of the file on which the rollback begins, 0 without one."""
    forward: list[str] = []
    rollback: list[str] = []
    first = 0
    inside = False
    for offset, text in enumerate(body):
        plain = text.rstrip("\r")
        row, opened = _ROLLBACK_LINE.match(plain), _ROLLBACK_OPEN.match(plain)
        if not inside and row is None and opened is None:
            forward.append(text)
            if first:
                rollback.append("")
            continue
        forward.append("")
        matched = row or opened
        content = text if inside or matched is None else matched["sql"] or ""
        if inside or opened is not None:
            closed = content.rstrip().endswith("*/")
            content = content.rstrip()[:-2] if closed else content
            inside = not closed
        first = first or line + offset
        rollback.append(content)
    while rollback and not rollback[-1].strip() and len(rollback) > 1:
        rollback.pop()
    return forward, rollback, first
