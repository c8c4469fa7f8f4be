"""A migration as found: its scripts, its version, its sections, and the set in the order of its runner.

Owns: `MigrationScript`, `Operations`, `Migration`, `MigrationSet`, `Problem`.
Must never know: how a tool names its files, files on disk, databases.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

__all__ = ["Migration", "MigrationScript", "MigrationSet", "Operations", "Problem"]


@dataclass(frozen=True, slots=True)
class MigrationScript:
    """One script as its runner would send it.

    path: the file. sql: its text; for a file with several parts, the part. line: 1-based line of the
    file on which `sql` begins. transactional: True where the runner wraps it in a transaction, False
    where a marker switches that off, None where the tool sends it as it is. parts: the scripts it
    is made of where one logical migration is several files, empty otherwise. runnable: False for a
    script in another language than SQL. placeholder: the first place that its tool fills in before a server
    sees it, as it is written; empty where the tool sends the text itself.
    """

    path: str
    sql: str
    line: int = 1
    transactional: bool | None = None
    parts: tuple[MigrationScript, ...] = ()
    runnable: bool = True
    placeholder: str = ""


@dataclass(frozen=True, slots=True)
class Operations:
    """The OPERATIONS section: labelled notes, label in lower case -> text; `line` is 1-based in the file."""

    notes: tuple[tuple[str, str], ...]
    line: int

    def get(self, label: str) -> str | None:
        """The note with this label, or None."""
        return next((text for name, text in self.notes if name == label), None)


@dataclass(frozen=True, slots=True)
class Migration:
    """A forward script with what belongs to it.

    key: the file or folder name without `.up.sql`. version: as the file name writes it; order: the
    same parsed, for sorting. name: the descriptive part. series: the folder whose migrations run in
    one order. rollback: None where no file or section gives one. verify: SQL of the VERIFY section
    or script, None without one; verify_path and verify_line say where. irreversible: the text of an
    `IRREVERSIBLE:` note in either script, or None. tool: whose convention was recognised. idempotent:
    run again whenever it changes (Flyway's `R__`, Liquibase's `runOnChange`).
    """

    key: str
    version: str
    order: tuple[tuple[int, int, str], ...]
    name: str
    series: str
    tool: str
    forward: MigrationScript
    rollback: MigrationScript | None = None
    verify: str | None = None
    verify_path: str | None = None
    verify_line: int = 0
    operations: Operations | None = None
    irreversible: str | None = None
    idempotent: bool = False

    @property
    def transactional(self) -> bool | None:
        """The forward script's transaction switch."""
        return self.forward.transactional

    @property
    def place(self) -> str:
        """File and line of the forward script: one file may hold many migrations."""
        return f"{self.forward.path}:{self.forward.line}"

    @property
    def paths(self) -> tuple[str, ...]:
        """Every file it is made of, forward first, each once."""
        scripts = [self.forward, *([self.rollback] if self.rollback else [])]
        paths = [part.path for script in scripts for part in (script.parts or (script,))]
        if self.verify_path is not None:
            paths.append(self.verify_path)
        return tuple(dict.fromkeys(paths))


@dataclass(frozen=True, slots=True)
class Problem:
    """What discovery could not settle.

    code: `unpaired` a rollback without its forward script, `duplicate` a version that is taken, `unread` a
    script that no layout takes, `marker` what the file's own tool would stumble over, `cut` a statement that it
    cuts in the middle. message: what, and why.
    """

    code: str
    path: str
    message: str


@dataclass(frozen=True, slots=True)
class MigrationSet:
    """Migrations in the order in which their runner takes them, series by series.

    problems: what does not fit. foreign: (path, tool) of migrations that are programs and need their
    own tool to run.
    """

    migrations: tuple[Migration, ...] = ()
    problems: tuple[Problem, ...] = ()
    foreign: tuple[tuple[str, str], ...] = ()

    def __iter__(self) -> Iterator[Migration]:
        return iter(self.migrations)

    def __len__(self) -> int:
        return len(self.migrations)

    def get(self, key: str) -> Migration | None:
        """The first migration with this key, or None."""
        return next((item for item in self.migrations if item.key == key), None)

    @property
    def series(self) -> tuple[str, ...]:
        """The folders, each once, in order."""
        return tuple(dict.fromkeys(item.series for item in self.migrations))

    def of_series(self, series: str) -> tuple[Migration, ...]:
        """The migrations of one folder, in order."""
        return tuple(item for item in self.migrations if item.series == series)

    @property
    def chains(self) -> dict[str, tuple[Migration, ...]]:
        """Each folder with its migrations, in order, in one pass over the set."""
        found: dict[str, list[Migration]] = {}
        for item in self.migrations:
            found.setdefault(item.series, []).append(item)
        return {series: tuple(items) for series, items in found.items()}

    def with_migrations(self, migrations: tuple[Migration, ...]) -> MigrationSet:
        """The same set with other migrations."""
        return replace(self, migrations=migrations)
