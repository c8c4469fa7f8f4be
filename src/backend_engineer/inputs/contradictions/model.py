"""The data model against the API, against itself, and the database against the stack.

Owns: what it means that the API names an entity.
Must never know: SQL, the rules that judge migrations.

The API names an entity where a schema of its components says so with `x-entity: NAME`, or where both the
path and the schema do: `/invoices/{id}` answers with the schema `Invoice`, alone, in a list, or as the
items of a page. Anything less would ask about every helper schema. `x-entity: false` says that a schema
is no entity.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from itertools import pairwise
from typing import Any

from backend_engineer.apis.openapi import ApiDocument
from backend_engineer.apis.pointers import MISSING, follow, join, split
from backend_engineer.inputs.contradictions.finding import TEXT, Contradiction, shape, value
from backend_engineer.outputs.clarification import Option

__all__ = ["columns_that_are_missing", "database_against_stack", "entities_of_the_api"]

_SCHEMAS = "#/components/schemas/"
_DIALECTS = {
    "postgresql": "postgresql", "postgres": "postgresql", "pg": "postgresql", "sqlite": "sqlite", "sqlite3": "sqlite",
    "mysql": "mysql", "mariadb": "mysql",
}  # fmt: skip
_COLUMN = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*\Z")


def _bare(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())


def _singulars(name: str) -> set[str]:
    """A name and what it may be the plural of."""
    bare = _bare(name)
    found = {bare}
    if bare.endswith("ies"):
        found.add(bare[:-3] + "y")
    if bare.endswith("es"):
        found.add(bare[:-2])
    if bare.endswith("s"):
        found.add(bare[:-1])
    return found


def entities_of_the_api(data: Mapping[str, Any], api: ApiDocument | None) -> Iterator[Contradiction]:
    """Each entity that the API names and the data model lacks."""
    entities = data["data_model"]["entities"]
    if api is None or not isinstance(entities, list):
        return
    known = {
        single for item in entities for key in ("name", "table") for single in _singulars(str(item[key]))
    }
    names = [str(item["name"]) for item in entities]
    schemas = follow(api.data, ("components", "schemas"))
    named = {**_by_path(api), **_by_mark(schemas)}
    for schema, entity in named.items():
        if entity is not None and not _singulars(entity) & known:
            yield _lacking(schema, entity, names)


def _by_mark(schemas: Any) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for name, schema in schemas.items() if isinstance(schemas, dict) else ():
        mark = schema.get("x-entity", MISSING) if isinstance(schema, dict) else MISSING
        if mark is False:
            found[name] = None
        elif isinstance(mark, str):
            found[name] = mark
    return found


def _by_path(api: ApiDocument) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    collections = {single for item in api.operations for single in _collections(item.path)}
    for operation in api.operations:
        for response in operation.responses:
            for media in response.content if response.status.startswith("2") else ():
                for name in _components(api, media.schema):
                    if _bare(name) in collections and _names_of_path(operation.path) & {_bare(name)}:
                        found[name] = name
    return found


def _collections(path: str) -> set[str]:
    """What the segments before a parameter may be called, in the singular."""
    segments = path.strip("/").split("/")
    pairs = pairwise(segments)
    return {single for first, second in pairs if second.startswith("{") for single in _singulars(first)}


def _names_of_path(path: str) -> set[str]:
    segments = [segment for segment in path.strip("/").split("/") if not segment.startswith("{")]
    return _singulars(segments[-1]) if segments else set()


def _components(api: ApiDocument, schema: Any) -> Iterator[str]:
    """Names of component schemas that an answer consists of: itself, its items, or a page's items."""
    name = _component(schema)
    if name:
        yield name
    resolved = api.resolve(schema)
    if not isinstance(resolved, dict):
        return
    if _component(resolved.get("items")):
        yield _component(resolved["items"])
    properties = resolved.get("properties")
    for part in properties.values() if isinstance(properties, dict) else ():
        part = api.resolve(part)
        if isinstance(part, dict) and _component(part.get("items")):
            yield _component(part["items"])


def _component(schema: Any) -> str:
    reference = schema.get("$ref") if isinstance(schema, dict) else None
    if isinstance(reference, str) and reference.startswith(_SCHEMAS):
        return split(reference[1:])[-1]
    return ""


def _lacking(schema: str, entity: str, names: list[str]) -> Contradiction:
    options: list[Option] = [value("It is not stored as an entity of its own", False)]
    if names:
        near = (get_close_matches(entity, names, 1) or names)[0]
        options.append(value(f"It is the entity {near}", near))
    options.append(shape("Add the entity to the data model, by an answer at /data_model/entities"))
    choices: list[Any] = [False, *names]
    return Contradiction(
        join("/api_contract/document/components/schemas", schema, "x-entity"),
        "INPT-04",
        f"The API names the entity {entity}, which the data model does not have.",
        tuple(options),
        schema={"enum": choices},
    )


def columns_that_are_missing(data: Mapping[str, Any], api: ApiDocument | None) -> Iterator[Contradiction]:
    """Relations to entities that do not exist, and columns in relations and indexes that no field has."""
    entities = data["data_model"]["entities"]
    if not isinstance(entities, list):
        return
    columns = {item["name"]: _names(item) for item in reversed(entities)}
    yield from _twice(entities, "name")
    yield from _twice(entities, "table")
    for index, entity in enumerate(entities):
        place = join("/data_model/entities", index)
        own = _names(entity)
        for number, relation in enumerate(_listed(entity["relations"])):
            spot = join(place, "relations", number)
            yield from _columns(relation["columns"], own, join(spot, "columns"), entity["name"])
            if relation["entity"] not in columns:
                yield _no_entity(relation["entity"], list(columns), join(spot, "entity"))
            else:
                other = columns[relation["entity"]]
                yield from _columns(
                    relation["references"], other, join(spot, "references"), relation["entity"]
                )
        for number, item in enumerate(_listed(entity["indexes"])):
            yield from _columns(
                item["columns"], own, join(place, "indexes", number, "columns"), entity["name"]
            )


def _names(entity: Mapping[str, Any]) -> list[str]:
    return [field["name"] for field in entity["fields"]]


def _twice(entities: list[Any], key: str) -> Iterator[Contradiction]:
    """Entities that share what tells them apart."""
    first: dict[str, int] = {}
    for index, entity in enumerate(entities):
        earlier = first.setdefault(entity[key], index)
        if earlier != index:
            yield Contradiction(
                join("/data_model/entities", index, key),
                "INPT-04",
                f"Two entities have the {key} {entity[key]}.",
                (shape(f"Another {key} for the second one"), shape("Strike one of the two entities")),
                schema=TEXT,
            )


def _listed(field: Any) -> list[Any]:
    return field if isinstance(field, list) else []


def _columns(used: list[str], known: list[str], pointer: str, entity: str) -> Iterator[Contradiction]:
    """Only plain names are looked at: an index may be over an expression."""
    strangers = [name for name in used if _COLUMN.match(name) and name not in known]
    if strangers:
        yield Contradiction(
            pointer,
            "INPT-04",
            f"{', '.join(strangers)}: no such field in the entity {entity}.",
            (shape(f"The columns, out of {', '.join(known)}"), shape("Add the field to the entity")),
            schema={"type": "array", "items": TEXT, "minItems": 1},
        )


def _no_entity(name: str, known: list[str], pointer: str) -> Contradiction:
    near = (get_close_matches(name, known, 1) or known)[0]
    return Contradiction(
        pointer,
        "INPT-04",
        f"A relation points at the entity {name}, which the data model does not have.",
        (value(f"It points at {near}", near), shape("Add the entity to the data model")),
        schema=TEXT,
    )


def database_against_stack(data: Mapping[str, Any], api: ApiDocument | None) -> Iterator[Contradiction]:
    """The database has a dialect that none of the stack's databases speaks."""
    stack, database = data["tech_spec"]["stack"], data["tech_spec"]["database"]
    if not isinstance(stack, list) or "dialect" not in database:
        return
    named = [str(item["name"]) for item in stack if item["kind"] == "database"]
    spoken = [_DIALECTS[_bare(name)] for name in named if _bare(name) in _DIALECTS]
    if spoken and database["dialect"] not in spoken:
        yield Contradiction(
            "/tech_spec/database/dialect",
            "INPT-02",
            f"The database speaks {database['dialect']}, but the stack names {', '.join(named)}.",
            (value(f"The dialect is {spoken[0]}", spoken[0]), shape("Name the database in the stack")),
            schema={"enum": ["postgresql", "sqlite", "mysql"]},
        )
