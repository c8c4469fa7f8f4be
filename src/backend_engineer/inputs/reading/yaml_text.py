"""YAML by the core schema of YAML 1.2, strict, with a line for every pointer.

Owns: the reading of YAML documents from the parser's events.
Must never know: what the documents mean.

PyYAML's own constructors follow YAML 1.1: `no` becomes False, `22:30` a number in base sixty, `0755` an
octal, a date a date object, and the second of two equal keys wins in silence. So only its events are
used, which carry text and places, and the values are made here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from backend_engineer.apis.pointers import join
from backend_engineer.errors import MissingExtra, UnreadableDocument
from backend_engineer.inputs.reading.parsed import MAX_DEPTH, Parsed

__all__ = ["MAX_NODES", "read_yaml"]

MAX_NODES = 2_000_000
"""How many values a document may have once its aliases are written out."""

_TAG = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"[-+]?[0-9]+\Z")
_OCTAL = re.compile(r"0o[0-7]+\Z")
_HEX = re.compile(r"0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_WORDS: dict[str, Any] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_NOT_FINITE = re.compile(r"([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\Z")


@dataclass(slots=True)
class _Frame:
    """A list or mapping that is being filled; `size` counts its values with aliases written out."""

    pointer: str
    value: Any
    anchor: str | None
    mapping: bool
    key: str | None = None
    size: int = 1


@dataclass(slots=True)
class _Build:
    path: str
    stack: list[_Frame] = field(default_factory=list)
    anchors: dict[str, tuple[Any, int, int] | None] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    root: Any = None
    documents: int = 0


def read_yaml(text: str, path: str) -> Parsed:
    """The data of a YAML text of one document; integer keys become strings.

    Raises UnreadableDocument with line and column, MissingExtra without the extra `yaml`.
    """
    build = _Build(path)
    for event in _events(text, path):
        _take(build, event)
    if build.documents == 0:
        raise UnreadableDocument("The document is empty.", path=path, line=1)
    return Parsed(build.root, path, build.lines.get)


def _events(text: str, path: str) -> Iterator[Any]:
    try:
        import yaml
    except ImportError as error:
        raise MissingExtra("yaml", "pyyaml", f"Reading {path}") from error
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        yield from yaml.parse(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise UnreadableDocument(
            f"This is not YAML: {error.problem or error.context}.",
            path=path,
            line=mark.line + 1 if mark else None,
            column=mark.column + 1 if mark else None,
        ) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise UnreadableDocument(
            "A character here may not stand in YAML.", path=path, line=line, hint="Remove it or escape it."
        ) from error
    except yaml.YAMLError as error:
        raise UnreadableDocument(f"This is not YAML: {error}.", path=path) from error
    except RecursionError as error:
        raise UnreadableDocument("The YAML is nested too deeply.", path=path) from error


def _take(build: _Build, event: Any) -> None:
    kind = type(event).__name__
    if kind == "DocumentStartEvent":
        build.documents += 1
        if build.documents > 1:
            raise _wrong(build, event, "A second document starts here.", "Keep one document in a file.")
    elif kind == "ScalarEvent":
        _scalar(build, event)
    elif kind == "AliasEvent":
        _alias(build, event)
    elif kind in ("MappingStartEvent", "SequenceStartEvent"):
        _open(build, event, mapping=kind == "MappingStartEvent")
    elif kind in ("MappingEndEvent", "SequenceEndEvent"):
        frame = build.stack.pop()
        if frame.anchor:
            build.anchors[frame.anchor] = (frame.value, frame.size, _depth(frame.value))
        _place(build, frame.value, event, frame.size)


def _wrong(build: _Build, event: Any, message: str, hint: str = "") -> UnreadableDocument:
    mark = event.start_mark
    return UnreadableDocument(message, path=build.path, line=mark.line + 1, column=mark.column + 1, hint=hint)


def _open(build: _Build, event: Any, *, mapping: bool) -> None:
    wanted = _TAG + ("map" if mapping else "seq")
    if event.tag not in (None, "!", wanted):
        raise _wrong(
            build, event, f"The tag {event.tag} is not read.", "Use plain mappings, lists and scalars."
        )
    if build.stack and build.stack[-1].mapping and build.stack[-1].key is None:
        raise _wrong(build, event, "A key may not be a list or a mapping.", "Use text as keys.")
    if len(build.stack) >= MAX_DEPTH:
        raise _wrong(
            build, event, f"The YAML is nested more than {MAX_DEPTH} levels deep.", "Make it flatter."
        )
    if event.anchor:
        build.anchors[event.anchor] = None
    pointer = _pointer(build)
    build.lines.setdefault(pointer, event.start_mark.line + 1)
    build.stack.append(_Frame(pointer, {} if mapping else [], event.anchor, mapping))


def _pointer(build: _Build) -> str:
    if not build.stack:
        return ""
    top = build.stack[-1]
    return join(top.pointer, str(top.key) if top.mapping else len(top.value))


def _scalar(build: _Build, event: Any) -> None:
    if build.stack and build.stack[-1].mapping and build.stack[-1].key is None:
        build.stack[-1].key = _key(build, event)
        return
    value = _value(build, event)
    build.lines.setdefault(_pointer(build), event.start_mark.line + 1)
    if event.anchor:
        build.anchors[event.anchor] = (value, 1, 0)
    _place(build, value, event, 1)


def _alias(build: _Build, event: Any) -> None:
    if build.stack and build.stack[-1].mapping and build.stack[-1].key is None:
        raise _wrong(build, event, "A key may not be an alias.", "Write the key out.")
    if event.anchor not in build.anchors:
        raise _wrong(
            build, event, f"Nothing is anchored as &{event.anchor}.", "Anchor it before, or correct the name."
        )
    known = build.anchors[event.anchor]
    if known is None:
        raise _wrong(
            build, event, f"*{event.anchor} stands inside what it stands for.", "Write the part out once."
        )
    value, size, depth = known
    if len(build.stack) + depth > MAX_DEPTH:
        raise _wrong(build, event, f"With its aliases the YAML is nested more than {MAX_DEPTH} levels deep.")
    _place(build, value, event, size)


def _place(build: _Build, value: Any, event: Any, size: int) -> None:
    """Put a finished value where it belongs, and count what it would be without aliases."""
    if not build.stack:
        build.root = value
        return
    top = build.stack[-1]
    top.size += size
    if top.size > MAX_NODES:
        raise _wrong(
            build, event, f"Its aliases make the document larger than {MAX_NODES} values.", "Write out less."
        )
    if top.mapping:
        top.value[top.key] = value
        top.key = None
    else:
        top.value.append(value)


def _depth(value: Any) -> int:
    """How deep a finished value is; anchors are few, so that it is counted only for them."""
    deepest, waiting = 0, [(value, 1)]
    seen: set[tuple[int, int]] = set()
    while waiting:
        node, depth = waiting.pop()
        deepest = max(deepest, depth)
        if not isinstance(node, (dict, list)) or (id(node), depth) in seen:
            continue
        seen.add((id(node), depth))
        waiting.extend((item, depth + 1) for item in (node.values() if isinstance(node, dict) else node))
    return deepest


def _key(build: _Build, event: Any) -> str:
    plain = event.implicit[0] and event.tag in (None, "!")
    text = str(event.value)
    if event.anchor:
        raise _wrong(build, event, "A key may not be anchored.", "Anchor the value.")
    if plain and text == "<<":
        raise _wrong(build, event, "`<<` is no part of YAML 1.2.", "Write the fields out.")
    if plain and text in _WORDS:
        raise _wrong(build, event, f"The key {text or 'null'} is no text.", "Put it in quotes.")
    if text in build.stack[-1].value:
        raise _wrong(build, event, f"The key {text!r} stands twice.", "Keep one.")
    return text


def _value(build: _Build, event: Any) -> Any:
    text, tag = event.value, event.tag
    if tag in (None, "!"):
        # "!" forces text, and quotes do; only an untagged plain scalar is looked at.
        return _resolved(build, event, text) if event.implicit[0] and tag is None else text
    name = tag.removeprefix(_TAG) if tag.startswith(_TAG) else None
    if name == "str":
        return text
    if name in ("null", "bool", "int", "float"):
        value: Any = (
            float(text) if name == "float" and _INTEGER.match(text) else _resolved(build, event, text)
        )
        kinds: dict[str, tuple[type, ...]] = {
            "null": (type(None),),
            "bool": (bool,),
            "int": (int,),
            "float": (float,),
        }
        if isinstance(value, kinds[name]) and (name == "bool" or not isinstance(value, bool)):
            return value
        raise _wrong(build, event, f"{text!r} is not of the type !!{name}.")
    raise _wrong(build, event, f"The tag {tag} is not read.", "Use plain mappings, lists and scalars.")


def _resolved(build: _Build, event: Any, text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    if _NOT_FINITE.match(text):
        raise _wrong(
            build, event, f"{text} is not a JSON number.", "Put it in quotes, or give a finite number."
        )
    try:
        if _INTEGER.match(text):
            return int(text)
        if _OCTAL.match(text):
            return int(text, 0)
        if _HEX.match(text):
            return int(text, 0)
        if _FLOAT.match(text):
            number = float(text)
            if math.isinf(number):
                raise _wrong(build, event, "A number is too large.", "Put it in quotes.")
            return number
    except ValueError:
        # Python refuses to turn very long runs of digits into a number.
        raise _wrong(build, event, "A number has too many digits.", "Put it in quotes.") from None
    return text
