"""What reading gives: data, and the line where each part of it stands.

Owns: the value, the limits that hold for every format, decoding, and the check that data is plain JSON.
Must never know: any format's syntax.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pydantic import BaseModel

from backend_engineer.apis.pointers import join
from backend_engineer.errors import InvalidDocument, UnencodableInput, UnreadableDocument

__all__ = ["MAX_BYTES", "MAX_DEPTH", "Parsed", "plain_data", "text_of"]

MAX_BYTES = 32 * 1024 * 1024
"""The largest document that is read, in bytes."""

MAX_DEPTH = 100
"""How deep a document may be nested."""

_SURROGATE = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Parsed:
    """Data of a document; `line_of(pointer)` is the 1-based line of a part, or None where unknown."""

    data: Any
    path: str
    line_of: Callable[[str], int | None]


def text_of(name: str, content: bytes | str) -> str:
    """The text of a document, UTF-8 with or without a byte order mark.

    Raises UnreadableDocument for more than 32 MiB or for bytes that are not UTF-8 (with the line), and
    UnencodableInput for a text that holds a lone surrogate.
    """
    if len(content) > MAX_BYTES:
        raise UnreadableDocument(
            f"The document has {len(content)} bytes; at most {MAX_BYTES} are read.",
            path=name,
            hint="Split it, or leave out what the change does not need.",
        )
    if isinstance(content, str):
        found = _SURROGATE.search(content)
        if found:
            raise UnencodableInput(name, found.start())
        return content.removeprefix("\ufeff")
    try:
        return content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        raise UnreadableDocument(
            f"Byte 0x{content[error.start]:02x} is not UTF-8.",
            path=name,
            line=before.count(b"\n") + 1,
            column=error.start - before.rfind(b"\n"),
            hint="Save the file as UTF-8.",
        ) from error


def plain_data(value: Any, name: str, pointer: str = "", depth: int = 0) -> Any:
    """A copy of `value` as plain JSON data: dict, list, str, int, float, bool, None.

    Models become their data, tuples lists, and integer keys strings. Raises InvalidDocument for
    anything else, for numbers that are not finite and for more than 100 levels; UnencodableInput for
    a text with a lone surrogate. `name` is what the errors call the document.
    """
    if depth > MAX_DEPTH:
        raise InvalidDocument(
            f"The data is nested more than {MAX_DEPTH} levels deep.", path=name, hint="Make it flatter."
        )
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json", exclude_unset=True)
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, Mapping):
        return _plain_object(value, name, pointer, depth)
    if isinstance(value, (list, tuple)):
        return [plain_data(item, name, join(pointer, index), depth + 1) for index, item in enumerate(value)]
    if isinstance(value, str):
        return _encodable(value, name, pointer)
    if isinstance(value, float) and not math.isfinite(value):
        raise InvalidDocument(
            f"{value} is not a JSON number.", path=name, pointer=pointer, hint="Give a finite number."
        )
    if value is None or isinstance(value, (bool, int, float)):
        return value
    raise InvalidDocument(
        f"A {type(value).__name__} is not JSON data.",
        path=name,
        pointer=pointer,
        hint="Give plain JSON values or the models.",
    )


def _plain_object(value: Mapping[Any, Any], name: str, pointer: str, depth: int) -> dict[str, Any]:
    copied: dict[str, Any] = {}
    for key, item in value.items():
        if isinstance(key, bool) or not isinstance(key, (str, int)):
            raise InvalidDocument(
                f"The key {key!r} is no text.", path=name, pointer=pointer, hint="Use text as keys."
            )
        text = _encodable(str(key), name, pointer)
        if text in copied:
            raise InvalidDocument(
                f"The key {text!r} stands twice.", path=name, pointer=pointer, hint="Keep one."
            )
        copied[text] = plain_data(item, name, join(pointer, text), depth + 1)
    return copied


def _encodable(text: str, name: str, pointer: str) -> str:
    found = None if text.isascii() else _SURROGATE.search(text)
    if found:
        place = _SURROGATE.sub("\ufffd", pointer)
        raise UnencodableInput(f"{name} at {place or '/'}", found.start())
    return str(text)
