"""Users in SQLite."""

from __future__ import annotations

import sqlite3

from accounts.adapters.connections import Connections
from accounts.models.user import User
from accounts.ports.users import EmailTaken


class SqliteUserStore:
    """The UserStore port on SQLite; every value is bound, every column is named."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def add(self, user: User) -> None:
        """Insert a user; the unique index on email decides who was first."""
        try:
            self._connections.execute(
                "users.add",
                "INSERT INTO users (id, email, display_name, created_at) VALUES (?, ?, ?, ?)",
                (user.id, user.email, user.display_name, user.created_at),
            )
        except sqlite3.IntegrityError:
            raise EmailTaken from None

    def get(self, user_id: str) -> User | None:
        """Read one user by primary key."""
        rows = self._connections.execute(
            "users.get",
            "SELECT id, email, display_name, created_at FROM users WHERE id = ?",
            (user_id,),
        )
        return User(*rows[0]) if rows else None
