"""Two OpenAPI documents held against each other: equality, not compatibility (APID-01).

Owns: `compare_openapi`.
Must never know: whether either document is valid by itself, files, findings.
"""

from __future__ import annotations

from typing import Any

from backend_engineer.apis.compare.difference import ApiDifference, Differences
from backend_engineer.apis.compare.operations import compare_operations
from backend_engineer.apis.compare.schemas import SchemaComparison
from backend_engineer.apis.openapi import ApiDocument, load_openapi

__all__ = ["ApiDifference", "compare_openapi"]


def compare_openapi(contract: ApiDocument | Any, emitted: ApiDocument | Any) -> list[ApiDifference]:
    """Every difference between the API that was agreed on and the one that a change describes.

    Both are OpenAPI documents, 3.0 to 3.2, as JSON data or read by `load_openapi`; the versions may
    differ. `missing` stands in the contract only (pointer into the contract), `extra` in the emitted
    document only (pointer into that), `changed` in both, but otherwise (pointer into the contract). A
    part that many operations share is reported once.

    What a server's URL puts before the paths is compared, with its variables at their defaults: the base path
    `/v1` and `/v2` are two APIs. The host is not, since each deployment has its own. A base path that one
    document writes into its paths and the other into its servers makes the same URLs and is no difference. A
    document without servers (most generators write none) and a URL that is relative to the document's own place
    (`v1`, `./`) say no base path that could be told, and are not compared.

    Not compared: texts for people (titles, descriptions, examples, tags, what a scope is for), extensions, links,
    names of components (but for those that a discriminator takes for values), names of path parameters, operation
    ids that the contract does not give, and components that no operation reaches. A reference that leads out of
    the document is known by its text. Null is read by intent in 3.0, where `nullable` lets it in whatever stands
    beside it, and as it stands in later versions: a list of values without null bars it.

    Raises InvalidDocument for what is not an OpenAPI document.
    """
    left = contract if isinstance(contract, ApiDocument) else load_openapi(contract)
    right = emitted if isinstance(emitted, ApiDocument) else load_openapi(emitted)
    found = Differences()
    schemas = SchemaComparison(left, right, found)
    compare_operations(left, right, found, schemas)
    schemas.finish()
    return found.sorted()
