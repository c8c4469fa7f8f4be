"""What a driver may answer to each effect, read into values before anything changes.

Owns: the forms of answers, typed or as JSON, and the words of a refusal.
Must never know: what an answer leads to.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError

from backend_engineer.clients import Completion, ErrorFacts, ModelEvent, facts_of
from backend_engineer.contract import Ending
from backend_engineer.errors import ClientError, SessionError
from backend_engineer.outputs import CommandReport, MigrationReport
from backend_engineer.outputs import text_hash as hash_of
from backend_engineer.session.effects import AskHuman, CallModel, Effect, ReadFiles
from backend_engineer.session.state import SessionState

__all__ = ["read_answer", "read_event"]

_REPORTS: TypeAdapter[tuple[MigrationReport | CommandReport, ...]] = TypeAdapter(
    tuple[MigrationReport | CommandReport, ...]
)


def read_event(effect_id: str, event: Any) -> ModelEvent:
    """A model event, or its JSON form; `SessionError` for anything else."""
    if isinstance(event, ModelEvent):
        return event
    if isinstance(event, ClientError):
        return ModelEvent(kind="error", error=facts_of(event))
    try:
        return ModelEvent.model_validate(event)
    except ValidationError as error:
        raise _refused(effect_id, "a model event", error) from None


def read_answer(document: SessionState, effect: Effect, answer: Any) -> Any:
    """The answer to the pending effect as a value; raises `SessionError` and changes nothing if it cannot be one."""
    return _READERS[effect.kind](document, effect, answer)


def _refused(effect_id: str, what: str, error: Exception | str) -> SessionError:
    detail = str(error)
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        detail = f"{first['msg']} at {'/'.join(str(part) for part in first['loc']) or 'its root'}"
    return SessionError(
        f"This is not {what}: {detail}.", effect_id=effect_id, hint="docs/session.md lists the answers."
    )


def _completion(document: SessionState, effect: CallModel, answer: Any) -> Completion:
    if answer is None:
        return Completion(text="", ending=Ending.DROPPED)
    if isinstance(answer, Completion):
        return answer
    if isinstance(answer, ClientError):
        return Completion(text="", ending=Ending.DROPPED, error=facts_of(answer))
    if isinstance(answer, ErrorFacts):
        return Completion(text="", ending=Ending.DROPPED, error=answer)
    if isinstance(answer, str):
        return Completion(text=answer, ending=Ending.COMPLETE)
    try:
        return Completion.model_validate(answer)
    except ValidationError as error:
        raise _refused(effect.id, "a completion, its text, or an error of a client", error) from None


def _human(document: SessionState, effect: AskHuman, answer: Any) -> dict[str, Any] | None:
    if answer is None:
        return None
    if not isinstance(answer, Mapping) or not all(isinstance(key, str) for key in answer):
        raise _refused(effect.id, "a mapping of pointers to values", type(answer).__name__)
    known = {gap.pointer for gap in effect.clarification.gaps}
    unknown = sorted(set(answer) - known)
    if unknown:
        raise _refused(effect.id, "an answer to what was asked", f"nobody asked for {unknown[0]!r}")
    _plain_json(effect.id, answer)
    return dict(answer)


def _plain_json(effect_id: str, value: Any) -> None:
    """Refuse what a saved session could not hold: values that are no JSON, and lone surrogates."""
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except (TypeError, ValueError, RecursionError) as error:
        raise _refused(effect_id, "an answer that JSON can hold", error) from None


def _approval(document: SessionState, effect: Effect, answer: Any) -> bool | str:
    if isinstance(answer, bool):
        return answer
    if isinstance(answer, str) and answer.strip():
        _plain_json(effect.id, answer)
        return answer
    raise _refused(effect.id, "True, False or a remark on the plan", type(answer).__name__)


def _texts(document: SessionState, effect: ReadFiles, answer: Any) -> dict[str, str | None]:
    if not isinstance(answer, Mapping):
        raise _refused(effect.id, "a mapping of paths to texts", type(answer).__name__)
    base = document.base
    texts: dict[str, str | None] = {}
    for path in effect.paths:
        text = answer.get(path)
        if text is not None and not isinstance(text, str):
            raise _refused(effect.id, "a mapping of paths to texts", f"{path} is a {type(text).__name__}")
        texts[path] = text
    stale = [
        path
        for path, text in texts.items()
        if base is not None
        and path not in base.binary
        and (text is None or hash_of(text) != base.files.get(path))
    ]
    if stale:
        raise SessionError(
            f"{stale[0]} is not what it was when the session began.",
            effect_id=effect.id,
            hint="Answer with the texts of the tree that the session was made for, or begin a new session.",
        )
    return texts


def _reports(
    document: SessionState, effect: Effect, answer: Any
) -> tuple[MigrationReport | CommandReport, ...]:
    if answer is None:
        return ()
    if isinstance(answer, MigrationReport | CommandReport):
        return (answer,)
    if isinstance(answer, Sequence) and not isinstance(answer, str):
        try:
            return _REPORTS.validate_python(tuple(answer))
        except ValidationError as error:
            raise _refused(effect.id, "a list of reports", error) from None
    raise _refused(effect.id, "a list of reports", type(answer).__name__)


def _anything(document: SessionState, effect: Effect, answer: Any) -> None:
    return None


_READERS: Mapping[str, Callable[[SessionState, Any, Any], Any]] = {
    "call-model": _completion,
    "ask-human": _human,
    "approve-plan": _approval,
    "read-files": _texts,
    "verify": _reports,
    "wait": _anything,
}
