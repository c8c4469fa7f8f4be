"""Use cases around users."""

from __future__ import annotations

from datetime import UTC, datetime

from accounts.errors import ApiError, not_found
from accounts.models.user import User
from accounts.ports.users import Clock, EmailTaken, NewId, UserStore


def timestamp(moment: datetime) -> str:
    """A moment as the service stores and shows it: UTC, milliseconds, `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class UserService:
    """Everything that can be done with users; time, ids and storage come in through ports."""

    def __init__(self, store: UserStore, clock: Clock, new_id: NewId) -> None:
        self._store, self._clock, self._new_id = store, clock, new_id

    def create(self, email: str, display_name: str) -> User:
        """Add a user; 409 when the address is taken."""
        user = User(self._new_id(), email, display_name, timestamp(self._clock()))
        try:
            self._store.add(user)
        except EmailTaken:
            raise ApiError(409, "EMAIL_TAKEN", "Another user has this address.") from None
        return user

    def get(self, user_id: str) -> User:
        """The user with this id; 404 when there is none."""
        user = self._store.get(user_id)
        if user is None:
            raise not_found("user")
        return user
