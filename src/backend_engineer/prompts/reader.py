"""The strict line reader of prompts: which documents a prompt holds, found by their fences alone.

Owns: the reading of fences, and the way back from documents to the inputs' data.
Must never know: how a prompt was made, templates, dialects.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from backend_engineer.errors import InvalidDocument
from backend_engineer.prompts.structure import restore

__all__ = ["ReadDocument", "parse_prompt", "restored_inputs"]

_OPENING = re.compile(
    r'^<document name="([^"\n]*)" media="([^"\n]*)" lines="([0-9]+)" end="([0-9a-f]{8})">\n', re.MULTILINE
)


class _Message(Protocol):
    @property
    def content(self) -> str: ...


class _Prompt(Protocol):
    @property
    def messages(self) -> tuple[_Message, ...]: ...


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A document as it was found: message index, offsets of its text in the content, name, media, text."""

    message: int
    start: int
    end: int
    name: str
    media: str
    text: str


def parse_prompt(prompt: Any) -> tuple[ReadDocument, ...]:
    """Every sealed document of a rendered prompt, of a list of messages, or of one text, in order.

    Raises `InvalidDocument` when a fence that opens does not close, or its line count is wrong.
    """
    return tuple(found for index, text in enumerate(_contents(prompt)) for found in _documents(index, text))


def _contents(prompt: Any) -> Iterable[str]:
    if isinstance(prompt, str):
        return (prompt,)
    messages: Iterable[_Message] = getattr(prompt, "messages", prompt)
    return [message.content for message in messages]


def _documents(index: int, content: str) -> Iterator[ReadDocument]:
    position = 0
    while (opening := _OPENING.search(content, position)) is not None:
        name, media, lines, word = opening.groups()
        start = opening.end()
        # The text may be empty, so the line feed before the close may be the one after the opening.
        closing = f"\n</document {word}>\n"
        end = content.find(closing, start)
        if end < 0:
            raise InvalidDocument(
                f"the document {name!r} opens at character {opening.start()} of message {index} "
                "and does not close.",
                hint="The prompt was cut or altered: render it again.",
            )
        text = content[start:end]
        if text.count("\n") + (1 if text and not text.endswith("\n") else 0) != int(lines):
            raise InvalidDocument(
                f"the document {name!r} does not have the {lines} lines that its fence states.",
                hint="The prompt was altered: render it again.",
            )
        yield ReadDocument(index, start, end, name, media, text)
        position = end + len(closing)


def restored_inputs(documents: Iterable[ReadDocument], names: Iterable[str]) -> Mapping[str, Any]:
    """The JSON data of the named documents, with every text that was lifted out put back."""
    texts = {document.name: document.text for document in documents}
    return {name: restore(name, texts) for name in names if name in texts}
