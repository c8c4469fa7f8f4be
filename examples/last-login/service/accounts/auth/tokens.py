"""Bearer tokens: a signed statement of who calls and which scopes they hold."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass

from accounts.errors import ApiError


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls."""

    subject: str
    scopes: frozenset[str]


def _sign(key: bytes, payload: str) -> str:
    return hmac.new(key, payload.encode("ascii"), hashlib.sha256).hexdigest()


def issue(key: bytes, subject: str, scopes: Iterable[str], lifetime: float = 300.0) -> str:
    """A token for a subject, valid for `lifetime` seconds."""
    claims = {"sub": subject, "scopes": sorted(scopes), "exp": time.time() + lifetime}
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode("utf-8")).decode("ascii")
    return f"{payload}.{_sign(key, payload)}"


def read(key: bytes, header: str) -> Caller:
    """The caller that an Authorization header names; 401 for anything else."""
    denied = ApiError(401, "UNAUTHENTICATED", "A valid bearer token is needed.", headers={"WWW-Authenticate": "Bearer"})
    kind, _, token = header.partition(" ")
    payload, _, signature = token.strip().rpartition(".")
    if kind.lower() != "bearer" or not payload.isascii() or not signature.isascii():
        raise denied
    if not hmac.compare_digest(_sign(key, payload), signature):
        raise denied
    claims = json.loads(base64.urlsafe_b64decode(payload))
    if claims["exp"] <= time.time():
        raise denied
    return Caller(claims["sub"], frozenset(claims["scopes"]))
