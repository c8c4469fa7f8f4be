"""Markdown documents: headings that a table names, and under each the one form that the table says.

Owns: the reading of sections, tables, lists and fenced blocks.
Must never know: which fields are needed, or any heading that is not in the table.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from backend_engineer.apis.pointers import join
from backend_engineer.errors import InputError, InvalidDocument
from backend_engineer.inputs.reading.headings import (
    DOCUMENT_HEADINGS,
    ENTITY_HEADINGS,
    ENTITY_PREFIX,
    Cell,
    Heading,
)
from backend_engineer.inputs.reading.json_text import read_json
from backend_engineer.inputs.reading.parsed import Parsed
from backend_engineer.inputs.reading.yaml_text import read_yaml

__all__ = ["read_markdown"]

_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*\Z")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})[ \t]*([^`]*)\Z")
_ITEM = re.compile(r"[ \t]{0,3}(?:[-*+]|[0-9]{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?(.*)\Z")
_NOT_APPLICABLE = re.compile(r"not applicable\s*:\s*(.+)\Z", re.IGNORECASE | re.DOTALL)
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?\Z")
_CELL_BREAK = re.compile(r"(?<!\\)\|")


@dataclass(slots=True)
class _Section:
    """A heading with its level (0 for the text before any), its line, and the lines under it."""

    level: int
    title: str
    line: int
    lines: list[str] = field(default_factory=list)
    children: list[_Section] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What stands under the heading, without blank lines at either end."""
        return "\n".join(self.lines).strip()


def read_markdown(text: str, path: str, document: str) -> Parsed:
    """The data of a Markdown document of that kind (`tech_spec`, ..., `change_request`).

    Text between the first-level heading and the first `##` is an introduction and is not read.
    Raises InvalidDocument with the line for a heading that the table does not name, one that stands
    twice, and content of another form than the table says.
    """
    reader = _Reader(path, document)
    reader.read(_sections(text, 2 if document != "data_model" else 3))
    return Parsed(reader.data, path, reader.line_of)


def _sections(text: str, deepest: int) -> list[_Section]:
    """The sections down to a level; deeper headings are part of the text they stand in."""
    found = [_Section(0, "", 1)]
    fence = ""
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        opening = _FENCE.match(line)
        if fence:
            if opening and opening[1].startswith(fence) and not opening[2].strip():
                fence = ""
        elif opening:
            fence = opening[1]
        else:
            heading = _HEADING.match(line)
            if heading and len(heading[1]) <= deepest:
                found.append(_Section(len(heading[1]), (heading[2] or "").strip(), number))
                continue
        found[-1].lines.append(line)
    return found


def _known(title: str) -> str:
    return " ".join(title.split()).casefold()


class _Reader:
    def __init__(self, path: str, document: str) -> None:
        self.path, self.document = path, document
        self.data: dict[str, Any] = {}
        self.lines: dict[str, int] = {"": 1}

    def line_of(self, pointer: str) -> int | None:
        """The line of a part, or of the nearest part around it whose line is known."""
        while pointer not in self.lines and pointer:
            pointer = pointer.rpartition("/")[0]
        return self.lines.get(pointer)

    def read(self, sections: Sequence[_Section]) -> None:
        headings = {_known(item.title): item for item in DOCUMENT_HEADINGS[self.document]}
        entity: dict[str, Any] | None = None
        titles = 0
        for section in sections:
            if section.level == 0:
                continue
            if section.level == 1:
                titles += 1
                self._title(section, titles)
            elif section.level == 3:
                self._entity_field(section, entity)
            elif self.document == "data_model" and _known(section.title).startswith(_known(ENTITY_PREFIX)):
                entity = self._entity(section)
            else:
                entity = None
                self._field(section, self._heading(section, headings), self.data, "")

    def _wrong(self, line: int, message: str, hint: str = "") -> InvalidDocument:
        return InvalidDocument(message, path=self.path, line=line, hint=hint)

    def _title(self, section: _Section, count: int) -> None:
        if count > 1:
            raise self._wrong(section.line, "A second first-level heading.", "Start the fields with `## `.")
        if self.document == "change_request":
            self.data["title"] = section.title
            self.lines["/title"] = section.line

    def _heading(self, section: _Section, headings: dict[str, Heading]) -> Heading:
        found = headings.get(_known(section.title))
        if found is None or found.form == "title":
            names = [item.title for item in headings.values() if item.form != "title"]
            near = get_close_matches(section.title, names, 1)
            meant = f"Did you mean `{near[0]}`? " if near else ""
            mark = "#" * section.level
            raise self._wrong(
                section.line,
                f"The heading `{mark} {section.title}` stands for no field.",
                f"{meant}Known here: {', '.join(names)}"
                + (
                    f", {ENTITY_PREFIX}NAME." if self.document == "data_model" and section.level == 2 else "."
                ),
            )
        return found

    def _entity(self, section: _Section) -> dict[str, Any]:
        entities = self.data.setdefault("entities", [])
        if not isinstance(entities, list):
            raise self._wrong(
                section.line, "An entity stands beside `## Entities`.", "Remove one of the two."
            )
        self.lines[f"/entities/{len(entities)}"] = section.line
        entity: dict[str, Any] = {"name": section.title.partition(":")[2].strip().strip("`")}
        entities.append(entity)
        if section.text:
            raise self._wrong(
                section.line + 1,
                "Text under an entity's heading is not read.",
                "Put it under `### Table` or another heading of the entity.",
            )
        return entity

    def _entity_field(self, section: _Section, entity: dict[str, Any] | None) -> None:
        if entity is None:
            raise self._wrong(
                section.line, f"`### {section.title}` stands under no `## {ENTITY_PREFIX}NAME`."
            )
        heading = self._heading(section, {_known(item.title): item for item in ENTITY_HEADINGS})
        pointer = f"/entities/{len(self.data['entities']) - 1}"
        self._field(section, heading, entity, pointer)

    def _field(self, section: _Section, heading: Heading, target: dict[str, Any], pointer: str) -> None:
        if heading.field in target:
            raise self._wrong(section.line, f"The heading `{heading.title}` stands twice.", "Keep one.")
        place = join(pointer, heading.field)
        self.lines[place] = section.line
        found = _NOT_APPLICABLE.match(section.text)
        if found:
            target[heading.field] = {"not_applicable": found[1].strip()}
        elif not section.text:
            target[heading.field] = ""
        else:
            target[heading.field] = getattr(self, f"_{heading.form}")(section, heading, place)

    def _text(self, section: _Section, heading: Heading, place: str) -> str:
        return section.text.strip("`") if heading.field == "table" else section.text

    def _items(self, section: _Section, heading: Heading, place: str) -> list[str] | str:
        items: list[str] = []
        for number, line in enumerate(section.lines, section.line + 1):
            item = _ITEM.match(line)
            if item:
                self.lines[join(place, len(items))] = number
                items.append(item[1].strip())
            elif line.strip() and items and line.startswith((" ", "\t")):
                items[-1] += " " + line.strip()
            elif line.strip():
                if items or not _whole_placeholder(section.text):
                    raise self._wrong(
                        number,
                        f"Under `{heading.title}` stands a list; this line is no item.",
                        "Start it with `- `.",
                    )
                # A lone word such as TBD is kept as it stands, to be asked about as a gap.
                return section.text
        return items

    def _rows(self, section: _Section, heading: Heading, place: str) -> Any:
        numbered = [
            (number, line.strip())
            for number, line in enumerate(section.lines, section.line + 1)
            if line.strip()
        ]
        if len(numbered) == 1 and _whole_placeholder(numbered[0][1]):
            return numbered[0][1]
        for number, line in numbered:
            if not line.startswith("|"):
                raise self._wrong(
                    number,
                    f"Under `{heading.title}` stands a table; this line is no row.",
                    "Start and end each row with `|`.",
                )
        if len(numbered) < 2 or not re.fullmatch(r"[|:\- \t]+", numbered[1][1]):
            raise self._wrong(numbered[0][0], "The table has no line of dashes under its head.")
        cells = self._columns(numbered[0], heading)
        rows: list[dict[str, Any]] = []
        for number, line in numbered[2:]:
            values = _cells(line)
            if len(values) != len(cells):
                raise self._wrong(
                    number,
                    f"The row has {len(values)} cells; the head has {len(cells)}.",
                    "Write a pipe inside a cell as `\\|`.",
                )
            self.lines[join(place, len(rows))] = number
            rows.append(
                {cell.field: _value(text, cell) for cell, text in zip(cells, values, strict=True) if text}
            )
        return rows

    def _columns(self, head: tuple[int, str], heading: Heading) -> list[Cell]:
        known = {_known(cell.title): cell for cell in heading.cells}
        titles = _cells(head[1])
        for title in titles:
            if _known(title) not in known:
                raise self._wrong(
                    head[0],
                    f"The column `{title}` stands for no field.",
                    f"Known here: {', '.join(cell.title for cell in heading.cells)}.",
                )
        if len({_known(title) for title in titles}) != len(titles):
            raise self._wrong(head[0], "A column stands twice.", "Keep one.")
        return [known[_known(title)] for title in titles]

    def _facts(self, section: _Section, heading: Heading, place: str) -> Any:
        if _whole_placeholder(section.text):
            return section.text
        known = {_known(cell.title): cell for cell in heading.cells}
        facts: dict[str, Any] = {}
        for number, line in enumerate(section.lines, section.line + 1):
            if not line.strip():
                continue
            item = _ITEM.match(line)
            name, colon, value = (item[1] if item else "").partition(":")
            cell = known.get(_known(name.strip().strip("*")))
            if cell is None or not colon:
                raise self._wrong(
                    number,
                    "This line is none of the facts that stand here.",
                    f"Write `- Name: value`, the name being {', '.join(c.title for c in heading.cells)}.",
                )
            if cell.field in facts:
                raise self._wrong(number, f"`{cell.title}` stands twice.", "Keep one.")
            self.lines[join(place, cell.field)] = number
            facts[cell.field] = _value(value.strip().lstrip("*").strip(), cell)
        return facts

    def _block(self, section: _Section, heading: Heading) -> tuple[str, str, int]:
        lines = section.lines
        starts = [index for index, line in enumerate(lines) if line.strip()]
        opening = _FENCE.match(lines[starts[0]])
        closing = _FENCE.match(lines[starts[-1]])
        if not opening or not closing or starts[0] == starts[-1] or closing[2].strip():
            raise self._wrong(
                section.line, f"Under `{heading.title}` stands one fenced block and nothing else."
            )
        inside = lines[starts[0] + 1 : starts[-1]]
        return "\n".join(inside), opening[2].strip().lower(), section.line + starts[0] + 1

    def _data(self, section: _Section, heading: Heading, place: str) -> Any:
        if _whole_placeholder(section.text):
            return section.text
        text, language, line = self._block(section, heading)
        if language not in ("json", "yaml", "yml"):
            raise self._wrong(
                section.line,
                "The block does not say whether it is JSON or YAML.",
                "Open it with ```json or ```yaml.",
            )
        try:
            parsed = read_json(text, self.path) if language == "json" else read_yaml(text, self.path)
        except InputError as error:
            where = line + (error.line or 1)
            raise self._wrong(where, error.message.partition(": ")[2] or error.message, error.hint) from error
        return parsed.data

    def _sdl(self, section: _Section, heading: Heading, place: str) -> str:
        return section.text if _whole_placeholder(section.text) else self._block(section, heading)[0] + "\n"


def _whole_placeholder(text: str) -> bool:
    """One short line without any Markdown: kept as it stands, so that the search for gaps can judge it."""
    return (
        "\n" not in text
        and len(text) <= 40
        and not text.startswith(("|", "-", "*", "`", "~", "#"))
        and ":" not in text
    )


def _cells(line: str) -> list[str]:
    inner = line.removeprefix("|")
    if inner.endswith("|") and not inner.endswith("\\|"):
        inner = inner[:-1]
    return [_bare(cell.strip().replace("\\|", "|")) for cell in _CELL_BREAK.split(inner)]


def _bare(text: str) -> str:
    if len(text) > 2 and text.startswith("`") and text.endswith("`") and "`" not in text[1:-1]:
        return text[1:-1]
    return text


def _value(text: str, cell: Cell) -> Any:
    """A cell's value; what does not read as its kind stays text, to be asked about as a gap."""
    found = _NOT_APPLICABLE.match(text)
    if found:
        return {"not_applicable": found[1].strip()}
    text = _bare(text)
    if cell.kind == "list":
        return [_bare(part.strip()) for part in text.split(",") if part.strip()]
    if cell.kind == "yes/no":
        return {"yes": True, "no": False, "true": True, "false": False}.get(text.casefold(), text)
    if cell.kind == "number" and _NUMBER.match(text):
        return float(text) if set(text) & set(".eE") else int(text)
    if cell.kind == "command":
        try:
            return shlex.split(text)
        except ValueError:
            return text
    return text
