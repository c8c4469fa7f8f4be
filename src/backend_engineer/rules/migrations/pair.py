"""One migration of a change as the rules of this family see it: statements, and the schema in the mind around it.

Owns: the record, and how its statements become hits.
Must never know: how it is filled, any particular rule.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from backend_engineer.contract import Severity
from backend_engineer.migrations import Dialect, Migration, MigrationScript, Script, Statement
from backend_engineer.migrations.shadow import Difference, Shadow, Trouble
from backend_engineer.outputs import PairOutcome, PairVerdict
from backend_engineer.rules.migrations.placing import Unit, place_of, units_of
from backend_engineer.rules.rule import Hit

__all__ = ["Pair", "bare_name", "quote"]


@dataclass(slots=True)
class Pair:
    """One migration of the change.

    forward, back: its scripts as statements (lines count within `script.sql`). before, after, restored:
    the schema in the mind at the three moments. lost: what the rollback does not bring back. troubles:
    what cannot work, of either script. made: tables of the change's own, once this migration is
    through; new_before: the same at each forward statement, by its identity. outcome: what running the pair showed,
    None where it was not run. parts: the file that a statement stands in, by its identity, where there are several.
    """

    migration: Migration
    dialect: Dialect | None
    forward: Script
    back: Script | None
    before: Shadow = field(default_factory=Shadow)
    after: Shadow = field(default_factory=Shadow)
    restored: Shadow | None = None
    lost: tuple[Difference, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    back_troubles: tuple[Trouble, ...] = ()
    faults: tuple[tuple[str, int, str], ...] = ()
    made: frozenset[str] = frozenset()
    new_before: dict[int, frozenset[str]] = field(default_factory=dict)
    outcome: PairOutcome | None = None
    parts: dict[int, MigrationScript] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The forward script's file."""
        return self.migration.forward.path

    @property
    def back_path(self) -> str:
        """The rollback's file, or the forward script's where there is none."""
        return self.migration.rollback.path if self.migration.rollback is not None else self.path

    @property
    def settled(self) -> bool:
        """Whether a run has said what becomes of the schema; then nothing is left to guess."""
        return self.outcome is not None and self.outcome.verdict is not PairVerdict.NOT_RUN

    def existed(self, table: str, at: Statement | None = None) -> bool:
        """Whether a table was there before the change, as far as is known, and still bears its name at a statement."""
        new = self.made if at is None else self.new_before.get(id(at), self.made)
        return bool(table) and table not in new

    @property
    def units(self) -> tuple[Unit, ...]:
        """The forward script as it is sent: whole, or part by part."""
        return units_of(self.migration.forward, self.forward, self.parts)

    @property
    def back_units(self) -> tuple[Unit, ...]:
        """The rollback as it is sent; nothing where there is none."""
        if self.migration.rollback is None or self.back is None:
            return ()
        return units_of(self.migration.rollback, self.back, self.parts)

    def hit(self, statement: Statement, evidence: str, severity: Severity | None = None) -> Hit:
        """A hit at a forward statement."""
        path, lines = place_of(statement, self.migration.forward, self.parts)
        return Hit(path, evidence, lines, severity=severity)

    def back_hit(self, statement: Statement, evidence: str, severity: Severity | None = None) -> Hit:
        """A hit at a statement of the rollback."""
        assert self.migration.rollback is not None
        path, lines = place_of(statement, self.migration.rollback, self.parts)
        return Hit(path, evidence, lines, severity=severity)


def quote(statement: Statement) -> str:
    """A statement as evidence: one line, cut."""
    text = " ".join(statement.text.split())
    return text if len(text) <= 160 else text[:157] + "..."


def bare_name(key: str) -> str:
    """The last part of an object's key, for searching it in text."""
    return key.rpartition(".")[2].rpartition(" ")[2].partition("(")[0]
