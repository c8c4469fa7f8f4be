"""What a rule is: the specification of the extension point, apart from every rule and from the engine.

Owns: `Rule`, what it is given (`Context`, `Tree`), what it may answer (`Hit`, `Silence`), and its examples.
Must never know: any particular rule, how verdicts are made, configuration, exporters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from backend_engineer.contract import CLAUSES, Category, FindingType, Parameters, Severity, Verdict
from backend_engineer.errors import RuleError
from backend_engineer.inputs import StageInputs
from backend_engineer.outputs import Change, CommandReport, FileChange, MigrationReport
from backend_engineer.parsing import Reply
from backend_engineer.rules.run_facts import RunFacts

__all__ = [
    "ANY",
    "Context",
    "Example",
    "Hit",
    "Need",
    "Outcome",
    "Place",
    "Rule",
    "Silence",
    "Suppression",
    "Tree",
    "lines_of",
]


ANY = "*"
"""In a suppression: every code."""


class Need(StrEnum):
    """What a rule cannot do without; when it is absent the rule's clauses are `not checked`."""

    REPLY = "reply"
    INPUTS = "inputs"
    BASE = "base"
    MIGRATION_REPORT = "migration report"
    COMMAND_REPORT = "command report"
    RUN = "run"
    OUTCOME = "what the other rules found"
    EXTRA_CODE = "extra code"
    EXTRA_GRAPHQL = "extra graphql"
    EXTRA_YAML = "extra yaml"
    EXTRA_PG = "extra pg"


class Tree(Protocol):
    """What a rule may ask of the base; `workspace.SourceTree` is one."""

    @property
    def paths(self) -> tuple[str, ...]:
        """All paths, sorted."""
        ...

    def get(self, path: str, /) -> str | None:
        """The text of a file, None when it is absent or binary."""
        ...

    def __contains__(self, path: object, /) -> bool: ...


class Place(NamedTuple):
    """Where a rule was hit: its code, the path, and the 1-based inclusive lines, None for no line."""

    code: str
    path: str
    lines: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the other rules of a call did, for rules that judge what was decided about findings.

    looked: the codes of rules that could look at all they look for, so that what they did not find is not there.
    places: every hit, those on lines that the change left alone and those that were set aside too.
    """

    looked: frozenset[str]
    places: frozenset[Place]


@dataclass(frozen=True, slots=True)
class Context:
    """What a rule may look at; every field but the change may be absent.

    change: the files that are judged. reply: the whole reply, when one was given. inputs: typed
    documents, whole or partial (`StageInputs`, or a partial bundle with the same attributes where
    an absent document is None). base: the tree that the change starts from. verified: reports of
    really run migrations and commands. run: what happened in the run, when a session asks.
    today: the caller's date, None when expiry dates are not to be looked at. suppressions: those of
    the configuration. codes: those of every rule that the call knows, run or not. outcome: what the other rules
    did, for rules that need it; they are asked last. cache: a place for a costly value that several rules share, keyed by the
    maker's name; it lives for one `check` call.
    """

    change: Change
    reply: Reply | None = None
    inputs: StageInputs | Any | None = None
    base: Tree | None = None
    verified: tuple[MigrationReport | CommandReport, ...] = ()
    parameters: Parameters = field(default_factory=Parameters)
    run: RunFacts | None = None
    today: date | None = None
    suppressions: tuple[Suppression, ...] = ()
    codes: frozenset[str] = frozenset()
    outcome: Outcome | None = None
    cache: dict[str, Any] = field(default_factory=dict)

    @property
    def migration_report(self) -> MigrationReport | None:
        """The report of run migrations, if one was given."""
        return next((item for item in self.verified if isinstance(item, MigrationReport)), None)

    @property
    def migration_reports(self) -> tuple[MigrationReport, ...]:
        """All reports of run migrations: one for each database, say."""
        return tuple(item for item in self.verified if isinstance(item, MigrationReport))

    @property
    def command_reports(self) -> tuple[CommandReport, ...]:
        """All reports of run commands."""
        return tuple(item for item in self.verified if isinstance(item, CommandReport))

    @property
    def command_report(self) -> CommandReport | None:
        """The report of run commands, if one was given."""
        return next((item for item in self.verified if isinstance(item, CommandReport)), None)

    def shared(self, key: str, make: Callable[[], Any]) -> Any:
        """The value kept under `key`, made once for this call."""
        if key not in self.cache:
            self.cache[key] = make()
        return self.cache[key]

    def text_of(self, path: str) -> str | None:
        """The text a path has after the change: from the change, else from the base, else None."""
        file = self.change.get(path)
        if file is not None and (file.content is not None or file.action == "delete"):
            return file.content
        return self.base.get(path) if self.base is not None else None


@dataclass(frozen=True, slots=True)
class Suppression:
    """A finding that someone decided to live with: which, where, why, and until when.

    code: the rule's code, or `ANY`. path: a glob over paths (`*` stays within a folder, `**` crosses folders).
    reason: why. until: the last day it holds, None for no end. lines: the lines it covers, None for the
    whole file. source: where it stands, for the report.
    """

    code: str
    path: str
    reason: str
    until: date | None = None
    lines: tuple[int, int] | None = None
    source: str = "configuration"


@dataclass(frozen=True, slots=True)
class Hit:
    """A place where the rule is broken.

    evidence: what was seen, secrets redacted. severity, recommendation and title override the rule's.
    lines: 1-based inclusive, None for the whole file.
    """

    path: str
    evidence: str
    lines: tuple[int, int] | None = None
    recommendation: str | None = None
    title: str | None = None
    severity: Severity | None = None
    clauses: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """A rule's answer other than a hit, with its reason; `clauses` narrows it to some of the rule's.

    `NOT_APPLICABLE`: the change holds nothing that the rule speaks of. `NOT_CHECKED`: something was
    absent. `NEEDS_REVIEW`: it cannot tell. `HELD`: shown, for a heuristic that found the proof.
    `ATTESTED`: the reply's claim was found to stand where it says.
    """

    verdict: Verdict
    reason: str
    clauses: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A change that is valid or invalid under a rule: path -> text, and what else the rule needs.

    inputs: a partial bundle as JSON data (`{"tech_spec": {...}}`); a field that a document of the example
    leaves out counts as not applicable. base: path -> text. reply: the text of a whole reply, in place of
    `files`. verified: reports. run: facts of a run. origin: of the change. note: what the example shows.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, Any] | None = None
    base: Mapping[str, str] | None = None
    reply: str | None = None
    verified: tuple[MigrationReport | CommandReport, ...] = ()
    run: RunFacts | None = None
    origin: str = "caller"
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: code that checks clauses.

    code: stable, upper case with digits (`CAP001`). title: what is wrong when it fires, a short phrase.
    clauses: ids it serves. severity, category, type: of its findings. reason: one sentence, why it
    exists. recommendation: one sentence, what to do. check: pure; yields hits and silences. exact:
    True when finding nothing proves that the clause is kept; a heuristic that finds nothing says
    `needs review` with `question` (what to ask), `look` (where) and `settles` (what would settle it).
    also: ids that its hits may name although finding nothing shows nothing about them; they are run with it
    when one of them is selected. needs: what it cannot do without. line_rule: True when a hit on lines that the change left alone does
    not count. valid, invalid: examples, which are its tests and documentation.

    A hit may name other clauses than the rule's own; a rule without clauses gives no verdict but by its hits
    and by the silences that name one.
    """

    code: str
    title: str
    clauses: tuple[str, ...]
    severity: Severity
    category: Category
    reason: str
    recommendation: str
    check: Callable[[Context], Iterable[Hit | Silence]]
    exact: bool = True
    type: FindingType = FindingType.EVIDENCE
    also: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()
    question: str = ""
    look: str = ""
    settles: str = ""
    line_rule: bool = False
    valid: tuple[Example, ...] = ()
    invalid: tuple[Example, ...] = ()

    def __post_init__(self) -> None:
        unknown = [clause for clause in (*self.clauses, *self.also) if clause not in CLAUSES]
        if unknown:
            raise RuleError(self.code, f"there is no clause {unknown[0]!r}.")
        if not self.code or not self.code.isascii() or not self.code.replace("-", "").isalnum():
            raise RuleError(self.code, "a code is made of ASCII letters, digits and hyphens.")
        if not self.title or not self.recommendation:
            raise RuleError(self.code, "a rule needs a title and a recommendation.")
        words = ((self.severity, Severity), (self.category, Category), (self.type, FindingType))
        for word, kind in words:
            if word not in tuple(kind):
                raise RuleError(self.code, f"{word!r} is no {kind.__name__}.")
        if not callable(self.check):
            raise RuleError(self.code, "`check` is not a function.")
        if not self.exact and not (self.question and self.look and self.settles):
            raise RuleError(self.code, "a heuristic needs `question`, `look` and `settles`.")


def lines_of(file: FileChange, first: int, last: int | None = None) -> tuple[int, int]:
    """A line range of a file, as `Hit.lines` wants it."""
    return (first, last if last is not None else first)
