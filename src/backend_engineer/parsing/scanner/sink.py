"""Where the scanner's parts put their events.

Owns: the list of events of the step under way, and the limit on diagnostics.
Must never know: what an event means.
"""

from __future__ import annotations

from backend_engineer.parsing.events import DiagnosticRaised, ParserEvent

__all__ = ["Sink"]


class Sink:
    """Gathers events; `take` hands them over."""

    __slots__ = ("_limit", "_said", "events")

    def __init__(self, limit: int) -> None:
        self.events: list[ParserEvent] = []
        self._limit = limit
        self._said = 0

    def say(self, code: str, message: str, line: int, path: str | None = None) -> None:
        """Raise a diagnostic, unless the limit was reached, which is said once."""
        self._said += 1
        if self._said <= self._limit:
            self.events.append(DiagnosticRaised(code, message, line, path))
        elif self._said == self._limit + 1:
            self.events.append(DiagnosticRaised("too-many-diagnostics", "More were left out.", line, None))

    def take(self) -> list[ParserEvent]:
        """The events since the last time."""
        events, self.events = self.events, []
        return events
