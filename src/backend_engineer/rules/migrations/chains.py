"""A series of migrations gone through in the mind, step by step: the schema before and after each of the change's.

Owns: what the scripts of a step do, what is certain of it, which tables are the change's own.
Must never know: which files belong to a change, runs on a database, any particular rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from backend_engineer.migrations import BOOKKEEPING, Dialect, Migration, MigrationScript, Script
from backend_engineer.migrations.conventions import dialect_of_path
from backend_engineer.migrations.shadow import Shadow, Trouble, apply, differences
from backend_engineer.rules.migrations.actions import actions_of, has_word, made_table
from backend_engineer.rules.migrations.pair import Pair, bare_name
from backend_engineer.rules.migrations.placing import read_placed
from backend_engineer.rules.migrations.syntax import fault_of

__all__ = ["doubt", "examine_chain"]


def _dialect(stated: str | None, path: str) -> Dialect | None:
    name = stated or dialect_of_path(path)
    if name == "postgresql":
        return "postgresql"
    return "sqlite" if name == "sqlite" else None


def examine_chain(
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
        part = parts.get(id(statement)) if parts else None
        if part is not None and len(shadow.troubles) > known:
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


def doubt(pair: Pair) -> None:
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
