"""What callers may say about users."""

from __future__ import annotations

import re
import uuid
from typing import Any

from accounts.errors import invalid
from accounts.validation.body import json_object

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}\.[A-Za-z]{2,63}")
_CREATE = frozenset(("email", "display_name"))


def user_id(text: str) -> str:
    """A path parameter that must be a UUID, in canonical form."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise invalid("id", "expected a UUID") from None


def display_name(value: Any) -> str:
    """A name of 1 to 100 characters without control characters."""
    if not isinstance(value, str) or not 1 <= len(value.strip()) <= 100:
        raise invalid("display_name", "expected 1 to 100 characters")
    if not value.isprintable():
        raise invalid("display_name", "control characters are not allowed")
    return value.strip()


def new_user(body: bytes) -> tuple[str, str]:
    """Email and display name of a user to be created."""
    data = json_object(body, _CREATE)
    email = data.get("email")
    if not isinstance(email, str) or not _EMAIL.fullmatch(email):
        raise invalid("email", "expected an e-mail address")
    return email.lower(), display_name(data.get("display_name"))
