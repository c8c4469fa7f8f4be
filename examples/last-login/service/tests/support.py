"""What the tests share: a database made by the migrations, the application, and calls to it."""

from __future__ import annotations

import io
import json
import tempfile
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from accounts import migrate
from accounts.app import Application
from accounts.auth import tokens
from accounts.observability.logs import Log
from accounts.routing import Request, Response
from accounts.settings import Settings

READ, WRITE = "users:read", "users:write"


class Stage:
    """An application on a fresh database in a folder of its own; close it at the end."""

    def __init__(self, **changes: Any) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="accounts-")
        root = Path(self.folder.name)
        self.database = str(root / "accounts.sqlite3")
        self.key = uuid.uuid4().hex.encode("ascii")
        (root / "token-key").write_bytes(self.key)
        migrate.forward(self.database)
        self.settings = Settings.from_environment(
            {
                "ACCOUNTS_DATABASE": self.database,
                "ACCOUNTS_TOKEN_KEY_FILE": str(root / "token-key"),
                "ACCOUNTS_PORT": "0",
                "ACCOUNTS_ADMIN_PORT": "0",
                **{name: str(value) for name, value in changes.items()},
            }
        )
        self.lines = io.StringIO()
        self.app = Application(self.settings, Log(self.lines))

    def authorization(self, scopes: Iterable[str] = (READ, WRITE), subject: str = "tester") -> str:
        return f"Bearer {tokens.issue(self.key, subject, scopes)}"

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        query: dict[str, str] | None = None,
        scopes: Iterable[str] = (READ, WRITE),
        key: str | None = None,
    ) -> Response:
        headers = {"authorization": self.authorization(scopes)}
        if method not in ("GET", "HEAD"):
            headers["idempotency-key"] = key or str(uuid.uuid4())
        sent = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode("utf-8")
        return self.app.handle(Request(method, path, query or {}, headers, sent))

    def user(self, name: str) -> dict[str, Any]:
        created = self.call("POST", "/users", {"email": f"{name}@example.com", "display_name": name})
        assert created.status == 201, created.body
        return dict(created.body)

    def close(self) -> None:
        self.app.connections.close()
        self.folder.cleanup()
