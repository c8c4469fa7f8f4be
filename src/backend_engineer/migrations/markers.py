"""Single files that hold both directions: dbmate, goose, sql-migrate, Liquibase's formatted SQL, tern.

Owns: the marker comments, what they switch, and how a file is cut at them.
Must never know: file names, versions, other files, databases.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Part", "Sections", "read_markers", "switches_off"]


@dataclass(frozen=True, slots=True)
class Part:
    """A direction of a file: its SQL, the 1-based line it begins on, and its transaction switch."""

    sql: str
    line: int
    transactional: bool = True


@dataclass(frozen=True, slots=True)
class Sections:
    """One migration inside a single file.

    tool: whose markers. forward, rollback: the parts; rollback None where the file has none.
    identity: Liquibase's `author:id`, empty elsewhere. irreversible: the text of an explicit empty
    rollback, None elsewhere.
    """

    tool: str
    forward: Part
    rollback: Part | None
    identity: str = ""
    irreversible: str | None = None


@dataclass(frozen=True, slots=True)
class _Marker:
    """A tool's markers; `sign` stands in each of them, in lower case."""

    tool: str
    sign: str
    up: re.Pattern[str]
    down: re.Pattern[str]
    off: re.Pattern[str]


_MARKERS = (
    _Marker(
        "dbmate",
        "migrate:",
        re.compile(r"^--\s*migrate:up\b(?P<rest>.*)$"),
        re.compile(r"^--\s*migrate:down\b(?P<rest>.*)$"),
        re.compile(r"\btransaction:\s*false\b"),
    ),
    # goose itself takes no blank before the dashes.
    _Marker(
        "goose",
        "+goose",
        re.compile(r"^-- ?\+goose\s+Up\b(?P<rest>.*)$", re.IGNORECASE),
        re.compile(r"^-- ?\+goose\s+Down\b(?P<rest>.*)$", re.IGNORECASE),
        re.compile(r"(?!)"),
    ),
    _Marker(
        "sql-migrate",
        "+migrate",
        re.compile(r"^--\s*\+migrate\s+Up\b(?P<rest>.*)$", re.IGNORECASE),
        re.compile(r"^--\s*\+migrate\s+Down\b(?P<rest>.*)$", re.IGNORECASE),
        re.compile(r"\bnotransaction\b", re.IGNORECASE),
    ),
)
_GOOSE_OFF = re.compile(r"^-- ?\+goose\s+NO\s+TRANSACTION\b", re.IGNORECASE | re.MULTILINE)
_TERN = re.compile(r"^----\s*create above\s*/\s*drop below\s*----[ \t]*$", re.MULTILINE)
_LIQUIBASE = re.compile(r"\A\s*--\s*liquibase\s+formatted\s+sql", re.IGNORECASE)
_CHANGESET = re.compile(
    r"^--\s*changeset\s+(?P<id>\"[^\"]+\"|\S+?:\"[^\"]+\"|\S+)(?P<rest>.*)$", re.IGNORECASE
)
_ROLLBACK_LINE = re.compile(r"^--\s*rollback\b[ \t]?(?P<sql>.*)$", re.IGNORECASE)
_ROLLBACK_OPEN = re.compile(r"^/\*\s*liquibase\s+rollback\b(?P<sql>.*)$", re.IGNORECASE)
_EXPLICITLY_EMPTY = re.compile(r"\A\s*(?:empty|not\s+required)\s*;?\s*\Z", re.IGNORECASE)
_QUICK = re.compile(r"migrate:up|\+goose|\+migrate|liquibase|create above", re.IGNORECASE)
_SWITCH_OFF = re.compile(
    r"\A\s*--\s*no-transaction\b|^--\s*NO_TRANSACTION\b|^--\s*transactional:\s*false\b|^--\s*disable_ddl_transaction\b",
    re.MULTILINE,
)


def switches_off(sql: str) -> bool:
    """Whether a plain script carries a comment that tells its runner to use no transaction."""
    # Each of the words has this in it, and looking for it is cheaper than the pattern.
    return ("transaction" in sql or "TRANSACTION" in sql) and _SWITCH_OFF.search(sql) is not None


def read_markers(sql: str) -> tuple[Sections, ...]:
    """The migrations that a file's markers divide it into; empty where it has no marker."""
    if _QUICK.search(sql) is None:
        return ()
    if _LIQUIBASE.match(sql):
        return _liquibase(sql)
    found = _TERN.search(sql)
    if found is not None:
        line = sql.count("\n", 0, found.end()) + 2
        return (Sections("tern", Part(sql[: found.start()], 1), Part(sql[found.end() + 1 :], line)),)
    low = sql.lower()
    for marker in _MARKERS:
        sections = _directions(sql, marker) if marker.sign in low else None
        if sections is not None:
            return (sections,)
    return ()


def _directions(sql: str, marker: _Marker) -> Sections | None:
    parts: dict[str, list[str]] = {}
    begins: dict[str, int] = {}
    wraps = {"up": True, "down": True}
    current = ""
    for number, line in enumerate(sql.split("\n"), 1):
        # A marker is a comment that begins its line, and few lines are.
        directions = (("up", marker.up), ("down", marker.down)) if line.startswith("--") else ()
        for direction, pattern in directions:
            found = pattern.match(line)
            if found is not None:
                current = direction
                parts.setdefault(direction, [])
                begins.setdefault(direction, number + 1)
                wraps[direction] = marker.off.search(found.group("rest")) is None
                break
        else:
            if current:
                parts[current].append(line)
    if "up" not in parts and "down" not in parts:
        return None
    if marker.tool == "goose" and _GOOSE_OFF.search(sql):
        wraps = {"up": False, "down": False}
    made = {
        name: Part("\n".join(parts[name]), begins[name], wraps[name]) if name in parts else None
        for name in ("up", "down")
    }
    return Sections(marker.tool, made["up"] or Part("", 1), made["down"])


def _liquibase(sql: str) -> tuple[Sections, ...]:
    found: list[Sections] = []
    lines = sql.split("\n")
    heads = [(number, _CHANGESET.match(line)) for number, line in enumerate(lines)]
    starts = [(number, match) for number, match in heads if match is not None]
    for place, (number, match) in enumerate(starts):
        stop = starts[place + 1][0] if place + 1 < len(starts) else len(lines)
        found.append(_changeset(match, lines[number + 1 : stop], number + 2))
    return tuple(found)


def _changeset(head: re.Match[str], body: list[str], line: int) -> Sections:
    forward: list[str] = []
    rollback: list[str] = []
    first = 0
    inside = False
    for offset, text in enumerate(body):
        row = _ROLLBACK_LINE.match(text)
        opened = _ROLLBACK_OPEN.match(text)
        if inside:
            closed = text.rstrip().endswith("*/")
            rollback.append(text.rstrip()[:-2] if closed else text)
            inside = not closed
            forward.append("")
        elif row is not None or opened is not None:
            first = first or line + offset
            matched = row or opened
            content = matched.group("sql") if matched else ""
            inside = opened is not None and not content.rstrip().endswith("*/")
            rollback.append(content.rstrip().removesuffix("*/") if opened else content)
            forward.append("")
        else:
            forward.append(text)
    wraps = re.search(r"\brunInTransaction:\s*false\b", head.group("rest"), re.IGNORECASE) is None
    text = "\n".join(rollback)
    explicit = bool(rollback) and _EXPLICITLY_EMPTY.match(text) is not None
    return Sections(
        "liquibase",
        Part("\n".join(forward), line, wraps),
        Part("" if explicit else text, first, wraps) if rollback else None,
        identity=head.group("id").replace('"', ""),
        irreversible=text.strip() if explicit else None,
    )
