"""What a session works with and does not save: rules, the seal's key, the counter, and the notices of one step.

Owns: `Kit`.
Must never know: states, effects.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from backend_engineer.outputs import Finding
from backend_engineer.rules import Configuration, Rule
from backend_engineer.session.listening import Listener
from backend_engineer.session.notices import Notice, NoticeKind, WatcherEvent
from backend_engineer.tokens import DEFAULT_COUNTER, TokenCounter

__all__ = ["Kit"]


@dataclass(slots=True)
class Kit:
    """The tools of a session.

    rules: own rules in place of the built-in ones. configuration: severities, suppressions and waivers. seal_key:
    makes seals unguessable. counter: counts a prompt's tokens. listener: reads the answer that is streaming.
    told: what the watcher is told after this step. error: the exception that ended the run, in this process only.
    """

    rules: tuple[Rule | str, ...] | None = None
    configuration: Configuration = field(default_factory=Configuration)
    seal_key: bytes | None = None
    counter: TokenCounter = DEFAULT_COUNTER
    listener: Listener | None = None
    told: list[WatcherEvent] = field(default_factory=list)
    error: Exception | None = None

    def tell(
        self,
        kind: NoticeKind,
        text: str,
        *,
        state: str = "",
        path: str = "",
        findings: Iterable[Finding] = (),
    ) -> None:
        """Put a notice down for the watcher."""
        self.told.append(Notice(kind, text, state, path, tuple(findings)))
