"""Typed inputs as documents: canonical JSON, with each string that JSON would escape lifted out.

Owns: the canonical form, the references to lifted strings, and the way back.
Must never know: fences, templates, which documents a phase needs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from pydantic import BaseModel

from backend_engineer.errors import InvalidDocument, UnencodableInput
from backend_engineer.prompts.sealing import name_of_pointer

__all__ = ["canonical_json", "data_of", "refuse_surrogates", "restore", "structured"]

_ESCAPED = re.compile(r'["\\\x00-\x1f]')
_REFERENCE = "$document"
_REFERENCE_LIKE = re.compile(r"\$+document")


def data_of(value: BaseModel, name: str) -> Any:
    """The JSON data of a document, fields that keep their default left out.

    Raises `UnencodableInput` for a lone surrogate, `InvalidDocument` for what JSON cannot say.
    """
    # By name: the error class of pydantic's serializer is a ValueError; circular data is one as well.
    try:
        return value.model_dump(mode="json", exclude_defaults=True)
    except (ValueError, RecursionError) as error:
        refuse_surrogates(value, name)
        raise InvalidDocument(
            f"the data cannot be written as JSON: {str(error).splitlines()[0]}.",
            pointer=f"/{name}",
            hint="Use plain JSON values without circular references.",
        ) from None


def refuse_surrogates(value: BaseModel, name: str) -> None:
    """Raise `UnencodableInput` for the first lone surrogate in the strings and keys of a document.

    For keys this has to be asked: pydantic puts U+FFFD in their place without a word.
    """
    # Circular data ends in a ValueError here as well; its own error says so better.
    with suppress(ValueError, RecursionError):
        _find_surrogate(value.model_dump(mode="python"), f"/{name}", set())


def structured(name: str, data: Any) -> tuple[str, dict[str, str]]:
    """The canonical JSON of the data, and the texts that were lifted out of it by document name.

    The data must be the caller's own copy: references are put into it in place. Raises
    `UnencodableInput` with the pointer of the first string that holds a lone surrogate.
    """
    lifted = _lift(data, name)
    text = canonical_json(data, name)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        _find_surrogate(data, f"/{name}", set())
        raise
    return text, lifted


def canonical_json(data: Any, name: str) -> str:
    """JSON with sorted keys and no blanks; what the outermost object or list holds stands a line each."""
    try:
        if isinstance(data, Mapping) and data:
            rows = (f"{_dumps(key)}:{_dumps(data[key])}" for key in sorted(data))
            return "{\n" + ",\n".join(rows) + "\n}"
        if isinstance(data, list) and data:
            return "[\n" + ",\n".join(map(_dumps, data)) + "\n]"
        return _dumps(data)
    except RecursionError:
        problem = "the data is nested too deeply"
    except (TypeError, ValueError) as error:
        problem = str(error)
    raise InvalidDocument(
        f"the data cannot be written as JSON: {problem}.",
        pointer=f"/{name}",
        hint="Use plain JSON values: text, finite numbers, lists and objects.",
    )


def _dumps(data: Any) -> str:
    return json.dumps(data, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _lift(data: Any, name: str) -> dict[str, str]:
    """Put references in place of the strings that JSON would escape; the texts by document name."""
    found: list[_Found] = []
    alike: list[dict[str, Any]] = []
    if isinstance(data, dict | list):
        _walk(data, [], found, alike)
    lifted: dict[str, str] = {}
    for path, parent, key in sorted(found, key=lambda item: item[0]):
        pointer = "".join(f"/{_token(str(step))}" for step in (name, *path))
        reference = name_of_pointer(pointer)
        lifted[reference] = parent[key]
        parent[key] = {_REFERENCE: reference}
    # An object of the inputs that looks like a reference gets one more `$`, and loses it on the way back.
    for row in alike if lifted else ():
        key = next(iter(row))
        row["$" + key] = row.pop(key)
    return lifted


_Found = tuple[tuple[str | int, ...], Any, str | int]


def _walk(value: Any, path: list[str | int], found: list[_Found], alike: list[dict[str, Any]]) -> None:
    """Collect the strings to lift, with their place, and the objects that look like references."""
    if type(value) is dict:
        if len(value) == 1 and _REFERENCE_LIKE.fullmatch(next(iter(value))):
            alike.append(value)
        items: Any = value.items()
    else:
        items = enumerate(value)
    for key, item in items:
        kind = type(item)
        if kind is str:
            if _ESCAPED.search(item):
                found.append(((*path, key), value, key))
        elif kind is dict or kind is list:
            path.append(key)
            _walk(item, path, found, alike)
            path.pop()


def _token(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def restore(name: str, texts: Mapping[str, str]) -> Any:
    """The data of a document from the texts of a prompt, by document name; undoes `structured`."""
    text = texts[name]
    prefix = name_of_pointer(f"/{name}")
    if not any(other.startswith(prefix) for other in texts):
        return json.loads(text)
    return _put_back(json.loads(text), texts)


def _put_back(value: Any, texts: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_put_back(item, texts) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        (key,) = value
        if key == _REFERENCE:
            return texts[value[key]]
        if _REFERENCE_LIKE.fullmatch(key):
            return {key[1:]: _put_back(value[key], texts)}
    return {key: _put_back(item, texts) for key, item in value.items()}


def _find_surrogate(value: Any, pointer: str, seen: set[int]) -> None:
    """Raise `UnencodableInput` for the first lone surrogate; `seen` ends circular data."""
    if isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise UnencodableInput(pointer, error.start) from None
    elif isinstance(value, Mapping | list | tuple) and id(value) not in seen:
        seen.add(id(value))
        if isinstance(value, Mapping):
            for key, item in value.items():
                _find_surrogate(key, pointer, seen)
                _find_surrogate(item, f"{pointer}/{_token(str(key))}", seen)
        else:
            for index, item in enumerate(value):
                _find_surrogate(item, f"{pointer}/{index}", seen)
