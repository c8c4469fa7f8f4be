"""What a wire is: a name, a path, and four pure functions; and what a stream has said so far.

Owns: the record `Wire`, the state `Answer`, and the strict reading of payloads.
Must never know: any one protocol.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from backend_engineer.clients.failures import from_event
from backend_engineer.clients.protocol import ErrorFacts
from backend_engineer.clients.settling import Settled, Target
from backend_engineer.contract import Ending
from backend_engineer.errors import ProtocolViolation
from backend_engineer.outputs import Usage

__all__ = ["Answer", "Payload", "Piece", "Wire", "count", "items", "mapping", "put", "string", "violation"]

Piece = tuple[Literal["text", "reasoning"], str]
Payload = dict[str, Any]


@dataclass(slots=True)
class Answer:
    """What a stream has said so far.

    ending, detail: how it ended, once it said so. finished: the terminal event came; what follows is ignored.
    usage: as last reported. error: the error that ended it. refusal: the words of a refusal. blocks: the content
    blocks seen, and whether each is still open. number: the last event's number. length, checksum: of the text,
    for wires whose last event repeats it.
    """

    target: Target
    secrets: tuple[str, ...] = ()
    request_id: str = ""
    model: str = ""
    ending: Ending | None = None
    detail: str = ""
    finished: bool = False
    begun: bool = False
    usage: Usage | None = None
    error: ErrorFacts | None = None
    refusal: list[str] = field(default_factory=list)
    blocks: dict[int, bool] = field(default_factory=dict)
    number: int = -1
    length: int = 0
    checksum: int = 0

    def end(self, ending: Ending, detail: str = "") -> None:
        """Note how the provider says that the answer ended."""
        self.ending, self.detail = ending, detail

    def fail(self, payload: Any) -> None:
        """Note the error that ended the stream."""
        self.error = from_event(payload, request_id=self.request_id, secrets=self.secrets)
        self.finished = True

    def note(self, text: str) -> None:
        """Add text to what the last event's copy is compared with."""
        self.length += len(text)
        self.checksum = zlib.crc32(text.encode("utf-8", "surrogatepass"), self.checksum)


@dataclass(frozen=True, slots=True)
class Wire:
    """One protocol.

    path: what follows the base URL. build: the body of a request. translate: one event's name and payload into
    pieces of the answer. read: the same for an answer that was not streamed. sentinel: whether a stream's last
    line is `[DONE]` and not an event; some servers leave it out, so an ending that was said stands without it.
    """

    name: str
    path: str
    build: Callable[[Settled], Payload]
    translate: Callable[[Answer, str, Payload], list[Piece]]
    read: Callable[[Answer, Payload], list[Piece]]
    sentinel: bool = False


def violation(message: str) -> ProtocolViolation:
    """The error for a payload that the protocol does not allow."""
    return ProtocolViolation(message, hint="Is this server what the preset says?")


def mapping(payload: Mapping[str, Any], key: str, *, required: bool = False) -> Mapping[str, Any]:
    """The object under a key; empty where it is absent or null and not required."""
    value = payload.get(key)
    if isinstance(value, dict):
        return value
    if value is None and not required:
        return {}
    raise violation(f"The server sent {key!r} without the object that belongs there.")


def items(payload: Mapping[str, Any], key: str) -> list[Payload]:
    """The list of objects under a key; empty where it is absent or null."""
    value = payload.get(key)
    if value is None:
        return []
    if isinstance(value, list):
        for item in value:
            if not isinstance(item, dict):
                break
        else:
            return value
    raise violation(f"The server sent {key!r} without the list of objects that belongs there.")


def string(payload: Mapping[str, Any], key: str, *, required: bool = False) -> str:
    """The text under a key; empty where it is absent or null and not required."""
    value = payload.get(key)
    if isinstance(value, str):
        return value
    if value is None and not required:
        return ""
    raise violation(f"The server sent {key!r} without the text that belongs there.")


def count(payload: Mapping[str, Any], key: str) -> int:
    """The number of tokens under a key; 0 where it is absent, negative or no whole number."""
    value = payload.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def put(body: Payload, path: str | None, value: Any) -> None:
    """Set a body field, nested where the path has points; nothing happens without a path or a value."""
    if path is None or value is None:
        return
    *parents, last = path.split(".")
    for parent in parents:
        body = body.setdefault(parent, {})
    body[last] = value
