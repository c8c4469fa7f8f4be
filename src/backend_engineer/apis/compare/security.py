"""What an operation asks of a caller who must prove who he is.

Owns: when two requirements are the same, and how one reads.
Must never know: operations of another document.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from backend_engineer.apis.compare.view import canonical
from backend_engineer.apis.openapi import ApiDocument, Operation

__all__ = ["requirements"]

_FOR_PEOPLE = frozenset({"description", "bearerFormat", "deprecated"})


def requirements(api: ApiDocument, operation: Operation) -> Iterator[tuple[str, str]]:
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
    kept = _kept(scheme)
    if isinstance(kept.get("scheme"), str):
        kept["scheme"] = kept["scheme"].lower()
    if kept.get("in") == "header" and isinstance(kept.get("name"), str):
        kept["name"] = kept["name"].lower()
    if isinstance(kept.get("flows"), dict):
        kept["flows"] = {key: _flow(flow) for key, flow in _kept(kept["flows"]).items()}
    return canonical(kept)


def _flow(flow: Any) -> Any:
    """A flow without what its scopes are for, which is for people."""
    if not isinstance(flow, dict):
        return flow
    scopes = flow.get("scopes")
    return {**_kept(flow), "scopes": sorted(map(str, scopes)) if isinstance(scopes, dict) else scopes}


def _kept(stated: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: value for key, value in stated.items() if key not in _FOR_PEOPLE and not key.startswith("x-")
    }
