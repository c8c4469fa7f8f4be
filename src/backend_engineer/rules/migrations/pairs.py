"""The migrations of a change as the rules of this family see them, read once for a call.

Owns: which migrations are judged, what runs have shown of them, and the answers that all rules share.
Must never know: any particular rule, databases, how a script changes a schema.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from backend_engineer.contract import Severity, Verdict
from backend_engineer.migrations import Dialect, Migration, MigrationSet, discover
from backend_engineer.migrations.conventions import dialect_of_path
from backend_engineer.migrations.gathering import migration_files, overlaid
from backend_engineer.migrations.growing import only_added_to, stayed
from backend_engineer.migrations.shadow import Shadow
from backend_engineer.migrations.shadow.statements import calls_something
from backend_engineer.outputs import text_hash
from backend_engineer.paths import is_migration_path
from backend_engineer.rules.migrations.chains import doubt, examine_chain
from backend_engineer.rules.migrations.pair import Pair, bare_name, quote
from backend_engineer.rules.migrations.runs import why_no_proof
from backend_engineer.rules.reading import document, has_order, sorted_files
from backend_engineer.rules.reading import field as input_field
from backend_engineer.rules.rule import Context, Silence

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
        for pair in examine_chain(chain, fresh, old, stated, schemas, complete=complete):
            if not alone:
                doubt(pair)
            if not _only_reads(pair):
                pairs.append(pair)
    unproven = _add_outcomes(
        pairs, context, stated, [item for item in whole if item.forward.path not in fresh]
    )
    gone = set(below) - set(files)
    before = discover(below, folder=folder, dialect=stated, transactional=wrapped) if gone else ()
    removed, bereft = _taken_away(before, whole, gone, fresh)
    return Examined(tuple(pairs), whole, fresh, edited, reason, tuple(schemas), unproven, removed, bereft)


def _only_reads(pair: Pair) -> bool:
    """Whether a script looks at the database and leaves it as it is: a check before others has nothing to take back."""
    statements = pair.forward.statements
    return bool(statements) and all(
        item.head == "select"
        and not calls_something(item.tokens)
        and not any(token[2] == "into" for token in item.tokens)
        for item in statements
    )


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
