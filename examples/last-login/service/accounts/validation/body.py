"""JSON bodies: an object with the documented fields and no others."""

from __future__ import annotations

import json
from typing import Any

from accounts.errors import ApiError, invalid

LARGEST_BODY = 16 * 1024


def json_object(body: bytes, allowed: frozenset[str]) -> dict[str, Any]:
    """The body as an object; a field outside `allowed` is refused, so that nothing is assigned by accident."""
    if len(body) > LARGEST_BODY:
        raise ApiError(413, "BODY_TOO_LARGE", "The body is larger than the API takes.")
    try:
        data = json.loads(body.decode("utf-8"))
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise ApiError(400, "MALFORMED_JSON", "The body is not JSON in UTF-8.") from None
    if not isinstance(data, dict):
        raise invalid("", "expected an object")
    for name in data:
        if name not in allowed:
            raise invalid(str(name)[:64], "unknown field")
    return data
