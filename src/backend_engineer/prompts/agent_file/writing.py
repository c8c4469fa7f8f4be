"""Writing the contract out as an agent file, in the form that the reader takes (META-06).

Owns: the layout of that file.
Must never know: prompts, templates, files on disk.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_engineer.contract import CLAUSES, IDENTITY, Clause
from backend_engineer.prompts.agent_file.reading import header_values

__all__ = ["write_agent_file"]


def write_agent_file() -> str:
    """The contract as an agent file: front matter, metadata lines, and a section for each of its parts."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield from ("---", "mode: agent", "---")
    yield f"Developer: # {IDENTITY.persona} Agent ({IDENTITY.id}.md)"
    yield from ("", "---")
    for key, value in header_values().items():
        yield f"**{key}:** {value}  "
    yield from ("", "---")
    for part, rows in _parts().items():
        yield f"## {part}"
        for row in rows:
            yield f"- {row.statement} ({row.id})"
        yield ""


def _parts() -> dict[str, list[Clause]]:
    parts: dict[str, list[Clause]] = {}
    for row in CLAUSES.values():
        if row.part != "Header":
            parts.setdefault(row.part, []).append(row)
    return parts
