"""What a prompt is made of: pieces of text, each of a kind that says how far it is trusted.

Owns: the four kinds, the sections in their order, `Document`, `Piece` and `Span`.
Must never know: templates, dialects, inputs, budgets.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["SECTION_ORDER", "Document", "Kind", "Piece", "SectionName", "Span"]


class Kind(StrEnum):
    """How far a piece of a prompt is trusted.

    `clause`: words of this library or of a caller's templates; a span that states a clause names it.
    `setting`: an enumeration's member, a number or a seal. `label`: a short text from outside, held to
    one line. `document`: any text from outside, inside its fence.
    """

    CLAUSE = "clause"
    SETTING = "setting"
    LABEL = "label"
    DOCUMENT = "document"

    @property
    def trusted(self) -> bool:
        """Whether no character of it comes from outside."""
        return self in (Kind.CLAUSE, Kind.SETTING)


class SectionName(StrEnum):
    """The blocks of a prompt; each changes no less often than the one before."""

    ROLE = "role"
    CONTRACT = "contract"
    FORMAT = "format"
    EXAMPLE = "example"
    CONVENTIONS = "conventions"
    ARCHITECTURE = "architecture"
    SPECIFICATION = "specification"
    REQUEST = "request"
    BASE = "base"
    WORK = "work"
    TASK = "task"


SECTION_ORDER: tuple[SectionName, ...] = tuple(SectionName)
"""The sections in the order in which every prompt gives them."""


@dataclass(frozen=True, slots=True)
class Document:
    """A text from outside, with its name in the prompt.

    name: unique in the prompt; a text that was lifted out of JSON is named by its JSON pointer.
    media: its media type. section: the block it stands in. origin: what it was made from, such as
    `inputs.tech_spec` or `base`. gutter: whether its lines are numbered in the prompt.
    """

    name: str
    text: str
    media: str
    section: SectionName
    origin: str
    gutter: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a message before the messages are put together."""

    id: str
    section: SectionName
    kind: Kind
    text: str
    origin: str
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a message: the spans of a prompt tile its messages without a gap.

    id: unique in the prompt (`clause/CONS-02`, `document/tech_spec`, `task/3`). section: its block.
    kind: how far it is trusted. message: index of the message. start, end: character offsets in its
    content, end exclusive. origin: where the text comes from. clauses: ids that it states.
    cache: whether a cache mark stands behind it, so that the prefix up to `end` is worth caching.
    """

    id: str
    section: SectionName
    kind: Kind
    message: int
    start: int
    end: int
    origin: str
    clauses: tuple[str, ...] = ()
    cache: bool = False
