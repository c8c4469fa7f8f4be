"""How a client is set up: key, time limits, target; and what a call would send.

Owns: the constructor's arguments, the keeping of the key, `plan`.
Must never know: HTTP libraries, streams.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from backend_engineer.clients.presets import Preset, checked_base_url, preset_for
from backend_engineer.clients.profiles import ModelProfile, profile_for
from backend_engineer.clients.protocol import ModelRequest
from backend_engineer.clients.settling import Target, settle
from backend_engineer.clients.sse import StreamLimits
from backend_engineer.clients.wires import WIRES, Wire
from backend_engineer.errors import AuthenticationFailed, UsageError
from backend_engineer.outputs.value import Value

__all__ = ["CallPlan", "Key", "Settings", "Timeouts"]

ExtraBody = Mapping[str, Any] | Callable[[ModelRequest], Mapping[str, Any]]

_OWN_FIELDS = frozenset({"model", "messages", "input", "instructions", "system", "stream"})
_OWN_HEADERS = frozenset(
    {"authorization", "x-api-key", "content-type", "accept", "accept-encoding", "connection"}
)
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+")
_HEADER_VALUE = re.compile(r"[!-~]([ -~]*[!-~])?")
_SECRET_NAME = re.compile("key|token|secret|auth|cookie|credential|password|signature")


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Time limits in seconds.

    connect: until the connection stands. first_byte: from then until the answer begins. idle: the longest silence
    inside the answer; pings and comments count as life. total: the whole call, whatever keeps arriving: when it
    passes the connection is shut down.
    """

    connect: float = 10.0
    first_byte: float = 300.0
    idle: float = 120.0
    total: float = 1_800.0

    def __post_init__(self) -> None:
        for name in ("connect", "first_byte", "idle", "total"):
            if not getattr(self, name) > 0:
                raise UsageError(f"The time limit {name} is not above zero.", hint="Give it in seconds.")


class Key:
    """A key that is read when it is needed and that no `repr` shows.

    source: the key itself, a callable that returns it, or None for the environment variable. An empty text says that
    the server wants none.
    """

    __slots__ = ("_source", "_variable")

    def __init__(self, source: str | Callable[[], str] | None, variable: str | None) -> None:
        self._source, self._variable = source, variable

    def __repr__(self) -> str:
        return "Key(***)"

    def __reduce__(self) -> Any:
        raise TypeError("A key is not pickled; make the client anew where it is needed.")

    def read(self) -> str:
        """The key, or an empty text where the server needs none; raises `AuthenticationFailed` when it is missing."""
        if callable(self._source):
            key = self._source()
        elif self._source is not None:
            key = self._source
        else:
            key = os.environ.get(self._variable, "") if self._variable else ""
        if not isinstance(key, str):
            raise AuthenticationFailed(
                f"The key is no text but {type(key).__name__}.",
                hint="Pass a text, or a function that returns one.",
            )
        key = key.strip()
        if not key and self._variable is not None and self._source != "":
            why = (
                f"the environment variable {self._variable} is not set"
                if self._source is None
                else "it is empty"
            )
            raise AuthenticationFailed(
                f"There is no key: {why}.", hint=f"Set {self._variable}, or pass `key`."
            )
        if any(character < "!" or character > "~" for character in key):
            raise AuthenticationFailed(
                "The key holds characters that a header cannot carry.", hint="Copy it again."
            )
        return key


class CallPlan(Value):
    """What a call would send, without its key.

    headers: all but the key, and *** for what else may be one by its name. dropped: every wish of the request that is not sent as it was asked. profile: the row
    of the model; empty for a name that nobody knows.
    """

    url: str
    headers: dict[str, str]
    body: dict[str, Any]
    dropped: tuple[str, ...] = ()
    profile: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that a client was made with; frozen, and its `repr` shows no key."""

    model: str
    preset: Preset
    profile: ModelProfile
    base_url: str
    key: Key
    timeouts: Timeouts
    limits: StreamLimits
    streaming: bool
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    extra_body: ExtraBody = field(repr=False)

    @classmethod
    def make(
        cls,
        model: str,
        preset: str | Preset,
        *,
        key: str | Callable[[], str] | None = None,
        base_url: str | None = None,
        profile: ModelProfile | None = None,
        timeouts: Timeouts | None = None,
        limits: StreamLimits | None = None,
        streaming: bool = True,
        headers: Mapping[str, str] | None = None,
        extra_body: ExtraBody | None = None,
    ) -> Settings:
        """Check the arguments of a client; raises `UsageError` for those that do not fit."""
        row = preset_for(preset)
        if not model:
            raise UsageError("The model's name is empty.", hint="Name the model as its provider does.")
        own = _checked_headers({**dict(row.headers), **(headers or {})})
        if taken := sorted(_OWN_HEADERS & own.keys()):
            raise UsageError(f"The header {taken[0]} is the client's own.", hint="Pass a key as `key`.")
        return cls(
            model=model,
            preset=row,
            profile=profile or profile_for(model),
            base_url=checked_base_url(row, base_url),
            key=Key(key, row.key_env),
            timeouts=timeouts or Timeouts(),
            limits=limits or StreamLimits(),
            streaming=streaming,
            headers=tuple(own.items()),
            extra_body=extra_body or {},
        )

    @property
    def wire(self) -> Wire:
        """The protocol that is spoken."""
        return WIRES[self.preset.wire]

    def target(self, request: ModelRequest) -> Target:
        """Whom this request is for; raises `UsageError` where the caller's body fields are the client's own."""
        extra = self.extra_body(request) if callable(self.extra_body) else self.extra_body
        if taken := sorted(_OWN_FIELDS & extra.keys()):
            raise UsageError(
                f"The body field {taken[0]} is the client's own.", hint="Leave it out of `extra_body`."
            )
        return Target(self.model, self.preset, self.profile, self.streaming, extra)

    def plan(self, request: ModelRequest) -> CallPlan:
        """What this request would send; nothing is sent and no key is read."""
        settled = settle(request, self.target(request))
        body = self.wire.build(settled)
        replaced = sorted(name for name, value in settled.extra.items() if body.get(name, value) != value)
        headers = {
            "content-type": "application/json",
            "accept": "text/event-stream" if self.streaming else "application/json",
            # A compressed answer could unpack to any size before a limit sees it.
            "accept-encoding": "identity",
            **{name: "***" if _SECRET_NAME.search(name) else value for name, value in self.headers},
        }
        if self.preset.close:
            headers["connection"] = "close"
        return CallPlan(
            url=self.base_url + self.wire.path,
            headers=headers,
            body={**body, **settled.extra},
            dropped=(*settled.dropped, *(f"{name}: replaced as a whole by extra_body" for name in replaced)),
            profile=self.profile.prefix,
        )

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values of the headers that may hold a key by their name."""
        return tuple(value for name, value in self.headers if _SECRET_NAME.search(name))

    def key_header(self, key: str) -> dict[str, str]:
        """The header that carries the key; none without a key."""
        if not key:
            return {}
        bearer = self.preset.key_header == "authorization"
        return {self.preset.key_header: f"Bearer {key}" if bearer else key}


def _checked_headers(headers: Mapping[Any, Any]) -> dict[str, str]:
    """The headers with names in lower case; raises `UsageError`, which shows no value, for what HTTP cannot carry."""
    checked: dict[str, str] = {}
    for name, value in headers.items():
        if not (isinstance(name, str) and _HEADER_NAME.fullmatch(name.lower())):
            raise UsageError(f"{name!r} is no name of a header.", hint="Use letters, digits and hyphens.")
        if not (isinstance(value, str) and (not value or _HEADER_VALUE.fullmatch(value))):
            raise UsageError(
                f"The header {name} holds what a header cannot carry.",
                hint="Pass a text of printable ASCII characters, without blanks around it.",
            )
        checked[name.lower()] = value
    return checked


def encoded(body: Mapping[str, Any]) -> bytes:
    """The body as bytes; raises `UsageError` for a text with a lone surrogate and for what JSON does not have."""
    try:
        return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    except UnicodeEncodeError:
        raise UsageError(
            "A message holds a lone surrogate and cannot be sent.",
            hint="Decode the source with the right encoding.",
        ) from None
    except (ValueError, TypeError, RecursionError):
        raise UsageError(
            "A value of the body cannot be written as JSON.",
            hint="Look at `extra_body`: it takes texts, finite numbers, lists and mappings.",
        ) from None
