"""The notes that a script carries for people and for the checks: VERIFY, OPERATIONS, IRREVERSIBLE, dry run.

Owns: the shape of the comment sections at the end of a forward script.
Must never know: file names, tools, statements, databases.

A section opens with a comment line that holds its name (`-- VERIFY`), alone or with a colon and its first
line behind it, and ends at the next
section's name or at the first line that is no comment. Everything in it stands behind `-- `.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from backend_engineer.migrations.migration import Operations

__all__ = ["Notes", "irreversible_note", "read_notes", "speaks_of_dry_run"]

_HEADING = re.compile(
    r"^[ \t]*--+[ \t=#*:-]*(VERIFY|OPERATIONS)\b(?:[ \t=#*:-]*|[ \t]*:[ \t]*(\S.*?)[ \t]*)\r?$", re.IGNORECASE
)
_LABEL = re.compile(r"^([A-Za-z][A-Za-z _-]{1,30}?)[ \t]*:[ \t]*(.*)$")
_IRREVERSIBLE = re.compile(
    r"^[ \t]*(?:--+|/?\*+)[ \t]*IRREVERSIBLE\b[ \t]*[:.-]*[ \t]*(.*?)[ \t]*(?:\*/)?[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
_DRY_RUN = re.compile(r"\bdry[ -]?run\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Notes:
    """What a forward script says: VERIFY's SQL, OPERATIONS, and whether a dry run is spoken of; lines are 1-based."""

    verify: str | None
    verify_line: int
    operations: Operations | None
    dry_run: bool


def read_notes(sql: str) -> Notes:
    """The sections of a forward script; a section that opens twice goes on where it left off."""
    found: dict[str, list[str]] = {}
    lines: dict[str, int] = {}
    current: str | None = None
    low = sql.lower()
    if "verify" not in low and "operations" not in low:
        return Notes(None, 0, None, "dry" in low and speaks_of_dry_run(sql))
    for number, line in enumerate(sql.split("\n"), 1):
        # Most lines hold no comment, and the pattern need not be asked about them.
        heading = _HEADING.match(line) if "--" in line else None
        if heading is not None:
            current = heading.group(1).upper()
            found.setdefault(current, [])
            lines.setdefault(current, number)
            if heading.group(2):
                found[current].append(heading.group(2))
        elif current is not None:
            text = _comment_text(line)
            if text is None:
                if line.strip():
                    current = None
                continue
            found[current].append(text)
    verify = "\n".join(found["VERIFY"]) if "VERIFY" in found else None
    return Notes(
        verify=verify,
        verify_line=lines.get("VERIFY", 0),
        operations=_operations(found["OPERATIONS"], lines["OPERATIONS"]) if "OPERATIONS" in found else None,
        dry_run=speaks_of_dry_run(sql),
    )


def speaks_of_dry_run(sql: str) -> bool:
    """Whether a script says anything of a dry run."""
    low = sql.lower()
    return "dry" in low and _DRY_RUN.search(low) is not None


def _comment_text(line: str) -> str | None:
    stripped = line.strip()
    if not stripped.startswith("--"):
        return None
    text = stripped[2:]
    return text.removeprefix(" ")


def _operations(lines: list[str], at: int) -> Operations:
    notes: list[tuple[str, str]] = []
    for line in lines:
        label = _LABEL.match(line.strip())
        if label is not None:
            notes.append((label.group(1).strip().lower(), label.group(2).strip()))
        elif notes and line.strip():
            name, text = notes[-1]
            notes[-1] = (name, f"{text} {line.strip()}".strip())
        elif line.strip():
            notes.append(("", line.strip()))
    return Operations(tuple(notes), at)


def irreversible_note(*scripts: str | None) -> str | None:
    """The text after `-- IRREVERSIBLE:` in the first script that has one; empty if no reason follows."""
    for sql in scripts:
        # Few scripts hold the word at all, and a search by line is slow.
        found = _IRREVERSIBLE.search(sql) if sql and "irreversible" in sql.lower() else None
        if found is not None:
            return found.group(1).strip()
    return None
