"""`run` and `arun`: the loops that carry a session's effects out.

Owns: calling a client, waiting, and the two entry points; nothing is decided here.
Must never know: what an effect is for, what a reply means.
"""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Iterable, Mapping
from typing import Any, TypedDict, Unpack

from backend_engineer.clients import AsyncModelClient, ModelClient, ModelEvent, ModelRequest
from backend_engineer.contract import Parameters
from backend_engineer.drivers.hands import Base, Hands, Watch, begun, failure, tree_from
from backend_engineer.errors import BackendEngineerError, ClientError, ProtocolViolation, UsageError
from backend_engineer.inputs import ChangeRequest
from backend_engineer.outputs import Clarification, Plan, StageResult
from backend_engineer.rules import Rule
from backend_engineer.session import CallModel, Done, Effect, Failed, Session, Verify, WatcherEvent
from backend_engineer.verification import CommandRunner

__all__ = ["aresume", "arun", "resume", "run"]

Ask = Callable[[Clarification], Any]
Approve = Callable[[Plan], Any]


class How(TypedDict, total=False):
    """How a session's effects are carried out; each is described at `run`."""

    watch: Watch | None
    ask: Ask | None
    approve: Approve | None
    verify: Callable[[Verify], Any] | bool | None
    database: str | None
    runner: CommandRunner | None
    sleep: Callable[[float], Any]


def run(
    inputs: Any,
    *,
    client: ModelClient,
    request: ChangeRequest | Mapping[str, Any] | None = None,
    base: Base | None = None,
    parameters: Parameters | None = None,
    rules: Iterable[Rule | str] | None = None,
    calls: str = "phases",
    watch: Watch | None = None,
    ask: Ask | None = None,
    approve: Approve | None = None,
    verify: Callable[[Verify], Any] | bool | None = None,
    database: str | None = None,
    runner: CommandRunner | None = None,
    sleep: Callable[[float], object] = time.sleep,
    **options: Any,
) -> StageResult:
    """Run the stage: inputs and a wanted change in, a checked change out.

    inputs: `StageInputs`, a folder, or a mapping. client: anything with `stream`. request: the wanted change; it
    wins over the one in the inputs. base: the tree that the change starts from. calls: `phases`, one call for each,
    or `single`, which seals every file of the base into one prompt. watch: called with each event as it happens.
    ask: answers a clarification with a mapping of pointers to values, or None; without it a run with gaps ends with
    the status `needs_clarification`. approve: shown the plan, says True, False, or what to plan differently; without
    it nobody is asked. database: where migrations are run; on SQLite by default when the TechSpec says so. runner:
    runs the project's tests, type checks and lint; nothing is run without one. verify: carries that out instead, or
    False to run nothing. sleep: waits. options: as for `Session` (`limits`, `dialect`, `configuration`, ...).

    Raises the errors of `gather`, `ClientError` when the provider fails for good, and `ReplyUnusable` when no usable
    answer came; what there was is on the error as `result`.
    """
    tree = tree_from(base)
    session = begun(inputs, tree, client, _options(request, parameters, rules, calls, approve, options))
    if isinstance(session, StageResult):
        return session
    return resume(
        session,
        client=client,
        base=tree,
        watch=watch,
        ask=ask,
        approve=approve,
        verify=verify,
        database=database,
        runner=runner,
        sleep=sleep,
    )


def resume(
    session: Session,
    *,
    client: ModelClient,
    base: Base | None = None,
    **how: Unpack[How],
) -> StageResult:
    """Carry a session on to its end, wherever it stands; the arguments are those of `run`."""
    hands = Hands(tree_from(base), how.get("database"), how.get("runner"), how.get("verify"))
    tell = how.get("watch") or _nobody
    _told(tell, session.told)
    if session.streaming:
        # The stream that had begun is gone with the process that read it.
        _told(tell, session.feed(session.pending().id, None))
    fault: BaseException | None = None
    while not isinstance(effect := session.pending(), (Done, Failed)):
        if isinstance(effect, CallModel):
            fault = _call(session, effect, client, tell)
        else:
            answer = _simple(effect, hands, how, how.get("sleep") or time.sleep)
            _told(tell, session.feed(effect.id, answer))
    return _ended(session, effect, fault)


async def arun(
    inputs: Any,
    *,
    client: AsyncModelClient,
    request: ChangeRequest | Mapping[str, Any] | None = None,
    base: Base | None = None,
    parameters: Parameters | None = None,
    rules: Iterable[Rule | str] | None = None,
    calls: str = "phases",
    watch: Watch | None = None,
    ask: Ask | None = None,
    approve: Approve | None = None,
    verify: Callable[[Verify], Any] | bool | None = None,
    database: str | None = None,
    runner: CommandRunner | None = None,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    **options: Any,
) -> StageResult:
    """The same as `run`, for asyncio; `ask`, `approve` and `verify` may be coroutine functions.

    Files are read and migrations and commands are run in a thread. Cancelling it closes the stream.
    """
    tree = await asyncio.to_thread(tree_from, base)
    given = _options(request, parameters, rules, calls, approve, options)
    session = await asyncio.to_thread(begun, inputs, tree, client, given)
    if isinstance(session, StageResult):
        return session
    return await aresume(
        session,
        client=client,
        base=tree,
        watch=watch,
        ask=ask,
        approve=approve,
        verify=verify,
        database=database,
        runner=runner,
        sleep=sleep,
    )


async def aresume(
    session: Session,
    *,
    client: AsyncModelClient,
    base: Base | None = None,
    **how: Unpack[How],
) -> StageResult:
    """Carry a session on to its end, wherever it stands; the arguments are those of `arun`."""
    verify = how.get("verify")
    hands = Hands(await asyncio.to_thread(tree_from, base), how.get("database"), how.get("runner"), verify)
    tell = how.get("watch") or _nobody
    _told(tell, session.told)
    if session.streaming:
        _told(tell, session.feed(session.pending().id, None))
    fault: BaseException | None = None
    while not isinstance(effect := session.pending(), (Done, Failed)):
        if isinstance(effect, CallModel):
            fault = await _acall(session, effect, client, tell)
            continue
        if effect.kind == "read-files" or (
            effect.kind == "verify" and not inspect.iscoroutinefunction(verify)
        ):
            answer = await asyncio.to_thread(_simple, effect, hands, how, _nobody)
        else:
            answer = _simple(effect, hands, how, how.get("sleep") or asyncio.sleep)
        if inspect.isawaitable(answer):
            answer = await answer
        _told(tell, session.feed(effect.id, answer))
    return _ended(session, effect, fault)


def _options(
    request: Any, parameters: Any, rules: Any, calls: str, approve: Approve | None, options: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "request": request,
        "parameters": parameters,
        "rules": rules,
        "calls": calls,
        "approve": approve is not None,
        **options,
    }


def _nobody(_event: object) -> None:
    return None


def _told(watch: Watch, events: Iterable[WatcherEvent]) -> None:
    for event in events:
        watch(event)


def _simple(effect: Effect, hands: Hands, how: How, sleep: Callable[[float], object]) -> Any:
    """Carry out an effect that calls no model; the answer may be awaitable."""
    ask, approve = how.get("ask"), how.get("approve")
    if effect.kind == "ask-human":
        return ask(effect.clarification) if ask is not None else None
    if effect.kind == "approve-plan":
        if approve is None:
            raise UsageError(
                "The session asks for approval of its plan.", hint="Pass approve= to the driver."
            )
        return approve(effect.plan)
    if effect.kind == "read-files":
        return hands.read(effect)
    if effect.kind == "verify":
        return hands.run(effect)
    if effect.kind == "wait":
        return sleep(effect.seconds)
    raise UsageError(f"There is no way to carry out {effect.kind}.")


def _call(session: Session, effect: CallModel, client: ModelClient, watch: Watch) -> BaseException | None:
    """Carry a call out; returns what the client's own code raised, if it did."""
    stream = _heard(client, effect.request)
    try:
        for sequence, event in enumerate(stream):
            _told(watch, session.stream(effect.id, sequence, event))
            if session.pending().id != effect.id:
                return None
        _told(watch, session.feed(effect.id, None))
    except ClientError as error:
        _told(watch, session.feed(effect.id, error))
        return error.__cause__
    finally:
        stream.close()
    return None


def _heard(client: ModelClient, request: ModelRequest) -> Generator[ModelEvent, None, None]:
    """The client's events; what its own code raises becomes a named error, so that the run keeps what it has."""
    try:
        yield from client.stream(request)
    except BackendEngineerError:
        raise
    except Exception as error:  # A client is anyone's code, and may raise anything.
        raise _broken(client, error) from error


def _broken(client: object, error: Exception) -> ProtocolViolation:
    # The exception's own text stays out: it may quote a header that holds the key.
    return ProtocolViolation(
        f"The client {type(client).__name__} raised {type(error).__name__}.",
        hint="Its stream yields ModelEvent values and raises ClientError; the cause is chained to this error.",
    )


async def _acall(
    session: Session, effect: CallModel, client: AsyncModelClient, watch: Watch
) -> BaseException | None:
    stream = _aheard(client, effect.request)
    sequence = 0
    try:
        async for event in stream:
            _told(watch, session.stream(effect.id, sequence, event))
            if session.pending().id != effect.id:
                return None
            sequence += 1
        _told(watch, session.feed(effect.id, None))
    except ClientError as error:
        _told(watch, session.feed(effect.id, error))
        return error.__cause__
    finally:
        await stream.aclose()
    return None


async def _aheard(client: AsyncModelClient, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
    stream: AsyncIterator[ModelEvent] | None = None
    try:
        stream = client.stream(request)
        async for event in stream:
            yield event
    except BackendEngineerError:
        raise
    except Exception as error:  # A client is anyone's code, and may raise anything.
        raise _broken(client, error) from error
    finally:
        close = getattr(stream, "aclose", None)
        if close is not None:
            await close()


def _ended(session: Session, effect: Done | Failed, fault: BaseException | None) -> StageResult:
    if isinstance(effect, Failed):
        error = failure(session, effect)
        if fault is not None and error.__cause__ is None:
            error.__cause__ = fault
        raise error
    return effect.result
