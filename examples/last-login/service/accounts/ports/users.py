"""What the user service needs of its store and of its surroundings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from accounts.models.user import User

Clock = Callable[[], datetime]
NewId = Callable[[], str]


class EmailTaken(Exception):
    """Another user holds this address."""


class UserStore(Protocol):
    """Where users are kept."""

    def add(self, user: User) -> None:
        """Keep a new user; raises EmailTaken."""

    def get(self, user_id: str) -> User | None:
        """The user with this id, or None."""
