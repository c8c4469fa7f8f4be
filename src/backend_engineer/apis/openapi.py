"""OpenAPI 3.0 to 3.2 as values: the document, its operations, and references followed.

Owns: the reading of an OpenAPI document into operations with what paths and the root pass down to them.
Must never know: whether a document is valid or agrees with another, files, inputs, rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from backend_engineer.apis.pointers import MISSING, follow, join, local_pointer, split
from backend_engineer.apis.walk import names_of
from backend_engineer.errors import InvalidDocument

__all__ = [
    "METHODS",
    "ApiDocument",
    "Media",
    "Operation",
    "Parameter",
    "Response",
    "load_openapi",
    "media_of",
    "operations_of",
    "plain",
    "template_of",
    "version_of",
]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
"""The methods of a path item in the order of the specification; `query` came with 3.2."""

_MUTATING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_TEMPLATE = re.compile(r"\{[^{}]*\}")
_NO_NEWS = frozenset({"charset=utf-8", 'charset="utf-8"'})
_REF_HOPS = 100
_DEPTH = 200


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an operation, its own or its path's.

    name: as written; header names compare without case (`key`). location: `path`, `query`,
    `querystring`, `header` or `cookie`. schema: the schema object, references not followed.
    raw: the whole parameter object. pointer: where it stands in the document.
    """

    name: str
    location: str
    required: bool
    schema: Any
    raw: Mapping[str, Any]
    pointer: str

    @property
    def key(self) -> tuple[str, str]:
        """What makes the parameter one of its kind: its place and its name."""
        return (self.location, self.name.lower() if self.location == "header" else self.name)


@dataclass(frozen=True, slots=True)
class Media:
    """A body in one media type (lower case, without parameters).

    schema: the schema object, or that of each item of a sequence (3.2), or None. full: the type with the
    parameters that tell it from others of its kind, in order; a charset of UTF-8 is what holds anyway.
    raw: the whole object, its reference followed. pointer: where it stands.
    """

    type: str
    schema: Any
    pointer: str
    full: str
    raw: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Response:
    """A response of an operation.

    status: three digits, a range such as `4XX`, or `default`. headers: lower-case name -> object.
    """

    status: str
    content: tuple[Media, ...]
    headers: Mapping[str, Any]
    pointer: str

    @property
    def is_error(self) -> bool:
        """Whether the status stands for a failure: 4xx, 5xx or `default`."""
        return self.status[:1] in ("4", "5") or self.status == "default"


@dataclass(frozen=True, slots=True)
class Operation:
    """A method on a path, with what its path item and the document pass down to it.

    method: upper case. path: as written. template: the path with each parameter as `{}`.
    security: the requirements that hold, the document's where the operation states none; None where
    neither states any, and an empty tuple where the operation says that there are none.
    body: the request body in each media type. body_required: whether it must be sent.
    servers: the list that holds for it: its own, its path's, or the document's; None where none is stated.
    raw: the operation object. pointer: where it stands.
    """

    method: str
    path: str
    template: str
    operation_id: str | None
    parameters: tuple[Parameter, ...]
    body: tuple[Media, ...]
    body_required: bool
    responses: tuple[Response, ...]
    security: tuple[Mapping[str, Any], ...] | None
    raw: Mapping[str, Any]
    pointer: str
    servers: Any = None

    @property
    def route(self) -> str:
        """Method and path, as `GET /users/{id}`."""
        return f"{self.method} {self.path}"

    @property
    def mutates(self) -> bool:
        """Whether the method is meant to change something."""
        return self.method in _MUTATING

    def parameter(self, location: str, name: str) -> Parameter | None:
        """The parameter of that place and name, or None."""
        key = (location, name.lower() if location == "header" else name)
        return next((item for item in self.parameters if item.key == key), None)

    def response(self, status: str) -> Response | None:
        """The response declared for exactly that status, or None."""
        return next((item for item in self.responses if item.status == status), None)


@dataclass(frozen=True, slots=True)
class ApiDocument:
    """An OpenAPI document, read.

    version: `3.0`, `3.1` or `3.2`. data: the document with every key a string.
    operations: in the order of the document. security_schemes: name -> object.
    """

    version: str
    data: Mapping[str, Any]
    operations: tuple[Operation, ...] = ()
    security_schemes: Mapping[str, Any] = field(default_factory=dict)
    _names: list[Mapping[str, str]] = field(default_factory=list, init=False, repr=False, compare=False)

    def target(self, reference: str) -> str | None:
        """The pointer that a reference leads to, by pointer, `$anchor` or `$id`; None for one that leads outside.

        A pointer is taken as it is: nothing may stand there.
        """
        if reference == "#" or reference.startswith("#/"):
            return local_pointer(reference)
        if not self._names:
            # Few documents name schemas in this way, and to look for names takes as long as all operations.
            self._names.append(names_of(self.data))
        names = self._names[0]
        if reference in names:
            return names[reference]
        document, _, inside = reference.partition("#")
        if document not in names:
            return None
        if inside.startswith("/"):
            return names[document] + (local_pointer("#" + inside) or "")
        return names.get("#" + inside) if inside else names[document]

    def resolve(self, node: Any) -> Any:
        """`node`, or what its `$ref` leads to through any number of steps; None where it leads nowhere."""
        return self.resolve_at(node, "")[0]

    def resolve_at(self, node: Any, pointer: str) -> tuple[Any, str]:
        """Like `resolve`, with the pointer of what was found."""
        for _ in range(_REF_HOPS):
            if not isinstance(node, dict) or not isinstance(node.get("$ref"), str):
                return node, pointer
            target = self.target(node["$ref"])
            if target is None:
                return None, pointer
            node, pointer = follow(self.data, split(target)), target
            if node is MISSING:
                return None, pointer
        return None, pointer

    def operation(self, method: str, path: str) -> Operation | None:
        """The operation of that method on a path of the same template, or None."""
        wanted = (method.upper(), template_of(path))
        return next((item for item in self.operations if (item.method, item.template) == wanted), None)


def template_of(path: str) -> str:
    """A path with each parameter as `{}`, so that `/users/{id}` and `/users/{user}` are the same."""
    return _TEMPLATE.sub("{}", path)


def version_of(document: Any) -> str | None:
    """`3.0`, `3.1` or `3.2` for a document that says so, else None."""
    stated = document.get("openapi") if isinstance(document, dict) else None
    found = re.match(r"3\.([012])\.[0-9]+(?:-.+)?\Z", stated) if isinstance(stated, str) else None
    return f"3.{found[1]}" if found else None


def plain(value: Any, depth: int = 0) -> Any:
    """A copy of JSON data with every key a string, as YAML's `200:` needs it.

    Raises InvalidDocument for data nested more than 200 levels deep.
    """
    if depth > _DEPTH:
        raise InvalidDocument(
            f"The document is nested more than {_DEPTH} levels deep.", hint="Make it flatter."
        )
    # Most values are these, and to ask whether one is a mapping costs more than all the rest.
    if isinstance(value, (str, int, float)):
        return value
    if isinstance(value, Mapping):
        return {
            key if isinstance(key, str) else str(key): plain(item, depth + 1) for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [plain(item, depth + 1) for item in value]
    return value


def load_openapi(document: Any) -> ApiDocument:
    """Read an OpenAPI document, given as JSON data, into its operations.

    What is malformed inside is left out and not reported: `openapi_problems` reports it.
    Raises InvalidDocument for anything that is not an OpenAPI 3.0, 3.1 or 3.2 document.
    """
    version = version_of(document)
    if version is None:
        raise InvalidDocument(
            _not_openapi(document), pointer="/openapi", hint="Give an OpenAPI 3.0, 3.1 or 3.2 document."
        )
    data = plain(document)
    bare = ApiDocument(version, data)
    schemes = follow(data, ("components", "securitySchemes"))
    return ApiDocument(
        version,
        data,
        tuple(operations_of(bare, data.get("paths"), "/paths")),
        schemes if isinstance(schemes, dict) else {},
    )


def _not_openapi(document: Any) -> str:
    if not isinstance(document, dict):
        return f"An OpenAPI document is an object, not {type(document).__name__}."
    if "swagger" in document:
        return "This is a Swagger 2 document."
    if "openapi" not in document:
        return "The document has no `openapi` version."
    return f"The OpenAPI version {document['openapi']!r} is not known."


def operations_of(api: ApiDocument, items: Any, pointer: str) -> Iterator[Operation]:
    """The operations of a map of path items: of paths, webhooks, or the expressions of a callback."""
    for path, item in items.items() if isinstance(items, dict) else ():
        layers = _layers(api, item, join(pointer, path))
        if not layers or path.startswith("x-"):
            continue
        inherited: dict[tuple[str, str], Parameter] = {}
        for found, place in reversed(layers):
            inherited |= {
                parameter.key: parameter
                for parameter in _parameters(api, found.get("parameters"), join(place, "parameters"))
            }
        stated = (found["servers"] for found, _ in layers if found.get("servers"))
        servers = next(stated, api.data.get("servers"))
        seen: set[str] = set()
        for found, place in layers:
            for method, raw, at in _methods(found, place):
                if isinstance(raw, dict) and method not in seen:
                    seen.add(method)
                    yield _operation(api, method, path, raw, at, tuple(inherited.values()), servers)


def _layers(api: ApiDocument, item: Any, pointer: str) -> list[tuple[Mapping[str, Any], str]]:
    """A path item and what it refers to: unlike elsewhere, both hold. What stands here goes first."""
    found: list[tuple[Mapping[str, Any], str]] = []
    for _ in range(_REF_HOPS):
        if not isinstance(item, dict):
            break
        found.append((item, pointer))
        if not isinstance(item.get("$ref"), str):
            return found
        target = api.target(item["$ref"])
        if target is None:
            break
        item, pointer = follow(api.data, split(target)), target
    return [(item, pointer) for item, pointer in found if item.keys() != {"$ref"}]


def _methods(item: Mapping[str, Any], pointer: str) -> Iterator[tuple[str, Any, str]]:
    for method in METHODS:
        if method in item:
            yield method.upper(), item[method], join(pointer, method)
    additional = item.get("additionalOperations")
    if isinstance(additional, dict):
        for method, raw in additional.items():
            yield method, raw, join(pointer, "additionalOperations", method)


def _operation(
    api: ApiDocument,
    method: str,
    path: str,
    raw: Mapping[str, Any],
    pointer: str,
    inherited: tuple[Parameter, ...],
    servers: Any,
) -> Operation:
    own = _parameters(api, raw.get("parameters"), join(pointer, "parameters"))
    merged = {item.key: item for item in (*inherited, *own)}
    body, body_pointer = api.resolve_at(raw.get("requestBody"), join(pointer, "requestBody"))
    body = body if isinstance(body, dict) else {}
    security = raw.get("security", api.data.get("security"))
    identifier = raw.get("operationId")
    return Operation(
        method=method,
        path=path,
        template=template_of(path),
        operation_id=identifier if isinstance(identifier, str) else None,
        parameters=tuple(merged.values()),
        body=media_of(api, body.get("content"), join(body_pointer, "content")),
        body_required=body.get("required") is True,
        responses=_responses(api, raw.get("responses"), join(pointer, "responses")),
        security=tuple(item for item in security if isinstance(item, dict))
        if isinstance(security, list)
        else None,
        raw=raw,
        pointer=pointer,
        servers=raw.get("servers") or servers,
    )


def _parameters(api: ApiDocument, listed: Any, pointer: str) -> tuple[Parameter, ...]:
    found = []
    for index, item in enumerate(listed if isinstance(listed, list) else ()):
        raw, place = api.resolve_at(item, join(pointer, index))
        if not isinstance(raw, dict):
            continue
        name, location = raw.get("name"), raw.get("in")
        if isinstance(name, str) and isinstance(location, str):
            found.append(Parameter(name, location, raw.get("required") is True, _schema(raw), raw, place))
    return tuple(found)


def _schema(raw: Mapping[str, Any]) -> Any:
    if "schema" in raw:
        return raw["schema"]
    content = raw.get("content")
    if isinstance(content, dict):
        for media in content.values():
            if isinstance(media, dict):
                return media.get("schema")
    return None


def media_of(api: ApiDocument, content: Any, pointer: str) -> tuple[Media, ...]:
    """The media types of a `content` map; 3.2 lets one of them be a reference."""
    found = []
    for name, stated in content.items() if isinstance(content, dict) else ():
        item, place = api.resolve_at(stated, join(pointer, name))
        if isinstance(item, dict):
            key = "itemSchema" if "itemSchema" in item and "schema" not in item else "schema"
            kind, *parameters = (part.strip().lower() for part in name.split(";"))
            kept = sorted(part for part in parameters if part and part not in _NO_NEWS)
            found.append(Media(kind, item.get(key), place, "; ".join((kind, *kept)), item))
    return tuple(found)


def _responses(api: ApiDocument, listed: Any, pointer: str) -> tuple[Response, ...]:
    found = []
    for status, item in listed.items() if isinstance(listed, dict) else ():
        if status.startswith("x-"):
            continue
        raw, place = api.resolve_at(item, join(pointer, status))
        if isinstance(raw, dict):
            headers = raw.get("headers")
            headers = (
                {name.lower(): value for name, value in headers.items()} if isinstance(headers, dict) else {}
            )
            found.append(
                Response(status, media_of(api, raw.get("content"), join(place, "content")), headers, place)
            )
    return tuple(found)
