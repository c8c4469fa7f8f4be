"""A time limit that holds whatever the server keeps sending: it shuts the connection down when it passes.

Owns: finding the socket of a call, and shutting it down once.
Must never know: protocols, requests, answers; which limit there is beside the one it was set for.

An HTTP library's limits are limits of one read, so a server that sends a byte now and then, of a header say, never
meets them. Both httpx and httpx2 tell through the `trace` extension of a request which connection they opened.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from threading import Timer
from typing import Any

__all__ = ["Alarm"]

_OPENED = (".connect_tcp.complete", ".start_tls.complete")


class Alarm:
    """An alarm clock for one call; `rang` names the limit that passed, and is empty until then.

    loop: the event loop that keeps the time of an asynchronous call; without one a thread does.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self.rang = ""
        self._loop = loop
        self._socket: Any = None
        self._timer: Timer | asyncio.TimerHandle | None = None

    def set(self, limit: str, seconds: float) -> None:
        """Ring for this limit after so many seconds, in place of what was set before."""
        self.clear()
        if self._loop is not None:
            self._timer = self._loop.call_later(seconds, self._ring, limit)
        else:
            timer = Timer(seconds, self._ring, (limit,))
            timer.daemon = True
            timer.start()
            self._timer = timer

    def clear(self) -> None:
        """Never ring for what was set."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def saw(self, name: str, info: dict[str, Any]) -> None:
        """Take a step of the HTTP library: a connection that it opened is the one to shut down."""
        if name.endswith(_OPENED):
            self.watch(info.get("return_value"))

    async def asaw(self, name: str, info: dict[str, Any]) -> None:
        """The same for an asynchronous client."""
        self.saw(name, info)

    def watch(self, stream: Any) -> None:
        """Take the network stream that an answer arrives on, which may have been open before."""
        extra = getattr(stream, "get_extra_info", None)
        found = extra("socket") if extra is not None else None
        if found is not None:
            self._socket = found

    def _ring(self, limit: str) -> None:
        self.rang = limit
        if self._socket is None:
            return
        with suppress(OSError, AttributeError):
            if isinstance(self._socket, socket.socket):
                # Past an SSLSocket's own method, which takes its state away under the thread that reads.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
            else:
                self._socket.shutdown(socket.SHUT_RDWR)
