"""Where in a reply's text each thing stands: spans that tile the text from its first character to its last.

Owns: how the places that events carry add up to a tiling.
Must never know: how the places were found.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from backend_engineer.parsing.events import ParserEvent

__all__ = ["Span", "spans_of"]


class Span(NamedTuple):
    """A stretch of the text, in characters, `end` exclusive.

    kind: `header` (a file's fence and header lines), `content` (of a file), `document` (the inside of a
    JSON block that was read) or `prose` (everything else, closing fences and unnamed blocks included).
    path: of the file, None for a document and for prose.
    """

    kind: str
    start: int
    end: int
    path: str | None = None


def spans_of(events: Iterable[ParserEvent], length: int) -> tuple[Span, ...]:
    """The spans of a text of `length` characters, in order, without gaps and without overlaps.

    events: all events of one reply. A file whose diff was refused has no content span.
    """
    found: list[Span] = []
    opened: tuple[str, int, int] | None = None
    for event in events:
        if event.kind == "file-opened":
            opened = (event.path, event.start, event.content_start)
            found.append(Span("header", event.start, event.content_start, event.path))
        elif event.kind == "file-closed" and opened is not None:
            found.append(Span("content", opened[2], event.end, opened[0]))
        elif (
            event.kind == "plan"
            or event.kind == "attestations"
            or event.kind == "findings"
            or event.kind == "clarification"
        ):
            found.append(Span("document", event.start, event.end))
    return tuple(_tiled(sorted(found, key=lambda span: (span.start, span.end)), length))


def _tiled(found: list[Span], length: int) -> list[Span]:
    tiles: list[Span] = []
    at = 0
    for span in found:
        if span.start > at:
            tiles.append(Span("prose", at, span.start))
        if span.end > at:
            tiles.append(span._replace(start=max(span.start, at)))
            at = span.end
    if at < length:
        tiles.append(Span("prose", at, length))
    return tiles
