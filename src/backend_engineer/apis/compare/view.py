"""A schema in normal form, and several of them poured into one.

Owns: the value, when parts that all hold are one schema.
Must never know: documents, references, how a normal form is made.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from backend_engineer.apis.compare.places import Place, both

__all__ = ["ONLY_NULL", "Choice", "Inner", "View", "canonical", "kinds", "merged", "shared_types", "simplest"]

ONLY_NULL = frozenset({"null"})
Inner = tuple[str, str]
"""A keyword and, where it holds several schemas, which of them; else an empty text."""


class Choice(NamedTuple):
    """What a value of the discriminator's property leads to; stated: whether `mapping` says it."""

    place: Place
    target: Place
    stated: bool


@dataclass(slots=True)
class View:
    """A schema in normal form; sub-schemas are left as places, to be looked at in their turn.

    types: without "null", which is `nullable`, but where null is the only one; empty for any type.
    nullable: whether null passes, everything taken together. says_null: whether null is named at all.
    opens: whether it says that other members pass, be it without a bar.
    values: the canonical texts of `enum` but for null, None without one.
    unions: keyword -> branches. inner: the schemas under all other keywords.
    choices: value of the discriminator's property -> where it leads; unnamed: whether the values that lead
    to some branches are not told, because these stand there themselves.
    rest: every other keyword that says something. never: nothing passes.
    at: where it stands; stated: keyword of `rest` -> where that one stands, if it came from a part.
    """

    types: frozenset[str] = frozenset()
    nullable: bool = True
    properties: dict[str, Place] = field(default_factory=dict)
    patterns: dict[str, Place] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    additional: Place | None = None
    items: Place | None = None
    unions: dict[str, list[Place]] = field(default_factory=dict)
    inner: dict[Inner, Place] = field(default_factory=dict)
    choices: dict[str, Choice] = field(default_factory=dict)
    unnamed: bool = False
    values: frozenset[str] | None = None
    rest: dict[str, Any] = field(default_factory=dict)
    never: bool = False
    says_null: bool = field(default=False, compare=False)
    opens: bool = field(default=False, compare=False)
    at: str = field(default="", compare=False)
    stated: dict[str, str] = field(default_factory=dict, compare=False)

    def evaluates(self) -> bool:
        """Whether it looks into objects or arrays, so that what it looked at is not unevaluated."""
        return bool(
            self.opens
            or self.properties
            or self.patterns
            or self.additional
            or self.items
            or self.unions
            or self.inner
        )

    def has(self, keyword: str) -> bool:
        """Whether a schema stands under a keyword."""
        return any(word == keyword for word, _ in self.inner)

    def leaves(self) -> bool:
        """Whether it says what holds for members that nothing looked at."""
        return self.has("unevaluatedProperties") or self.has("unevaluatedItems")

    def closes_over(self, other: View) -> bool:
        """Whether a keyword in it would come to mean something else beside what another says.

        `additionalProperties` is for what its own object does not name, `items` for what its own `prefixItems` leave.
        """
        if self.additional and (other.properties or other.patterns or other.additional):
            return True
        listed = other.has("prefixItems")
        return listed and bool(self.items or self.has("prefixItems"))


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


_KINDS: Mapping[type, str] = {
    str: "string", bool: "boolean", int: "integer", float: "number", list: "array", dict: "object", type(None): "null"
}  # fmt: skip


def kinds(values: frozenset[str]) -> frozenset[str]:
    """The types of values that are given as texts."""
    return simplest(frozenset(_KINDS[type(json.loads(value))] for value in values))


def simplest(types: frozenset[str]) -> frozenset[str]:
    """Types without `integer` where `number`, which holds it, is among them."""
    return types - {"integer"} if "number" in types else types


def shared_types(left: frozenset[str], right: frozenset[str]) -> frozenset[str]:
    """The types that both sets let through; an integer is a number as well."""
    both = left & right
    return both | {"integer"} if "integer" in left | right and _numeric(left) and _numeric(right) else both


def _numeric(types: frozenset[str]) -> bool:
    return not types.isdisjoint(("integer", "number"))


def merged(parts: list[View], own: View) -> View | None:
    """One view that accepts what a schema and all its parts accept, or None where two touch the same thing.

    own: the schema that holds the parts; what it leaves unevaluated is told with its parts in view.
    `nullable` is left to whoever knows the whole.
    """
    views = [*parts, own]
    for at, view in enumerate(views):
        others = [item for index, item in enumerate(views) if index != at]
        if any(view.closes_over(item) for item in others):
            return None
        # What a part leaves unevaluated is told within that part.
        if view is not own and view.leaves() and any(item.evaluates() for item in others):
            return None
    whole = View()
    for view in views:
        poured = _poured(whole, view)
        if poured is None:
            return None
        whole = poured
    return whole


def _poured(whole: View, view: View) -> View | None:
    types = shared_types(whole.types, view.types) if whole.types and view.types else whole.types | view.types
    if view.never or (whole.types and view.types and not types):
        return None
    values = view.values if whole.values is None else whole.values
    if view.values is not None and whole.values is not None:
        values = view.values & whole.values
    if set(view.unions) & set(whole.unions) or (view.choices and whole.choices):
        return None
    if any(key in whole.rest and whole.rest[key] != value for key, value in view.rest.items()):
        return None
    if any(whole.inner[key] != place for key, place in view.inner.items() if key in whole.inner):
        return None
    return View(
        types=types,
        properties=_joined(whole.properties, view.properties),
        patterns=_joined(whole.patterns, view.patterns),
        required=whole.required | view.required,
        additional=whole.additional or view.additional,
        items=_joined(_items(whole), _items(view)).get("items"),
        unions={**whole.unions, **view.unions},
        inner={**whole.inner, **view.inner},
        choices=whole.choices or view.choices,
        unnamed=whole.unnamed or view.unnamed,
        values=values,
        rest={**whole.rest, **view.rest},
        says_null=whole.says_null or view.says_null,
        opens=whole.opens or view.opens,
        stated={**whole.stated, **dict.fromkeys(view.rest, view.at), **view.stated},
    )


def _items(view: View) -> dict[str, Place]:
    return {} if view.items is None else {"items": view.items}


def _joined(one: Mapping[str, Place], other: Mapping[str, Place]) -> dict[str, Place]:
    """All names of both; a value that has to pass two schemas has to pass both of them as parts of one."""
    found = {**one, **other}
    for name in one.keys() & other.keys():
        if one[name][1] == other[name][1] or canonical(one[name][0]) == canonical(other[name][0]):
            found[name] = one[name]
        else:
            found[name] = both(one[name], other[name])
    return found
