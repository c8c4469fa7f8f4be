"""How values travel: the style of parameters and headers, the encoding of the parts of a form.

Owns: what of it says something, and what holds where nothing is said.
Must never know: which values travel, what is compared with what.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from backend_engineer.apis.compare.normal import view_of
from backend_engineer.apis.compare.places import Place
from backend_engineer.apis.compare.view import View, canonical
from backend_engineer.apis.openapi import ApiDocument, Media
from backend_engineer.apis.pointers import follow, join, split

__all__ = ["Encoding", "encoding_of", "encodings", "headers_of", "sent_otherwise"]

_STYLES = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}
_EXPLODED = frozenset({"form", "cookie"})
_SCALARS = frozenset({"string", "number", "integer", "boolean", "null"})
# The specification reads encodings in these only, and headers of a part in the first.
_FORMS = ("multipart/", "application/x-www-form-urlencoded")
_Stated = tuple[ApiDocument, Mapping[str, Any], str]


def sent_otherwise(location: str, ours: _Stated, theirs: _Stated) -> Iterator[tuple[str, Any, Any]]:
    """Keyword and both values of what two parameters or headers state differently.

    `explode` tells how the members of arrays and objects are written, so that it says nothing of a scalar;
    to `deepObject` it does nothing either.
    """
    keys = ["deprecated"] if location == "header" else ["allowReserved", "allowEmptyValue", "deprecated"]
    if "content" not in ours[1] and "content" not in theirs[1]:
        keys += ["style", "explode"]
    for key in keys:
        wanted, given = (_stated(side[1], location, key) for side in (ours, theirs))
        if wanted != given and not (key == "explode" and _is_scalar(*ours) and _is_scalar(*theirs)):
            yield key, wanted, given


def _stated(raw: Mapping[str, Any], location: str, key: str) -> Any:
    style = raw.get("style", _STYLES.get(location, "form"))
    if key == "style":
        return style
    if key == "explode" and style == "deepObject":
        return True
    return raw.get(key, key == "explode" and style in _EXPLODED)


def _is_scalar(api: ApiDocument, raw: Mapping[str, Any], pointer: str) -> bool:
    types = view_of(api, raw.get("schema"), join(pointer, "schema")).types
    return bool(types) and types <= _SCALARS


def headers_of(api: ApiDocument, holder: str) -> dict[str, Place]:
    """The headers of an answer or of a part of a form by their names in lower case; the content type is said elsewhere."""
    stated = follow(api.data, (*split(holder), "headers"))
    return {
        name.lower(): (header, join(holder, "headers", name))
        for name, header in (stated.items() if isinstance(stated, dict) else ())
        if name.lower() != "content-type"
    }


@dataclass(frozen=True, slots=True)
class Encoding:
    """How one part of a form is sent: keyword -> value with its default, and the headers of the part."""

    pointer: str
    facts: Mapping[str, Any]
    headers: dict[str, Place] = field(default_factory=dict)


def encodings(api: ApiDocument, media: Media) -> dict[str, Encoding]:
    """Name of a part -> what is stated of it; nothing where the media type is no form."""
    stated = media.raw.get("encoding")
    if not media.type.startswith(_FORMS) or not isinstance(stated, dict):
        return {}
    return {name: encoding_of(api, media, name) for name in stated}


def encoding_of(api: ApiDocument, media: Media, name: str) -> Encoding:
    """How a part is sent, by what is stated of it and by its schema."""
    pointer = join(media.pointer, "encoding", name)
    listed = media.raw.get("encoding")
    stated = listed.get(name) if isinstance(listed, dict) else None
    raw = stated if isinstance(stated, dict) else {}
    style = raw.get("style", "form")
    kind = raw.get("contentType")
    facts = {
        "contentType": ", ".join(sorted(part.strip().lower() for part in kind.split(",")))
        if isinstance(kind, str)
        else _default_type(api, media, name),
        "style": style,
        "explode": raw.get("explode", style == "form"),
        "allowReserved": raw.get("allowReserved", False),
        **{key: canonical(raw[key]) for key in ("encoding", "prefixEncoding", "itemEncoding") if key in raw},
    }
    return Encoding(pointer, facts, headers_of(api, pointer))


def _default_type(api: ApiDocument, media: Media, name: str) -> str:
    """The media type of a part by its schema, as the specification gives it."""
    view = view_of(api, media.schema, join(media.pointer, "schema"))
    view = _of(api, view.properties.get(name))
    if view.types == {"array"}:
        view = _of(api, view.items)
    if view.types == {"object"}:
        return "application/json"
    binary = view.rest.get("format") == "binary" or "contentEncoding" in view.rest
    return (
        "text/plain" if view.types and view.types <= _SCALARS and not binary else "application/octet-stream"
    )


def _of(api: ApiDocument, place: Place | None) -> View:
    return View() if place is None else view_of(api, *place)
