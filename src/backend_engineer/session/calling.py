"""A model call from its prompt to its reply, as far as a session without I/O has a part in it.

Owns: opening a call within the budget, taking its events, retrying, and closing it into the record.
Must never know: what a reply means for the run.
"""

from __future__ import annotations

import hashlib

from backend_engineer.clients import (
    Completion,
    ErrorFacts,
    GiveUp,
    ModelEvent,
    ModelRequest,
    TokenBudget,
    decide,
    estimate_tokens,
    estimate_usage,
    reply_schema,
)
from backend_engineer.clients import Wait as Pause
from backend_engineer.contract import Ending
from backend_engineer.errors import BudgetExceeded
from backend_engineer.outputs import Exchange, Usage
from backend_engineer.parsing import Reply, parse_reply
from backend_engineer.session.effects import CallModel, Wait
from backend_engineer.session.kit import Kit
from backend_engineer.session.listening import listener_for
from backend_engineer.session.prompting import prompt_for
from backend_engineer.session.state import Call, SessionState
from backend_engineer.session.states import Outcome

__all__ = ["close_call", "hear", "open_call", "reopen_call", "take_completion", "unusable"]

_ONE_PART = frozenset(("self-check", "split"))

_REFUSALS = {
    Ending.REFUSED: (
        "The model refused to answer.",
        "Look at what the prompt asks for, or use another model.",
    ),
    Ending.FILTERED: (
        "The provider filtered the answer.",
        "Look at what the prompt asks for, or use another model.",
    ),
}


def open_call(state: SessionState, kit: Kit, task: str) -> CallModel | Outcome:
    """Render the prompt and hand out the call, unless the budget does not allow it."""
    prompt = prompt_for(state, task, kit.seal_key, kit.counter)
    limits = state.settings.limits
    name = _schema_name(state, task)
    request = ModelRequest(
        id="",
        phase=task,
        messages=prompt.messages,
        parameters=state.parameters,
        max_output_tokens=limits.output_tokens,
        schema_name=name or None,
        json_schema=reply_schema(name) if name else None,
        fingerprints=dict(prompt.fingerprints),
    )
    admitted = _within_budget(state, request)
    if isinstance(admitted, Outcome):
        return admitted
    request = admitted
    if not state.fingerprints:
        state.fingerprints = dict(prompt.fingerprints)
    shed = tuple(f"prompt ({task}): {name}" for name in prompt.shed)
    state.dropped = tuple(dict.fromkeys((*state.dropped, *shed)))
    state.call = Call(task=task, request=request, seal=prompt.answer_seal)
    kit.listener = listener_for(state, state.call)
    kit.tell("call", f"Calling the model: {task}.", state=state.state.value)
    return CallModel(id="", request=request)


def _within_budget(state: SessionState, request: ModelRequest) -> ModelRequest | Outcome:
    """The request with no more output than the token budget leaves; where that is none, the run ends here."""
    limits = state.settings.limits
    if limits.tokens is None:
        return request
    budget = TokenBudget(limit=limits.tokens, spent=state.usage)
    try:
        budget.admit(request.model_copy(update={"max_output_tokens": 1}))
    except BudgetExceeded:
        spent = limits.tokens - budget.left
        state.reason = (
            f"The token budget does not allow the next call ({request.phase}): "
            f"{spent} of {limits.tokens} tokens are spent."
        )
        return Outcome.BLOCKED
    room = budget.left - sum(estimate_tokens(message.content) for message in request.messages)
    allowed = min(room, limits.output_tokens) if limits.output_tokens is not None else room
    return request.model_copy(update={"max_output_tokens": allowed})


def _schema_name(state: SessionState, task: str) -> str:
    """The schema of an answer that is one JSON part and nothing else; empty for any other."""
    return "plan" if state.settings.structured and task in _ONE_PART else ""


def reopen_call(state: SessionState, kit: Kit) -> CallModel | Outcome:
    """The same request once more, after a wait, as far as the budget still allows it."""
    assert state.call is not None
    old = state.call
    request = _within_budget(state, old.request)
    if isinstance(request, Outcome):
        return request
    state.call = Call(task=old.task, request=request, seal=old.seal, attempt=old.attempt + 1)
    kit.listener = listener_for(state, state.call)
    kit.tell(
        "call", f"Calling the model again: {old.task}, attempt {state.call.attempt}.", state=state.state.value
    )
    return CallModel(id="", request=request, attempt=state.call.attempt)


def hear(state: SessionState, kit: Kit, event: ModelEvent) -> bool:
    """Take one event of the stream; True when the call is over."""
    call, listener = state.call, kit.listener
    assert call is not None
    assert listener is not None
    if event.kind == "start":
        call.model = _storable(event.model) or call.model
        named = tuple(f"parameter ({call.task}): {_storable(name)}" for name in event.dropped)
        state.dropped = tuple(dict.fromkeys((*state.dropped, *named)))
    elif event.kind == "reasoning":
        listener.overhear(_storable(event.text))
    elif event.kind == "text":
        text = _whole(call, event.text)
        kit.told += listener.hear(text)
        if listener.stopped:
            call.stopped = listener.stopped
            call.ending = Ending.ABORTED
            titles = "; ".join(item.title for item in call.stopped)
            kit.tell("stopped", f"The answer was broken off: {titles}.", findings=call.stopped)
            return True
    else:
        call.usage = event.usage
        call.detail = _storable(event.detail)
        call.error = event.error and event.error.model_copy(
            update={"message": _storable(event.error.message)}
        )
        call.ending = Ending.DROPPED if event.kind == "error" else event.ending or Ending.DROPPED
        return True
    return False


def _storable(text: str) -> str:
    """The text without lone surrogates, which JSON text in UTF-8 cannot hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _whole(call: Call, text: str) -> str:
    """The text with surrogate halves joined; a lone one cannot be saved or written and becomes U+FFFD."""
    if call.high is not None:
        text, call.high = chr(call.high) + text, None
    if text and "\ud800" <= text[-1] <= "\udbff":
        text, call.high = text[:-1], ord(text[-1])
    if any("\ud800" <= sign <= "\udfff" for sign in text):
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def take_completion(state: SessionState, kit: Kit, answer: Completion) -> None:
    """Take a whole answer at once; a text takes the place of what was streamed before."""
    call = state.call
    assert call is not None
    if answer.text and call.sequence is not None:
        call.text, call.reasoning, call.high = "", "", None
        kit.listener = listener_for(state, call)
    events = [
        ModelEvent(kind="start", model=answer.model, request_id=answer.request_id, dropped=answer.dropped)
    ]
    if answer.reasoning:
        events.append(ModelEvent(kind="reasoning", text=answer.reasoning))
    if answer.text:
        events.append(ModelEvent(kind="text", text=answer.text))
    if answer.error is not None:
        events.append(ModelEvent(kind="error", error=answer.error, usage=answer.usage))
    else:
        used = answer.usage if answer.usage != Usage() else None
        events.append(ModelEvent(kind="end", ending=answer.ending, usage=used, detail=answer.detail))
    for event in events:
        if hear(state, kit, event):
            return


def close_call(state: SessionState, kit: Kit, effect_id: str) -> Reply | Wait | Outcome:
    """The call is over: book it, and say what follows: its reply, a wait, or the end of the run."""
    call, listener = state.call, kit.listener
    assert call is not None
    assert listener is not None
    ending = call.ending or Ending.DROPPED
    listener.save(call)
    kit.told += listener.close(ending)
    if listener.stopped and not call.stopped:
        call.stopped = listener.stopped
        kit.tell("stopped", "The answer's end was refused.", findings=call.stopped)
    _book(state, call, ending, effect_id)
    failed = call.error
    if failed is None and ending is Ending.DROPPED and not call.text:
        failed = ErrorFacts(
            kind="ConnectionFailed", message="The stream ended before anything came.", retryable=True
        )
    if failed is not None:
        decision = decide(failed, call.attempt, _spread(state), streamed=bool(call.text))
        if isinstance(decision, Pause):
            kit.tell("retry", f"{failed.kind}: trying again in {decision.seconds:.1f} s.")
            return Wait(id="", seconds=decision.seconds, reason=f"{failed.kind}: {failed.message}")
        if not (call.text and failed.retryable):
            return _give_up(state, failed, decision)
    if ending in _REFUSALS:
        message, hint = _REFUSALS[ending]
        return unusable(state, f"{message} {call.detail}".strip(), hint)
    if ending is Ending.TRUNCATED and not call.text:
        return unusable(
            state,
            "The answer's limit was used up before any text came.",
            "Allow more output tokens or less effort.",
        )
    if call.request.json_schema is not None and call.text.lstrip().startswith("{"):
        # A provider that enforces a schema gives the bare JSON, without the fence that marks a part of a reply.
        return parse_reply(f"```json\n{call.text}\n```\n", ending=ending)
    return listener.reply(call.text, ending)


def _book(state: SessionState, call: Call, ending: Ending, effect_id: str) -> None:
    used = call.usage
    if used is None or (used.input_tokens == 0 and used.output_tokens == 0):
        used = estimate_usage(call.request, call.text + call.reasoning)
    used = used.model_copy(update={"calls": 1})
    state.usage = state.usage + used
    state.model = call.model or state.model
    state.endings = (*state.endings, ending)
    answer = {
        "text": call.text,
        "ending": ending.value,
        "usage": used.model_dump(mode="json"),
        "model": call.model,
        "error": call.error.model_dump(mode="json") if call.error is not None else None,
    }
    request = {"phase": call.task, "fingerprints": call.request.fingerprints, "attempt": call.attempt}
    state.exchanges = (
        *state.exchanges,
        Exchange(id=effect_id, kind="call-model", request=request, answer=answer),
    )


def _spread(state: SessionState) -> float:
    """A number that differs from run to run, in place of the clock that a session does not have."""
    return float(int.from_bytes(hashlib.sha256(state.run.encode()).digest()[:4]))


def _give_up(state: SessionState, failed: ErrorFacts, decision: GiveUp) -> Outcome:
    state.error = failed.model_copy(update={"message": f"{failed.message} {decision.reason}".strip()})
    return Outcome.GAVE_UP


def unusable(state: SessionState, message: str, hint: str = "") -> Outcome:
    """End the run because the model's answer cannot be used."""
    text = f"{message} {hint}".strip()
    state.error = ErrorFacts(kind="ReplyUnusable", message=text, retryable=False)
    return Outcome.GAVE_UP
