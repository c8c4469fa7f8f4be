"""Where documents come from: a folder, a mapping, or models; what is found is kept as plain data.

Owns: the names of the documents' files, reading them, and the putting together of the API contract.
Must never know: which fields are needed, gaps, answers.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from stat import S_ISLNK, S_ISREG
from typing import Any

from pydantic import BaseModel

from backend_engineer.apis.pointers import join, split
from backend_engineer.errors import InvalidDocument, UnencodableInput, UnreadableDocument, UnsafePath
from backend_engineer.inputs.reading import MAX_BYTES, format_of, plain_data, read_document, text_of

__all__ = ["DOCUMENTS", "INFO_EXTENSIONS", "RawInputs", "Source", "collect"]

DOCUMENTS = ("tech_spec", "api_contract", "data_model", "security_policy", "perf_targets", "ops_guides")
"""The documents, as fields of the inputs and as names of files."""

INFO_EXTENSIONS: Mapping[str, str] = {
    "x-authorization": "authorization",
    "x-rate-limits": "rate_limits",
    "x-pagination": "pagination",
    "x-contract-exceptions": "exceptions",
}
"""Keys of an OpenAPI document's `info` that state a field of the contract."""

_STEMS = (*DOCUMENTS, "openapi", "schema", "change_request")
_SDL = (".graphql", ".graphqls", ".gql")
_KEYS = (*DOCUMENTS, "openapi", "graphql", "request", "change_request", "upstream")

Source = str | os.PathLike[str] | Mapping[str, Any] | BaseModel
"""What inputs can be gathered from."""


@dataclass(frozen=True, slots=True)
class RawInputs:
    """What was given, as plain data: one entry for each document, `request` and `upstream`.

    lines: for a document read from text, its file and the look-up of a line by the pointer inside it;
    `api_contract/document` is a document of its own where it has its own file.
    """

    data: dict[str, Any]
    lines: dict[str, tuple[str, Callable[[str], int | None]]] = field(default_factory=dict)

    def place(self, pointer: str) -> tuple[str | None, int | None]:
        """File and line of a pointer into the inputs, as far as they are known."""
        tokens = split(pointer)
        start = 2 if "/".join(tokens[:2]) in self.lines else 1
        path, line_of = self.lines.get("/".join(tokens[:start]), (None, None))
        if line_of is None:
            return None, None
        for end in range(len(tokens), start - 1, -1):
            line = line_of(join("", *tokens[start:end]))
            if line is not None:
                return path, line
        return path, None


def collect(source: Source) -> RawInputs:
    """Everything that a folder, a mapping or a bundle of models holds.

    Raises the errors of `read_document`; UnreadableDocument for a folder that cannot be read;
    InvalidDocument for one without documents, for a document given in two forms, for a misspelt name
    and for a document that is no object; UnsafePath for a symbolic link.
    """
    if isinstance(source, BaseModel):
        source = plain_data(source, type(source).__name__)
    if isinstance(source, Mapping):
        return _from_mapping(source)
    if isinstance(source, (str, os.PathLike)):
        return _from_files(_folder(Path(source)), str(source))
    raise InvalidDocument(
        f"Inputs are gathered from a folder or a mapping, not from {type(source).__name__}.",
        hint="Give the folder's path, or a mapping of document names to data.",
    )


def _folder(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each document in a folder, `upstream/` included."""
    shown = str(folder).encode("utf-8", "backslashreplace").decode("utf-8")
    try:
        entries = sorted(os.listdir(folder))
    except OSError as error:
        raise UnreadableDocument(
            f"The folder cannot be read: {error.strerror}.",
            path=shown,
            hint="Give the folder of the documents.",
        ) from error
    except ValueError as error:
        # A null character or a lone surrogate: no folder can have such a name.
        raise UnreadableDocument(
            "This is no folder's name.", path=shown, hint="Give the folder of the documents."
        ) from error
    for name in entries:
        if name == "upstream":
            yield from _upstream(folder / name, name)
        elif _stem(name, str(folder / name)) is not None:
            yield name, _bytes(folder / name)


def _upstream(path: Path, name: str) -> Iterator[tuple[str, bytes]]:
    mode = os.lstat(path).st_mode
    if S_ISLNK(mode):
        raise UnsafePath(str(path), "it is a symbolic link")
    if S_ISREG(mode):
        raise InvalidDocument(
            "`upstream` is a folder of documents, not a file.",
            path=str(path),
            hint="Move it into the folder `upstream/`.",
        )
    for child in sorted(os.listdir(path)):
        inner = path / child
        if inner.is_dir() and not inner.is_symlink():
            yield from _upstream(inner, f"{name}/{child}")
        else:
            yield f"{name}/{child}", _bytes(inner)


def _bytes(path: Path) -> bytes:
    try:
        status = os.lstat(path)
        if S_ISLNK(status.st_mode):
            raise UnsafePath(str(path), "it is a symbolic link")
        if not S_ISREG(status.st_mode):
            raise UnreadableDocument("This is not a file.", path=str(path), hint="Put a file in its place.")
        if status.st_size > MAX_BYTES:
            raise UnreadableDocument(
                f"The document has {status.st_size} bytes; at most {MAX_BYTES} are read.",
                path=str(path),
                hint="Split it, or leave out what the change does not need.",
            )
        return path.read_bytes()
    except OSError as error:
        raise UnreadableDocument(f"The file cannot be read: {error.strerror}.", path=str(path)) from error


def _stem(name: str, path: str) -> str | None:
    """The document that a file name stands for, or None for a file that is none of ours.

    A name that differs only in case, hyphens or blanks is refused, since nobody would mean another.
    """
    if format_of(name) is None:
        return None
    stem = name[: name.rfind(".")]
    if stem in _STEMS and (stem != "schema" or name.endswith(_SDL)):
        return stem
    loose = "".join(char for char in stem.casefold() if char.isalnum())
    for known in _STEMS:
        if known != "schema" and loose == known.replace("_", "") and stem != known:
            raise InvalidDocument(
                f"The name `{name}` is almost `{known}`.",
                path=path,
                hint=f"Rename it to {known}{name[name.rfind('.') :]}.",
            )
    return None


def _from_files(files: Iterator[tuple[str, bytes]], folder: str) -> RawInputs:
    raw = _Gathering(folder)
    for name, content in files:
        raw.file(name, content)
    if not raw.found and not raw.upstream:
        raise InvalidDocument(
            "The folder holds none of the documents.",
            path=folder,
            hint=f"Name them {', '.join(DOCUMENTS)} or change_request, ending in .json, .yaml or .md; or openapi.* and schema.graphql.",
        )
    return raw.finished()


def _from_mapping(given: Mapping[Any, Any]) -> RawInputs:
    raw = _Gathering("")
    for key, value in given.items():
        if isinstance(key, str) and ("." in key or "/" in key):
            if not isinstance(value, (str, bytes)):
                raise InvalidDocument(
                    "A file's content is text.", path=key, hint="Leave out the ending to give data."
                )
            raw.file(key, value)
        elif key not in _KEYS:
            near = get_close_matches(str(key), _KEYS, 1)
            raise InvalidDocument(
                f"The inputs have no field {key!r}.",
                hint=f"Did you mean {near[0]}?" if near else f"Known are {', '.join(_KEYS)}.",
            )
        elif key == "upstream":
            raw.upstream_mapping(value)
        elif value is not None:
            raw.add(key, plain_data(value, key), None)
    return raw.finished()


class _Gathering:
    """The documents found so far, by name, each with where it came from."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.found: dict[str, Any] = {}
        self.upstream: dict[str, str] = {}
        self.lines: dict[str, tuple[str, Callable[[str], int | None]]] = {}
        self.paths: dict[str, str] = {}

    def file(self, name: str, content: bytes | str) -> None:
        path = os.path.join(self.folder, name) if self.folder else name
        if not name.isascii() and (found := re.search("[\ud800-\udfff]", name)):
            raise UnencodableInput(f"The file name {name!a}", found.start())
        if name.startswith("upstream/"):
            self.upstream[name.removeprefix("upstream/")] = text_of(path, content)
            return
        stem = _stem(name, path)
        if stem is None:
            raise InvalidDocument(
                f"`{name}` is the name of no document.",
                path=path,
                hint=f"Known are {', '.join(_STEMS)} with .json, .yaml or .md.",
            )
        if (stem == "schema") != (format_of(name) == "graphql") or (
            stem == "openapi" and format_of(name) == "markdown"
        ):
            raise InvalidDocument(
                f"`{stem}` is not read from this format.",
                path=path,
                hint="Use openapi.json, openapi.yaml or schema.graphql.",
            )
        parsed = read_document(path, content, stem)
        key = "graphql" if stem == "schema" else stem
        self.add(key, plain_data(parsed.data, path), path)
        self.lines["request" if key == "change_request" else key] = (path, parsed.line_of)

    def add(self, key: str, data: Any, path: str | None) -> None:
        key = "request" if key == "change_request" else key
        where = path or "the mapping"
        if key in self.found:
            raise InvalidDocument(
                f"`{key}` is given twice: in {self.paths[key]} and here.",
                path=where,
                hint="Keep one of them.",
            )
        if key != "graphql" and not isinstance(data, dict):
            raise InvalidDocument(
                f"`{key}` is no object of named fields.",
                path=path,
                pointer="" if path else join("", key),
                hint="Give its fields by name.",
            )
        self.found[key], self.paths[key] = data, where

    def upstream_mapping(self, value: Any) -> None:
        if not isinstance(value, Mapping) or not all(isinstance(text, str) for text in value.values()):
            raise InvalidDocument(
                "`upstream` maps names to texts.", pointer="/upstream", hint="Give each document's text."
            )
        for name, text in value.items():
            self.upstream[str(name)] = text_of(f"upstream/{name}", text)

    def finished(self) -> RawInputs:
        lines = dict(self.lines)
        contract = _contract(self.found, self.paths)
        for key in ("openapi", "graphql"):
            if key in lines:
                lines["api_contract/document"] = lines.pop(key)
        data = {name: self.found[name] for name in (*DOCUMENTS, "request") if name in self.found}
        if contract is not None:
            data["api_contract"] = contract
        if self.upstream:
            data["upstream"] = dict(sorted(self.upstream.items()))
        return RawInputs(data, lines)


def _contract(found: dict[str, Any], paths: dict[str, str]) -> dict[str, Any] | None:
    """The API contract out of its own document, an OpenAPI document and a GraphQL schema."""
    own = dict(found.get("api_contract", {}))
    where = paths.get("api_contract", "")
    forms: dict[str, tuple[str, Any]] = {}
    if isinstance(own.get("openapi"), str):
        forms[where] = ("openapi", own)
        own = {}
    for key in ("openapi", "graphql"):
        if key in own:
            forms[f"{where} ({key})"] = (key, own.pop(key))
        if key in found:
            forms[paths[key]] = (key, found[key])
    if "document" in own:
        forms[f"{where} (document)"] = ("", own["document"])
    if len(forms) > 1:
        raise InvalidDocument(
            f"The API is described more than once: {', '.join(forms)}.", hint="Keep one description."
        )
    for place, (kind, document) in forms.items():
        if kind:
            own = _with_kind(own, kind, document, place)
    if not own and not forms and "api_contract" not in found:
        return None
    return _with_extensions(own)


def _with_kind(own: dict[str, Any], kind: str, document: Any, place: str) -> dict[str, Any]:
    if own.get("kind", kind) != kind:
        raise InvalidDocument(
            f"The contract says `kind: {own['kind']}`, but {place} is {kind}.",
            pointer="/api_contract/kind",
            hint="Correct one of them.",
        )
    return {**own, "kind": kind, "document": document}


def _with_extensions(own: dict[str, Any]) -> dict[str, Any]:
    """The contract with the fields that the OpenAPI document's `info` states; twice and differently is refused."""
    document = own.get("document")
    info = document.get("info") if isinstance(document, dict) else None
    for key, name in INFO_EXTENSIONS.items():
        if not isinstance(info, dict) or key not in info:
            continue
        if name in own and own[name] != info[key]:
            raise InvalidDocument(
                f"`{name}` stands in the contract and, otherwise, as `{key}` in the OpenAPI document's info.",
                pointer=join("/api_contract", name),
                hint="Keep one of them.",
            )
        own = {**own, name: info[key]}
    return own
