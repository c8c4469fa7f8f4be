"""GraphQL schemas: their own faults, and two of them held against each other for equality.

Owns: the reading of SDL through the extra `graphql`, and what of a schema is the API (APID-01).
Must never know: inputs, rules, files.

The library's own comparison looks for what breaks clients and does not see applied directives, which
is where authorization stands. So each type is turned into facts by schema coordinate, directives
included, and the facts are compared. A directive counts with the arguments that hold for it, whether
they are written or are the defaults of its definition.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from backend_engineer.apis.compare.difference import ApiDifference, Differences
from backend_engineer.apis.problems.problem import ApiProblem
from backend_engineer.errors import InvalidDocument, MissingExtra

__all__ = ["compare_graphql", "graphql_operations", "graphql_problems"]


class _Use(NamedTuple):
    """A directive where it is applied, with its number there if it stands more than once.

    whole: with the defaults filled in, by which two uses are held against each other. own: its definition
    is one of the document's own, and compared as such.
    """

    whole: str
    written: str
    own: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Value:
    """A default: with the defaults inside it filled in, without them, and as it reads.

    Two that are written alike are the same: where a default inside differs, it is told at its own place.
    """

    whole: str
    bare: str
    text: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Value) and (self.whole == other.whole or self.bare == other.bare)

    def __str__(self) -> str:
        return self.text


def _library() -> Any:
    try:
        import graphql
    except ImportError as error:
        raise MissingExtra("graphql", "graphql-core", "Reading a GraphQL schema") from error
    return graphql


def graphql_problems(sdl: str) -> list[ApiProblem]:
    """Every fault of a GraphQL schema given as SDL; `pointer` is `LINE:COLUMN`, empty where unknown.

    Raises MissingExtra without the extra `graphql`, and nothing else on any text.
    """
    return _read(sdl)[1]


def graphql_operations(sdl: str) -> tuple[str, ...]:
    """The fields of the root types as `query users`, `mutation createUser`, `subscription ...`.

    Raises InvalidDocument for a schema with faults, MissingExtra without the extra `graphql`.
    """
    schema = _valid(sdl, "The schema")
    roots = (
        ("query", schema.query_type),
        ("mutation", schema.mutation_type),
        ("subscription", schema.subscription_type),
    )
    return tuple(f"{word} {name}" for word, root in roots if root is not None for name in root.fields)


def compare_graphql(contract: str, emitted: str) -> list[ApiDifference]:
    """Every difference between two GraphQL schemas given as SDL; `pointer` is a schema coordinate.

    A coordinate is `Type`, `Type.field`, `Type.field(argument:)` or `@directive`. Descriptions and
    order are not compared; applied directives are, `@deprecated` among them. An argument of theirs that is
    left out is the default which the same document's definition gives it.

    Raises InvalidDocument for a schema that has faults by itself, MissingExtra without `graphql`.
    """
    wanted = dict(_facts(_valid(contract, "The contract's schema")))
    given = dict(_facts(_valid(emitted, "The emitted schema")))
    found = Differences()
    for place, facts in wanted.items():
        if place not in given:
            if _parent(place) not in wanted or _parent(place) in given:
                found.missing(place, "The schema", f"`{place}`")
        else:
            _compare(place, facts, given[place], found)
    for place in given:
        if place not in wanted and (_parent(place) not in given or _parent(place) in wanted):
            found.surplus(place, "The schema", f"`{place}`")
    return found.sorted()


def _compare(place: str, wanted: dict[str, Any], given: dict[str, Any], found: Differences) -> None:
    for key, ours in wanted.items():
        theirs = given.get(key)
        if not isinstance(ours, frozenset) or not isinstance(theirs, frozenset):
            if ours != theirs:
                found.changed(place, f"`{place}`", f"the {key}", *(_told(side) for side in (ours, theirs)))
            continue
        lacking, added = _uses_apart(ours, theirs) if key == "directive" else (ours - theirs, theirs - ours)
        for item in sorted(lacking):
            found.missing(place, f"`{place}`", f"the {key} {item}")
        for item in sorted(added):
            found.surplus(place, f"`{place}`", f"the {key} {item}")


def _told(fact: Any) -> Any:
    """How a fact reads: a default as it is written, and what is not there as absent."""
    return str(fact) if isinstance(fact, _Value) else fact or "absent"


def _uses_apart(ours: frozenset[_Use], theirs: frozenset[_Use]) -> tuple[frozenset[str], frozenset[str]]:
    """The uses as they are written, without those that only another default of the definition sets apart.

    The default is a difference of the definition, and told there once. Definitions of the directives that
    every schema has are not compared: there the filled in uses are told.
    """
    left = [use for use in ours if use.whole not in {other.whole for other in theirs}]
    right = [use for use in theirs if use.whole not in {other.whole for other in ours}]
    told = {use.written for use in left if use.own} & {use.written for use in right}
    return _apart(left, told), _apart(right, told)


def _apart(uses: list[_Use], told: set[str]) -> frozenset[str]:
    return frozenset(use.written if use.own else use.whole for use in uses if use.written not in told)


def _parent(place: str) -> str:
    """The coordinate around one, so that a type that is missing is not followed by all its fields."""
    if "(" in place:
        return place.partition("(")[0]
    return place.partition(".")[0] if "." in place else ""


def _read(sdl: str) -> tuple[Any, list[ApiProblem]]:
    library = _library()
    try:
        document = library.parse(sdl)
        errors = _sdl_errors(document)
        schema = None if errors else library.build_ast_schema(document, assume_valid_sdl=True)
        errors = errors or library.validate_schema(schema)
    except library.GraphQLSyntaxError as error:
        return None, [_problem("syntax", error)]
    except library.GraphQLError as error:
        return None, [_problem("invalid", error)]
    except RecursionError:
        return None, [
            ApiProblem("", "too-deep", "The schema is nested too deeply to be read: make it flatter.")
        ]
    except (TypeError, UnicodeError, ValueError) as error:
        return None, [ApiProblem("", "invalid", f"The schema cannot be read: {error}")]
    return schema, [_problem("invalid", error) for error in errors]


def _sdl_errors(document: Any) -> list[Any]:
    from graphql.validation.validate import validate_sdl

    return list(validate_sdl(document))


def _valid(sdl: str, what: str) -> Any:
    schema, problems = _read(sdl)
    if problems:
        raise InvalidDocument(
            f"{what} has faults; the first: {problems[0].message}", hint="Mend the schema first."
        )
    return schema


def _problem(code: str, error: Any) -> ApiProblem:
    place = error.locations[0] if error.locations else None
    where = f"{place.line}:{place.column}" if place else ""
    message = error.message if error.message.endswith(".") else f"{error.message}."
    return ApiProblem(where, code, f"Line {where}: {message}" if where else message)


def _facts(schema: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Coordinate and facts of everything that a schema defines."""
    library = _library()
    roots = {
        "query": schema.query_type,
        "mutation": schema.mutation_type,
        "subscription": schema.subscription_type,
    }
    yield (
        "schema",
        {
            **{f"{word} type": root.name if root else None for word, root in roots.items()},
            "directive": _directives(schema, schema),
        },
    )
    for name, item in schema.type_map.items():
        if not library.is_introspection_type(item) and not library.is_specified_scalar_type(item):
            yield from _type_facts(schema, name, item)
    for directive in schema.directives:
        if not library.is_specified_directive(directive):
            yield (
                f"@{directive.name}",
                {
                    "location": frozenset(place.name for place in directive.locations),
                    "repeatability": directive.is_repeatable,
                },
            )
            yield from _arguments(schema, f"@{directive.name}", directive.args)


def _type_facts(schema: Any, name: str, item: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    facts: dict[str, Any] = {
        "kind": type(item).__name__.removeprefix("GraphQL").removesuffix("Type"),
        "directive": _directives(schema, item),
    }
    if hasattr(item, "interfaces"):
        facts["interface"] = frozenset(other.name for other in item.interfaces)
    if hasattr(item, "types"):
        facts["member"] = frozenset(other.name for other in item.types)
    yield name, facts
    for field_name, field in getattr(item, "fields", {}).items():
        place = f"{name}.{field_name}"
        yield place, {"type": str(field.type), "directive": _directives(schema, field), **_default(field)}
        yield from _arguments(schema, place, getattr(field, "args", {}))
    for value_name, value in getattr(item, "values", {}).items():
        yield f"{name}.{value_name}", {"directive": _directives(schema, value)}


def _arguments(schema: Any, place: str, arguments: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, argument in arguments.items():
        yield (
            f"{place}({name}:)",
            {"type": str(argument.type), "directive": _directives(schema, argument), **_default(argument)},
        )


def _default(item: Any) -> dict[str, Any]:
    """The default by its text: the library's value would lose that none differs from null."""
    value = _default_node(item)
    if value is None:
        return {"default": None}
    return {"default": _Value(_typed(value, item.type), _value(value), _library().print_ast(value))}


def _default_node(item: Any) -> Any:
    return getattr(getattr(item, "ast_node", None), "default_value", None)


def _directives(schema: Any, item: Any) -> frozenset[_Use]:
    """The applied directives with their arguments in order of name; a repeated one is counted."""
    nodes = [item.ast_node, *(getattr(item, "extension_ast_nodes", None) or ())]
    found: dict[tuple[str, str], list[str]] = {}
    given_to_all = {known.name for known in _library().specified_directives}
    for node in nodes:
        for directive in getattr(node, "directives", None) or ():
            name = directive.name.value
            known = getattr(schema.get_directive(name), "args", {})
            given = {part.name.value: part.value for part in directive.arguments or ()}
            typed = {key: _typed(value, known[key].type) for key, value in given.items() if key in known}
            whole = _applied(name, {**_argument_defaults(schema, name), **typed})
            written = _applied(name, {key: _value(value) for key, value in given.items()})
            found.setdefault((name, whole), []).append(written)
    return frozenset(
        _Use(f"{whole}{times}", f"{min(written)}{times}", name not in given_to_all)
        for (name, whole), written in found.items()
        for times in ("" if len(written) == 1 else f" x{len(written)}",)
    )


def _applied(name: str, arguments: dict[str, str]) -> str:
    inside = ", ".join(f"{key}: {value}" for key, value in sorted(arguments.items()))
    return f"@{name}({inside})" if inside else f"@{name}"


def _argument_defaults(schema: Any, name: str) -> dict[str, str]:
    """What the arguments of a directive are where they are left out, for those that have a default."""
    definition = schema.get_directive(name)
    if definition is None:
        return {}
    if definition.ast_node is None:
        # The directives of the specification have no text; only one of them has a default.
        reason = _library().DEFAULT_DEPRECATION_REASON
        return {"reason": json.dumps(reason)} if name == "deprecated" else {}
    defaults = {name: (_default_node(part), part.type) for name, part in definition.args.items()}
    return {key: _typed(value, kind) for key, (value, kind) in defaults.items() if value is not None}


def _typed(node: Any, kind: Any, within: frozenset[str] = frozenset()) -> str:
    """A value as its type reads it: one item for a list of one, `1` for `1.0`, fields left out by their defaults.

    within: the fields whose defaults are being read, since one may lead back to itself.
    """
    library = _library()
    if library.is_non_null_type(kind):
        return _typed(node, kind.of_type, within)
    if node.kind == "null_value":
        return "null"
    if library.is_list_type(kind):
        items = node.values if node.kind == "list_value" else [node]
        return f"[{', '.join(_typed(item, kind.of_type, within) for item in items)}]"
    if library.is_input_object_type(kind) and node.kind == "object_value":
        return _typed_fields({part.name.value: part.value for part in node.fields}, kind, within)
    if kind.name == "Float" and node.kind in ("int_value", "float_value"):
        return repr(float(node.value))
    if kind.name == "ID" and node.kind == "int_value":
        return json.dumps(node.value)
    return _value(node)


def _typed_fields(given: dict[str, Any], kind: Any, within: frozenset[str]) -> str:
    values = {}
    for name, part in kind.fields.items():
        default, place = _default_node(part), f"{kind.name}.{name}"
        if name in given:
            values[name] = _typed(given[name], part.type, within)
        elif default is not None:
            again = place in within
            values[name] = _value(default) if again else _typed(default, part.type, within | {place})
    return f"{{{', '.join(f'{name}: {value}' for name, value in sorted(values.items()))}}}"


def _value(node: Any) -> str:
    """A value as text: neither the kind of quotes nor the order of an object's fields is part of it."""
    if node.kind == "string_value":
        return json.dumps(node.value, ensure_ascii=False)
    if node.kind == "list_value":
        return f"[{', '.join(_value(item) for item in node.values)}]"
    if node.kind == "object_value":
        fields = sorted(f"{field.name.value}: {_value(field.value)}" for field in node.fields)
        return f"{{{', '.join(fields)}}}"
    return str(_library().print_ast(node))
