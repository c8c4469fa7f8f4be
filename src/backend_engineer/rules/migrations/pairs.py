"""The migrations of a change as the rules of this family see them, read once for a call.

Owns: which migrations are judged, their statements, and the schema in the mind before and after each.
Must never know: any particular rule, databases.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from backend_engineer.contract import Severity, Verdict
from backend_engineer.migrations import (
    BOOKKEEPING,
    Dialect,
    Migration,
    MigrationScript,
    MigrationSet,
    Script,
    Statement,
    discover,
)
from backend_engineer.migrations.conventions import dialect_of_path
from backend_engineer.migrations.gathering import migration_files, overlaid
from backend_engineer.migrations.growing import only_added_to, stayed
from backend_engineer.migrations.shadow import Difference, Shadow, Trouble, apply, differences
from backend_engineer.outputs import PairOutcome, PairVerdict, text_hash
from backend_engineer.paths import is_migration_path
from backend_engineer.rules.migrations.actions import actions_of, has_word, made_table
from backend_engineer.rules.migrations.placing import Unit, place_of, read_placed, units_of
from backend_engineer.rules.migrations.runs import why_no_proof
from backend_engineer.rules.migrations.syntax import fault_of
from backend_engineer.rules.reading import document, has_order, sorted_files
from backend_engineer.rules.reading import field as input_field
from backend_engineer.rules.rule import Context, Hit, Silence

__all__ = [
    "Examined",
    "Pair",
    "bare_name",
    "examine",
    "no_pairs",
    "quote",
    "unsettled",
    "weight",
    "with_dialect",
    "words_in",
]


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


@dataclass(slots=True)
class Examined:
    """All migrations of the change, in order, and the whole set that they stand in.

    schemas: what each series builds in the end, in the mind; `opaque` then holds what no step could tell.
    removed: migrations of the base whose forward script the change takes away or renames. bereft: those whose
    rollback it takes away while the forward script stays as it is.
    unproven: why runs of some of the pairs are no proof for this change, where no other run is.
    """

    pairs: tuple[Pair, ...]
    whole: MigrationSet
    fresh: frozenset[str]
    edited: tuple[str, ...]
    why_no_dialect: str = ""
    schemas: tuple[tuple[Dialect | None, Shadow], ...] = ()
    unproven: tuple[str, ...] = ()
    removed: tuple[Migration, ...] = ()
    bereft: tuple[Migration, ...] = ()

    def __iter__(self) -> Iterator[Pair]:
        return iter(self.pairs)


def quote(statement: Statement) -> str:
    """A statement as evidence: one line, cut."""
    text = " ".join(statement.text.split())
    return text if len(text) <= 160 else text[:157] + "..."


def bare_name(key: str) -> str:
    """The last part of an object's key, for searching it in text."""
    return key.rpartition(".")[2].rpartition(" ")[2].partition("(")[0]


def weight(context: Context, severity: Severity, has: Callable[[Migration], bool]) -> Severity:
    """How much it weighs that a script lacks what `has` looks for: a remark where the project never wrote it.

    A reply answers to the contract. A commit of a repository whose earlier migrations all lack the same
    follows that repository's custom: it is told so, and violates nothing.
    """
    if has_order(context) or context.base is None:
        return severity
    earlier: list[Migration] = context.shared("migrations.earlier", lambda: _earlier(examine(context)))
    return Severity.INFO if earlier and not any(has(item) for item in earlier) else severity


def _earlier(examined: Examined) -> list[Migration]:
    return [item for item in examined.whole if item.forward.path not in examined.fresh]


def no_pairs(context: Context, taken_away: Sequence[Migration] | None = None) -> Silence | None:
    """The answer of every rule of this family where the change holds no migration.

    taken_away: for rules that look at deletions, what they found of them.
    """
    if examine(context).pairs or taken_away:
        return None
    paths = [file.path for file in sorted_files(context).deleted]
    if taken_away is not None and context.base is None and any(is_migration_path(path) for path in paths):
        return Silence(Verdict.NOT_CHECKED, "no base was given, so it cannot be told what was taken away.")
    return Silence(Verdict.NOT_APPLICABLE, "the change holds no migration in SQL.")


def with_dialect(context: Context, *dialects: str) -> Iterable[Pair | Silence]:
    """The pairs whose dialect is known and among these; a silence in place of those that are not known."""
    examined = examine(context)
    if not examined.pairs:
        yield Silence(Verdict.NOT_APPLICABLE, "the change holds no migration in SQL.")
    elif examined.why_no_dialect:
        yield Silence(Verdict.NOT_CHECKED, examined.why_no_dialect)
    elif not any(pair.dialect in dialects for pair in examined.pairs):
        yield Silence(Verdict.NOT_APPLICABLE, f"no migration is written for {' or '.join(dialects)}.")
    else:
        yield from (pair for pair in examined.pairs if pair.dialect in dialects)


def examine(context: Context) -> Examined:
    """The migrations of the change, read once for a call."""
    made: Examined = context.shared("migrations.examined", lambda: _examine(context))
    return made


def _examine(context: Context) -> Examined:
    below = migration_files(context.base) if context.base is not None else {}
    files = overlaid(below, context.change)
    spec = document(context, "tech_spec")
    database, conventions = input_field(spec, "database"), input_field(spec, "migrations")
    stated: str | None = getattr(database, "dialect", None)
    folder: str | None = getattr(conventions, "folder", None)
    if folder is not None and not any(path.startswith(folder.strip("/") + "/") for path in files):
        folder = None
    wrapped: bool | None = getattr(conventions, "transactional", None)
    whole = discover(files, folder=folder, dialect=stated, transactional=wrapped)
    changed = {
        file.path
        for file in context.change
        if file.action != "delete" and below.get(file.path) != files.get(file.path)
    }
    fresh = frozenset(item.forward.path for item in whole if changed.intersection(item.paths))
    # A file of many migrations grows: what the base holds of it is not the change's.
    old = stayed(whole, {path: below[path] for path in fresh if path in below}, stated, wrapped)
    edited = tuple(
        path
        for item in whole
        for path in item.paths
        if path in changed and path in below and item.forward.path in below
        if not only_added_to(path, whole, below, stated, wrapped)
    )
    reason = _why_no_dialect(stated, [item for item in whole if item.forward.path in fresh])
    pairs: list[Pair] = []
    schemas: list[tuple[Dialect | None, Shadow]] = []
    folders = {path.rpartition("/")[0] for path, _ in whole.foreign}
    for series, found in whole.chains.items():
        chain = [item for item in found if item.forward.runnable]
        alone = series not in folders and len(chain) == len(found)
        complete = context.base is not None and alone
        for pair in _examine_chain(chain, fresh, old, stated, schemas, complete=complete):
            if not alone:
                _doubt(pair)
            pairs.append(pair)
    unproven = _add_outcomes(
        pairs, context, stated, [item for item in whole if item.forward.path not in fresh]
    )
    gone = set(below) - set(files)
    before = discover(below, folder=folder, dialect=stated, transactional=wrapped) if gone else ()
    removed, bereft = _taken_away(before, whole, gone, fresh)
    return Examined(tuple(pairs), whole, fresh, edited, reason, tuple(schemas), unproven, removed, bereft)


def _taken_away(
    before: Iterable[Migration], whole: MigrationSet, gone: set[str], fresh: frozenset[str]
) -> tuple[tuple[Migration, ...], tuple[Migration, ...]]:
    """What the base had and the change takes away: whole migrations, and rollbacks of those that stay.

    A script that only moved to another folder is the same migration to its runner, which knows it by its name.
    """
    now = {item.forward.path: item for item in whole}
    moved = {(item.key, item.forward.sql) for item in whole if item.forward.path in fresh}
    removed: list[Migration] = []
    bereft: list[Migration] = []
    for item in before:
        path = item.forward.path
        if path in gone:
            if (item.key, item.forward.sql) not in moved:
                removed.append(item)
        elif item.rollback is not None and item.rollback.path in gone and path not in fresh:
            left = now.get(path)
            if left is not None and left.rollback is None and not (left.irreversible or left.idempotent):
                bereft.append(item)
    return tuple(removed), tuple(bereft)


def _why_no_dialect(stated: str | None, items: list[Migration]) -> str:
    if stated == "mysql":
        return "migrations for MySQL are not read; only PostgreSQL and SQLite are."
    if stated is None and any(
        dialect_of_path(item.forward.path) not in ("postgresql", "sqlite") for item in items
    ):
        return "TechSpec states no database, and the dialect is not guessed: state it, and run `verify_migrations`."
    return ""


def _dialect(stated: str | None, path: str) -> Dialect | None:
    name = stated or dialect_of_path(path)
    if name == "postgresql":
        return "postgresql"
    return "sqlite" if name == "sqlite" else None


def _examine_chain(
    chain: list[Migration],
    fresh: frozenset[str],
    old: frozenset[str],
    stated: str | None,
    schemas: list[tuple[Dialect | None, Shadow]],
    *,
    complete: bool,
) -> Iterator[Pair]:
    shadow = Shadow(complete=complete)
    made: set[str] = set()
    opaque: list[str] = []
    dialect: Dialect | None = None
    for item in chain:
        dialect = _dialect(stated, item.forward.path)
        reading: Dialect = dialect or "postgresql"
        script, parts = read_placed(item.forward, reading)
        after = shadow.copy()
        if dialect is not None:
            _apply(after, script, parts, dialect)
        if item.forward.path in fresh and item.place not in old:
            pair = Pair(item, dialect, script, None, shadow, after, parts=parts)
            if item.rollback is not None:
                pair.back, more = read_placed(item.rollback, reading)
                pair.parts = {**parts, **more}
            made = _follow_names(pair, made)
            pair.made = frozenset(made)
            if dialect is not None:
                pair.faults = tuple(_faults(pair, dialect))
                _undo(pair, dialect, opaque)
            if any(trouble.kind == "missing" for trouble in pair.troubles):
                # The schema did not begin with these migrations, or this one is wrong: once is enough to say so.
                after.complete = False
            yield pair
        elif dialect is not None and after.troubles:
            # What the base itself does is not judged; a shadow that went wrong there is not complete.
            after.complete = False
            opaque += [f"{trouble.key} {trouble.detail}".lower() for trouble in after.troubles]
        opaque += after.opaque
        after.troubles, after.opaque = (), ()
        shadow = after
    # What went wrong is named among what cannot be told; everything else is known all the same.
    schemas.append((dialect, Shadow(complete, shadow.objects, tuple(opaque))))


def _apply(shadow: Shadow, script: Script, parts: Mapping[int, MigrationScript], dialect: Dialect) -> None:
    for statement in script.statements:
        known = len(shadow.troubles)
        apply(shadow, statement, dialect)
        part = parts.get(id(statement))
        if part is not None:
            shadow.troubles = shadow.troubles[:known] + tuple(
                item._replace(path=part.path) for item in shadow.troubles[known:]
            )


def _follow_names(pair: Pair, made: set[str]) -> set[str]:
    """Note at each forward statement which tables are the change's own, and return those at the end.

    A table that takes the place of one set aside is new, and one that is only renamed is not.
    """
    new = frozenset(made)
    renamed: set[str] = set()
    gone: set[str] = set()
    for statement in pair.forward.statements:
        pair.new_before[id(statement)] = new
        created = made_table(statement)
        stood = created not in gone and f"table {created}" in pair.before.objects
        if created and not (stood and has_word(statement, "not", "exists")):
            new |= {created}
        for action in actions_of(statement):
            if action.verb == "drop table":
                gone.add(action.table)
            if action.verb == "rename table":
                renamed.add(action.name)
                gone.add(action.table)
                new = (new - {action.table}) | ({action.name} if action.table in new else set())
    shown = {
        key.partition(" ")[2]
        for key in pair.after.objects.touched
        if key.startswith(("table ", "view "))
        and key in pair.after.objects
        and key not in pair.before.objects
    }
    return set(new | (shown - renamed))


_FOR_PSQL = re.compile(r"^\\.*$", re.MULTILINE)


def _faults(pair: Pair, dialect: Dialect) -> Iterator[tuple[str, int, str]]:
    item = pair.migration
    for script, read in ((item.forward, pair.forward), (item.rollback, pair.back)):
        for part in (script.parts or (script,)) if script is not None else ():
            if item.tool == "sqitch" and "\n\\" in f"\n{part.sql}":
                # Psql runs it, and takes these lines for itself.
                part, read = replace(part, sql=_FOR_PSQL.sub("", part.sql)), None
            fault = fault_of(part, dialect, None if script is not None and script.parts else read)
            if fault is not None:
                yield part.path, fault.line + part.line - 1, fault.words


def _undo(pair: Pair, dialect: Dialect, earlier: Sequence[str]) -> None:
    """Tell what the rollback does; `earlier` is what no step before this one could tell."""
    opaque = " ".join(pair.after.opaque)
    pair.troubles = tuple(_certain(pair.after.troubles, pair.before, (*earlier, opaque)))
    if pair.back is None:
        return
    if pair.faults:
        # What does not parse does nothing; that it does not parse is said once.
        pair.troubles = ()
        return
    restored = pair.after.copy()
    _apply(restored, pair.back, pair.parts, dialect)
    opaque = " ".join((opaque, *restored.opaque))
    pair.restored = restored
    pair.lost = tuple(
        item
        for item in differences(pair.before, restored, pair.after.objects.touched | restored.objects.touched)
        if bare_name(item.key) not in opaque
        # A block may make a sequence without naming it.
        and not (item.key.startswith("sequence ") and "serial" in opaque)
        # What the forward script dropped though nobody made it stood there before, and is back.
        and not (item.kind == "left" and item.key in pair.after.unseen)
    )
    pair.back_troubles = tuple(_certain(restored.troubles, pair.after, (*earlier, opaque)))


def _doubt(pair: Pair) -> None:
    """Take back what only holds where no program stands among the scripts: it may make and drop anything."""
    if any(item.kind != "syntax" for item in pair.back_troubles):
        pair.lost = ()
    pair.troubles = tuple(item for item in pair.troubles if item.kind == "syntax")
    pair.back_troubles = tuple(item for item in pair.back_troubles if item.kind == "syntax")


_PARTITION = re.compile(r"(?:_p?\d+|_default)+$")


def _certain(troubles: Iterable[Trouble], start: Shadow, opaque: Sequence[str]) -> Iterator[Trouble]:
    told = " ".join(opaque) if troubles else ""
    for item in troubles:
        # A function makes the partitions of a table by its name, and drops a table with what stands on it.
        names = {_PARTITION.sub("", bare_name(item.key))}
        if item.kind == "dependents":
            names |= set(item.detail.partition(" ")[2].split("."))
        if names & BOOKKEEPING or any(name and name in told for name in names):
            continue
        # Without the whole history an object that nobody made may still be there.
        if item.kind == "missing" and not start.complete and not _spoken_of(item.key, start):
            continue
        yield item


def _spoken_of(key: str, start: Shadow) -> bool:
    table = key.partition(" ")[2].rpartition(".")[0]
    return bool(table) and start.objects.get(f"table {table}", (None,))[0] is not None


def _add_outcomes(
    pairs: list[Pair], context: Context, stated: str | None, below: list[Migration]
) -> tuple[str, ...]:
    """Tell each pair what its run showed, and answer why runs of the others are no proof."""
    doubts: dict[int, str] = {}
    for report in context.migration_reports:
        by_path = {item.forward: item for item in report.pairs}
        # One file may hold many migrations, each with an outcome of its own.
        by_key = {(item.forward, item.migration): item for item in report.pairs}
        several = Counter(item.forward for item in report.pairs)
        for pair in pairs:
            outcome = by_path.get(pair.path)
            if several[pair.path] > 1:
                outcome = by_key.get((pair.path, pair.migration.key))
            if outcome is None or (pair.settled and report.dialect != pair.dialect):
                # One script may run on several databases: the one that it is read for has the last word.
                continue
            texts = {path: context.text_of(path) for path in pair.migration.paths}
            if any(
                report.files.get(path) != text_hash(text) for path, text in texts.items() if text is not None
            ):
                continue
            series = [item for item in below if item.series == pair.migration.series]
            why = why_no_proof(report, pair.path, stated, series, context.text_of)
            if why:
                doubts.setdefault(id(pair), why)
            else:
                pair.outcome = outcome
    return tuple(
        dict.fromkeys(doubts[id(pair)] for pair in pairs if id(pair) in doubts and pair.outcome is None)
    )


def unsettled(context: Context) -> Iterator[Pair | Silence]:
    """The pairs of which no run has told what becomes of the schema; for the others, that one has."""
    for item in with_dialect(context, "postgresql", "sqlite"):
        if isinstance(item, Pair) and item.settled:
            yield Silence(Verdict.HELD, f"running `{item.migration.key}` has settled it.")
        else:
            yield item


_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def words_in(text: str) -> frozenset[str]:
    """The identifiers in a text, in lower case."""
    return frozenset(word.lower() for word in _WORD.findall(text))
