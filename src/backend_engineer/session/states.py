"""The theory of a session: its states, what each asks of the driver, and every legal move.

Owns: the states, the outcomes, and the table that says which outcome leads where.
Must never know: prompts, replies, rules, how an outcome comes about.

A session is always in one state. Entering a state either hands out an effect, and then the session stands still
until the driver answers, or it gives an outcome at once. An answer is turned into an outcome as well. The only
way from state to state is `MOVES[state][outcome]`; what is not in the table cannot happen.

    CONTEXT -> PLAN -> APPROVE -> SELF_CHECK -> READ -> IMPLEMENT -> EXECUTE -> CHECK -> REVIEW -> CONCLUDE
       ^        |                     |          ^        |  ^                    |        ^          |  |
       |        |                     |          |        |  `-- BROKEN: repair --'        `- AGAIN --'  |
       `- QUESTION -------------------+----------+--------'                                              |
                                                 `----------- NEXT_PART: the next of a split series -----'

In a single call the way from CONTEXT leads to READ at once, and the one reply holds what the phases would have
brought. A failed call that is worth another try stays in its state: the session hands out a `Wait` and then the
same request again. The checks ask for files of the base that a rule turned out to need, and run again. DONE and
FAILED are final.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

__all__ = ["CALLING", "EFFECTS", "FINAL", "MOVES", "Outcome", "State"]


class State(StrEnum):
    """Where a session stands."""

    CONTEXT = "context"
    PLAN = "plan"
    APPROVE = "approve"
    SELF_CHECK = "self-check"
    READ = "read"
    IMPLEMENT = "implement"
    EXECUTE = "execute"
    CHECK = "check"
    REVIEW = "review"
    CONCLUDE = "conclude"
    DONE = "done"
    FAILED = "failed"


class Outcome(StrEnum):
    """What came of a state.

    `clear`: nothing is missing; `clear-single`: the same where one call does all. `question`: the model asks
    back. `planned`, `approved`, `checked`, `read`, `implemented`, `executed`, `sound`, `reviewed`,
    `concluded`: the state's work is done. `again`: the same state once more, with what was learnt. `changed`: the
    self-check altered an approved plan. `rejected`: the plan is to be made anew. `broken`: something is to be
    repaired. `next-part`: the next change of a split series. `blocked`: the run ends without being ready, for a
    reason that the result gives. `gave-up`: the run cannot go on.
    """

    CLEAR = "clear"
    CLEAR_SINGLE = "clear-single"
    QUESTION = "question"
    PLANNED = "planned"
    APPROVED = "approved"
    REJECTED = "rejected"
    CHECKED = "checked"
    CHANGED = "changed"
    READ = "read"
    IMPLEMENTED = "implemented"
    EXECUTED = "executed"
    SOUND = "sound"
    BROKEN = "broken"
    REVIEWED = "reviewed"
    CONCLUDED = "concluded"
    NEXT_PART = "next-part"
    AGAIN = "again"
    BLOCKED = "blocked"
    GAVE_UP = "gave-up"


_S, _O = State, Outcome
_ENDS = {_O.BLOCKED: _S.DONE, _O.GAVE_UP: _S.FAILED}

MOVES: Mapping[State, Mapping[Outcome, State]] = MappingProxyType(
    {
        _S.CONTEXT: {_O.CLEAR: _S.PLAN, _O.CLEAR_SINGLE: _S.READ, _O.AGAIN: _S.CONTEXT, **_ENDS},
        _S.PLAN: {_O.PLANNED: _S.APPROVE, _O.AGAIN: _S.PLAN, _O.QUESTION: _S.CONTEXT, **_ENDS},
        _S.APPROVE: {_O.APPROVED: _S.SELF_CHECK, _O.REJECTED: _S.PLAN, **_ENDS},
        _S.SELF_CHECK: {
            _O.CHECKED: _S.READ,
            _O.CHANGED: _S.APPROVE,
            _O.AGAIN: _S.SELF_CHECK,
            _O.QUESTION: _S.CONTEXT,
            **_ENDS,
        },
        _S.READ: {_O.READ: _S.IMPLEMENT, **_ENDS},
        _S.IMPLEMENT: {
            _O.IMPLEMENTED: _S.EXECUTE,
            _O.AGAIN: _S.IMPLEMENT,
            _O.QUESTION: _S.CONTEXT,
            **_ENDS,
        },
        _S.EXECUTE: {_O.EXECUTED: _S.CHECK, **_ENDS},
        _S.CHECK: {_O.READ: _S.CHECK, _O.SOUND: _S.REVIEW, _O.BROKEN: _S.IMPLEMENT, **_ENDS},
        _S.REVIEW: {_O.REVIEWED: _S.CONCLUDE, _O.AGAIN: _S.REVIEW, **_ENDS},
        _S.CONCLUDE: {
            _O.READ: _S.CONCLUDE,
            _O.CONCLUDED: _S.DONE,
            _O.NEXT_PART: _S.READ,
            _O.AGAIN: _S.REVIEW,
            **_ENDS,
        },
        _S.DONE: {},
        _S.FAILED: {},
    }
)
"""State -> outcome -> next state."""

EFFECTS: Mapping[State, tuple[str, ...]] = MappingProxyType(
    {
        _S.CONTEXT: ("ask-human",),
        _S.PLAN: ("call-model", "wait"),
        _S.APPROVE: ("approve-plan",),
        _S.SELF_CHECK: ("call-model", "wait"),
        _S.READ: ("read-files",),
        _S.IMPLEMENT: ("call-model", "wait"),
        _S.EXECUTE: ("verify",),
        _S.CHECK: ("read-files",),
        _S.REVIEW: ("call-model", "wait"),
        _S.CONCLUDE: ("read-files",),
        _S.DONE: ("done",),
        _S.FAILED: ("failed",),
    }
)
"""State -> the kinds of effect that it may hand out."""

CALLING: frozenset[State] = frozenset(state for state, kinds in EFFECTS.items() if "call-model" in kinds)
"""The states that call the model."""

FINAL: frozenset[State] = frozenset((State.DONE, State.FAILED))
"""The states that nothing leads out of."""
