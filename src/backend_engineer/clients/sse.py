"""Server-sent events out of bytes, however the bytes are cut.

Owns: the framing of text/event-stream, and the bounds on a line, an event and a whole answer.
Must never know: HTTP libraries, JSON, any provider.

Lines end at CR, LF or CRLF and nowhere else. Python's `splitlines`, and so `iter_lines` of the HTTP libraries,
also cuts at U+2028, U+0085 and the form feed, which code and prose inside a `data:` line may hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from backend_engineer.errors import ProtocolViolation, UsageError

__all__ = ["SSEDecoder", "ServerEvent", "StreamLimits"]


class ServerEvent(NamedTuple):
    """One event: its name (empty when the server gives none) and its data lines, joined with line feeds."""

    name: str
    data: str


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """How much a server may send, in bytes: one line, the data of one event, one whole answer."""

    line: int = 8 * 1024 * 1024
    event: int = 16 * 1024 * 1024
    answer: int = 64 * 1024 * 1024

    def __post_init__(self) -> None:
        for name in ("line", "event", "answer"):
            if not getattr(self, name) > 0:
                raise UsageError(f"The size limit {name} is not above zero.", hint="Give it in bytes.")


@dataclass(slots=True)
class SSEDecoder:
    """A decoder that is fed bytes and returns the events that they complete.

    Memory stays within the limits; what passes them raises `ProtocolViolation`, as does a line that is not UTF-8.
    An event that the stream's end cuts is never returned.
    """

    limits: StreamLimits = StreamLimits()
    _tail: list[bytes] = field(default_factory=list)
    _tail_size: int = 0
    _total: int = 0
    _after_cr: bool = False
    _first_line: bool = True
    _name: str = ""
    _data: list[str] = field(default_factory=list)
    _data_size: int = 0

    def feed(self, chunk: bytes) -> list[ServerEvent]:
        """Take the next bytes and return the events that are whole now, in order."""
        return list(self.events(chunk))

    def events(self, chunk: bytes) -> Iterator[ServerEvent]:
        """The same one by one, so that the events before a fault are had before it is raised."""
        if not chunk:
            return
        self._total += len(chunk)
        if self._total > self.limits.answer:
            raise _too_long("answer", self.limits.answer)
        for line in self._lines(chunk):
            # Blank lines end an event and come as often as the lines with data.
            event = self._line(line) if line else self._dispatch()
            if event is not None:
                yield event

    def _lines(self, chunk: bytes) -> list[bytes]:
        if self._after_cr and chunk.startswith(b"\n"):
            chunk = chunk[1:]
            self._after_cr = False
            if not chunk:
                return []
        self._after_cr = chunk.endswith(b"\r")
        if b"\r" in chunk:
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *lines, rest = chunk.split(b"\n")
        if lines:
            self._tail.append(lines[0])
            lines[0] = b"".join(self._tail)
            self._tail.clear()
            self._tail_size = 0
        if rest:
            self._tail.append(rest)
            self._tail_size += len(rest)
        # Only the first line can be longer than the chunk that ended it.
        longest = (
            max(map(len, lines), default=0)
            if len(chunk) > self.limits.line
            else len(lines[0])
            if lines
            else 0
        )
        if max(longest, self._tail_size) > self.limits.line:
            raise _too_long("line", self.limits.line)
        return lines

    def _line(self, line: bytes) -> ServerEvent | None:
        if self._first_line:
            self._first_line = False
            line = line.removeprefix(b"\xef\xbb\xbf")
            if not line:
                return self._dispatch()
        name, _, value = line.partition(b":")
        if value.startswith(b" "):
            value = value[1:]
        if name == b"data":
            self._data_size += len(value) + 1
            if self._data_size > self.limits.event:
                raise _too_long("event", self.limits.event)
            self._data.append(_decoded(value))
        elif name == b"event":
            self._name = _decoded(value)
        return None

    def _dispatch(self) -> ServerEvent | None:
        name, data = self._name, self._data
        self._name = ""
        if not data:
            return None
        self._data, self._data_size = [], 0
        return ServerEvent(name, data[0] if len(data) == 1 else "\n".join(data))


def _decoded(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise ProtocolViolation(
            f"The server sent a line that is not UTF-8 (byte {error.start}).",
            hint="A proxy between here and the provider may re-encode the stream.",
        ) from None


def _too_long(what: str, limit: int) -> ProtocolViolation:
    return ProtocolViolation(
        f"The server sent more than {limit} bytes in one {what}.",
        hint="Raise StreamLimits if an answer of this size is meant.",
    )
