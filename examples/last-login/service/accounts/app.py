"""The application: from a request to an answer, with every safeguard in one order."""

from __future__ import annotations

import hashlib
import sqlite3
import time
import uuid
from datetime import UTC, datetime

from accounts.adapters.connections import Connections
from accounts.adapters.sqlite_idempotency import SqliteIdempotencyStore
from accounts.adapters.sqlite_users import SqliteUserStore
from accounts.auth import tokens
from accounts.auth.limits import RateLimiter
from accounts.controllers.users import user_routes
from accounts.errors import ApiError
from accounts.observability.logs import Log
from accounts.observability.metrics import Metrics
from accounts.observability.users import DURATIONS, REQUESTS
from accounts.routing import Request, Response, Route
from accounts.services.users import UserService, timestamp
from accounts.settings import Settings


class Application:
    """Routes requests; a route without a scope does not exist, so nothing is open by accident."""

    def __init__(self, settings: Settings, log: Log | None = None) -> None:
        self.metrics, self.log = Metrics(), log or Log()
        self.connections = Connections(settings.database, self.metrics)
        self.idempotency = SqliteIdempotencyStore(self.connections)
        self._key = settings.token_key()
        self._limits = RateLimiter({"read": settings.reads_per_minute, "write": settings.writes_per_minute})
        service = UserService(SqliteUserStore(self.connections), lambda: datetime.now(UTC), lambda: str(uuid.uuid4()))
        self.routes = user_routes(service, self.metrics)

    def handle(self, request: Request) -> Response:
        """Answer a request; whatever goes wrong comes back in the error envelope."""
        started = time.perf_counter()
        correlation_id = _correlation_id(request.headers.get("x-correlation-id", ""))
        operation, outcome = "unmatched", "ok"
        try:
            route, request = self._route(request)
            operation = route.operation
            response = self._guarded(route, request)
        except ApiError as error:
            outcome = "refused"
            response = Response(error.status, error.envelope(correlation_id), error.headers)
        except Exception as error:  # the last line: an unexpected error must not reach the caller as text
            outcome = "failed"
            self.log.event("error", "unexpected", correlation_id=correlation_id, kind=type(error).__name__)
            failure = ApiError(500, "INTERNAL_ERROR", "The service failed; the correlation id finds the log line.")
            response = Response(500, failure.envelope(correlation_id))
        seconds = time.perf_counter() - started
        self.metrics.count(REQUESTS, operation=operation, outcome=outcome)
        self.metrics.observe(DURATIONS, seconds, operation=operation)
        self.log.event(
            "info",
            "request",
            correlation_id=correlation_id,
            operation=operation,
            status=response.status,
            milliseconds=round(seconds * 1000, 1),
        )
        return Response(response.status, response.body, {**response.headers, "X-Correlation-Id": correlation_id})

    def ready(self) -> bool:
        """Whether the database answers and holds the tables."""
        try:
            self.connections.execute("ready", "SELECT 1 FROM users LIMIT 1")
        except sqlite3.Error:
            return False
        return True

    def _route(self, request: Request) -> tuple[Route, Request]:
        methods = []
        for route in self.routes:
            params = route.match(request.path)
            if params is None:
                continue
            if route.method == request.method:
                caller = tokens.read(self._key, request.headers.get("authorization", ""))
                if route.scope not in caller.scopes:
                    raise ApiError(403, "FORBIDDEN", "The token lacks the scope for this call.")
                self._limits.take(caller.subject, "write" if route.mutates else "read")
                return route, Request(
                    request.method, request.path, request.query, request.headers, request.body, params, caller.subject
                )
            methods.append(route.method)
        if methods:
            raise ApiError(
                405, "METHOD_NOT_ALLOWED", "The path has no such method.", headers={"Allow": ", ".join(methods)}
            )
        raise ApiError(404, "NOT_FOUND", "There is no such path.")

    def _guarded(self, route: Route, request: Request) -> Response:
        if not route.mutates:
            return route.handle(request)
        key = request.headers.get("idempotency-key", "")
        if not 8 <= len(key) <= 128 or not key.isascii() or not key.isprintable():
            raise ApiError(400, "IDEMPOTENCY_KEY_REQUIRED", "Send an Idempotency-Key of 8 to 128 characters.")
        fingerprint = hashlib.sha256(
            b"\0".join((request.method.encode(), request.path.encode(), request.body))
        ).hexdigest()
        with self.connections.transaction():
            stored = self.idempotency.find(request.subject, key)
            if stored is not None:
                if stored[0] != fingerprint:
                    raise ApiError(409, "IDEMPOTENCY_KEY_REUSED", "The key was used for another call.")
                return stored[1]
            response = route.handle(request)
            self.idempotency.keep(request.subject, key, fingerprint, response, timestamp(datetime.now(UTC)))
        return response


def _correlation_id(sent: str) -> str:
    try:
        return str(uuid.UUID(sent))
    except ValueError:
        return str(uuid.uuid4())
