"""The context phase: what is missing is asked for, and nothing else (PROT-01, ROLE-02, INCO-01, INCO-02).

Owns: the state CONTEXT, for gaps of the inputs and for questions of the model.
Must never know: how a gap is found or worded, who answers.
"""

from __future__ import annotations

import json
from typing import Any

from backend_engineer.contract import Phase
from backend_engineer.errors import CallerError, SessionError
from backend_engineer.inputs import StageInputs, merge_answers, request_gap
from backend_engineer.outputs import Clarification, Gap, Option
from backend_engineer.parsing import Reply
from backend_engineer.session.effects import AskHuman
from backend_engineer.session.kit import Kit
from backend_engineer.session.state import SessionState
from backend_engineer.session.states import Outcome

__all__ = ["ANSWERS_NAME", "answer_schema", "enter_context", "human_answered", "questions_of"]

ANSWERS_NAME = "answers"
"""The name of the upstream document that carries a person's answers to the model's own questions."""

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def enter_context(state: SessionState, kit: Kit) -> AskHuman | Outcome:
    """Ask for what is missing, or go on."""
    _passed(state, Phase.CONTEXT)
    open_ = state.asking or _gaps(state)
    if open_ is None:
        return Outcome.CLEAR if state.settings.calls == "phases" else Outcome.CLEAR_SINGLE
    pointers = [gap.pointer for gap in open_.gaps]
    state.gaps = tuple(dict.fromkeys((*state.gaps, *pointers)))
    state.asked = tuple(dict.fromkeys((*state.asked, *pointers)))
    bare = [gap.pointer for gap in open_.gaps if not gap.options]
    state.optionless = tuple(dict.fromkeys((*state.optionless, *bare)))
    return AskHuman(id="", clarification=open_, answer_schema=answer_schema(open_))


def _passed(state: SessionState, phase: Phase) -> None:
    if phase.value not in state.phases:
        state.phases = (*state.phases, phase.value)


def _gaps(state: SessionState) -> Clarification | None:
    if state.inputs is None:
        found = merge_answers(state.raw, state.answers)
        if isinstance(found, Clarification):
            missing = () if "request" in state.raw or "/request" in state.answers else (request_gap(),)
            known = {gap.pointer for gap in found.gaps}
            return Clarification(gaps=(*found.gaps, *(gap for gap in missing if gap.pointer not in known)))
        state.inputs = found
    state.request = state.request or state.inputs.request
    return None if state.request is not None else Clarification(gaps=(request_gap(),))


def answer_schema(clarification: Clarification) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of an answer to all gaps at once: pointer -> value."""
    shared: dict[str, Any] = {}
    properties: dict[str, Any] = {}
    for number, gap in enumerate(clarification.gaps):
        own = {key: value for key, value in gap.answer_schema.items() if key != "$schema"}
        definitions = own.get("$defs", {})
        if all(shared.get(name, value) == value for name, value in definitions.items()):
            # References point to the root of the whole schema, so that is where definitions have to stand.
            shared.update(definitions)
            own.pop("$defs", None)
        else:
            own["$id"] = f"urn:backend-engineer:answer:{number}"
        properties[gap.pointer] = own
    return {
        "$schema": _DIALECT,
        "type": "object",
        "properties": properties,
        "required": [gap.pointer for gap in clarification.gaps],
        "additionalProperties": False,
        **({"$defs": shared} if shared else {}),
    }


def human_answered(state: SessionState, kit: Kit, effect: AskHuman, answer: dict[str, Any] | None) -> Outcome:
    """Take the answers, all or some; None ends the run with the question open."""
    if answer is None:
        state.clarification = effect.clarification
        state.reason = "The questions were not answered."
        return Outcome.BLOCKED
    if state.asking is not None:
        _note(state, effect.clarification, answer)
        return Outcome.AGAIN
    if state.inputs is None or "/request" in answer:
        return _merged(state, effect, answer)
    return _stalled(state, effect)


def _merged(state: SessionState, effect: AskHuman, answer: dict[str, Any]) -> Outcome:
    merged = {**state.answers, **answer}
    try:
        found = merge_answers(_source(state), merged)
    except CallerError as error:
        raise SessionError(
            f"The answer cannot be used: {error.message}", effect_id=effect.id, hint=error.hint
        ) from error
    state.answers = merged
    if isinstance(found, StageInputs):
        state.inputs = found
        return Outcome.AGAIN
    open_before = {gap.pointer for gap in effect.clarification.gaps}
    closed = open_before - {gap.pointer for gap in found.gaps} - {"/request"}
    return Outcome.AGAIN if closed or "/request" in answer else _stalled(state, effect)


def _source(state: SessionState) -> Any:
    return state.raw if state.inputs is None else state.inputs


def _stalled(state: SessionState, effect: AskHuman) -> Outcome:
    """An answer closed no gap; after a few of them nobody is asked any more."""
    state.stalls += 1
    if state.stalls < state.settings.limits.stalls:
        return Outcome.AGAIN
    state.clarification = effect.clarification
    state.reason = "The answers closed no gap."
    return Outcome.BLOCKED


def _note(state: SessionState, asked: Clarification, answer: dict[str, Any]) -> None:
    """The model's questions with their answers, as a document of the inputs for all later calls."""
    assert state.inputs is not None
    lines = [state.inputs.upstream.get(ANSWERS_NAME, "# Answers to questions\n")]
    for gap in asked.gaps:
        if gap.pointer in answer:
            value = answer[gap.pointer]
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            lines.append(f"\n## {gap.reason}\n\n{text}\n")
    upstream = {**state.inputs.upstream, ANSWERS_NAME: "".join(lines)}
    state.inputs = _with_upstream(state.inputs, upstream)
    state.asking = None


def _with_upstream(inputs: StageInputs, upstream: dict[str, str]) -> StageInputs:
    return inputs.model_copy(update={"upstream": upstream})


def questions_of(reply: Reply) -> Clarification | None:
    """What the model asks back, as a clarification; None when it asks nothing."""
    if reply.clarification is not None and reply.clarification.gaps:
        return reply.clarification
    if not reply.questions:
        return None
    gaps = tuple(
        Gap(
            pointer=question.pointer or f"/questions/{number}",
            clause="ROLE-02",
            kind="missing",
            reason=question.text,
            options=tuple(Option(label=label, value=label) for label in question.options),
            answer_schema={"type": "string", "minLength": 1},
        )
        for number, question in enumerate(reply.questions)
    )
    return Clarification(gaps=gaps)
