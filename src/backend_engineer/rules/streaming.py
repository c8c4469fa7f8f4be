"""Rules that need no more than what has streamed in so far: they end a call before it wastes more.

Owns: `StreamGate`, which looks at each event of the parser and reports what no later text can mend.
Must never know: models, sessions, how a call is ended, verdicts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from backend_engineer.contract import FILE_CAP, Parameters
from backend_engineer.inputs import StageInputs
from backend_engineer.outputs import Change, FileChange, Finding
from backend_engineer.parsing import ParserEvent
from backend_engineer.paths import path_problem
from backend_engineer.redaction import Secret, find_secrets, fingerprint
from backend_engineer.rules.change.cap001_file_cap import RULE as CAP001
from backend_engineer.rules.change.ord002_migrations_first import RULE as ORD002
from backend_engineer.rules.change.pth001_refused_path import REFUSED_PATH
from backend_engineer.rules.change.pth001_refused_path import RULE as PTH001
from backend_engineer.rules.found import finding_of
from backend_engineer.rules.privacy.sec401_secret import RULE as SEC401
from backend_engineer.rules.reading import CODE_SECTIONS, section_of, sorted_files
from backend_engineer.rules.rule import Context, Hit, Tree

__all__ = ["StreamGate"]


class StreamGate:
    """Watches one reply as it comes and reports at once what ends the call.

    inputs, base: as in `check`. parameters: the run's settings. accepted: paths of files that earlier
    answers of the run brought and that count on (CONS-02); with their section's order they are settled.

    Four things end a call: the sixteenth file (`CAP001`), a migration after code (`ORD002`), a refused
    path (`PTH001`), a credential (`SEC401`). Only shapes that nothing but a credential has are looked
    for here; what merely looks like one is left to `check`.
    """

    def __init__(
        self,
        inputs: StageInputs | Any | None = None,
        base: Tree | None = None,
        parameters: Parameters | None = None,
        accepted: Iterable[str] = (),
    ) -> None:
        self._context = Context(Change(), inputs=inputs, base=base, parameters=parameters or Parameters())
        self._paths: dict[str, None] = dict.fromkeys(accepted)
        self._code: str | None = None
        self._open = ""
        self._first_line = 0
        self._seen: set[str] = set()
        self._looks: Mapping[str, Callable[[Any], Iterable[Finding]]] = {
            "file-opened": self._opened,
            "text": self._text,
            "file-closed": self._closed,
            "diagnostic": self._diagnostic,
        }

    def look(self, event: ParserEvent) -> tuple[Finding, ...]:
        """What the event shows to be wrong beyond mending, each finding with its fingerprint; mostly nothing."""
        look = self._looks.get(event.kind)
        return tuple(finding.with_fingerprint() for finding in look(event)) if look is not None else ()

    def _opened(self, event: Any) -> Iterable[Finding]:
        path = event.path
        self._open, self._first_line = path, event.line
        self._seen.clear()
        problem = path_problem(path)
        if problem is not None:
            yield finding_of(PTH001, Hit(path, f"`{path}` is refused: {problem}."))
        is_new = path not in self._paths
        self._paths[path] = None
        if is_new and len(self._paths) > FILE_CAP:
            yield finding_of(CAP001, Hit(path, f"`{path}` is file number {len(self._paths)} of the change."))
        yield from self._order(path, event)

    def _order(self, path: str, event: Any) -> Iterable[Finding]:
        file = FileChange(path, "", section=event.section, action=event.action or "add")
        context = Context(Change((file,)), inputs=self._context.inputs)
        files = sorted_files(context)
        if self._code is not None and (files.migrations or files.rollbacks):
            yield finding_of(
                ORD002, Hit(path, f"The migration `{path}` stands after the code `{self._code}`.")
            )
        elif self._code is None and files.code and section_of(file, context) in CODE_SECTIONS:
            self._code = path

    def _text(self, event: Any) -> Iterable[Finding]:
        for secret in find_secrets(event.text, assignments=False):
            line = event.line - self._first_line + 1
            yield from self._once(event.text, secret, line)

    def _closed(self, event: Any) -> Iterable[Finding]:
        # A key spans lines, and a client may hand over events without their text.
        text = event.file.content or ""
        self._open = event.file.path
        for secret in find_secrets(text, assignments=False):
            yield from self._once(text, secret, secret.line)

    def _once(self, text: str, secret: Secret, line: int) -> Iterable[Finding]:
        shown = fingerprint(text[secret.start : secret.end])
        if shown not in self._seen:
            self._seen.add(shown)
            yield finding_of(SEC401, Hit(self._open, f"{secret.kind}: {shown}", (line, line)))

    def _diagnostic(self, event: Any) -> Iterable[Finding]:
        if event.code == REFUSED_PATH:
            yield finding_of(PTH001, Hit(event.path or "", event.message))
