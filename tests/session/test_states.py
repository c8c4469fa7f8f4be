"""Facts about the table of moves."""

import pytest

from backend_engineer.session import EFFECTS, FINAL, MOVES, Outcome, State
from backend_engineer.session.engine import _ENTER, _REPLIED
from backend_engineer.session.states import CALLING


def test_every_state_stands_in_both_tables() -> None:
    assert set(MOVES) == set(EFFECTS) == set(State)


def test_every_state_but_the_final_ones_has_something_to_enter() -> None:
    assert set(_ENTER) == set(State) - FINAL


def test_every_state_that_calls_the_model_takes_its_reply() -> None:
    assert set(_REPLIED) == CALLING


def test_every_state_can_be_reached_from_the_first() -> None:
    seen, todo = {State.CONTEXT}, [State.CONTEXT]
    while todo:
        for target in MOVES[todo.pop()].values():
            if target not in seen:
                seen.add(target)
                todo.append(target)
    assert seen == set(State)


def test_an_end_can_be_reached_from_every_state() -> None:
    ending = set(FINAL)
    for _ in State:
        ending |= {state for state in State if ending & set(MOVES[state].values())}
    assert ending == set(State)


@pytest.mark.parametrize("state", sorted(set(State) - FINAL))
def test_every_state_can_end_blocked_and_give_up(state: State) -> None:
    assert MOVES[state][Outcome.BLOCKED] is State.DONE
    assert MOVES[state][Outcome.GAVE_UP] is State.FAILED


@pytest.mark.parametrize("state", sorted(FINAL))
def test_nothing_leads_out_of_a_final_state(state: State) -> None:
    assert dict(MOVES[state]) == {}


def test_every_outcome_leads_somewhere() -> None:
    assert {outcome for moves in MOVES.values() for outcome in moves} == set(Outcome)
