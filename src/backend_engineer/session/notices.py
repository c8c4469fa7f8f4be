"""What a session tells its watcher besides the parser's own events.

Owns: the notices and their kinds.
Must never know: who watches, how a notice is shown.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from backend_engineer.outputs import Finding
from backend_engineer.parsing import ParserEvent

__all__ = ["Notice", "NoticeKind", "WatcherEvent"]

NoticeKind = Literal[
    "state", "call", "stopped", "retry", "set-aside", "continue", "repair", "report", "ended"
]


class Notice(NamedTuple):
    """Something that happened in the run, in one sentence.

    kind: `state` (entered, named in `state`), `call` (a model call begins), `stopped` (a streaming rule ended
    it), `retry` (a failed call will be tried again), `set-aside` (a file was not taken), `continue` (a cut answer
    goes on), `repair` (files are asked for again), `report` (a check was made), `ended`.
    path: the file it is about, where there is one. findings: those it rests on.
    """

    kind: NoticeKind
    text: str
    state: str = ""
    path: str = ""
    findings: tuple[Finding, ...] = ()


WatcherEvent: TypeAlias = ParserEvent | Notice
"""What `Session.stream` and `Session.feed` return and what `watch` is called with."""
