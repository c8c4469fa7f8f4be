"""Whether a JSON value fits a schema, as one compiled yes or no: no error texts, and many times faster.

Owns: the compilation of the keywords that the flattened meta-schemas use.
Must never know: what is wrong with a value that does not fit, OpenAPI.

A document of some megabytes is nearly always right nearly everywhere. What fits by these functions needs
no look by the validator that finds the words for a fault; everything else goes to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

__all__ = ["Acceptance"]

Fits = Callable[[Any], bool]
Schema = Mapping[str, Any]

_TYPES: Final[Mapping[str, Fits]] = MappingProxyType(
    {
        "object": lambda value: isinstance(value, dict),
        "array": lambda value: isinstance(value, list),
        "string": lambda value: isinstance(value, str),
        "boolean": lambda value: isinstance(value, bool),
        "null": lambda value: value is None,
        "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
        "integer": lambda value: (
            (isinstance(value, int) and not isinstance(value, bool))
            or (isinstance(value, float) and value.is_integer())
        ),
    }
)
# What says nothing about validity here; `format` is an annotation in these dialects.
_SILENT: Final = frozenset(
    [
        "$schema",
        "$id",
        "$comment",
        "$defs",
        "$anchor",
        "definitions",
        "description",
        "title",
        "default",
        "deprecated",
        "format",
    ]
)
# Keywords that are read together with another one.
_BESIDE: Final = frozenset(
    [
        "then",
        "else",
        "properties",
        "patternProperties",
        "additionalProperties",
        "minContains",
        "maxContains",
        "unevaluatedProperties",
    ]
)


def _always(value: Any) -> bool:
    return True


def _never(value: Any) -> bool:
    return False


class Acceptance:
    """One schema document, each part of it compiled when it is first asked for.

    Raises KeyError for a keyword that it does not know: the schemas are data of this package, and a
    keyword passed over would accept what it forbids.
    """

    def __init__(self, schema: Schema) -> None:
        self._root = schema
        self._parts: dict[str, Fits] = {}

    def of(self, reference: str) -> Fits:
        """The function for what a local reference (`#/$defs/server`) leads to."""
        known = self._parts.get(reference)
        if known is not None:
            return known
        # A schema may lead back to itself; it then finds this one, which waits for the real one.
        self._parts[reference] = lambda value: self._parts[reference](value)
        self._parts[reference] = self.compiled(self._target(reference))
        return self._parts[reference]

    def _target(self, reference: str) -> Any:
        node: Any = self._root
        for token in reference.removeprefix("#").split("/")[1:]:
            node = node[token.replace("~1", "/").replace("~0", "~")]
        return node

    def compiled(self, schema: Any) -> Fits:
        """The function for a schema that is a part of the document."""
        if isinstance(schema, bool):
            return _always if schema else _never
        parts = [
            _KEYWORDS[keyword](self, value, schema)
            for keyword, value in schema.items()
            if keyword not in _SILENT | _BESIDE
        ]
        members = self._members(schema)
        if members is not None:
            parts.append(members)
        if schema.get("unevaluatedProperties", True) is not True:
            parts.append(self._closed(schema))
        if len(parts) < 2:
            return parts[0] if parts else _always

        def fits(value: Any) -> bool:
            for part in parts:  # noqa: SIM110  a generator here costs a third of the whole
                if not part(value):
                    return False
            return True

        return fits

    def _members(self, schema: Schema) -> Fits | None:
        """`properties`, `patternProperties` and `additionalProperties` in one pass over an object."""
        named = {key: self.compiled(part) for key, part in schema.get("properties", {}).items()}
        patterns = [
            (re.compile(pattern).search, self.compiled(part))
            for pattern, part in schema.get("patternProperties", {}).items()
        ]
        rest = self.compiled(schema.get("additionalProperties", True))
        if not named and not patterns and rest is _always:
            return None

        def fits(value: Any) -> bool:
            if not isinstance(value, dict):
                return True
            for key, member in value.items():
                own = named.get(key)
                if own is not None and not own(member):
                    return False
                met = own is not None
                for matches, part in patterns:
                    if matches(key):
                        met = True
                        if not part(member):
                            return False
                if not met and not rest(member):
                    return False
            return True

        return fits

    def _closed(self, schema: Schema) -> Fits:
        rest = self.compiled(schema["unevaluatedProperties"])
        evaluated = self._evaluated({**schema, "unevaluatedProperties": True})

        def fits(value: Any) -> bool:
            if not isinstance(value, dict):
                return True
            known = evaluated(value)
            return all(key in known or rest(member) for key, member in value.items())

        return fits

    def _evaluated(self, schema: Any) -> Callable[[dict[str, Any]], set[str]]:
        """The keys of an object that a schema which it fits has looked at."""
        if isinstance(schema, bool):
            return lambda value: set()
        named = schema.get("properties", {}).keys()
        patterns = [re.compile(pattern).search for pattern in schema.get("patternProperties", {})]
        everything = "additionalProperties" in schema or schema.get("unevaluatedProperties", True) is not True
        within = [self._evaluated(part) for part in schema.get("allOf", ())]
        if "$ref" in schema:
            within.append(self._evaluated(self._target(schema["$ref"])))
        perhaps = [
            (self.compiled(part), self._evaluated(part))
            for keyword in ("anyOf", "oneOf")
            for part in schema.get(keyword, ())
        ]
        dependent = [(key, self._evaluated(part)) for key, part in schema.get("dependentSchemas", {}).items()]
        test, asked, then, other = (
            self.compiled(schema.get("if", False)),
            *(self._evaluated(schema.get(keyword, True)) for keyword in ("if", "then", "else")),
        )

        def keys(value: dict[str, Any]) -> set[str]:
            if everything:
                return set(value)
            found = {key for key in value if key in named or any(matches(key) for matches in patterns)}
            for part in within:
                found |= part(value)
            for fits, part in perhaps:
                if fits(value):
                    found |= part(value)
            for key, part in dependent:
                if key in value:
                    found |= part(value)
            if test(value):
                return found | asked(value) | then(value)
            return found | other(value)

        return keys


def _type(of: Acceptance, wanted: Any, schema: Schema) -> Fits:
    if isinstance(wanted, str):
        return _TYPES[wanted]
    kinds = [_TYPES[name] for name in wanted]
    return lambda value: any(kind(value) for kind in kinds)


def _required(of: Acceptance, names: Any, schema: Schema) -> Fits:
    wanted = frozenset(names)
    return lambda value: not isinstance(value, dict) or wanted <= value.keys()


def _ref(of: Acceptance, reference: str, schema: Schema) -> Fits:
    return of.of(reference)


def _enum(of: Acceptance, wanted: Any, schema: Schema) -> Fits:
    return _one_of(wanted)


def _const(of: Acceptance, wanted: Any, schema: Schema) -> Fits:
    return _one_of([wanted])


def _one_of(wanted: list[Any]) -> Fits:
    # Told apart by type as well: True is no 1. The meta-schemas name words and truth values only.
    scalars = {(type(item), item) for item in wanted}
    return lambda value: isinstance(value, str | bool) and (type(value), value) in scalars


def _all(of: Acceptance, schemas: Any, schema: Schema) -> Fits:
    parts = [of.compiled(part) for part in schemas]
    return lambda value: all(part(value) for part in parts)


def _any(of: Acceptance, schemas: Any, schema: Schema) -> Fits:
    parts = [of.compiled(part) for part in schemas]
    return lambda value: any(part(value) for part in parts)


def _exactly_one(of: Acceptance, schemas: Any, schema: Schema) -> Fits:
    parts = [of.compiled(part) for part in schemas]
    return lambda value: sum(part(value) for part in parts) == 1


def _not(of: Acceptance, denied: Any, schema: Schema) -> Fits:
    part = of.compiled(denied)
    return lambda value: not part(value)


def _if(of: Acceptance, test: Any, schema: Schema) -> Fits:
    asked, then, other = (
        of.compiled(part) for part in (test, schema.get("then", True), schema.get("else", True))
    )
    return lambda value: then(value) if asked(value) else other(value)


def _dependent(of: Acceptance, schemas: Any, schema: Schema) -> Fits:
    parts = [(key, of.compiled(part)) for key, part in schemas.items()]
    return lambda value: (
        not isinstance(value, dict) or all(part(value) for key, part in parts if key in value)
    )


def _items(of: Acceptance, items: Any, schema: Schema) -> Fits:
    part = of.compiled(items)
    return lambda value: not isinstance(value, list) or all(part(item) for item in value)


def _contains(of: Acceptance, wanted: Any, schema: Schema) -> Fits:
    part, least = of.compiled(wanted), schema.get("minContains", 1)
    most = schema.get("maxContains", float("inf"))
    return lambda value: not isinstance(value, list) or least <= sum(part(item) for item in value) <= most


def _property_names(of: Acceptance, names: Any, schema: Schema) -> Fits:
    part = of.compiled(names)
    return lambda value: not isinstance(value, dict) or all(part(key) for key in value)


def _pattern(of: Acceptance, pattern: Any, schema: Schema) -> Fits:
    search = re.compile(pattern).search
    return lambda value: not isinstance(value, str) or search(value) is not None


def _minimum(of: Acceptance, least: Any, schema: Schema) -> Fits:
    return lambda value: not _TYPES["number"](value) or value >= least


def _exclusive_minimum(of: Acceptance, below: Any, schema: Schema) -> Fits:
    return lambda value: not _TYPES["number"](value) or value > below


def _min_items(of: Acceptance, least: Any, schema: Schema) -> Fits:
    return lambda value: not isinstance(value, list) or len(value) >= least


def _min_properties(of: Acceptance, least: Any, schema: Schema) -> Fits:
    return lambda value: not isinstance(value, dict) or len(value) >= least


def _max_properties(of: Acceptance, most: Any, schema: Schema) -> Fits:
    return lambda value: not isinstance(value, dict) or len(value) <= most


def _unique(of: Acceptance, wanted: Any, schema: Schema) -> Fits:
    def fits(value: Any) -> bool:
        return not isinstance(value, list) or len({_frozen(item) for item in value}) == len(value)

    return fits if wanted else _always


def _frozen(value: Any) -> Any:
    """A value that compares as JSON does: 1 is 1.0, and neither is true."""
    if isinstance(value, dict):
        return "object", frozenset((key, _frozen(item)) for key, item in value.items())
    if isinstance(value, list):
        return "array", tuple(_frozen(item) for item in value)
    return isinstance(value, bool), value


_KEYWORDS: Final[Mapping[str, Callable[[Acceptance, Any, Schema], Fits]]] = MappingProxyType(
    {
        "$ref": _ref,
        "type": _type,
        "required": _required,
        "enum": _enum,
        "const": _const,
        "allOf": _all,
        "anyOf": _any,
        "oneOf": _exactly_one,
        "not": _not,
        "if": _if,
        "dependentSchemas": _dependent,
        "items": _items,
        "contains": _contains,
        "propertyNames": _property_names,
        "pattern": _pattern,
        "minimum": _minimum,
        "exclusiveMinimum": _exclusive_minimum,
        "minItems": _min_items,
        "minProperties": _min_properties,
        "maxProperties": _max_properties,
        "uniqueItems": _unique,
    }
)
