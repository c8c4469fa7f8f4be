"""Reading an agent file, and holding it clause by clause against the contract.

Owns: the grammar of the form (front matter, title, metadata lines, sections), and what is lacking.
Must never know: prompts, templates, where the text came from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from backend_engineer.contract import CLAUSES, IDENTITY
from backend_engineer.errors import InvalidDocument
from backend_engineer.prompts.agent_file.marks import MARKS, METADATA, Mark, same_title
from backend_engineer.prompts.characters import require_encodable
from backend_engineer.prompts.rendered import Lack

__all__ = ["AgentFile", "AgentLine", "header_values", "read_agent_file"]

_METADATA_LINE = re.compile(r"\*\*([^*:\n]{1,60}):\*\*[ \t]*(.*)")
_HEADING = re.compile(r"##[ \t]+(.*\S)")
_TITLE = re.compile(r"(?:([A-Za-z]{1,30}):[ \t]*)?#[ \t]+(.*\S)")


@dataclass(frozen=True, slots=True)
class AgentLine:
    """A line of the file's body with the clauses that it states; `section` is the heading above it."""

    number: int
    section: str
    text: str
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AgentFile:
    """An agent file as it was read.

    front_matter: the keys between the first two `---` lines. role: the word before the title, such as
    `Developer`, or empty. title: the first heading. metadata: the bold lines. lines: the sections'
    lines with the clauses they state. lacking: the clauses that the file does not state, each with
    what was looked for.
    """

    front_matter: Mapping[str, str]
    role: str
    title: str
    metadata: Mapping[str, str]
    lines: tuple[AgentLine, ...]
    lacking: tuple[Lack, ...]


def read_agent_file(text: str) -> AgentFile:
    """Read an agent file and find what it lacks against the contract.

    A clause is stated where its own sentence stands, or where a line of its section names all the
    facts that make it. Raises `InvalidDocument` with the line when the form itself is not kept: no
    front matter, one that does not end, no title, a section twice.
    """
    require_encodable("the agent file", text)
    rows = text.removeprefix("\ufeff").splitlines()
    front, start = _front_matter(rows)
    role, title, start = _title(rows, start)
    metadata: dict[str, str] = {}
    body: list[AgentLine] = []
    section, seen, fenced = "", set[str](), False
    for number, row in enumerate(rows[start:], start + 1):
        fenced ^= row.lstrip().startswith("```")
        heading = None if fenced else _HEADING.fullmatch(row.strip())
        if heading is not None:
            section = heading.group(1)
            if section.casefold() in seen:
                raise _malformed(number, f"the section {section!r} stands twice", "Join the two.")
            seen.add(section.casefold())
        line = None if section else _METADATA_LINE.fullmatch(row.strip())
        if line is not None:
            metadata[line.group(1).strip()] = line.group(2).strip()
        elif section:
            body.append(AgentLine(number, section, row))
    lines, lacking = _hold_against_contract(front, metadata, body)
    return AgentFile(front, role, title, metadata, lines, lacking)


def _front_matter(rows: list[str]) -> tuple[dict[str, str], int]:
    if not rows or rows[0].strip() != "---":
        raise _malformed(1, "there is no front matter", "Begin with `---`, `mode: agent`, `---`.")
    front: dict[str, str] = {}
    for number, row in enumerate(rows[1:], 2):
        if row.strip() == "---":
            return front, number
        key, colon, value = row.partition(":")
        if row.strip() and not colon:
            raise _malformed(number, "a line of the front matter has no `key: value`", "Mend the line.")
        if colon:
            front[key.strip()] = value.strip()
    raise _malformed(1, "the front matter does not end", "Close it with a line `---`.")


def _title(rows: list[str], start: int) -> tuple[str, str, int]:
    for number, row in enumerate(rows[start:], start + 1):
        found = _TITLE.fullmatch(row.strip())
        if found is not None:
            return found.group(1) or "", found.group(2), number
        if row.strip():
            break
    raise _malformed(start + 1, "there is no title after the front matter", "Add `Developer: # Title`.")


def _malformed(line: int, message: str, hint: str) -> InvalidDocument:
    return InvalidDocument(f"{message}.", path="the agent file", line=line, hint=hint)


def _hold_against_contract(
    front: Mapping[str, str], metadata: Mapping[str, str], body: list[AgentLine]
) -> tuple[tuple[AgentLine, ...], tuple[Lack, ...]]:
    """The lines with the clauses they state, and the clauses that nothing states."""
    stated: dict[int, list[str]] = {}
    lacks: dict[str, str] = dict(_header_lacks(front, metadata))
    titles = {line.section for line in body}
    for mark in MARKS:
        lines = [line for line in body if same_title(line.section, mark.section)]
        place = _verbatim(mark, body)
        place = _by_facts(mark, lines) if place is None else place
        if place is not None:
            stated.setdefault(place, []).append(mark.clause)
        elif not any(same_title(title, mark.section) for title in titles):
            lacks[mark.clause] = f"there is no section {mark.section!r}"
        else:
            lacks[mark.clause] = _reason(mark, lines)
    marked = tuple(
        AgentLine(line.number, line.section, line.text, tuple(stated.get(line.number, ()))) for line in body
    )
    rows = (row for row in CLAUSES.values() if row.id in lacks)
    return marked, tuple(Lack(row.id, row.statement, lacks[row.id]) for row in rows)


def _verbatim(mark: Mark, body: list[AgentLine]) -> int | None:
    """The number of the line that holds the clause's own sentence."""
    sentence = _squeezed(CLAUSES[mark.clause].statement)
    return next((line.number for line in body if sentence in _squeezed(line.text)), None)


def _by_facts(mark: Mark, lines: list[AgentLine]) -> int | None:
    """The number of the line of the section that names every fact; for a spread clause the first."""
    if mark.whole:
        text = "\n".join(line.text for line in lines)
        met = bool(lines) and all(fact.search(text) for fact in mark.facts)
        return lines[0].number if met else None
    return next((line.number for line in lines if all(fact.search(line.text) for fact in mark.facts)), None)


def _reason(mark: Mark, lines: list[AgentLine]) -> str:
    """What the section does not say, or says only in pieces."""
    text = "\n".join(line.text for line in lines)
    absent = [fact.pattern for fact in mark.facts if not fact.search(text)]
    if absent:
        return f"nothing in the section {mark.section!r} speaks of {' and '.join(absent)}"
    return f"no single line of the section {mark.section!r} says it"


def _header_lacks(front: Mapping[str, str], metadata: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The clauses of the header that front matter and metadata lines do not keep."""
    expected = header_values()
    for clause, keys in METADATA.items():
        wrong = [key for key in keys if _members(metadata.get(key, "")) != _members(expected[key])]
        if wrong:
            shown = ", ".join(f"**{key}:** {expected[key]}" for key in wrong)
            yield clause, f"the metadata lines lack {shown}"
    if front.get("mode") != "agent":
        yield "META-06", "the front matter does not say `mode: agent`"


def header_values() -> dict[str, str]:
    """The metadata lines of the contract: key -> value."""
    return {
        "ID": IDENTITY.id,
        "Name": IDENTITY.name,
        "Version": IDENTITY.version,
        "Persona": IDENTITY.persona,
        "Supported Models": ", ".join(IDENTITY.supported_models),
        "Pipeline Stage": str(IDENTITY.pipeline_stage),
        "Stack Tags": ", ".join(IDENTITY.stack_tags),
        "Accessibility Flags": ", ".join(IDENTITY.accessibility_flags),
        "Risk Flags": ", ".join(flag.name for flag in IDENTITY.risk_flags),
        "Inputs Schema": ", ".join(IDENTITY.inputs_schema),
        "Outputs Schema": ", ".join(IDENTITY.outputs_schema),
    }


def _members(value: str) -> frozenset[str]:
    return frozenset(part.strip() for part in value.split(",") if part.strip())


def _squeezed(text: str) -> str:
    return " ".join(text.split())
