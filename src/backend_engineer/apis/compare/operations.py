"""Operations held against each other: parameters, bodies, answers, security.

Owns: which parts of an operation are the API, and how each is compared.
Must never know: what is inside a schema.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from backend_engineer.apis.compare.difference import Differences
from backend_engineer.apis.compare.places import Place
from backend_engineer.apis.compare.schemas import SchemaComparison
from backend_engineer.apis.compare.security import requirements
from backend_engineer.apis.compare.sending import encoding_of, encodings, headers_of, sent_otherwise
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
from backend_engineer.apis.pointers import join

__all__ = ["compare_operations"]

_PARAMETER = re.compile(r"\{([^{}]*)\}")
# The specification says that header parameters and response headers of these names are not read.
_UNREAD = frozenset({("header", "accept"), ("header", "content-type"), ("header", "authorization")})


def compare_operations(
    contract: ApiDocument, emitted: ApiDocument, found: Differences, schemas: SchemaComparison
) -> None:
    """Note every difference between the operations and webhooks of two documents."""
    comparison = _Comparison(contract, emitted, found, schemas)
    if spelled_out(contract, emitted):
        comparison.all("The API", _by_url(contract.operations), _by_url(emitted.operations))
    else:
        pairs = comparison.all("The API", *_by_path(contract.operations, emitted.operations))
        compare_base_paths(contract, emitted, pairs, found)
    comparison.all("The API's webhooks", *_by_path(_hooks(contract), _hooks(emitted)))


_Keyed = dict[tuple[str, str | None], Operation]


def _by_path(ours: tuple[Operation, ...], theirs: tuple[Operation, ...]) -> tuple[_Keyed, _Keyed]:
    """Both by template; where two paths of one document share it, which is a fault, by the paths as written."""
    shared = {
        key
        for side in (ours, theirs)
        for key, times in Counter((item.method, item.template) for item in side).items()
        if times > 1
    }

    def keyed(operations: tuple[Operation, ...]) -> _Keyed:
        keys = ((item, (item.method, item.template)) for item in operations)
        return {(item.method, item.path) if key in shared else key: item for item, key in keys}

    return keyed(ours), keyed(theirs)


def _by_expression(operations: tuple[Operation, ...]) -> _Keyed:
    """Braces of a callback's URL hold where its parts come from, and no name of the author's."""
    return {(item.method, item.path): item for item in operations}


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
        places = (self.contract, ours.raw, ours.pointer), (self.emitted, theirs.raw, theirs.pointer)
        for key, wanted, given in sent_otherwise(ours.location, *places):
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
            self.content(
                media_of(self.contract, ours.get("content"), join(left, "content")),
                media_of(self.emitted, theirs.get("content"), join(right, "content")),
                where,
            )
        else:
            self.schemas.add(
                (ours.get("schema"), join(left, "schema")),
                (theirs.get("schema"), join(right, "schema")),
                where,
            )

    def content(self, ours: tuple[Media, ...], theirs: tuple[Media, ...], where: str) -> None:
        left, right = {item.full: item for item in ours}, {item.full: item for item in theirs}
        for name, media in left.items():
            if name not in right:
                self.found.missing(media.pointer, where, f"the media type {name}")
            else:
                self.media(media, right[name], f"{where}, {name}")
        for name, media in right.items():
            if name not in left:
                self.found.surplus(media.pointer, where, f"the media type {name}")

    def media(self, ours: Media, theirs: Media, where: str) -> None:
        for key, inside in (("schema", where), ("itemSchema", f"{where}, each item")):
            if key in ours.raw or key in theirs.raw:
                self.schemas.add(
                    (ours.raw.get(key), join(ours.pointer, key)),
                    (theirs.raw.get(key), join(theirs.pointer, key)),
                    inside,
                )
        for key in ("prefixEncoding", "itemEncoding"):
            stated = key in ours.raw or key in theirs.raw
            if stated and canonical(ours.raw.get(key)) != canonical(theirs.raw.get(key)):
                values = (side.raw.get(key) for side in (ours, theirs))
                self.found.changed(join(ours.pointer, key), where, f"`{key}`", *values)
        left, right = encodings(self.contract, ours), encodings(self.emitted, theirs)
        for name in sorted(left.keys() | right.keys()):
            one = left.get(name) or encoding_of(self.contract, ours, name)
            other = right.get(name) or encoding_of(self.emitted, theirs, name)
            inside = f"{where}, encoding of `{name}`"
            pointer = one.pointer if name in left else ours.pointer
            for key in one.facts.keys() | other.facts.keys():
                wanted, given = one.facts.get(key), other.facts.get(key)
                if wanted != given:
                    self.found.changed(pointer, inside, f"`{key}`", wanted, given)
            self.headers(one.headers, other.headers, (pointer, other.pointer), inside)

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
        left = headers_of(self.contract, ours.pointer)
        right = headers_of(self.emitted, theirs.pointer)
        self.headers(left, right, (ours.pointer, theirs.pointer), where)

    def headers(
        self, left: dict[str, Place], right: dict[str, Place], pointers: tuple[str, str], where: str
    ) -> None:
        for name in left.keys() | right.keys():
            if name not in right:
                self.found.missing(pointers[0], where, f"the header `{name}`")
            elif name not in left:
                self.found.surplus(pointers[1], where, f"the header `{name}`")
            else:
                self.header(left[name], right[name], f"{where}, header `{name}`")

    def header(self, ours: Place, theirs: Place, where: str) -> None:
        (mine, left_pointer), (other, right_pointer) = (
            self.contract.resolve_at(*ours),
            self.emitted.resolve_at(*theirs),
        )
        left, right = (side if isinstance(side, dict) else {} for side in (mine, other))
        sides = [bool(side.get("required") is True) for side in (left, right)]
        if sides[0] != sides[1]:
            self.found.changed(left_pointer, where, "it", *map(_required, sides))
        places = (self.contract, left, left_pointer), (self.emitted, right, right_pointer)
        for key, wanted, given in sent_otherwise("header", *places):
            self.found.changed(left_pointer, where, f"`{key}`", wanted, given)
        self.values(left, right, left_pointer, right_pointer, where)

    def security(self, ours: Operation, theirs: Operation) -> None:
        wanted = dict(requirements(self.contract, ours))
        given = dict(requirements(self.emitted, theirs))
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
                    _by_expression(tuple(operations_of(self.contract, mine, mine_pointer))),
                    _by_expression(tuple(operations_of(self.emitted, other, other_pointer))),
                )


def _required(value: bool) -> str:
    return "required" if value else "optional"


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
