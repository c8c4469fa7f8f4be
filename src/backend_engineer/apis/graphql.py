"""GraphQL schemas: their own faults, and two of them held against each other for equality.

Owns: the reading of SDL through the extra `graphql`, and what of a schema is the API (APID-01).
Must never know: inputs, rules, files.

The library's own comparison looks for what breaks clients and does not see applied directives, which
is where authorization stands. So each type is turned into facts by schema coordinate, directives
included, and the facts are compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from backend_engineer.apis.compare.difference import ApiDifference, Differences
from backend_engineer.apis.problems.problem import ApiProblem
from backend_engineer.errors import InvalidDocument, MissingExtra

__all__ = ["compare_graphql", "graphql_operations", "graphql_problems"]


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
    order are not compared; applied directives are, `@deprecated` among them.

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
                found.changed(place, f"`{place}`", f"the {key}", ours or "absent", theirs or "absent")
            continue
        for item in sorted(ours - theirs):
            found.missing(place, f"`{place}`", f"the {key} {item}")
        for item in sorted(theirs - ours):
            found.surplus(place, f"`{place}`", f"the {key} {item}")


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
            "directive": _directives(schema),
        },
    )
    for name, item in schema.type_map.items():
        if not library.is_introspection_type(item) and not library.is_specified_scalar_type(item):
            yield from _type_facts(name, item)
    for directive in schema.directives:
        if not library.is_specified_directive(directive):
            yield (
                f"@{directive.name}",
                {
                    "location": frozenset(place.name for place in directive.locations),
                    "repeatability": directive.is_repeatable,
                },
            )
            yield from _arguments(f"@{directive.name}", directive.args)


def _type_facts(name: str, item: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    facts: dict[str, Any] = {
        "kind": type(item).__name__.removeprefix("GraphQL").removesuffix("Type"),
        "directive": _directives(item),
    }
    if hasattr(item, "interfaces"):
        facts["interface"] = frozenset(other.name for other in item.interfaces)
    if hasattr(item, "types"):
        facts["member"] = frozenset(other.name for other in item.types)
    yield name, facts
    for field_name, field in getattr(item, "fields", {}).items():
        place = f"{name}.{field_name}"
        yield place, {"type": str(field.type), "directive": _directives(field), **_default(field)}
        yield from _arguments(place, getattr(field, "args", {}))
    for value_name, value in getattr(item, "values", {}).items():
        yield f"{name}.{value_name}", {"directive": _directives(value)}


def _arguments(place: str, arguments: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, argument in arguments.items():
        yield (
            f"{place}({name}:)",
            {"type": str(argument.type), "directive": _directives(argument), **_default(argument)},
        )


def _default(item: Any) -> dict[str, Any]:
    """The default as it is written: the library's value would lose that none differs from null."""
    node = getattr(item, "ast_node", None)
    value = getattr(node, "default_value", None)
    return {"default": _library().print_ast(value) if value is not None else None}


def _directives(item: Any) -> frozenset[str]:
    """The applied directives with their arguments in order of name; a repeated one is counted."""
    nodes = [item.ast_node, *(getattr(item, "extension_ast_nodes", None) or ())]
    found: dict[str, int] = {}
    for node in nodes:
        for directive in getattr(node, "directives", None) or ():
            arguments = sorted(
                f"{part.name.value}: {_library().print_ast(part.value)}" for part in directive.arguments or ()
            )
            text = f"@{directive.name.value}" + (f"({', '.join(arguments)})" if arguments else "")
            found[text] = found.get(text, 0) + 1
    return frozenset(text if times == 1 else f"{text} x{times}" for text, times in found.items())
