"""The user of the directory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class User:
    """A user; times are UTC in RFC 3339 with milliseconds, so that they sort as text."""

    id: str
    email: str
    display_name: str
    created_at: str

    def as_json(self) -> dict[str, Any]:
        """The user as the API shows it."""
        return {
            "id": self.id,
            "email": self.email,
            "display_name": self.display_name,
            "created_at": self.created_at,
        }
