"""Operations held against each other: parameters, bodies, answers, security.

Owns: which parts of an operation are the API, and how each is compared.
Must never know: what is inside a schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from backend_engineer.apis.compare.difference import Differences
from backend_engineer.apis.compare.places import Place
from backend_engineer.apis.compare.schemas import SchemaComparison
from backend_engineer.apis.compare.servers import compare_base_paths, full_template, spelled_out
from backend_engineer.apis.compare.view import canonical
from backend_engineer.apis.openapi import (
    ApiDocument,
    Media,
    Operation,
    Parameter,
    Response,
    media_of,
    operations_of,
)
from backend_engineer.apis.pointers import follow, join, split

__all__ = ["compare_operations"]

_PARAMETER = re.compile(r"\{([^{}]*)\}")
# The specification says that header parameters and response headers of these names are not read.
_UNREAD = frozenset({("header", "accept"), ("header", "content-type"), ("header", "authorization")})
_STYLES = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}


def compare_operations(
    contract: ApiDocument, emitted: ApiDocument, found: Differences, schemas: SchemaComparison
) -> None:
    """Note every difference between the operations and webhooks of two documents."""
    comparison = _Comparison(contract, emitted, found, schemas)
    if spelled_out(contract, emitted):
        comparison.all("The API", _by_url(contract.operations), _by_url(emitted.operations))
    else:
        pairs = comparison.all("The API", _by_path(contract.operations), _by_path(emitted.operations))
        compare_base_paths(contract, emitted, pairs, found)
    comparison.all("The API's webhooks", _by_path(_hooks(contract)), _by_path(_hooks(emitted)))


_Keyed = dict[tuple[str, str | None], Operation]


def _by_path(operations: tuple[Operation, ...]) -> _Keyed:
    return {(item.method, item.template): item for item in operations}


def _by_url(operations: tuple[Operation, ...]) -> _Keyed:
    return {(item.method, full_template(item)): item for item in operations}


def _hooks(api: ApiDocument) -> tuple[Operation, ...]:
    return tuple(operations_of(api, api.data.get("webhooks"), "/webhooks"))


class _Comparison:
    def __init__(
        self, contract: ApiDocument, emitted: ApiDocument, found: Differences, schemas: SchemaComparison
    ) -> None:
        self.contract, self.emitted, self.found, self.schemas = contract, emitted, found, schemas

    def all(self, where: str, ours: _Keyed, theirs: _Keyed) -> list[tuple[Operation, Operation]]:
        """Compare operations by their keys; gives the pairs that have the same one."""
        pairs = [(operation, theirs[key]) for key, operation in ours.items() if key in theirs]
        for operation, other in pairs:
            self.operation(operation, other)
        for key, operation in ours.items():
            if key not in theirs:
                self.found.missing(operation.pointer, where, f"the operation {operation.route}")
        for key, operation in theirs.items():
            if key not in ours:
                self.found.surplus(operation.pointer, where, f"the operation {operation.route}")
        return pairs

    def operation(self, ours: Operation, theirs: Operation) -> None:
        where = ours.route
        if ours.operation_id is not None and ours.operation_id != theirs.operation_id:
            self.found.changed(
                join(ours.pointer, "operationId"),
                where,
                "the operationId",
                ours.operation_id,
                theirs.operation_id or "absent",
            )
        if (ours.raw.get("deprecated") is True) != (theirs.raw.get("deprecated") is True):
            self.found.changed(
                ours.pointer,
                where,
                "`deprecated`",
                ours.raw.get("deprecated") is True,
                theirs.raw.get("deprecated") is True,
            )
        self.parameters(ours, theirs)
        self.body(ours, theirs)
        self.responses(ours, theirs)
        self.security(ours, theirs)
        self.callbacks(ours, theirs)

    def parameters(self, ours: Operation, theirs: Operation) -> None:
        left, right = _by_key(ours), _by_key(theirs)
        for key, parameter in left.items():
            if key in right:
                self.parameter(
                    parameter, right[key], f"{ours.route}, {parameter.location} parameter `{parameter.name}`"
                )
            else:
                self.found.missing(
                    parameter.pointer, ours.route, f"the {parameter.location} parameter `{parameter.name}`"
                )
        for key, parameter in right.items():
            if key not in left:
                self.found.surplus(
                    parameter.pointer, ours.route, f"the {parameter.location} parameter `{parameter.name}`"
                )

    def parameter(self, ours: Parameter, theirs: Parameter, where: str) -> None:
        if ours.required != theirs.required:
            self.found.changed(
                ours.pointer, where, "it", _required(ours.required), _required(theirs.required)
            )
        for key, wanted, given in _serialisation(ours, theirs):
            if wanted != given:
                self.found.changed(ours.pointer, where, f"`{key}`", wanted, given)
        self.values(ours.raw, theirs.raw, ours.pointer, theirs.pointer, where)

    def values(
        self, ours: Mapping[str, Any], theirs: Mapping[str, Any], left: str, right: str, where: str
    ) -> None:
        """The schema or the content of a parameter or a header."""
        if ("content" in ours) != ("content" in theirs):
            self.found.changed(
                left, where, "it", *("a schema" if "schema" in side else "content" for side in (ours, theirs))
            )
        elif "content" in ours:
            self.content(_content(ours, left), _content(theirs, right), where)
        else:
            self.schemas.add(
                (ours.get("schema"), join(left, "schema")),
                (theirs.get("schema"), join(right, "schema")),
                where,
            )

    def content(self, ours: tuple[Media, ...], theirs: tuple[Media, ...], where: str) -> None:
        left, right = {item.type: item for item in ours}, {item.type: item for item in theirs}
        for name, media in left.items():
            if name not in right:
                self.found.missing(media.pointer, where, f"the media type {name}")
            else:
                self.schemas.add(_schema(media), _schema(right[name]), f"{where}, {name}")
                self.encoding(media, right[name], f"{where}, {name}")
        for name, media in right.items():
            if name not in left:
                self.found.surplus(media.pointer, where, f"the media type {name}")

    def encoding(self, ours: Media, theirs: Media, where: str) -> None:
        if canonical(ours.encoding) != canonical(theirs.encoding):
            self.found.changed(
                join(ours.pointer, "encoding"), where, "`encoding`", ours.encoding, theirs.encoding
            )

    def body(self, ours: Operation, theirs: Operation) -> None:
        where = f"{ours.route}, body"
        if bool(ours.body) != bool(theirs.body):
            if ours.body:
                self.found.missing(join(ours.pointer, "requestBody"), ours.route, "the request body")
            else:
                self.found.surplus(join(theirs.pointer, "requestBody"), ours.route, "a request body")
            return
        if ours.body_required != theirs.body_required:
            self.found.changed(
                join(ours.pointer, "requestBody"),
                where,
                "it",
                _required(ours.body_required),
                _required(theirs.body_required),
            )
        self.content(ours.body, theirs.body, where)

    def responses(self, ours: Operation, theirs: Operation) -> None:
        left = {item.status.upper(): item for item in ours.responses}
        right = {item.status.upper(): item for item in theirs.responses}
        for status, response in left.items():
            if status in right:
                self.response(response, right[status], f"{ours.route}, answer {response.status}")
            else:
                self.found.missing(
                    join(ours.pointer, "responses", response.status),
                    ours.route,
                    f"the answer {response.status}",
                )
        for status, response in right.items():
            if status not in left:
                self.found.surplus(
                    join(theirs.pointer, "responses", response.status),
                    ours.route,
                    f"the answer {response.status}",
                )

    def response(self, ours: Response, theirs: Response, where: str) -> None:
        self.content(ours.content, theirs.content, where)
        left = {name: value for name, value in ours.headers.items() if name != "content-type"}
        right = {name: value for name, value in theirs.headers.items() if name != "content-type"}
        for name in left.keys() | right.keys():
            if name not in right:
                self.found.missing(ours.pointer, where, f"the header `{name}`")
            elif name not in left:
                self.found.surplus(theirs.pointer, where, f"the header `{name}`")
            else:
                self.header(
                    name,
                    (left[name], _header_pointer(self.contract, ours, name)),
                    (right[name], _header_pointer(self.emitted, theirs, name)),
                    where,
                )

    def header(self, name: str, ours: Place, theirs: Place, where: str) -> None:
        left, left_pointer = self.contract.resolve_at(*ours)
        right, right_pointer = self.emitted.resolve_at(*theirs)
        if not isinstance(left, dict) or not isinstance(right, dict):
            return
        where = f"{where}, header `{name}`"
        if (left.get("required") is True) != (right.get("required") is True):
            self.found.changed(
                left_pointer,
                where,
                "it",
                _required(left.get("required") is True),
                _required(right.get("required") is True),
            )
        self.values(left, right, left_pointer, right_pointer, where)

    def security(self, ours: Operation, theirs: Operation) -> None:
        wanted = dict(_requirements(self.contract, ours))
        given = dict(_requirements(self.emitted, theirs))
        pointer = join(ours.pointer, "security") if "security" in ours.raw else ours.pointer
        other = join(theirs.pointer, "security") if "security" in theirs.raw else theirs.pointer
        if wanted and not given:
            self.found.missing(
                pointer, ours.route, f"the security requirement {' or '.join(wanted.values())}"
            )
            return
        for key, words in wanted.items():
            if key not in given:
                self.found.missing(pointer, ours.route, f"the security requirement {words}")
        for key, words in given.items():
            if key not in wanted:
                self.found.surplus(other, ours.route, f"the security requirement {words}")

    def callbacks(self, ours: Operation, theirs: Operation) -> None:
        left, right = (
            self.contract.resolve(ours.raw.get("callbacks")),
            self.emitted.resolve(theirs.raw.get("callbacks")),
        )
        left, right = left if isinstance(left, dict) else {}, right if isinstance(right, dict) else {}
        for name in left.keys() | right.keys():
            places = [
                api.resolve_at(side.get(name), join(base.pointer, "callbacks", name))
                for api, side, base in ((self.contract, left, ours), (self.emitted, right, theirs))
            ]
            (mine, mine_pointer), (other, other_pointer) = places
            if name not in right:
                self.found.missing(mine_pointer, ours.route, f"the callback `{name}`")
            elif name not in left:
                self.found.surplus(other_pointer, ours.route, f"the callback `{name}`")
            else:
                self.all(
                    f"{ours.route}, callback `{name}`",
                    _by_path(tuple(operations_of(self.contract, mine, mine_pointer))),
                    _by_path(tuple(operations_of(self.emitted, other, other_pointer))),
                )


def _header_pointer(api: ApiDocument, response: Response, name: str) -> str:
    """Where a header stands: it is known by its name in lower case, but a pointer takes the document's spelling."""
    stated = follow(api.data, split(join(response.pointer, "headers")))
    names = stated if isinstance(stated, dict) else ()
    return join(response.pointer, "headers", next((key for key in names if key.lower() == name), name))


def _required(value: bool) -> str:
    return "required" if value else "optional"


def _schema(media: Media) -> Place:
    return media.schema, join(media.pointer, media.schema_key)


def _content(raw: Mapping[str, Any], pointer: str) -> tuple[Media, ...]:
    return media_of(raw.get("content"), join(pointer, "content"))


def _by_key(operation: Operation) -> dict[tuple[str, str], Parameter]:
    """Parameters by place and name; a path's by their position, since their names are the author's."""
    order = {name: str(index) for index, name in enumerate(_PARAMETER.findall(operation.path))}
    found = {}
    for parameter in operation.parameters:
        key = parameter.key
        if key in _UNREAD:
            continue
        if parameter.location == "path":
            key = ("path", order.get(parameter.name, parameter.name))
        found[key] = parameter
    return found


def _serialisation(ours: Parameter, theirs: Parameter) -> Iterator[tuple[str, Any, Any]]:
    for key in ("style", "explode", "allowReserved", "allowEmptyValue", "deprecated"):
        yield key, _stated(ours, key), _stated(theirs, key)


def _stated(parameter: Parameter, key: str) -> Any:
    style = parameter.raw.get("style", _STYLES.get(parameter.location, "form"))
    if key == "style":
        return style
    return parameter.raw.get(key, key == "explode" and style == "form")


def _requirements(api: ApiDocument, operation: Operation) -> Iterator[tuple[str, str]]:
    """Each alternative as a key by which equal ones are equal, and in words.

    Schemes are known by what they are and not by their names. No requirement, none stated and one
    that asks for nothing are the same only where it stands alone.
    """
    stated = operation.security or ()
    if all(not item for item in stated):
        return
    for requirement in stated:
        parts = sorted(
            (_scheme(api, name), sorted(scopes) if _texts(scopes) else [])
            for name, scopes in requirement.items()
        )
        yield (
            canonical(parts),
            " and ".join(_words(name, scopes) for name, scopes in sorted(requirement.items()))
            or "of none at all",
        )


def _texts(scopes: Any) -> bool:
    return isinstance(scopes, list) and all(isinstance(item, str) for item in scopes)


def _words(name: str, scopes: Any) -> str:
    return f"`{name}` ({', '.join(sorted(scopes))})" if _texts(scopes) and scopes else f"`{name}`"


def _scheme(api: ApiDocument, name: str) -> str:
    scheme = api.resolve(api.security_schemes.get(name))
    if not isinstance(scheme, dict):
        return name
    kept = {
        key: value
        for key, value in scheme.items()
        if key not in ("description", "bearerFormat", "deprecated") and not key.startswith("x-")
    }
    if isinstance(kept.get("scheme"), str):
        kept["scheme"] = kept["scheme"].lower()
    if kept.get("in") == "header" and isinstance(kept.get("name"), str):
        kept["name"] = kept["name"].lower()
    return canonical(kept)
