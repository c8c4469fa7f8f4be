"""JSON, strict: no key twice, no NaN, and a line for every pointer.

Owns: the reading of JSON documents.
Must never know: what the documents mean.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NoReturn

from backend_engineer.apis.pointers import join
from backend_engineer.errors import UnreadableDocument
from backend_engineer.inputs.reading.parsed import MAX_DEPTH, Parsed

__all__ = ["read_json"]

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+', re.DOTALL)


class _Refused(Exception):
    """Raised inside the parser's hooks, which do not know where they are."""


def read_json(text: str, path: str) -> Parsed:
    """The data of a JSON text; raises UnreadableDocument with line and column."""
    try:
        data = json.loads(text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_float)
    except _Refused as error:
        raise _located(text, path, str(error)) from None
    except json.JSONDecodeError as error:
        what = "The document is empty." if not text.strip() else f"This is not JSON: {error.msg}."
        raise UnreadableDocument(what, path=path, line=error.lineno, column=error.colno) from error
    except RecursionError as error:
        raise UnreadableDocument(
            f"The JSON is nested more than {MAX_DEPTH} levels deep.", path=path, hint="Make it flatter."
        ) from error
    except ValueError as error:
        # Python refuses to turn very long runs of digits into a number, with a plain ValueError.
        raise UnreadableDocument(
            "A number has too many digits.", path=path, hint="Write it as text."
        ) from error
    return Parsed(data, path, _lines(text))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Refused("A key stands twice in one object.")
    return found


def _constant(word: str) -> NoReturn:
    raise _Refused(f"{word} is not JSON.")


def _float(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise _Refused("A number is too large.")
    return number


def _located(text: str, path: str, message: str) -> UnreadableDocument:
    """The error with the place of the first thing that the hooks would refuse."""
    seen: set[str] = set()
    for pointer, offset, token in _values(text):
        refused = pointer in seen or token.lstrip("-") in ("NaN", "Infinity") or _overflows(token)
        if refused:
            line = text.count("\n", 0, offset) + 1
            column = offset - text.rfind("\n", 0, offset)
            name = f" ({pointer})" if pointer in seen else ""
            return UnreadableDocument(
                message[:-1] + name + ".",
                path=path,
                line=line,
                column=column,
                hint="Keep one." if name else "Write a plain number, or text.",
            )
        seen.add(pointer)
    return UnreadableDocument(message, path=path)


def _overflows(token: str) -> bool:
    if token[:1] not in "-0123456789" or not re.fullmatch(r"-?[0-9.eE+-]+", token):
        return False
    try:
        return math.isinf(float(token))
    except ValueError:
        return False


def _lines(text: str) -> Callable[[str], int | None]:
    """A look-up made only when an error first asks for a line: most documents never need it."""

    @cache
    def table() -> dict[str, int]:
        found: dict[str, int] = {}
        line, last = 1, 0
        for pointer, offset, _ in _values(text):
            line, last = line + text.count("\n", last, offset), offset
            found.setdefault(pointer, line)
        return found

    return lambda pointer: table().get(pointer)


def _values(text: str) -> Iterator[tuple[str, int, str]]:
    """Pointer, offset and first token of each value of a JSON text, in order."""
    # A frame is [pointer of the container, key or index, whether it is an object, whether a key is due].
    stack: list[list[Any]] = []
    for match in _TOKEN.finditer(text):
        mark = match[0]
        if mark in ("}", "]"):
            if stack:
                stack.pop()
        elif mark == ",":
            if stack and stack[-1][2]:
                stack[-1][3] = True
            elif stack:
                stack[-1][1] += 1
        elif mark != ":":
            if stack and stack[-1][2] and stack[-1][3]:
                stack[-1][1], stack[-1][3] = _key(mark), False
                continue
            pointer = join(stack[-1][0], stack[-1][1]) if stack else ""
            yield pointer, match.start(), mark
            if mark in ("{", "["):
                stack.append([pointer, "" if mark == "{" else 0, mark == "{", mark == "{"])


def _key(token: str) -> str:
    try:
        return str(json.loads(token))
    except ValueError:
        return token
