"""Blocks without a name that hold one of the reply's JSON documents.

Owns: which block of a kind counts, and what is told of it.
Must never know: how a document's JSON is read, fences.
"""

from __future__ import annotations

from typing import Final

from backend_engineer.parsing.block import Content
from backend_engineer.parsing.documents import load_document, load_stray_findings, looks_like_document
from backend_engineer.parsing.events import (
    AttestationsRead,
    ClarificationRead,
    FindingsRead,
    PlanRead,
    QuestionAsked,
)
from backend_engineer.parsing.scanner.sink import Sink

__all__ = ["DocumentSlots"]

_MOST: Final = 64


class DocumentSlots:
    """Takes the first document of each kind; with any names, at the close, also the last stray findings."""

    def __init__(self, sink: Sink, *, lenient: bool) -> None:
        self._sink = sink
        self._lenient = lenient
        self._filled: set[str] = set()
        self._looked_at = 0
        self._stray: tuple[str, int, int, int] | None = None

    @property
    def full(self) -> bool:
        """Whether so many blocks were looked at that no more will be; no honest reply holds as many."""
        return self._looked_at >= _MOST

    def take(self, content: Content, end: int) -> None:
        """Look at a block without a name that has just ended at the offset `end`."""
        if content.overflowed or not content.size:
            return
        text = content.text()
        line, start = content.first_line, content.content_start
        if self._lenient and text.lstrip()[:1] in ("[", "{") and '"severity"' in text:
            self._stray = (text, line, start, end)
        if self.full or not looks_like_document(text):
            return
        self._looked_at += 1
        document = load_document(text)
        if document is None:
            return
        root = document.root
        if root in self._filled:
            self._sink.say(f"second-{root}", f"Only the first {root} block counts.", line)
            return
        for code, message in document.problems:
            self._sink.say(code, message, line)
        if document.value is None:
            return
        self._filled.add(root)
        if root == "plan":
            self._sink.events.append(PlanRead(document.value, line, start, end))
        elif root == "attestations":
            self._sink.events.append(AttestationsRead(document.value, line, start, end))
        elif root == "findings":
            self._sink.events.append(FindingsRead(document.value, line, start, end))
        elif root == "clarification":
            self._sink.events.append(ClarificationRead(document.value, line, start, end))
        else:
            for question in document.value:
                self._sink.events.append(QuestionAsked(question._replace(line=line), line))

    def finish(self) -> None:
        """At the close: where no findings block came, the last block that holds an array of findings."""
        if self._stray is None or "findings" in self._filled:
            return
        text, line, start, end = self._stray
        document = load_stray_findings(text)
        if document is not None:
            for code, message in document.problems:
                self._sink.say(code, message, line)
            self._sink.events.append(FindingsRead(document.value, line, start, end))
