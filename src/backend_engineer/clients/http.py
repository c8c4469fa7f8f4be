"""The two clients that reach a network: a synchronous and an asynchronous one, each a thin loop around a call.

Owns: the carrying of bytes between an HTTP library and a call, the closing of connections, the time limits of reads.
Must never know: protocols, JSON, what an answer says.

Both loops do the same; whatever could be shared stands in `call`, which does no I/O. httpx is used unless the caller
passes a client, which may be one of httpx2.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator, Mapping
from contextlib import aclosing, closing
from threading import Lock
from types import TracebackType
from typing import Any, ClassVar, Self

import httpx

from backend_engineer.clients.alarm import Alarm
from backend_engineer.clients.call import Call
from backend_engineer.clients.failures import facts_of
from backend_engineer.clients.presets import Preset
from backend_engineer.clients.profiles import ModelProfile
from backend_engineer.clients.protocol import ModelEvent, ModelRequest
from backend_engineer.clients.settings import CallPlan, ExtraBody, Settings, Timeouts
from backend_engineer.clients.sse import StreamLimits
from backend_engineer.clients.telemetry import PIECES, Telemetry, Watch
from backend_engineer.errors import AuthenticationFailed, UsageError

__all__ = ["AsyncClient", "Client"]

_NO_LIMIT = httpx.Limits(max_connections=None, max_keepalive_connections=20)


class _Configured:
    """What both clients share: their settings, `plan`, and the reading of the HTTP library's errors."""

    _asynchronous: ClassVar[bool] = False

    def __init__(
        self,
        model: str,
        preset: str | Preset = "openai",
        *,
        key: str | Callable[[], str] | None = None,
        base_url: str | None = None,
        http: Any = None,
        profile: ModelProfile | None = None,
        timeouts: Timeouts | None = None,
        limits: StreamLimits | None = None,
        streaming: bool = True,
        headers: Mapping[str, str] | None = None,
        extra_body: ExtraBody | None = None,
        telemetry: Telemetry | None = None,
    ) -> None:
        """Make a client.

        model: its name, as the provider writes it. preset: a server of `PRESETS`, or a row of your own. key: the
        key or a callable that returns it; None reads the preset's environment variable at each call. base_url: for
        a server elsewhere. http: an httpx or httpx2 client of your own, which you close. profile: for a model that
        has no row. timeouts, limits: see there. streaming: False asks for the answer in one piece. headers,
        extra_body: sent besides; the second may be a function of the request. telemetry: see there.

        Raises `UsageError` for arguments that do not fit together.
        """
        self.settings = Settings.make(
            model,
            preset,
            key=key,
            base_url=base_url,
            profile=profile,
            timeouts=timeouts,
            limits=limits,
            streaming=streaming,
            headers=headers,
            extra_body=extra_body,
        )
        self._telemetry = telemetry or Telemetry()
        self._own = http is None
        self._http = http
        self._by_loop: dict[asyncio.AbstractEventLoop | None, httpx.AsyncClient] = {}
        self._opening = Lock()
        self._library = _library_of(http) if http is not None else httpx
        if http is not None and hasattr(http, "aclose") is not self._asynchronous:
            wanted = "AsyncClient" if self._asynchronous else "Client"
            raise UsageError("`http` is of the other kind.", hint=f"Pass the library's {wanted}.")

    @property
    def profile(self) -> str:
        """The prompt dialect that suits the model: `claude`, `gpt` or `plain`."""
        return self.settings.profile.dialect

    @property
    def model_profile(self) -> ModelProfile:
        """The row of the model: its limits, and what it takes."""
        return self.settings.profile

    def plan(self, request: ModelRequest) -> CallPlan:
        """What a request would send, without sending anything and without a key."""
        return self.settings.plan(request)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.settings.model!r}, {self.settings.preset.name!r})"

    def _begin(self, request: ModelRequest) -> Call | ModelEvent:
        if not self._own and self._http.is_closed:
            raise UsageError(
                "The HTTP client that was passed in is closed.", hint="Keep it open while it is used."
            )
        try:
            return Call(self.settings, request, clock=time.monotonic, wall=time.time)
        except AuthenticationFailed as error:
            return ModelEvent(kind="error", error=facts_of(error))

    def _sending(self, call: Call, alarm: Alarm) -> dict[str, Any]:
        limits = self.settings.timeouts
        left = max(0.001, call.deadline - time.monotonic())
        read = min(limits.first_byte, left)
        alarm.set(
            "first byte" if limits.connect + limits.first_byte < left else "total",
            min(limits.connect + limits.first_byte, left),
        )
        return {
            "method": "POST",
            "url": call.plan.url,
            "headers": call.headers,
            "content": call.content,
            # As a plain tuple (connect, read, write, pool) it suits httpx and httpx2 alike.
            "timeout": (min(limits.connect, left), read, read, min(limits.connect, left)),
            "follow_redirects": False,
            "extensions": {"trace": alarm.asaw if self._asynchronous else alarm.saw},
        }

    def _answering(self, call: Call, response: Any, alarm: Alarm) -> list[ModelEvent]:
        limits = self.settings.timeouts
        alarm.watch(response.extensions.get("network_stream"))
        alarm.set("total", max(0.001, call.deadline - time.monotonic()))
        # The library reads this limit when the body begins: from here on silence is what counts.
        timeout = response.request.extensions.get("timeout")
        if isinstance(timeout, dict):
            timeout["read"] = max(0.001, min(limits.idle, call.deadline - time.monotonic()))
        return call.begin(response.status_code, response.headers.items())

    def _failed(self, call: Call, error: Exception, alarm: Alarm) -> list[ModelEvent]:
        library = self._library
        if alarm.rang:
            return call.timed_out(alarm.rang)
        if isinstance(error, library.ConnectTimeout | library.PoolTimeout):
            return call.timed_out("connect")
        if isinstance(error, library.TimeoutException):
            if time.monotonic() >= call.deadline:
                return call.timed_out("total")
            return call.timed_out("idle" if call.answered else "first byte")
        broken = "broke" if call.answered else "failed"
        return call.broke(f"The connection {broken} ({type(error).__name__}).")

    def _may_repeat(self, call: Call, error: Exception, attempt: int, alarm: Alarm) -> bool:
        """Whether a kept-alive connection was closed under the request: once, and before any byte of an answer."""
        dead = (self._library.RemoteProtocolError, self._library.ReadError, self._library.WriteError)
        return attempt == 0 and not call.answered and not alarm.rang and isinstance(error, dead)


class Client(_Configured):
    """A synchronous client of one model: `stream` yields its events, and nothing but usage errors is raised.

    Faults of the provider and the wire arrive as an `error` event. Threads may share a client. Whoever stops
    reading early closes the iterator, which closes the connection.
    """

    def stream(self, request: ModelRequest, /) -> Iterator[ModelEvent]:
        """Send the request and yield the events as they come."""
        call = self._begin(request)
        if isinstance(call, ModelEvent):
            yield call
            return
        watch = Watch(self._telemetry, call, began=time.monotonic())
        try:
            with closing(self._carry(call)) as events:
                for event in events:
                    if event.kind not in PIECES:
                        watch.saw(event)
                    yield event
        finally:
            watch.finish(time.monotonic())

    def _carry(self, call: Call) -> Generator[ModelEvent]:
        alarm = Alarm()
        try:
            yield from self._attempts(call, alarm)
        finally:
            alarm.clear()

    def _attempts(self, call: Call, alarm: Alarm) -> Generator[ModelEvent]:
        for attempt in range(2):
            try:
                with self._client().stream(**self._sending(call, alarm)) as response:
                    yield from self._answering(call, response, alarm)
                    if not call.ended:
                        for chunk in response.iter_bytes():
                            yield from call.feed(chunk)
                            if call.has_enough():
                                break
            except self._library.TransportError as error:
                if self._may_repeat(call, error, attempt, alarm):
                    continue
                yield from self._failed(call, error, alarm)
            yield from call.timed_out(alarm.rang) if alarm.rang else call.close()
            return

    def _client(self) -> Any:
        with self._opening:
            if self._http is None:
                self._http = httpx.Client(limits=_NO_LIMIT)
            return self._http

    def close(self) -> None:
        """Close the connections, unless the HTTP client was passed in."""
        if self._own and self._http is not None:
            self._http.close()
            self._http = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncClient(_Configured):
    """The same for asyncio: `stream` is an asynchronous iterator, and cancelling its task closes the connection.

    Whoever stops reading early wraps it in `contextlib.aclosing`.
    """

    _asynchronous: ClassVar[bool] = True

    async def stream(self, request: ModelRequest, /) -> AsyncIterator[ModelEvent]:
        """Send the request and yield the events as they come."""
        call = self._begin(request)
        if isinstance(call, ModelEvent):
            yield call
            return
        watch = Watch(self._telemetry, call, began=time.monotonic())
        try:
            async with aclosing(self._carry(call)) as events:
                async for event in events:
                    if event.kind not in PIECES:
                        watch.saw(event)
                    yield event
        finally:
            watch.finish(time.monotonic())

    async def _carry(self, call: Call) -> AsyncGenerator[ModelEvent]:
        alarm = Alarm(asyncio.get_running_loop())
        try:
            async with aclosing(self._attempts(call, alarm)) as events:
                async for event in events:
                    yield event
        finally:
            alarm.clear()

    async def _attempts(self, call: Call, alarm: Alarm) -> AsyncGenerator[ModelEvent]:
        for attempt in range(2):
            try:
                async with self._client().stream(**self._sending(call, alarm)) as response:
                    for event in self._answering(call, response, alarm):
                        yield event
                    if not call.ended:
                        async for chunk in response.aiter_bytes():
                            for event in call.feed(chunk):
                                yield event
                            if call.has_enough():
                                break
            except self._library.TransportError as error:
                if self._may_repeat(call, error, attempt, alarm):
                    continue
                for event in self._failed(call, error, alarm):
                    yield event
            for event in call.timed_out(alarm.rang) if alarm.rang else call.close():
                yield event
            return

    def _client(self) -> Any:
        if not self._own:
            return self._http
        # Connections belong to the event loop that opened them; a second `asyncio.run` gets new ones.
        loop = _running_loop()
        with self._opening:
            for old in [known for known in self._by_loop if known is not None and known.is_closed()]:
                del self._by_loop[old]
            if loop not in self._by_loop:
                self._by_loop[loop] = httpx.AsyncClient(limits=_NO_LIMIT)
            return self._by_loop[loop]

    async def aclose(self) -> None:
        """Close the connections of the running event loop, unless the HTTP client was passed in."""
        with self._opening:
            http = self._by_loop.pop(_running_loop(), None)
        if http is not None:
            await http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _library_of(client: Any) -> Any:
    """The HTTP library that a passed-in client belongs to, by its class or one of that class's ancestors."""
    for ancestor in type(client).__mro__:
        root = ancestor.__module__.partition(".")[0]
        if root in ("httpx", "httpx2"):
            return sys.modules[root]
    raise UsageError(
        "`http` is not a client of httpx or httpx2.", hint="Pass an httpx.Client or httpx.AsyncClient."
    )
