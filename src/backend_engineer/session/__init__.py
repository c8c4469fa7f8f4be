"""The session: the protocol's state machine, which asks for everything and does nothing itself.

Owns: the states of a run, its effects, its saved form, and how a reply is continued and repaired.
Must never know: I/O, clocks, how an effect is carried out.
"""

from backend_engineer.session.effects import (
    ApprovePlan,
    AskHuman,
    CallModel,
    Done,
    Effect,
    Failed,
    ReadFiles,
    Verify,
    Wait,
)
from backend_engineer.session.engine import Session
from backend_engineer.session.notices import Notice, WatcherEvent
from backend_engineer.session.state import Limits, SessionState
from backend_engineer.session.states import EFFECTS, FINAL, MOVES, Outcome, State

__all__ = [
    "EFFECTS",
    "FINAL",
    "MOVES",
    "ApprovePlan",
    "AskHuman",
    "CallModel",
    "Done",
    "Effect",
    "Failed",
    "Limits",
    "Notice",
    "Outcome",
    "ReadFiles",
    "Session",
    "SessionState",
    "State",
    "Verify",
    "Wait",
    "WatcherEvent",
]
