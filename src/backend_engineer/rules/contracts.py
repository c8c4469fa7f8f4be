"""The API description that the user gave and the one that the change ships, each read once for a call.

Owns: where a tree keeps its API description, and how both are read for the rules.
Must never know: what a rule asks of them, verdicts.

The shipped description is looked for in the change and then in the base, under these names: a file
`openapi.(yaml|yml|json)`, `swagger.*` or `api.openapi.*` in any folder, the shortest path first and a
folder `docs`, `api` or `spec` before others; for GraphQL `schema.graphql`, `schema.graphqls` or `*.sdl`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend_engineer.errors import BackendEngineerError, MissingExtra
from backend_engineer.inputs import APIContract
from backend_engineer.rules.reading import document
from backend_engineer.rules.rule import Context

if TYPE_CHECKING:
    from backend_engineer.apis import ApiDocument

__all__ = [
    "Emitted",
    "contract",
    "contract_openapi",
    "deleted_description",
    "emitted_openapi",
    "emitted_sdl",
    "operations_of",
    "schema_parts",
]

_OPENAPI_NAME = re.compile(
    r"(?:^|/)(?:[\w-]+\.)?(?:openapi|swagger)(?:[.-][\w-]+)?\.(?:ya?ml|json)\Z", re.IGNORECASE
)
# Any other name may be that of a check, a configuration or a note on the description.
_PLAIN = re.compile(r"(?:^|/)(?:openapi|swagger)\.(?:ya?ml|json)\Z", re.IGNORECASE)
_SAYS_SO = re.compile(r"^\s*\{?\s*[\"']?(?:openapi|swagger)[\"']?\s*:", re.MULTILINE)
_HIDDEN = re.compile(r"(?:^|/)\.[^/]+/")
_SDL_NAME = re.compile(r"(?:^|/)(?:schema\.graphqls?|[\w.-]+\.(?:graphqls|sdl))\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Emitted:
    """The shipped description: where it stands, what it holds, or why it cannot be read.

    document: an `ApiDocument` or the SDL text. changed: whether the change itself brings it.
    problem: why it cannot be read, empty if it can; absent: whether only a missing extra is to blame.
    line_of: the 1-based line of a JSON pointer, None where it is not known.
    """

    path: str
    changed: bool
    document: Any = None
    text: str = ""
    problem: str = ""
    absent: bool = False
    line_of: Callable[[str], int | None] = lambda pointer: None


def contract(context: Context) -> APIContract | None:
    """The APIContract, None when it was not given or has no document."""
    given = document(context, "api_contract")
    return given if isinstance(given, APIContract) and given.document is not None else None


def contract_openapi(context: Context) -> ApiDocument | None:
    """The contract's OpenAPI document, None when there is none or it cannot be read."""
    given = contract(context)
    if given is None or given.kind != "openapi" or not isinstance(given.document, dict):
        return None
    data = given.document
    read: ApiDocument | None = context.shared("contracts.contract", lambda: _loaded(data))
    return read


def _loaded(data: dict[str, Any]) -> ApiDocument | None:
    from backend_engineer.apis import load_openapi

    try:
        return load_openapi(data)
    except BackendEngineerError:
        return None


def operations_of(context: Context) -> frozenset[tuple[str, str]] | None:
    """Each operation of the contract, None where no contract that can be read was given.

    OpenAPI: method and path template. GraphQL: `QUERY`, `MUTATION` or `SUBSCRIPTION` and the field's name.
    """
    read = contract_openapi(context)
    if read is not None:
        return frozenset((item.method, item.template) for item in read.operations)
    given = contract(context)
    if given is None or given.kind != "graphql":
        return None
    sdl = str(given.document)
    fields: frozenset[tuple[str, str]] | None = context.shared("contracts.fields", lambda: _fields(sdl))
    return fields


def _fields(sdl: str) -> frozenset[tuple[str, str]] | None:
    from backend_engineer.apis import graphql_operations

    try:
        words = (item.split(" ", 1) for item in graphql_operations(sdl))
        return frozenset((kind.upper(), name) for kind, name in words)
    except BackendEngineerError:
        return None


def emitted_openapi(context: Context) -> Emitted | None:
    """The OpenAPI document that the tree has after the change, None when it has none."""
    found: Emitted | None = context.shared(
        "contracts.emitted", lambda: _emitted(context, _OPENAPI_NAME, _read_openapi)
    )
    return found


def emitted_sdl(context: Context) -> Emitted | None:
    """The GraphQL schema that the tree has after the change, None when it has none."""
    found: Emitted | None = context.shared("contracts.sdl", lambda: _emitted(context, _SDL_NAME, _read_sdl))
    return found


def schema_parts(context: Context, path: str) -> tuple[str, ...]:
    """The texts of the other SDL files around one: in its folder, below it, and in the folders above.

    Generators of servers read a schema that stands in several files, most of which `extend` a root type.
    """
    folder = path.rpartition("/")[0]
    deleted = {file.path for file in context.change if file.action == "delete"}
    paths = set(context.change.paths) | set(context.base.paths if context.base is not None else ())
    near = (
        other
        for other in sorted(paths - deleted - {path})
        if _SDL_NAME.search(other) and not _HIDDEN.search(other) and _preference(other)[0] < 2
        if _is_around(other.rpartition("/")[0], folder)
    )
    texts = (context.text_of(other) for other in near)
    return tuple(text for text in texts if text is not None)


def _is_around(one: str, other: str) -> bool:
    """Whether a folder is another, or lies above or below it."""
    short, long = sorted((one + "/", other + "/"), key=len)
    return short == "/" or long.startswith(short)


def deleted_description(context: Context) -> str | None:
    """The path of an API description that the change deletes, None when it deletes none."""
    gone = (file.path for file in context.change if file.action == "delete")
    return next((path for path in gone if _PLAIN.search(path) or _SDL_NAME.search(path)), None)


def _emitted(context: Context, name: re.Pattern[str], read: Any) -> Emitted | None:
    changed = [
        file.path
        for file in context.change
        if file.content is not None and name.search(file.path) and not _HIDDEN.search(file.path)
    ]
    deleted = {file.path for file in context.change if file.action == "delete"}
    held = [
        path
        for path in (context.base.paths if context.base is not None else ())
        if name.search(path) and not _HIDDEN.search(path)
    ]
    for paths, is_changed in ((changed, True), ([path for path in held if path not in deleted], False)):
        for path in sorted(paths, key=_preference):
            text = context.text_of(path)
            if text is not None and (
                name is not _OPENAPI_NAME or _PLAIN.search(path) or _SAYS_SO.search(text)
            ):
                emitted: Emitted = read(path, text, is_changed)
                return emitted
    return None


def _preference(path: str) -> tuple[int, int, str]:
    folders = path.lower().split("/")[:-1]
    if {"test", "tests", "fixtures", "node_modules", "vendor", "examples"} & set(folders):
        return 2, len(folders), path
    return (
        int(bool(folders) and not {"docs", "doc", "api", "spec", "openapi"} & set(folders)),
        len(folders),
        path,
    )


def _read_sdl(path: str, text: str, changed: bool) -> Emitted:
    return Emitted(path, changed, document=text, text=text)


def _read_openapi(path: str, text: str, changed: bool) -> Emitted:
    from backend_engineer.apis import load_openapi
    from backend_engineer.inputs import read_document

    try:
        parsed = read_document(path, text)
        return Emitted(path, changed, document=load_openapi(parsed.data), text=text, line_of=parsed.line_of)
    except MissingExtra as error:
        return Emitted(path, changed, text=text, problem=str(error), absent=True)
    except (BackendEngineerError, RecursionError) as error:
        return Emitted(path, changed, text=text, problem=str(error) or type(error).__name__)
