"""`Session`: the one place where a run changes its state.

Owns: the moves by the table, the pending effect, saving and loading.
Must never know: I/O, clocks, chance; what a state does (that stands in the module of its phase).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from backend_engineer import __version__
from backend_engineer.clients import ErrorFacts
from backend_engineer.contract import IDENTITY, Parameters
from backend_engineer.errors import BackendEngineerError, SessionError, UsageError
from backend_engineer.inputs import ChangeRequest, gather, partial
from backend_engineer.outputs import Clarification
from backend_engineer.rules import Configuration, Rule
from backend_engineer.session import asking, judging, making, planning
from backend_engineer.session.answers import read_answer, read_event
from backend_engineer.session.calling import close_call, hear, reopen_call, take_completion
from backend_engineer.session.effects import CallModel, Done, Effect, Failed, Wait
from backend_engineer.session.ending import result_of
from backend_engineer.session.kit import Kit
from backend_engineer.session.listening import listener_for
from backend_engineer.session.notices import WatcherEvent
from backend_engineer.session.recording import book, name_of
from backend_engineer.session.state import FORMAT, Limits, SessionState, Settings
from backend_engineer.session.states import EFFECTS, FINAL, MOVES, Outcome, State
from backend_engineer.session.tree import digest_of
from backend_engineer.tokens import DEFAULT_COUNTER, TokenCounter
from backend_engineer.workspace import SourceTree, TreeDigest

__all__ = ["Session"]

Entered = Effect | Outcome

_ENTER: Mapping[State, Callable[[SessionState, Kit], Any]] = {
    State.CONTEXT: asking.enter_context,
    State.PLAN: planning.enter_plan,
    State.APPROVE: planning.enter_approve,
    State.SELF_CHECK: planning.enter_self_check,
    State.READ: making.enter_read,
    State.IMPLEMENT: making.enter_implement,
    State.EXECUTE: judging.enter_execute,
    State.CHECK: judging.enter_check,
    State.REVIEW: judging.enter_review,
    State.CONCLUDE: judging.enter_conclude,
}
_REPLIED: Mapping[State, Callable[[SessionState, Kit, Any], Outcome]] = {
    State.PLAN: planning.planned,
    State.SELF_CHECK: planning.self_checked,
    State.IMPLEMENT: making.implemented,
    State.REVIEW: judging.reviewed,
}
_ANSWERED: Mapping[str, Callable[[SessionState, Kit, Any], Outcome]] = {
    "approve-plan": planning.plan_answered,
    "read-files": making.files_read,
    "verify": judging.executed,
}


class Session:
    """One run of the stage: hands out effects, takes answers, does no I/O and holds no clock.

    inputs: `StageInputs`, or the documents as a mapping; gaps are asked for. request: the wanted change; it wins
    over one in the inputs. base: the tree that the change starts from: a `SourceTree`, its digest, or a mapping of
    path to text.
    parameters: effort, verbosity, split. calls: `phases` or `single`. approve: a person sees the plan first.
    rules: own rules in place of the built-in ones. configuration: severities, suppressions, waivers. limits: how
    often things are tried and what may be spent. dialect, lean, seal_key, counter: as for `render`. structured: an
    answer that is one JSON part carries its JSON Schema, for providers that enforce one. run: the
    beginning of every effect's id; without it, a hash of everything else, so that the same run has the same ids.

    Raises the errors of `gather` for inputs that cannot be asked about, and `UsageError` for a clarification in
    place of inputs.
    """

    def __init__(
        self,
        inputs: Any,
        *,
        request: ChangeRequest | Mapping[str, Any] | None = None,
        base: SourceTree | TreeDigest | Mapping[str, str] | None = None,
        parameters: Parameters | None = None,
        calls: str = "phases",
        approve: bool = False,
        rules: Iterable[Rule | str] | None = None,
        configuration: Configuration | None = None,
        limits: Limits | Mapping[str, Any] | None = None,
        dialect: str = "claude",
        lean: bool = False,
        structured: bool = False,
        seal_key: bytes | None = None,
        counter: TokenCounter = DEFAULT_COUNTER,
        run: str | None = None,
    ) -> None:
        if isinstance(inputs, Clarification):
            raise UsageError(
                "The inputs are a clarification.",
                hint="Pass the documents that it is about; the session asks.",
            )
        if calls not in ("phases", "single"):
            raise UsageError(f"calls is 'phases' or 'single', not {calls!r}.")
        found = gather(inputs, request)
        whole = None if isinstance(found, Clarification) else found
        digest = digest_of(base)
        UsageError.unless(parameters, (Parameters, type(None)), "parameters")
        UsageError.unless(seal_key, (bytes, type(None)), "seal_key")
        settings = _settings(
            {
                "calls": calls,
                "approve": approve,
                "dialect": dialect,
                "lean": lean,
                "structured": structured,
                "keyed": seal_key is not None,
                "limits": Limits() if limits is None else limits,
            }
        )
        state = SessionState(
            library_version=__version__,
            contract_version=IDENTITY.version,
            run="",
            settings=settings,
            parameters=parameters or Parameters(),
            raw=partial(inputs, request).data if whole is None else {},
            inputs=whole,
            base=digest,
        )
        state.run = run if run is not None else name_of(state)
        kit = Kit(
            rules=UsageError.each(rules, object, "rules") if rules is not None else None,
            configuration=configuration or Configuration(),
            seal_key=seal_key,
            counter=counter,
        )
        self._begin(state, kit)
        self._enter()

    def _begin(self, state: SessionState, kit: Kit) -> None:
        self._state, self._kit = state, kit

    # What a driver sees

    @property
    def state(self) -> State:
        """The state that the session is in."""
        return self._state.state

    @property
    def error(self) -> Exception | None:
        """The exception that ended the run, where it was raised in this process; `Failed` carries its facts."""
        return self._kit.error

    @property
    def streaming(self) -> bool:
        """Whether part of the pending call's answer has arrived already.

        A driver that takes over such a session and cannot go on with the same stream feeds None to the effect: the
        answer then counts as dropped, and the session asks for the rest of it.
        """
        call = self._state.call
        return isinstance(self._state.pending, CallModel) and call is not None and call.sequence is not None

    @property
    def told(self) -> tuple[WatcherEvent, ...]:
        """What the last step told the watcher; after the session was made, how it begins."""
        return tuple(self._kit.told)

    def pending(self) -> Effect:
        """The effect that waits for its answer; `Done` or `Failed` at the end."""
        effect = self._state.pending
        assert effect is not None
        return effect

    def stream(self, effect_id: str, sequence: int, event: Any) -> tuple[WatcherEvent, ...]:
        """Take one event of the pending call's stream; returns what a watcher may want to know.

        sequence: 0 or 1 for the first event, then one more for each. An event that was taken already, or that
        belongs to an effect of the past, is ignored. When `pending()` has another id afterwards, the call is over,
        and the stream is to be closed. Raises `SessionError` for an event out of sequence, for what is no event,
        and when the effect is not a call or was never handed out.
        """
        if self._is_late(effect_id):
            return ()
        effect = self._expect(effect_id)
        if not isinstance(effect, CallModel):
            raise SessionError(f"The effect {effect.kind} takes no stream.", effect_id=effect_id)
        typed = read_event(effect_id, event)
        if not self._is_next(effect_id, sequence):
            return ()
        self._kit.told = []
        if hear(self._state, self._kit, typed):
            self._closed(effect_id)
        return tuple(self._kit.told)

    def feed(self, effect_id: str, answer: Any = None) -> tuple[WatcherEvent, ...]:
        """Answer the pending effect; returns what a watcher may want to know.

        An answer to an effect of the past is ignored. For a call the answer is a completion, its text, an error of
        a client, or None for a stream that broke off. Raises `SessionError`, and changes nothing, for an answer
        that cannot be one, and for an effect that was never handed out.
        """
        if self._is_late(effect_id):
            return ()
        effect = self._expect(effect_id)
        typed = read_answer(self._state, effect, answer)
        self._kit.told = []
        if isinstance(effect, CallModel):
            take_completion(self._state, self._kit, typed)
            self._closed(effect_id)
        elif isinstance(effect, Wait):
            again = reopen_call(self._state, self._kit)
            if isinstance(again, Outcome):
                self._move(again)
            else:
                self._hand_out(again)
        else:
            outcome = self._answer(effect, typed)
            book(self._state, effect, typed)
            self._move(outcome)
        return tuple(self._kit.told)

    # Saving and loading

    def dump(self) -> dict[str, Any]:
        """The whole session as JSON data, the text received so far included."""
        if self._kit.listener is not None and isinstance(self._state.pending, CallModel) and self._state.call:
            self._kit.listener.save(self._state.call)
        return self._state.model_dump(mode="json")

    @classmethod
    def load(
        cls,
        document: Mapping[str, Any] | str,
        *,
        rules: Iterable[Rule | str] | None = None,
        configuration: Configuration | None = None,
        seal_key: bytes | None = None,
        counter: TokenCounter = DEFAULT_COUNTER,
    ) -> Session:
        """The session that `dump` saved; what cannot be saved (rules, configuration, key, counter) is passed again.

        Raises `SessionError` for what is no saved session of this format.
        """
        try:
            data = json.loads(document) if isinstance(document, str) else document
            state = SessionState.model_validate(data)
        except (ValidationError, ValueError, RecursionError) as error:
            raise SessionError(
                f"This is not a saved session of format {FORMAT}: {_first(error)}.",
                hint="Pass what `Session.dump` returned.",
            ) from None
        if state.pending is None or state.pending.kind not in EFFECTS[state.state]:
            kind = "effect to go on with" if state.pending is None else state.pending.kind
            raise SessionError(
                f"The saved state {state.state.value} hands out no {kind}.", hint="Pass what `dump` returned."
            )
        if state.settings.keyed and seal_key is None:
            raise UsageError(
                "The session was made with a seal key.", hint="Pass the same seal_key to Session.load."
            )
        session = cls.__new__(cls)
        kit = Kit(
            rules=UsageError.each(rules, object, "rules") if rules is not None else None,
            configuration=configuration or Configuration(),
            seal_key=seal_key,
            counter=counter,
        )
        session._begin(state, kit)
        if isinstance(state.pending, CallModel):
            if state.call is None:
                raise SessionError("The saved session's call is missing.", hint="Pass what `dump` returned.")
            kit.listener = listener_for(state, state.call)
        return session

    # The moves

    def _is_late(self, effect_id: str) -> bool:
        run, _, rest = str(effect_id).rpartition(":")[0].rpartition(":")
        known = run == self._state.run and rest.isdecimal() and 0 < int(rest) < self._state.step
        return known or (self._state.state in FINAL and effect_id == self.pending().id)

    def _expect(self, effect_id: str) -> Effect:
        effect = self.pending()
        if effect.id != effect_id:
            raise SessionError(
                f"There is no effect {effect_id!r}; {effect.id!r} waits for its answer.",
                effect_id=str(effect_id),
                hint="Answer the effect that `pending` returns.",
            )
        return effect

    def _is_next(self, effect_id: str, sequence: int) -> bool:
        call = self._state.call
        assert call is not None
        if type(sequence) is not int or sequence < 0:
            raise SessionError(f"{sequence!r} is no number of an event.", effect_id=effect_id)
        expected = (0, 1) if call.sequence is None else (call.sequence + 1,)
        if call.sequence is not None and sequence <= call.sequence:
            return False
        if sequence not in expected:
            raise SessionError(
                f"Event {sequence} came where {expected[-1]} was expected.",
                effect_id=effect_id,
                hint="Send the events again from the first one that is missing.",
            )
        call.sequence = sequence
        return True

    def _closed(self, effect_id: str) -> None:
        """The pending call is over; its reply leads on, or the same request is tried again."""

        def work() -> Entered:
            came = close_call(self._state, self._kit, effect_id)
            if isinstance(came, (Outcome, Wait)):
                return came
            return _REPLIED[self._state.state](self._state, self._kit, came)

        came = self._guarded(work)
        if isinstance(came, Outcome):
            self._move(came)
        else:
            self._hand_out(came)

    def _answer(self, effect: Effect, typed: Any) -> Outcome:
        if effect.kind == "ask-human":
            return asking.human_answered(self._state, self._kit, effect, typed)
        return _ANSWERED[effect.kind](self._state, self._kit, typed)

    def _move(self, outcome: Outcome) -> None:
        """Follow the table until an effect stands; every change of state happens here."""
        state = self._state
        state.state = MOVES[state.state][outcome]
        self._enter()

    def _enter(self) -> None:
        state, kit = self._state, self._kit
        while True:
            kit.tell("state", f"Entering {state.state.value}.", state=state.state.value)
            if state.state is State.DONE:
                self._hand_out(Done(id="", result=result_of(state)))
                return
            if state.state is State.FAILED:
                facts = state.error or ErrorFacts(
                    kind="ReplyUnusable", message="The run failed.", retryable=False
                )
                self._hand_out(Failed(id="", error=facts, result=result_of(state)))
                return
            came = self._guarded(self._entered)
            if not isinstance(came, Outcome):
                self._hand_out(came)
                return
            state.state = MOVES[state.state][came]

    def _entered(self) -> Entered:
        came: Entered = _ENTER[self._state.state](self._state, self._kit)
        return came

    def _guarded(self, work: Callable[[], Entered]) -> Entered:
        """Errors of this library that a step raises end the run as a value, with their name and their words."""
        try:
            return work()
        except BackendEngineerError as error:
            self._kit.error = error
            self._state.error = ErrorFacts(kind=type(error).__name__, message=str(error), retryable=False)
            return Outcome.GAVE_UP

    def _hand_out(self, effect: Effect) -> None:
        state = self._state
        state.step += 1
        effect_id = f"{state.run}:{state.step}:{effect.kind}"
        if effect.kind == "call-model":
            assert state.call is not None
            request = effect.request
            if not request.id:
                request = request.model_copy(update={"id": effect_id})
                state.call.request = request
            state.pending = effect.model_copy(update={"id": effect_id, "request": request})
        else:
            self._kit.listener = None
            state.pending = effect.model_copy(update={"id": effect_id})
        if state.state in FINAL:
            self._kit.tell("ended", f"The run has ended: {state.state.value}.", state=state.state.value)


def _settings(given: dict[str, Any]) -> Settings:
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        raise UsageError(f"{_first(error)}.", hint="docs/session.md lists the settings.") from None


def _first(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{first['msg']} at {'/'.join(str(part) for part in first['loc']) or 'its root'}"
    return str(error)
