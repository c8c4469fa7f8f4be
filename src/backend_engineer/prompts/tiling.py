"""Putting messages together so that spans tile them: every character belongs to exactly one span.

Owns: the walk over a skeleton, ids and offsets of spans, cache marks.
Must never know: budgets, fingerprints, what a document means.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from backend_engineer.clients.protocol import Message
from backend_engineer.errors import UsageError
from backend_engineer.prompts.sealing import seal
from backend_engineer.prompts.spans import Document, Kind, Piece, SectionName, Span
from backend_engineer.prompts.wording import Op, Skeleton, section_of

__all__ = ["Values", "tile"]


@dataclass(frozen=True, slots=True)
class Values:
    """What fills the places of a skeleton: settings and labels by name, documents by section."""

    settings: Mapping[str, str]
    labels: Mapping[str, tuple[str, ...]]
    sections: Mapping[str, tuple[Document, ...]]
    seal_key: bytes | None = None


@dataclass(slots=True)
class _Tiler:
    """The messages as they grow, each stretch with its span."""

    origin: str
    roles: list[Literal["system", "user"]] = field(default_factory=list)
    texts: list[list[str]] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    marks: list[list[int]] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    ordinals: dict[str, int] = field(default_factory=dict)
    section: SectionName = SectionName.ROLE

    def add(self, piece: Piece) -> None:
        """Append a piece to the open message."""
        if not piece.text:
            return
        if not self.roles:
            raise UsageError(
                "A template writes text before it opens a message.", hint="Call message() first."
            )
        start = self.lengths[-1]
        end = start + len(piece.text)
        self.texts[-1].append(piece.text)
        self.lengths[-1] = end
        self.spans.append(
            Span(
                piece.id,
                piece.section,
                piece.kind,
                len(self.roles) - 1,
                start,
                end,
                piece.origin,
                piece.clauses,
            )
        )

    def own(self, kind: Kind, text: str, origin: str, name: str = "") -> None:
        """Append words, a setting or a label of the open section under a numbered id."""
        base = name or self.section.value
        self.ordinals[base] = self.ordinals.get(base, 0) + 1
        self.add(Piece(f"{base}/{self.ordinals[base]}", self.section, kind, text, origin))

    def open(self, role: str) -> None:
        """Start a message."""
        if role not in ("system", "user"):
            raise UsageError(f"A template opens a message for {role!r}.", hint="Use system or user.")
        self.roles.append("system" if role == "system" else "user")
        self.texts.append([])
        self.lengths.append(0)
        self.marks.append([])

    def cache(self) -> None:
        """Mark the prefix up to here as worth caching."""
        if self.lengths and self.lengths[-1] not in (0, *self.marks[-1][-1:]):
            self.marks[-1].append(self.lengths[-1])
            self.spans[-1] = replace(self.spans[-1], cache=True)


def tile(frame: Skeleton, values: Values, origin: str) -> tuple[tuple[Message, ...], tuple[Span, ...]]:
    """The messages of a skeleton with its places filled, and the spans that tile them.

    Raises `UsageError` when a template of a caller's own puts a mark where it cannot stand.
    """
    tiler = _Tiler(origin)
    for op in frame.ops:
        if op.kind == "text":
            tiler.own(Kind.CLAUSE, op.text, origin)
        elif op.kind == "clause":
            tiler.add(
                Piece(f"clause/{op.value}", tiler.section, Kind.CLAUSE, op.text, "contract", op.clauses)
            )
        elif op.kind == "message":
            tiler.open(op.value)
        elif op.kind == "section":
            tiler.section = section_of(op.value)
        elif op.kind == "cache":
            tiler.cache()
        else:
            _fill(tiler, op, values)
    messages = tuple(
        Message(role=role, content="".join(texts), cache_marks=tuple(marks))
        for role, texts, marks in zip(tiler.roles, tiler.texts, tiler.marks, strict=True)
    )
    return messages, tuple(tiler.spans)


def _fill(tiler: _Tiler, op: Op, values: Values) -> None:
    """Put documents, a setting, or labels into their place."""
    if op.kind == "documents":
        for document in values.sections.get(op.value, ()):
            sealed = seal(document, values.seal_key)
            tiler.add(
                Piece(f"document/{document.name}", tiler.section, Kind.DOCUMENT, sealed, document.origin)
            )
    elif op.kind == "setting":
        tiler.own(Kind.SETTING, _known(values.settings, op), "parameters", f"setting/{op.value}")
    elif op.kind == "label":
        tiler.own(Kind.LABEL, _known(values.labels, op)[0], "call", f"label/{op.value}")
    else:
        for text in _known(values.labels, op):
            tiler.own(Kind.CLAUSE, "- `", tiler.origin)
            tiler.own(Kind.LABEL, text, "call", f"label/{op.value}")
            tiler.own(Kind.CLAUSE, "`\n", tiler.origin)


def _known(table: Mapping[str, Any], op: Op) -> Any:
    try:
        return table[op.value]
    except KeyError:
        raise UsageError(
            f"A template asks for the {op.kind} {op.value!r}, which this phase does not have.",
            hint=f"It has {', '.join(table)}.",
        ) from None
