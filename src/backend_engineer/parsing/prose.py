"""The lines between the blocks: headings, the checklist, validation lines, questions.

Owns: what a line outside of every fence can mean.
Must never know: fences, files' contents, offsets.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from backend_engineer.contract import SECTIONS, Section
from backend_engineer.parsing.events import (
    ChecklistItem,
    ParserEvent,
    Question,
    QuestionAsked,
    SectionOpened,
    ValidationRead,
)

__all__ = ["ProseReader", "is_boundary_line", "section_of_heading", "validation_text"]

# Longer lines are no headings; neither the pattern nor the cache is to meet them.
_LONGEST_HEADING: Final = 300
_HEADING: Final = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t\r]*\Z")
_BULLET: Final = re.compile(r"( *)([-*+•]|[0-9]{1,3}[.)])[ \t]+(?:\[[ xX]\][ \t]*)?(\S.*)")
_VALIDATION: Final = re.compile(
    r"[ \t]*(?:>[ \t]*|[-*+][ \t]+)?(?:\*\*|__|[*_])?validation(?:\*\*|__|[*_])?[ \t]*:(?:\*\*|__|[*_])?[ \t]*(.*)",
    re.IGNORECASE,
)
_QUESTION: Final = re.compile(
    r"[ \t]*(?:[-*+][ \t]+|[0-9]{1,3}[.)][ \t]+)?(?:\*\*|__)?question(?:[ \t]+[0-9]+)?(?:\*\*|__)?[ \t]*:(?:\*\*|__)?[ \t]*(\S.*)",
    re.IGNORECASE,
)
_ASKING_HEADING: Final = re.compile(r"question|clarif|missing (?:input|field|information)", re.IGNORECASE)
_POINTER: Final = re.compile(r"`?(/[a-z_]+(?:/[^\s`:]+)*)`?")
_NUMBER: Final = re.compile(r"^[0-9]{1,2}[.)]?[ \t]+")


def _plain(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower().replace("&", " and "))


_SECTIONS: Final = {_plain(section.value): section for section in SECTIONS}
# What a heading, a validation line or a question can begin with.
_MAY_MATTER: Final = frozenset("#VvQq*_>-+ \t0123456789")
_INTERESTING: Final = ("#", "alidation", "ALIDATION", "uestion", "QUESTION")


@lru_cache(maxsize=512)
def _heading(line: str) -> tuple[int, str] | None:
    match = _HEADING.match(line)
    return None if match is None else (len(match.group(1)), match.group(2) or "")


@lru_cache(maxsize=512)
def _section(title: str) -> Section | None:
    return _SECTIONS.get(_plain(_NUMBER.sub("", title.strip("*_ \t:"))))


def section_of_heading(line: str) -> Section | None:
    """The section that a heading line names; numbering, bold and a final colon do not matter."""
    heading = _heading(line) if len(line) <= _LONGEST_HEADING else None
    return None if heading is None else _section(heading[1])


def validation_text(line: str) -> str | None:
    """What a `Validation:` line says, or None for any other line."""
    match = _VALIDATION.match(line)
    return None if match is None else match.group(1).rstrip().removesuffix("**").rstrip()


def is_boundary_line(line: str) -> bool:
    """Whether a line after a bare fence shows that the fence closed a file of ours."""
    return validation_text(line) is not None or section_of_heading(line) is not None


class ProseReader:
    """Takes lines outside of fences and says what they mean; remembers the section in force."""

    __slots__ = (
        "_asking",
        "_bullet",
        "_checklist",
        "_given",
        "_level",
        "_line",
        "_most",
        "_say",
        "_under",
        "last_path",
        "section",
    )

    def __init__(self, say: Callable[[str, str, int], None], most: int) -> None:
        self._say, self._most = say, most
        self._given: dict[str, int] = {}
        self.section: Section | None = None
        self.last_path: str | None = None
        self._level = 0
        self._asking = False
        # None before the list began, True inside it, False after it.
        self._checklist: bool | None = None
        # The bullet under way, line by line: a text that grew with each line would cost their square.
        self._bullet: list[str] = []
        self._line = 0
        # The column where that bullet's text begins.
        self._under = 0

    def wants(self, text: str) -> bool:
        """Whether a stretch of lines can hold anything; a quick look before they are read one by one."""
        return self._checklist is not False or self._asking or any(word in text for word in _INTERESTING)

    def block_opens(self, out: list[ParserEvent]) -> None:
        """A fence opened: a checklist does not go on after one."""
        if self._checklist is not False:
            self.flush(out)
            self._checklist = False

    def flush(self, out: list[ParserEvent]) -> None:
        """Give the bullet that waited for a continuation line."""
        if self._bullet:
            bullet = ChecklistItem(" ".join(self._bullet), self._line)
            self._bullet = []
            if not self._give("bullets", bullet, self._line, out):
                self._checklist = False

    def _give(self, kind: str, event: ParserEvent, line: int, out: list[ParserEvent]) -> bool:
        """Give an event, unless there were too many of its kind, which is said once."""
        given = self._given[kind] = self._given.get(kind, 0) + 1
        if given <= self._most:
            out.append(event)
        elif given == self._most + 1:
            self._say(f"too-many-{kind}", f"Only the first {self._most} {kind} are read.", line)
        return given <= self._most

    def read_text(self, text: str, number: int, out: list[ParserEvent]) -> int:
        """Several whole lines, the first of them `number`; how many there were."""
        lines = text.split("\n")
        slowly = self._checklist is not False or self._asking
        at = number
        for line in lines:
            if line:
                first = line[0]
                if slowly or first in _MAY_MATTER:
                    self.read(line, at, out)
                    # A heading or the end of a list may have changed what is looked for.
                    slowly = self._checklist is not False or self._asking
            at += 1
        return len(lines) - 1

    def read(self, line: str, number: int, out: list[ParserEvent]) -> None:
        """One line, without its line end."""
        if self._checklist is not False:
            stripped = line.strip(" \t\r")
            if not stripped or self._read_checklist(line, stripped, number, out):
                return
        if line[0] == "#" or line.lstrip(" ")[:1] == "#":
            self.read_heading(line, number, out)
        elif line.startswith("Validation: "):
            self._give("validations", ValidationRead(self.last_path, line[12:].strip(), number), number, out)
        elif ("alidation" in line or "VALIDATION" in line) and (said := validation_text(line)) is not None:
            self._give("validations", ValidationRead(self.last_path, said, number), number, out)
        elif self._asking or "uestion" in line or "QUESTION" in line:
            self._read_question(line, number, out)

    def _read_checklist(self, line: str, stripped: str, number: int, out: list[ParserEvent]) -> bool:
        match = _BULLET.match(line)
        if match is not None and not self._asking and validation_text(line) is None:
            indent = len(match.group(1))
            # One that begins under the text of the bullet before it, and not under its mark, is a part of it.
            if indent < self._under or not self._bullet:
                self.flush(out)
                if self._checklist is False:
                    return False
                self._bullet, self._line = [match.group(3).rstrip()], number
                self._under = indent + len(match.group(2)) + 1
                self._checklist = True
            return True
        if self._bullet and line[0] in " \t":
            self._bullet.append(stripped)
            return True
        if self._checklist:
            self.flush(out)
            self._checklist = False
        return False

    def read_heading(self, line: str, number: int, out: list[ParserEvent]) -> None:
        """A line that may be a heading: it opens a section, ends one, or asks for questions."""
        heading = _heading(line) if len(line) <= _LONGEST_HEADING else None
        if heading is None:
            return
        level, title = heading
        section = _section(title)
        self._asking = section is None and _ASKING_HEADING.search(title) is not None
        if section is not None:
            self.section, self._level = section, level
            self._checklist = False
            out.append(SectionOpened(section, number))
        elif level <= self._level:
            self.section, self._level = None, 0

    def _read_question(self, line: str, number: int, out: list[ParserEvent]) -> None:
        match = _QUESTION.match(line)
        if match is None and self._asking:
            match = _BULLET.match(line)
            text = match.group(3).rstrip() if match and match.group(3).rstrip().endswith("?") else ""
        else:
            text = match.group(1).rstrip() if match else ""
        if text:
            pointer = _POINTER.search(text)
            question = Question(pointer.group(1) if pointer else "", text, (), number)
            self._give("questions", QuestionAsked(question, number), number, out)
