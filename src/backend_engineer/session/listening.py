"""Reading an answer while it streams, with the streaming rules looking at each event.

Owns: which events count in which task, and when a stream is broken off.
Must never know: clients, states, what becomes of the answer.
"""

from __future__ import annotations

from backend_engineer.contract import Ending
from backend_engineer.outputs import Finding
from backend_engineer.parsing import ParserEvent, Reply, ReplyParser, reply_from_events
from backend_engineer.rules import StreamGate
from backend_engineer.session.state import Call, SessionState
from backend_engineer.session.tree import Overlay, tree_of

__all__ = ["FILE_TASKS", "Listener", "listener_for"]

FILE_TASKS = frozenset(("implement", "all", "repair", "continue"))
"""The tasks whose answers hold files."""

_OF_FILES = frozenset(("section", "file-opened", "text", "file-closed", "validation"))


class Listener:
    """The parser and the gate of one answer; made anew from the text so far when a session is loaded."""

    def __init__(self, parser: ReplyParser, gate: StreamGate | None) -> None:
        self._parser, self._gate = parser, gate
        self._events: list[ParserEvent] = []
        # Lists, because adding to a long text once for each chunk would copy it each time.
        self._pieces: list[str] = []
        self._reasoning: list[str] = []
        self.stopped: tuple[Finding, ...] = ()

    def hear(self, text: str) -> list[ParserEvent]:
        """Take the next piece of the answer; after `stopped` is set nothing more is taken."""
        if self.stopped:
            return []
        self._pieces.append(text)
        return self._look(self._parser.feed(text))

    def overhear(self, text: str) -> None:
        """Take a piece of the model's reasoning, of which only the size counts."""
        self._reasoning.append(text)

    def save(self, call: Call) -> None:
        """Put what was received so far into the call."""
        call.text, call.reasoning = "".join(self._pieces), "".join(self._reasoning)

    def close(self, ending: Ending) -> list[ParserEvent]:
        """The answer ended."""
        was_stopped = bool(self.stopped)
        events = self._parser.close(Ending.ABORTED if was_stopped else ending)
        return [] if was_stopped else self._look(events)

    def reply(self, text: str, ending: Ending) -> Reply:
        """All that was read, as a reply."""
        return reply_from_events(self._events, text=text, ending=ending)

    def _look(self, events: list[ParserEvent]) -> list[ParserEvent]:
        shown: list[ParserEvent] = []
        for event in events:
            if self._gate is None and event.kind in _OF_FILES:
                continue
            shown.append(event)
            if event.kind != "text":
                self._events.append(event)
            if self._gate is not None:
                found = tuple(item for item in self._gate.look(event) if item.violates)
                if found:
                    self.stopped = found
                    break
        return shown


def listener_for(state: SessionState, call: Call) -> Listener:
    """A listener that has heard what the call received so far."""
    gate = None
    if call.task in FILE_TASKS:
        gate = StreamGate(
            inputs=state.inputs,
            base=tree_of(state),
            parameters=state.parameters,
            accepted=[file.path for file in state.part.accepted],
        )
    listener = Listener(ReplyParser(seal=call.seal or None, base=Overlay(state)), gate)
    if call.reasoning:
        listener.overhear(call.reasoning)
    if call.text:
        listener.hear(call.text)
    return listener
