"""Errors that a caller may see, in the one envelope of the API."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """An answer other than success: status, an UPPER_SNAKE code, a message that is safe to show."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        details: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message
        self.details = details or {}
        self.headers = headers or {}

    def envelope(self, correlation_id: str) -> dict[str, Any]:
        """The body of the answer."""
        return {
            "error": {
                "code": self.code,
                "message": self.message,
                "correlation_id": correlation_id,
                "details": self.details,
            }
        }


def invalid(field: str, reason: str) -> ApiError:
    """A field that does not hold what the API documents."""
    return ApiError(400, "VALIDATION_FAILED", "A field is not valid.", {"field": field, "reason": reason})


def not_found(what: str) -> ApiError:
    """Nothing is stored under that name."""
    return ApiError(404, "NOT_FOUND", f"There is no such {what}.")
