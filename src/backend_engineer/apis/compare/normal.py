"""The normal form of a schema object: what it accepts, whatever way it is written.

Owns: the differences of writing that mean the same, between versions and within one.
Must never know: what is compared with what.

Made equal: references and their targets; 3.0 `nullable`, a type list with "null", and a union with
`{"type": "null"}`; a union of branches that are no more than types and the list of these types; `allOf` of
one or of parts that do not touch each other, and the schema that they make; boolean and numeric exclusive bounds; `const` and an `enum` of one; stated defaults of keywords and
their absence; the order of `required`, `enum` and `type`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from backend_engineer.apis.compare.null import takes_null, type_names
from backend_engineer.apis.compare.places import FOR_PEOPLE, LONGEST_CHAIN, Place, settled
from backend_engineer.apis.openapi import ApiDocument
from backend_engineer.apis.pointers import join

__all__ = ["View", "canonical", "view_of"]

_HANDLED = frozenset(
    {"$ref", "type", "nullable", "properties", "required", "additionalProperties", "patternProperties", "items",
     "allOf", "anyOf", "oneOf", "not", "enum", "const", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
)  # fmt: skip
_SILENT: Mapping[str, Any] = {
    "minLength": 0, "minItems": 0, "minProperties": 0, "uniqueItems": False, "readOnly": False, "writeOnly": False,
    "unevaluatedProperties": True, "unevaluatedItems": True,
}  # fmt: skip
_ONLY_NULL = frozenset({"null"})


@dataclass(slots=True)
class View:
    """A schema in normal form; sub-schemas are left as places, to be looked at in their turn.

    types: without "null", which is `nullable`, but where null is the only one; empty for any type.
    values: the canonical texts of `enum`, None without one.
    unions: keyword -> branches. rest: every other keyword that says something, canonical.
    """

    types: frozenset[str] = frozenset()
    nullable: bool = False
    properties: dict[str, Place] = field(default_factory=dict)
    patterns: dict[str, Place] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    additional: Place | None = None
    items: Place | None = None
    unions: dict[str, list[Place]] = field(default_factory=dict)
    values: frozenset[str] | None = None
    rest: dict[str, Any] = field(default_factory=dict)
    never: bool = False


def canonical(value: Any) -> str:
    """A text that two JSON values share exactly when they are equal; 1 and 1.0 are, 1 and true are not."""
    return json.dumps(_number(value), sort_keys=True, default=str)


def _number(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _number(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_number(item) for item in value]
    return value


def view_of(api: ApiDocument, node: Any, pointer: str) -> View:
    """The normal form of the schema at a place."""
    return _view(api, node, pointer, frozenset())


def _view(api: ApiDocument, node: Any, pointer: str, seen: frozenset[str]) -> View:
    node, pointer = settled(api, node, pointer)
    if pointer in seen or len(seen) > LONGEST_CHAIN:
        return View(rest={"$ref": "circle"})
    seen |= {pointer}
    if isinstance(node, dict) and isinstance(node.get("$ref"), str):
        siblings = {key: value for key, value in node.items() if key != "$ref"}
        parts: list[Place] = [({"$ref": node["$ref"]}, join(pointer, "$ref")), (siblings, pointer + "#")]
        merged = _merged([_view(api, *part, seen) for part in parts])
        view = merged if merged is not None else View(unions={"allOf": parts})
        view.nullable = view.nullable and takes_null(api, (node, pointer))
        return view
    if node is True or node is None:
        return View()
    if not isinstance(node, dict):
        return View(never=node is False)
    return _object_view(api, node, pointer, seen)


def _object_view(api: ApiDocument, node: dict[str, Any], pointer: str, seen: frozenset[str]) -> View:
    view = _plain_view(api, node, pointer)
    for keyword in ("anyOf", "oneOf"):
        branches = list(_branches(node, keyword, pointer))
        if not branches or _took_types(api, view, keyword, branches):
            continue
        kept = [item for item in branches if not _is_null(api, item)]
        nulls = len(branches) - len(kept)
        barred = bool(view.types) and (not view.nullable or (view.types == _ONLY_NULL and bool(kept)))
        twice = keyword == "oneOf" and (nulls > 1 or any(_may_be_null(api, item, seen) for item in kept))
        if nulls and (barred or twice):
            # Null is of two branches and so of neither, or not of the types beside them: it is not added.
            view = _with_union(view, keyword, branches)
            continue
        if not kept:
            view.types, view.nullable = _ONLY_NULL, True
            continue
        only = _view(api, *kept[0], seen) if len(kept) == 1 else None
        view.nullable = view.nullable or nulls > 0
        if only is not None:
            merged = _merged([only, view], nullable=view.nullable or None)
            view = merged if merged is not None else _with_union(view, "allOf", kept)
        else:
            view = _with_union(view, keyword, kept)
    parts = list(_branches(node, "allOf", pointer))
    if parts:
        views = [_view(api, *part, seen) for part in parts]
        # 3.0 writes `nullable` beside the reference that it is meant for; later versions let every part bar null.
        nullable = (view.nullable or all(item.nullable for item in views)) if api.version == "3.0" else None
        merged = _merged([*views, view], nullable=nullable)
        view = merged if merged is not None else _with_union(view, "allOf", parts)
    if view.nullable and api.version != "3.0":
        view.nullable = takes_null(api, (node, pointer))
    return view


def _may_be_null(api: ApiDocument, place: Place, seen: frozenset[str]) -> bool:
    return _view(api, *place, seen).nullable if api.version == "3.0" else takes_null(api, place)


def _took_types(api: ApiDocument, view: View, keyword: str, branches: list[Place]) -> bool:
    """Whether a union only lists types, and the view could take them over as its own."""
    sets = [_types_alone(api, place) for place in branches]
    listed = [types for types in sets if types is not None]
    if len(listed) < len(sets) or (keyword == "oneOf" and _overlap(listed)):
        return False
    every = frozenset[str]().union(*listed)
    types = _shared_types(view.types, every - _ONLY_NULL) if view.types else every - _ONLY_NULL
    if not types:
        return False
    if view.types:
        view.nullable = view.nullable and ("null" in every or api.version == "3.0")
    else:
        view.nullable = view.nullable or "null" in every
    view.types = types
    if view.values is not None and view.nullable:
        view.values -= _ONLY_NULL
    return True


def _types_alone(api: ApiDocument, place: Place) -> frozenset[str] | None:
    """The types of a branch, "null" among them, or None for a branch that says anything else."""
    node, pointer = settled(api, *place)
    if not isinstance(node, dict) or not node.keys().isdisjoint(("$ref", "allOf", "anyOf", "oneOf")):
        return None
    view = _plain_view(api, node, pointer)
    if view not in (View(types=view.types, nullable=view.nullable), View(values=_ONLY_NULL)):
        return None
    if not view.types:
        return _ONLY_NULL if _is_null(api, (node, pointer)) else None
    return view.types | (_ONLY_NULL if view.nullable else frozenset())


def _overlap(listed: list[frozenset[str]]) -> bool:
    """Whether a value can be of two of the sets; an integer is a number as well."""
    seen: set[str] = set()
    for types in listed:
        reach = types | ({"integer"} if "number" in types else frozenset())
        if seen & reach:
            return True
        seen |= reach
    return False


def _shared_types(left: frozenset[str], right: frozenset[str]) -> frozenset[str]:
    """The types that both sets let through."""
    both = left & right
    return both | {"integer"} if "integer" in left | right and _numeric(left) and _numeric(right) else both


def _numeric(types: frozenset[str]) -> bool:
    return not types.isdisjoint(("integer", "number"))


def _with_union(view: View, keyword: str, branches: list[Place]) -> View:
    view.unions[keyword] = view.unions.get(keyword, []) + branches
    return view


def _branches(node: dict[str, Any], keyword: str, pointer: str) -> Iterator[Place]:
    listed = node.get(keyword)
    for index, item in enumerate(listed if isinstance(listed, list) else ()):
        yield item, join(pointer, keyword, index)


def _is_null(api: ApiDocument, place: Place) -> bool:
    node = api.resolve(place[0])
    if not isinstance(node, dict):
        return False
    return (
        node.get("type") in ("null", ["null"])
        or node.get("enum") == [None]
        or ("const" in node and node["const"] is None)
    )


def _plain_view(api: ApiDocument, node: dict[str, Any], pointer: str) -> View:
    names = type_names(node)
    nullable = (node.get("nullable") is True and api.version == "3.0") or "null" in names
    required = node.get("required")
    view = View(
        types=(names - _ONLY_NULL) or names,
        nullable=nullable,
        properties=_places(node, "properties", pointer),
        patterns=_places(node, "patternProperties", pointer),
        required=frozenset(name for name in required if isinstance(name, str))
        if isinstance(required, list)
        else frozenset(),
        additional=_closing(node, pointer),
        values=_values(node, nullable),
        rest=_rest(node),
        never=False,
    )
    if node.get("items") not in (None, True, {}):
        view.items = (node["items"], join(pointer, "items"))
    if "not" in node:
        view.unions["not"] = [(node["not"], join(pointer, "not"))]
    return view


def _closing(node: dict[str, Any], pointer: str) -> Place | None:
    """`additionalProperties` where it says anything: true and an empty schema are what holds without it."""
    given = node.get("additionalProperties")
    return (
        None
        if given in (None, True, {}) and given is not False
        else (given, join(pointer, "additionalProperties"))
    )


def _places(node: dict[str, Any], keyword: str, pointer: str) -> dict[str, Place]:
    given = node.get(keyword)
    if not isinstance(given, dict):
        return {}
    return {name: (item, join(pointer, keyword, name)) for name, item in given.items()}


def _values(node: dict[str, Any], nullable: bool) -> frozenset[str] | None:
    """The values of `enum` and `const`; where both stand, those that are in both."""
    listed = node.get("enum")
    values: frozenset[str] | None = None
    if isinstance(listed, list):
        # Tools disagree on whether a nullable enum must list null; it accepts null by intent either way.
        values = frozenset(canonical(item) for item in listed if item is not None or not nullable)
    if "const" in node:
        only = frozenset({canonical(node["const"])})
        return only if values is None else only & values
    return values


def _rest(node: dict[str, Any]) -> dict[str, Any]:
    found = {
        key: value
        for key, value in node.items()
        if key not in FOR_PEOPLE
        and key not in _HANDLED
        and not key.startswith("x-")
        and not _says_nothing(key, value)
    }
    for bound, strict in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        limit, exclusive = node.get(bound), node.get(strict)
        if exclusive is True and limit is not None:
            found[strict] = limit
        else:
            found |= {bound: limit} if limit is not None else {}
            found |= (
                {strict: exclusive}
                if exclusive not in (None, False) or (exclusive == 0 and exclusive is not False)
                else {}
            )
    if found.get("contentEncoding") == "base64" and "format" not in found:
        del found["contentEncoding"]
        found["format"] = "byte"
    return {key: _shown(key, value) for key, value in found.items()}


def _says_nothing(key: str, value: Any) -> bool:
    return (
        key in _SILENT and value == _SILENT[key] and isinstance(value, bool) == isinstance(_SILENT[key], bool)
    )


def _shown(key: str, value: Any) -> Any:
    """A keyword's value without what is for people; of a discriminator, references are names only."""
    if key == "discriminator" and isinstance(value, dict):
        mapping = value.get("mapping")
        return {
            "propertyName": value.get("propertyName"),
            "mapping": sorted(mapping) if isinstance(mapping, dict) else [],
        }
    return value


def _merged(views: list[View], nullable: bool | None = None) -> View | None:
    """One view that accepts what all of them accept, or None where two of them touch the same thing."""
    whole = View()
    for view in views:
        if view.types and whole.types and view.types != whole.types:
            return None
        if (
            view.values is not None and whole.values is not None and view.values != whole.values
        ) or view.never:
            return None
        if set(view.properties) & set(whole.properties) or set(view.patterns) & set(whole.patterns):
            return None
        if any(key in whole.rest and whole.rest[key] != value for key, value in view.rest.items()):
            return None
        if (
            (view.additional and whole.additional)
            or (view.items and whole.items)
            or set(view.unions) & set(whole.unions)
        ):
            return None
        whole = View(
            types=whole.types | view.types,
            properties={**whole.properties, **view.properties},
            patterns={**whole.patterns, **view.patterns},
            required=whole.required | view.required,
            additional=whole.additional or view.additional,
            items=whole.items or view.items,
            unions={**whole.unions, **view.unions},
            values=whole.values if whole.values is not None else view.values,
            rest={**whole.rest, **view.rest},
        )
    # A closed part closes only over its own properties, so that parts beside it cannot be poured into one.
    if whole.additional and sum(1 for view in views if view.properties or view.patterns) > 1:
        return None
    voices = [view.nullable for view in views if view.types or view.nullable]
    whole.nullable = bool(voices) and all(voices) if nullable is None else nullable
    return whole
