"""The normal form of a schema object: what it accepts, whatever way it is written.

Owns: the differences of writing that mean the same, between versions and within one.
Must never know: what is compared with what.

Made equal: references and their targets; 3.0 `nullable`, a type list with "null", and a union with
`{"type": "null"}`; a union of branches that are no more than types and the list of these types; `allOf` of
one or of parts that do not touch each other, and the schema that they make; boolean and numeric exclusive
bounds; `const` and an `enum` of one; a list of values and the same with the types of these values; `integer`
beside `number`; stated defaults of keywords and their absence; the order of `required`, `enum` and `type`.

Null is decided for the schema as a whole (`takes_null`), so that every step here is about other values only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from backend_engineer.apis.compare.choices import choices_of, default_choice
from backend_engineer.apis.compare.null import takes_null, type_names
from backend_engineer.apis.compare.places import FOR_PEOPLE, LONGEST_CHAIN, Place, says_nothing, settled
from backend_engineer.apis.compare.view import (
    ONLY_NULL,
    Inner,
    View,
    canonical,
    kinds,
    merged,
    shared_types,
    simplest,
)
from backend_engineer.apis.openapi import ApiDocument
from backend_engineer.apis.pointers import join

__all__ = ["view_of"]

_INNER = frozenset(
    {"contains", "propertyNames", "if", "then", "else", "unevaluatedProperties", "unevaluatedItems", "contentSchema"}
)  # fmt: skip
_INNER_SILENT = frozenset({"propertyNames", "unevaluatedProperties", "unevaluatedItems", "contentSchema"})
_HOLDING = _INNER | {"prefixItems", "dependentSchemas", "$dynamicRef", "discriminator"}
_HANDLED = _INNER | {
    "$ref", "$dynamicRef", "type", "nullable", "properties", "required", "additionalProperties", "patternProperties",
    "items", "prefixItems", "dependentSchemas", "dependentRequired", "minContains", "maxContains", "discriminator",
    "allOf", "anyOf", "oneOf", "not", "enum", "const", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
}  # fmt: skip
_OPENING = frozenset({"additionalProperties", "unevaluatedProperties", "items", "unevaluatedItems"})
_PASSED_OVER = _HANDLED | FOR_PEOPLE
_SILENT: Mapping[str, Any] = {
    "minLength": 0, "minItems": 0, "minProperties": 0, "uniqueItems": False, "readOnly": False, "writeOnly": False,
}  # fmt: skip


def view_of(api: ApiDocument, node: Any, pointer: str, unions: frozenset[str] = frozenset()) -> View:
    """The normal form of the schema at a place.

    unions: keywords whose branches stay branches even where the schema could do without them.
    """
    view = _view(api, node, pointer, frozenset(), unions)
    view.nullable = not view.never and takes_null(api, (node, pointer))
    if view.values == frozenset() and not view.types:
        view.types = ONLY_NULL
    if view.types == ONLY_NULL:
        view.values = None
    for keyword, beside in (("unevaluatedProperties", "additionalProperties"), ("unevaluatedItems", "items")):
        if (keyword, "") in view.inner:
            opened = _opened(api, (node, pointer), (keyword, beside), set())
            view.rest |= {f"{keyword} opened by": opened} if opened else {}
    return view


def _opened(api: ApiDocument, place: Place, keywords: tuple[str, str], seen: set[str]) -> int:
    """How many parts and branches let every member through in so many words, which leaves none unevaluated."""
    node, pointer = settled(api, *place)
    if not isinstance(node, dict) or pointer in seen:
        return 0
    seen.add(pointer)
    parts = [item for keyword in ("allOf", "anyOf", "oneOf") for item in _branches(node, keyword, pointer)]
    parts += [(node[key], join(pointer, key)) for key in ("if", "then", "else") if key in node]
    parts += _places(node, "dependentSchemas", pointer).values()
    if isinstance(node.get("$ref"), str) and len(node) > 1:
        parts.append(({"$ref": node["$ref"]}, join(pointer, "$ref")))
    here = any(
        key in node and says_nothing(settled(api, node[key], join(pointer, key))[0]) for key in keywords
    )
    return here + sum(_opened(api, part, keywords, seen) for part in parts)


def _view(
    api: ApiDocument, node: Any, pointer: str, seen: frozenset[str], unions: frozenset[str] = frozenset()
) -> View:
    node, pointer = settled(api, node, pointer)
    if not isinstance(node, dict):
        return View(never=node is False)
    if node.keys() == {"$ref"}:
        return View(rest={"$ref": node["$ref"]})
    if pointer in seen or len(seen) > LONGEST_CHAIN:
        return View(rest={"$ref": "circle"})
    return _object_view(api, node, pointer, seen | {pointer}, unions)


def _object_view(
    api: ApiDocument, node: dict[str, Any], pointer: str, seen: frozenset[str], unions: frozenset[str]
) -> View:
    view = _plain_view(api, node, pointer)
    parts: list[Place] = []
    for keyword in ("anyOf", "oneOf"):
        branches = list(_branches(node, keyword, pointer)) if keyword in node else []
        if not branches:
            continue
        kept = [item for item in branches if not _is_null(api, item)]
        view.says_null |= len(kept) < len(branches)
        if keyword in unions and kept:
            view.unions[keyword] = kept
        elif _took_types(api, view, keyword, branches) or _took_values(api, view, keyword, kept):
            continue
        elif not kept:
            view.types = ONLY_NULL
        elif len(kept) == 1:
            parts += kept
        else:
            view.unions[keyword] = kept
    if isinstance(node.get("$ref"), str):
        parts.append(({"$ref": node["$ref"]}, join(pointer, "$ref")))
    parts += _branches(node, "allOf", pointer)
    if not parts:
        return view
    whole = merged([_view(api, *part, seen) for part in parts], view)
    if whole is None:
        view.unions["allOf"] = parts
        return view
    return whole


def _took_types(api: ApiDocument, view: View, keyword: str, branches: list[Place]) -> bool:
    """Whether a union only lists types, and the view could take them over as its own."""
    sets = [_types_alone(api, place) for place in branches]
    listed = [types - ONLY_NULL for types in sets if types is not None]
    if len(listed) < len(sets) or (keyword == "oneOf" and _overlap(listed)):
        return False
    every = simplest(frozenset[str]().union(*listed))
    types = shared_types(view.types, every) if view.types else every
    if types:
        view.types = types
        view.says_null |= any("null" in named for named in sets if named)
    return bool(types)


def _took_values(api: ApiDocument, view: View, keyword: str, branches: list[Place]) -> bool:
    """Whether a union only lists values, each branch some, and the view could take them over as its own."""
    sets = [_values_alone(api, place) for place in branches]
    listed = [item for item in sets if item is not None]
    whole = frozenset[str]().union(*(values for _, values in listed))
    twice = sum(len(values) for _, values in listed) > len(whole)
    if not listed or len(listed) < len(sets) or (keyword == "oneOf" and twice):
        return False
    types = {types for types, _ in listed}
    if not view.types and len(types) == 1:
        (view.types,) = types
    view.values = _of_types(whole if view.values is None else whole & view.values, view.types)
    return True


def _values_alone(api: ApiDocument, place: Place) -> tuple[frozenset[str], frozenset[str]] | None:
    """The types and values of a branch, or None for a branch that says anything else."""
    node, pointer = settled(api, *place)
    if not isinstance(node, dict) or not node.keys().isdisjoint(("$ref", "allOf", "anyOf", "oneOf")):
        return None
    view = _plain_view(api, node, pointer)
    if view.values is None or view != View(types=view.types, values=view.values):
        return None
    return view.types, _of_types(view.values, view.types)


def _of_types(values: frozenset[str], types: frozenset[str]) -> frozenset[str]:
    return frozenset(
        value for value in values if not types or shared_types(kinds(frozenset((value,))), types)
    )


def _types_alone(api: ApiDocument, place: Place) -> frozenset[str] | None:
    """The types of a branch, "null" among them, or None for a branch that says anything else."""
    node, pointer = settled(api, *place)
    if not isinstance(node, dict) or not node.keys().isdisjoint(("$ref", "allOf", "anyOf", "oneOf")):
        return None
    if _is_null(api, (node, pointer)):
        return ONLY_NULL
    view = _plain_view(api, node, pointer)
    if not view.types or view != View(types=view.types):
        return None
    return view.types | (ONLY_NULL if view.says_null else frozenset())


def _overlap(listed: list[frozenset[str]]) -> bool:
    """Whether a value can be of two of the sets; an integer is a number as well."""
    seen: set[str] = set()
    for types in listed:
        reach = types | ({"integer"} if "number" in types else frozenset())
        if seen & reach:
            return True
        seen |= reach
    return False


def _branches(node: dict[str, Any], keyword: str, pointer: str) -> Iterator[Place]:
    listed = node.get(keyword)
    for index, item in enumerate(listed if isinstance(listed, list) else ()):
        yield item, join(pointer, keyword, index)


def _is_null(api: ApiDocument, place: Place) -> bool:
    """Whether nothing but null can pass a branch."""
    node = api.resolve(place[0])
    if not isinstance(node, dict):
        return False
    return (
        node.get("type") in ("null", ["null"])
        or node.get("enum") == [None]
        or ("const" in node and node["const"] is None)
    )


def _plain_view(api: ApiDocument, node: dict[str, Any], pointer: str) -> View:
    """What a schema says without its unions and references."""
    names = type_names(node)
    required = node.get("required")
    view = View(
        types=simplest(names - ONLY_NULL) or names,
        properties=_places(node, "properties", pointer),
        patterns=_places(node, "patternProperties", pointer),
        required=frozenset(name for name in required if isinstance(name, str))
        if isinstance(required, list)
        else frozenset(),
        inner={} if _HOLDING.isdisjoint(node) else dict(_inner(api, node, pointer)),
        values=_values(node),
        rest=_rest(node),
        at=pointer,
        opens=not _OPENING.isdisjoint(node),
        says_null="null" in names or (node.get("nullable") is True and api.version == "3.0"),
    )
    view.additional = _stated(api, node, "additionalProperties", pointer)
    if isinstance(node.get("items"), list):
        view.rest["items"] = node["items"]
    else:
        view.items = _stated(api, node, "items", pointer)
    if "not" in node:
        view.unions["not"] = [(node["not"], join(pointer, "not"))]
    if isinstance(node.get("discriminator"), dict):
        view.rest["discriminator"] = {"propertyName": node["discriminator"].get("propertyName")}
        branches = [*_branches(node, "oneOf", pointer), *_branches(node, "anyOf", pointer)]
        leading = [item for item in branches if not _is_null(api, item)]
        view.choices, view.unnamed = choices_of(api, node["discriminator"], pointer, leading)
    return view


def _stated(api: ApiDocument, node: dict[str, Any], keyword: str, pointer: str) -> Place | None:
    """The schema under a keyword, if it bars anything."""
    if keyword not in node:
        return None
    place = (node[keyword], join(pointer, keyword))
    return None if says_nothing(settled(api, *place)[0]) else place


def _places(node: dict[str, Any], keyword: str, pointer: str) -> dict[str, Place]:
    given = node.get(keyword)
    if not isinstance(given, dict):
        return {}
    pointer = join(pointer, keyword)
    return {name: (item, join(pointer, name)) for name, item in given.items()}


def _inner(api: ApiDocument, node: dict[str, Any], pointer: str) -> Iterator[tuple[Inner, Place]]:
    """The schemas under the keywords that hold some and have no part of their own in the view."""
    for keyword in _INNER & node.keys():
        idle = keyword in ("then", "else") and "if" not in node
        if not idle and not (keyword in _INNER_SILENT and says_nothing(node[keyword])):
            yield (keyword, ""), (node[keyword], join(pointer, keyword))
    for place in _branches(node, "prefixItems", pointer):
        yield ("prefixItems", place[1].rpartition("/")[2]), place
    for name, place in _places(node, "dependentSchemas", pointer).items():
        yield ("dependentSchemas", name), place
    if isinstance(node.get("$dynamicRef"), str):
        yield ("$dynamicRef", ""), ({"$ref": node["$dynamicRef"]}, join(pointer, "$dynamicRef"))
    default = default_choice(api, node.get("discriminator"), pointer)
    if default is not None:
        yield ("discriminator", "defaultMapping"), default


def _values(node: dict[str, Any]) -> frozenset[str] | None:
    """The values of `enum` and `const` but for null; where both stand, those that are in both."""
    listed = node.get("enum")
    values: frozenset[str] | None = None
    if isinstance(listed, list):
        values = frozenset(canonical(item) for item in listed if item is not None)
    if "const" in node:
        only = frozenset(canonical(item) for item in [node["const"]] if item is not None)
        return only if values is None else only & values
    return values


def _rest(node: dict[str, Any]) -> dict[str, Any]:
    found = {
        key: value
        for key, value in node.items()
        if key not in _PASSED_OVER and not key.startswith("x-") and not _is_default(key, value)
    }
    for bound, strict in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if bound in node or strict in node:
            found |= _bound(node, bound, strict)
    if "contains" in node:
        found |= {key: node[key] for key in ("minContains", "maxContains") if key in node}
        if canonical(found.get("minContains")) == "1":
            del found["minContains"]
    dependent = node.get("dependentRequired")
    if isinstance(dependent, dict):
        # Without names it asks for nothing.
        asked = {key: sorted(map(canonical, names)) for key, names in dependent.items() if names}
        found |= {"dependentRequired": asked} if asked else {}
    return _one_way_of_writing_bytes(found)


def _bound(node: dict[str, Any], bound: str, strict: str) -> dict[str, Any]:
    """A bound as later versions write it: 3.0 says by a boolean whether the number itself is barred."""
    limit, exclusive = node.get(bound), node.get(strict)
    if isinstance(exclusive, bool):
        exclusive, limit = (limit, None) if exclusive else (None, limit)
    return {key: value for key, value in ((bound, limit), (strict, exclusive)) if value is not None}


def _one_way_of_writing_bytes(found: dict[str, Any]) -> dict[str, Any]:
    """`format: byte` and `format: binary` of 3.0 for what later versions say by the content's encoding and type."""
    if found.get("contentEncoding") == "base64" and "format" not in found:
        del found["contentEncoding"]
        found["format"] = "byte"
    elif (
        found.get("contentMediaType") == "application/octet-stream"
        and not {"format", "contentEncoding"} & found.keys()
    ):
        del found["contentMediaType"]
        found["format"] = "binary"
    return found


def _is_default(key: str, value: Any) -> bool:
    return (
        key in _SILENT and value == _SILENT[key] and isinstance(value, bool) == isinstance(_SILENT[key], bool)
    )
