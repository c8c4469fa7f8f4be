"""The search for fields that are missing, empty, placeholders, or of another shape than documented.

Owns: the walk over given data along the typed documents, and the JSON Schema of each answer.
Must never know: where data came from, what documents say of each other, how answers are merged.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeGuard, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter

from backend_engineer.apis.pointers import join
from backend_engineer.errors import InvalidDocument
from backend_engineer.inputs.documents import (
    APIContract,
    ChangeRequest,
    DataModel,
    NotApplicable,
    OpsGuides,
    PerfTargets,
    SecurityPolicy,
    TechSpec,
)
from backend_engineer.inputs.fields import PROSE, facts_of
from backend_engineer.inputs.sources import DOCUMENTS, RawInputs
from backend_engineer.outputs.clarification import Gap

__all__ = ["MODELS", "answer_schema", "expanded", "is_placeholder", "structural_gaps", "without_nulls"]

MODELS: Mapping[str, type[BaseModel]] = {
    "tech_spec": TechSpec,
    "api_contract": APIContract,
    "data_model": DataModel,
    "security_policy": SecurityPolicy,
    "perf_targets": PerfTargets,
    "ops_guides": OpsGuides,
    "request": ChangeRequest,
}
"""The model of each document."""

_ABSENT = object()
_NAMES = frozenset({"tbd", "tba", "tbc", "t.b.d", "fixme", "n/a", "xxx", "to be defined", "to be determined"})
_WORDS = _NAMES | frozenset(
    {
        "na", "n.a", "not available", "todo", "to do", "to-do", "to be decided", "to be done",
        "to be confirmed", "to be announced", "to be specified", "unknown", "undefined", "undecided", "unclear",
        "placeholder", "fill in", "fill me in", "fill this in", "coming soon", "pending", "later", "null", "nil",
        "not yet decided", "not yet defined", "not decided yet", "not defined yet", "lorem ipsum", "wip",
    }
)  # fmt: skip
_MARKS = re.compile(r"[\s?.…_*/\\–—-]*\Z")
# A dot, a dash or `./...` may be a word of a command, so that in names only these count.
_NO_NAME = re.compile(r"\s*[<\[({]?(\?+|\.\.\.|…)[>\])}]?\s*\Z")
_UNSETTLED = re.compile(
    r"\b(TBD|TBA|TBC|FIXME)\b|\?\?\?|(?:\A|\n)\s*TODO\b|\bTODO:|\b(?:to be (?:determined|decided|defined|confirmed))\b"
)
_BRACKETS = re.compile(r"\A[\s<\[({`\"'*_]+|[\s>\])}`\"'*_.:!]+\Z")


def is_placeholder(text: str, *, prose: bool) -> bool:
    """Whether a text stands for one that is still to be written: `TBD`, `todo`, `?`, `n/a`, `<...>`.

    prose: the field holds sentences; in a name only what no name can be counts.
    """
    if not text.strip():
        return False
    if not prose:
        return bool(_NO_NAME.match(text)) or _core(text) in _NAMES
    return bool(_MARKS.match(text) or _UNSETTLED.search(text)) or _core(text) in _WORDS


def _core(text: str) -> str:
    """A text without what people put around a placeholder."""
    return " ".join(_BRACKETS.sub("", text).casefold().split())


@dataclass(frozen=True, slots=True)
class _Found:
    """A gap before it is worded: where, which field, what kind, what stands there."""

    pointer: str
    pattern: str
    kind: str
    annotation: Any
    detail: str


def structural_gaps(raw: RawInputs) -> tuple[Gap, ...]:
    """Every gap of the documents, each looked at alone, in the order of the fields.

    Raises InvalidDocument for a field that no document has: it cannot be answered away.
    """
    found: list[Gap] = []
    for name in (*DOCUMENTS, "request"):
        if name == "request" and name not in raw.data:
            continue
        value = expanded(raw.data.get(name, {}), MODELS[name])
        found.extend(_worded(item, raw) for item in _fields(MODELS[name], value, f"/{name}", name, raw))
    return tuple(found)


def expanded(value: Any, model: type[BaseModel]) -> Any:
    """A document's data; where the whole does not apply, each field that may say so says so."""
    if isinstance(value, dict) and set(value) == {"not_applicable"}:
        return {
            name: value
            for name, field in model.model_fields.items()
            if NotApplicable in _members(field.annotation)
        }
    return value


def without_nulls(annotation: Any, value: Any) -> Any:
    """The data without null where a field may be left out: YAML's `packages:` with nothing behind it is no list."""
    members = _members(annotation)
    if isinstance(value, list):
        items = next((get_args(member)[0] for member in members if get_origin(member) is tuple), Any)
        return [without_nulls(items, item) for item in value]
    model = next((member for member in members if _is_document(member)), None)
    if not isinstance(value, dict) or model is None or set(value) == {"not_applicable"}:
        return value
    fields = model.model_fields
    return {
        name: without_nulls(fields[name].annotation, item) if name in fields else item
        for name, item in value.items()
        if item is not None or name not in fields or fields[name].is_required()
    }


def _is_document(member: Any) -> TypeGuard[type[BaseModel]]:
    return isinstance(member, type) and issubclass(member, BaseModel) and member is not NotApplicable


def _members(annotation: Any) -> tuple[Any, ...]:
    if get_origin(annotation) in (Union, UnionType):
        return tuple(member for part in get_args(annotation) for member in _members(part))
    return (annotation,)


def _fields(
    model: type[BaseModel], value: dict[str, Any], pointer: str, pattern: str, raw: RawInputs
) -> Iterator[_Found]:
    strangers = [key for key in value if key not in model.model_fields]
    if strangers:
        raise _unknown(strangers[0], model, pointer, raw)
    for name, field in model.model_fields.items():
        given = value.get(name, _ABSENT)
        place, field_pattern = join(pointer, name), f"{pattern}/{name}"
        if given is _ABSENT:
            if field.is_required():
                yield _Found(place, field_pattern, "missing", field.annotation, "It is missing.")
        elif given is not None or field.is_required():
            yield from _value(field.annotation, given, place, field_pattern, raw)


def _unknown(name: str, model: type[BaseModel], pointer: str, raw: RawInputs) -> InvalidDocument:
    near = get_close_matches(name, list(model.model_fields), 1)
    path, line = raw.place(join(pointer, name))
    return InvalidDocument(
        f"`{name}` is no field of {model.__name__}.",
        path=path,
        line=line,
        pointer=join(pointer, name),
        hint=f"Did you mean `{near[0]}`?" if near else f"Its fields are {', '.join(model.model_fields)}.",
    )


def _value(annotation: Any, value: Any, pointer: str, pattern: str, raw: RawInputs) -> Iterator[_Found]:
    """The gaps in one value: at most one of its own, else those inside it."""
    members = _members(annotation)

    def gap(kind: str, detail: str) -> _Found:
        return _Found(pointer, pattern, kind, annotation, detail)

    if isinstance(value, dict) and set(value) == {"not_applicable"}:
        yield from _not_applicable(value, members, gap)
    elif (
        value is None
        or value == ""
        or (isinstance(value, str) and not value.strip())
        or (value == [] and not facts_of(pattern).may_be_empty and not _optional_list(pattern))
        or (value == {} and not _has_fields(members))
    ):
        yield gap("empty", "It is empty.")
    elif isinstance(value, str) and is_placeholder(value, prose=pattern in PROSE or str not in members):
        yield gap("placeholder", f"It holds only the placeholder {value.strip()[:40]!r}.")
    else:
        yield from _shaped(members, value, pointer, pattern, raw, gap)


def _has_fields(members: tuple[Any, ...]) -> bool:
    """Whether one of the types is a model: an empty object then lacks each of its fields."""
    return any(_is_document(member) for member in members)


def _optional_list(pattern: str) -> bool:
    return pattern.endswith(("/packages", "/entry_points", "/exceptions", "/parameters"))


def _not_applicable(value: dict[str, Any], members: tuple[Any, ...], gap: Any) -> Iterator[_Found]:
    reason = value["not_applicable"]
    if NotApplicable not in members:
        yield gap("invalid", "This field always applies.")
    elif not isinstance(reason, str):
        yield gap("invalid", "The reason is no text.")
    elif len(reason.strip()) < 3 or is_placeholder(reason, prose=True):
        yield gap("placeholder", "It is said not to apply, but without a reason.")


def _shaped(
    members: tuple[Any, ...], value: Any, pointer: str, pattern: str, raw: RawInputs, gap: Any
) -> Iterator[_Found]:
    """What a value that says something says in another shape than documented."""
    for member in members:
        if _is_document(member) and isinstance(value, dict):
            yield from _fields(member, value, pointer, pattern, raw)
            return
        if get_origin(member) is tuple and isinstance(value, list):
            inner = get_args(member)[0]
            for index, item in enumerate(value):
                yield from _value(inner, item, join(pointer, index), f"{pattern}/*", raw)
            return
    if not any(_fits(member, value) for member in members):
        yield gap("invalid", _mismatch(members, value))


def _fits(member: Any, value: Any) -> bool:
    if get_origin(member) is Literal:
        return value in get_args(member) and isinstance(value, str)
    if isinstance(member, type) and issubclass(member, Enum):
        return isinstance(value, str) and value in {item.value for item in member}
    if get_origin(member) is dict:
        return isinstance(value, dict)
    if member is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    return member in (str, bool) and isinstance(value, member)


def _mismatch(members: tuple[Any, ...], value: Any) -> str:
    words = [word for member in members for word in _choices(member)]
    if words:
        shown = f"{value!r}"[:40]
        return f"{shown} is not one of {', '.join(words)}."
    wanted = " or ".join(
        dict.fromkeys(_wanted(member) for member in members if member not in (NoneType, NotApplicable))
    )
    given = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list"}.get(
        type(value), "an object"
    )
    quotes = " Put it in quotes." if str in members and isinstance(value, (int, float)) else ""
    return f"Here stands {given}; wanted is {wanted}.{quotes}"


def _choices(member: Any) -> tuple[str, ...]:
    if get_origin(member) is Literal:
        return tuple(str(word) for word in get_args(member))
    if isinstance(member, type) and issubclass(member, Enum):
        return tuple(str(item.value) for item in member)
    return ()


def _wanted(member: Any) -> str:
    if get_origin(member) is tuple:
        return "a list"
    return {str: "text", bool: "true or false", float: "a number"}.get(member, "an object")


def _worded(found: _Found, raw: RawInputs) -> Gap:
    facts = facts_of(found.pattern)
    path, line = raw.place(found.pointer)
    place = f" ({path}{f':{line}' if line else ''})" if path and found.kind != "missing" else ""
    return Gap(
        pointer=found.pointer,
        clause=facts.clause,
        kind=found.kind,
        reason=f"{found.detail[:-1]}{place}. {facts.reason}",
        options=facts.options,
        answer_schema=answer_schema(found.annotation, may_be_empty=facts.may_be_empty),
    )


def answer_schema(annotation: Any, *, may_be_empty: bool = False) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a value of that type; a text or list that says nothing is refused."""
    return {**_schema(annotation, may_be_empty)}


@cache
def _schema(annotation: Any, may_be_empty: bool) -> dict[str, Any]:
    schema = TypeAdapter(annotation).json_schema()
    for branch in (schema, *schema.get("anyOf", ())):
        if branch.get("type") == "string" and "enum" not in branch and "const" not in branch:
            branch.setdefault("pattern", r"[^\s]")
        elif branch.get("type") == "array" and not may_be_empty:
            branch.setdefault("minItems", 1)
        elif branch.get("type") == "object" and "properties" not in branch:
            branch.setdefault("minProperties", 1)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
