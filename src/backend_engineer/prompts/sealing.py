"""The fence around a document: one word that does not occur inside it opens and closes it.

Owns: the seal word, the fence's two lines, the answer seal, the line gutter, the rules for labels.
Must never know: templates, dialects, what a document means.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable

from backend_engineer.errors import PromptRefused, UsageError
from backend_engineer.prompts.characters import HIDDEN, Suspicion
from backend_engineer.prompts.spans import Document

__all__ = [
    "LABEL_LIMIT",
    "answer_seal",
    "check_label",
    "check_seal",
    "name_of_pointer",
    "numbered",
    "seal",
    "seal_word",
]

LABEL_LIMIT = 200
"""The most characters a label may have."""

_WORD_LENGTH = 8
_OPEN = '<document name="{name}" media="{media}" lines="{lines}" end="{word}">\n'
_CLOSE = "\n</document {word}>\n"


def seal_word(name: str, text: str, seal_key: bytes | None = None) -> str:
    """The word that closes a document: it follows from name and text, and occurs in neither.

    seal_key: bytes that stay the same for a deployment; with them nobody can foretell the word.
    """
    return _word_outside((name, text), "document", (name, text), seal_key)


def answer_seal(facts: str, texts: Iterable[str], seal_key: bytes | None = None) -> str:
    """The word for the headers of the answer: it follows from `facts` and occurs in none of the texts."""
    return _word_outside(texts, "answer", (facts,), seal_key)


def _word_outside(texts: Iterable[str], purpose: str, parts: tuple[str, ...], seal_key: bytes | None) -> str:
    """The first word, over a rising counter, that stands in none of the texts."""
    texts = tuple(texts)
    # Hashing the parts once keeps a raised counter cheap, even for a text of many megabytes.
    body = hashlib.sha256()
    for part in (purpose, *parts):
        data = part.encode("utf-8")
        body.update(b"%d:" % len(data))
        body.update(data)
    digest, counter = body.digest(), 0
    while True:
        tail = digest + counter.to_bytes(8, "big")
        made = hmac.new(seal_key, tail, "sha256") if seal_key else hashlib.sha256(tail)
        word = made.hexdigest()[:_WORD_LENGTH]
        if not any(word in text for text in texts):
            return word
        counter += 1


def seal(document: Document, seal_key: bytes | None = None) -> str:
    """The document inside its fence, verbatim; one line feed that is not part of it precedes the close."""
    text = numbered(document.text) if document.gutter else document.text
    word = seal_word(document.name, text, seal_key)
    opening = _OPEN.format(name=document.name, media=document.media, lines=line_count(text), word=word)
    return opening + text + _CLOSE.format(word=word)


def line_count(text: str) -> int:
    """How many lines a text has; a last line without a line feed counts."""
    return text.count("\n") + (1 if text and not text.endswith("\n") else 0)


def numbered(text: str) -> str:
    """The text with `  12| ` before each line; undone by cutting each line after its first `| `."""
    lines = text.split("\n")
    width = max(4, len(str(len(lines))))
    return "\n".join(f"{index:>{width}}| {line}" for index, line in enumerate(lines, 1))


def check_seal(word: str) -> str:
    """A seal that a caller chose: 4 to 64 ASCII letters and digits; `UsageError` otherwise."""
    if not re.fullmatch(r"[A-Za-z0-9]{4,64}", word):
        raise UsageError(f"{word!r} cannot be an answer seal.", hint="Use 4 to 64 ASCII letters and digits.")
    return word


# What may not stand in a label: it could end the line, the quotes or the tag, or hide itself.
_LABEL_REFUSED = re.compile('[\x00-\x1f\x7f"<>\\\\`]')


def check_label(text: str, what: str) -> str:
    """The text, when it can stand as a label: one line, nothing hidden, at most 200 characters.

    Raises `PromptRefused` with the code (`label-empty`, `label-too-long`, `label-control`,
    `label-hidden`) and the offset; no policy lets such a label through.
    """
    problem = _label_problem(text)
    if problem is not None:
        code, offset = problem
        shown = ascii(text[max(0, offset - 20) : offset + 20])
        raise PromptRefused((Suspicion(what, offset, code, f"in the name {shown}: rename it"),))
    return text


def _label_problem(text: str) -> tuple[str, int] | None:
    if not text.strip():
        return "label-empty", 0
    if len(text) > LABEL_LIMIT:
        return "label-too-long", LABEL_LIMIT
    hit = _LABEL_REFUSED.search(text)
    if hit is not None:
        return "label-control", hit.start()
    hidden = HIDDEN.search(text)
    return None if hidden is None else ("label-hidden", hidden.start())


def name_of_pointer(pointer: str) -> str:
    """A JSON pointer as a document name: what a label refuses is percent-encoded, as in a URI fragment.

    A name over the limit keeps its start and ends in `~h` and 16 digits of the pointer's hash. In a
    pointer only 0 or 1 follows a tilde, so no other pointer can be made to have that name.
    """
    plain = pointer.isascii() and not _POINTER_ESCAPED.search(pointer)
    name = pointer if plain else "".join(map(_percent, pointer))
    if len(name) <= LABEL_LIMIT:
        return name
    return name[: LABEL_LIMIT - 18] + "~h" + hashlib.sha256(pointer.encode()).hexdigest()[:16]


_POINTER_ESCAPED = re.compile('[%"<>\\\\`\x00-\x1f\x7f]')


def _percent(character: str) -> str:
    if _POINTER_ESCAPED.match(character) or HIDDEN.match(character):
        return "".join(f"%{byte:02X}" for byte in character.encode("utf-8"))
    return character
