"""The events that a reply turns into while it streams in, as small immutable records.

Owns: one record for each thing that a reply can hold, with its place in the text.
Must never know: how the text is scanned, what a rule thinks of an event, sessions.

Every record is a named tuple whose `kind` says what it is, so that events compare by value and a
consumer can branch on `event.kind`. `line` is 1-based in the reply; `start` and `end` are offsets in
characters into the decoded text, `end` exclusive. An event that was given is never taken back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from backend_engineer.contract import Section
from backend_engineer.outputs import FileChange

if TYPE_CHECKING:  # a reply without JSON blocks never needs the models
    from backend_engineer.outputs import Attestation, Clarification, Plan, ReviewFindings

__all__ = [
    "AttestationsRead",
    "ChecklistItem",
    "ClarificationRead",
    "Diagnostic",
    "DiagnosticRaised",
    "FileClosed",
    "FileOpened",
    "FindingsRead",
    "ParserEvent",
    "PlanRead",
    "Question",
    "QuestionAsked",
    "SectionOpened",
    "TextRead",
    "Validation",
    "ValidationRead",
]


class Diagnostic(NamedTuple):
    """Something about the reply's form that a reader should know: a stable code, a sentence, a line."""

    code: str
    message: str
    line: int


class Validation(NamedTuple):
    """One `Validation:` line: the file it follows (None before any file), its text, its line."""

    path: str | None
    text: str
    line: int


class Question(NamedTuple):
    """A question that the model asks back: the input field's JSON pointer (empty if it names none),
    the question, the options it offers, and its line."""

    pointer: str
    text: str
    options: tuple[str, ...]
    line: int


class ChecklistItem(NamedTuple):
    """One bullet of the checklist that opens the reply (ROLE-03)."""

    text: str
    line: int
    kind: Literal["checklist"] = "checklist"


class PlanRead(NamedTuple):
    """The plan block was read (PROT-02)."""

    plan: Plan
    line: int
    start: int
    end: int
    kind: Literal["plan"] = "plan"


class SectionOpened(NamedTuple):
    """A heading that names one of the ten sections (OUTF-01)."""

    section: Section
    line: int
    kind: Literal["section"] = "section"


class FileOpened(NamedTuple):
    """A file begins: its path, section, info word, action as the reply stated it (None if it did not).

    `start` is where the block or the header line begins, `content_start` where the content begins;
    `line` is the first line of the content.
    """

    path: str
    section: Section | None
    language: str
    action: str | None
    previous_path: str | None
    line: int
    start: int
    content_start: int
    kind: Literal["file-opened"] = "file-opened"


class TextRead(NamedTuple):
    """One line of the open file's content, line end included."""

    text: str
    line: int
    start: int
    kind: Literal["text"] = "text"


class FileClosed(NamedTuple):
    """The open file ended; `file` is the whole value, `end` is where its content ends in the text."""

    file: FileChange
    line: int
    content_start: int
    end: int
    kind: Literal["file-closed"] = "file-closed"


class ValidationRead(NamedTuple):
    """A `Validation:` line after a file (FLOW-13)."""

    path: str | None
    text: str
    line: int
    kind: Literal["validation"] = "validation"


class AttestationsRead(NamedTuple):
    """The attestations block was read; items that are not of the documented shape are left out."""

    attestations: tuple[Attestation, ...]
    line: int
    start: int
    end: int
    kind: Literal["attestations"] = "attestations"


class FindingsRead(NamedTuple):
    """The findings block was read (FIND-01)."""

    findings: ReviewFindings
    line: int
    start: int
    end: int
    kind: Literal["findings"] = "findings"


class ClarificationRead(NamedTuple):
    """A clarification document was read (PROT-01)."""

    clarification: Clarification
    line: int
    start: int
    end: int
    kind: Literal["clarification"] = "clarification"


class QuestionAsked(NamedTuple):
    """The model asks something back (ROLE-02)."""

    question: Question
    line: int
    kind: Literal["question"] = "question"


class DiagnosticRaised(NamedTuple):
    """Something about the form of the reply; `path` names the file it is about, where there is one."""

    code: str
    message: str
    line: int
    path: str | None = None
    kind: Literal["diagnostic"] = "diagnostic"


ParserEvent: TypeAlias = (
    ChecklistItem
    | PlanRead
    | SectionOpened
    | FileOpened
    | TextRead
    | FileClosed
    | ValidationRead
    | AttestationsRead
    | FindingsRead
    | ClarificationRead
    | QuestionAsked
    | DiagnosticRaised
)
"""Any event of the parser."""

Events: TypeAlias = Sequence[ParserEvent]
