"""JSON pointers: made, split and followed.

Owns: RFC 6901 in the few shapes that this project needs.
Must never know: what the documents are that the pointers lead into.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

__all__ = ["MISSING", "follow", "join", "local_pointer", "split"]


class _Missing:
    """The type of `MISSING`, which no JSON value can be."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"


MISSING = _Missing()


def join(pointer: str, *tokens: str | int) -> str:
    """`pointer` with `tokens` escaped and added."""
    for token in tokens:
        text = str(token)
        if "~" in text or "/" in text:
            text = text.replace("~", "~0").replace("/", "~1")
        pointer += f"/{text}"
    return pointer


def split(pointer: str) -> tuple[str, ...]:
    """The unescaped tokens of a pointer; a pointer that does not start with a slash has none."""
    if not pointer.startswith("/"):
        return ()
    tokens = pointer[1:].split("/")
    if "~" in pointer:
        tokens = [token.replace("~1", "/").replace("~0", "~") for token in tokens]
    return tuple(tokens)


def follow(data: Any, tokens: Sequence[str]) -> Any:
    """The value that `tokens` lead to, or `MISSING`."""
    for token in tokens:
        if isinstance(data, dict):
            if token not in data:
                return MISSING
            data = data[token]
        elif isinstance(data, (list, tuple)):
            if not (token.isascii() and token.isdigit()) or (len(token) > 1 and token[0] == "0"):
                return MISSING
            # A long run of digits is no index of any list, and turning it into a number may raise.
            if len(token) > 9 or int(token) >= len(data):
                return MISSING
            data = data[int(token)]
        else:
            return MISSING
    return data


def local_pointer(reference: str) -> str | None:
    """The pointer that a `$ref` into its own document holds, or None for one that leads elsewhere."""
    if reference == "#":
        return ""
    if reference.startswith("#/"):
        return unquote(reference[1:])
    return None
