"""The objects of a shadow schema, and what making, dropping and renaming do to them.

Owns: keys, entries, ownership (a table takes its columns and indexes along), and what cannot work.
Must never know: SQL text.

A key is a kind and a name: `table users`, `column users.email`, `constraint users.users_pkey`, `index x`.
What is not known to exist is not held against a script unless the history is complete.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

__all__ = ["Entry", "Objects", "Shadow", "Trouble"]


class Entry(NamedTuple):
    """An object: its definition (None: it exists, but nobody said how), its table, and what it mentions."""

    text: str | None
    table: str = ""
    mentions: frozenset[str] = frozenset()


class Trouble(NamedTuple):
    """Why a statement cannot work: `missing`, `duplicate` or `dependents`, the object, and the statement's line.

    path: the file, where its script is made of several.
    """

    kind: str
    key: str
    line: int
    detail: str = ""
    path: str = ""


class Objects(dict[str, Entry]):
    """Entries by key, which are found by what they stand on as well, and know what was done to them.

    touched: keys that were put down or taken away since these objects were made or copied.
    """

    __slots__ = ("_own", "_standing", "touched")

    small = 64
    """So many objects are looked through faster than an index is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.touched: set[str] = set()
        # Mark -> keys, made when first asked for. Its rows are shared with the objects that these were copied from,
        # but for those in `_own`.
        self._standing: dict[str, dict[str, None]] | None = None
        self._own: set[str] | None = None

    def copy(self) -> Objects:
        """The same objects, nothing of them touched."""
        made = Objects()
        dict.update(made, self)
        if self._standing is not None:
            made._standing, self._own = self._standing.copy(), None
        return made

    def changed(self, changes: dict[str, tuple[str, Entry]]) -> Objects:
        """The same objects, some of them under other keys and with other entries, each in its place."""
        made = Objects()
        for key, entry in self.items():
            target, other = changes.get(key, (key, entry))
            dict.__setitem__(made, target, other)
        made.touched = self.touched.union(changes, [target for target, _ in changes.values()])
        return made

    def standing_on(self, mark: str) -> list[str]:
        """Keys of what a table owns, of what mentions a `table x` or `column x.y`, or of a `function x`."""
        if self._standing is None:
            if len(self) <= self.small:
                return [
                    key
                    for key, entry in self.items()
                    if entry[1] == mark or (" " in mark and mark in _marks(key, entry))
                ]
            self._standing = {}
            for key, entry in self.items():
                for each in _marks(key, entry):
                    self._row(each)[key] = None
        return list(self._standing.get(mark, ()))

    def __setitem__(self, key: str, entry: Entry) -> None:
        self.touched.add(key)
        if self._standing is not None:
            marks = _marks(key, entry)
            before = _marks(key, self[key]) if key in self else []
            if marks != before:
                for mark in before:
                    self._row(mark).pop(key, None)
                for mark in marks:
                    self._row(mark)[key] = None
        dict.__setitem__(self, key, entry)

    def __delitem__(self, key: str) -> None:
        self.touched.add(key)
        if self._standing is not None:
            for mark in _marks(key, self[key]):
                self._row(mark).pop(key, None)
        dict.__delitem__(self, key)

    def pop(self, key: str, default: Any = None) -> Any:
        """Take an object away and return its entry, or the default."""
        if key not in self:
            return default
        entry = self[key]
        del self[key]
        return entry

    def _row(self, mark: str) -> dict[str, None]:
        assert self._standing is not None
        if self._own is None:
            self._own = set()
        if mark not in self._own:
            self._own.add(mark)
            self._standing[mark] = self._standing.get(mark, {}).copy()
        return self._standing[mark]


def _marks(key: str, entry: Entry) -> list[str]:
    """What an object stands on, to be found by it."""
    marks = [entry[1]] if entry[1] else []
    if key.startswith(("constraint ", "comment ")):
        marks += [mention for mention in entry[2] if " " in mention]
    elif key.startswith("function "):
        marks.append(key.partition("(")[0])
    return marks


@dataclass(slots=True)
class Shadow:
    """A schema in the mind.

    objects: key -> entry. complete: everything that exists is known, so that a missing object is an
    error. opaque: texts of statements whose effect cannot be told (DO blocks, dynamic SQL). troubles:
    what cannot work. unseen: keys of what was dropped or renamed though nobody made it here, and so stood there.
    """

    complete: bool = True
    objects: Objects = field(default_factory=Objects)
    opaque: tuple[str, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    line: int = 0
    unseen: set[str] = field(default_factory=set)

    def copy(self) -> Shadow:
        """A second shadow with the same objects of which nothing was said yet."""
        return Shadow(self.complete, self.objects.copy())

    def add(self, key: str, entry: Entry, *, quiet: bool = False, replace: bool = False) -> None:
        """Make an object; `quiet` is IF NOT EXISTS, `replace` is OR REPLACE."""
        if key in self.objects and not replace:
            if quiet:
                return
            self.troubles += (Trouble("duplicate", key, self.line),)
        self.objects[key] = entry

    def remove(self, key: str, *, quiet: bool = False) -> Entry | None:
        """Drop an object with what it owns; `quiet` is IF EXISTS."""
        entry: Entry | None = self.objects.pop(key)
        if entry is None:
            if not quiet:
                self.miss(key)
            if not quiet or not self.complete:
                self.unseen.add(key)
        return entry

    def miss(self, key: str) -> None:
        """Note that an object is not there; a table made by a query may have any column."""
        if key.startswith("column "):
            table = self.objects.get(f"table {key[7:].rpartition('.')[0]}")
            if table is not None and table.text is None:
                return
        self.troubles += (Trouble("missing", key, self.line),)

    def of_table(self, table: str) -> list[str]:
        """Keys of everything that a table owns."""
        return [key for key in self.objects.standing_on(table) if self.objects[key].table == table]

    def remove_table(
        self, table: str, *, quiet: bool = False, cascade: bool = False, checks_keys: bool = True
    ) -> None:
        """Drop a table with its columns, indexes, constraints and triggers."""
        self.remove(f"table {table}", quiet=quiet)
        for key in self.of_table(table):
            del self.objects[key]
        mark = f"table {table}"
        for key in self.objects.standing_on(mark):
            if key.startswith("constraint "):
                if cascade:
                    del self.objects[key]
                elif checks_keys:
                    self.troubles += (Trouble("dependents", mark, self.line, key),)
            elif key.startswith("comment "):
                del self.objects[key]

    def remove_column(
        self,
        table: str,
        column: str,
        *,
        quiet: bool = False,
        cascade: bool = False,
        takes_indexes: bool = True,
    ) -> None:
        """Drop a column with what stands on it; a database that does not take the indexes along refuses."""
        self.remove(f"column {table}.{column}", quiet=quiet)
        mark = f"column {table}.{column}"
        for key in self.of_table(table):
            if column in self.objects[key].mentions and not key.startswith("column "):
                del self.objects[key]
        for key in self.objects.standing_on(mark):
            if cascade or key.startswith("comment "):
                del self.objects[key]

    def rename_table(self, old: str, new: str) -> None:
        """Rename a table and everything that carries its name."""
        if f"table {old}" not in self.objects and f"view {old}" not in self.objects:
            self.miss(f"table {old}")
        if f"view {old}" in self.objects:
            self.objects[f"view {new}"] = self.objects.pop(f"view {old}")
            return
        changes: dict[str, tuple[str, Entry]] = {}
        mark = f"table {old}"
        for key in dict.fromkeys((mark, *self.of_table(old), *self.objects.standing_on(mark))):
            entry = self.objects.get(key)
            if entry is None:
                continue
            kind, _, name = key.partition(" ")
            target = key
            if key == mark:
                target = f"table {new}"
            elif entry.table == old:
                if name.startswith(f"{old}."):
                    target = f"{kind} {new}{name[len(old) :]}"
                text = entry.text if kind == "comment" else _renamed(entry.text, old, new)
                entry = entry._replace(table=new, text=text)
            if mark in entry.mentions:
                mentions = (entry.mentions - {mark}) | {f"table {new}"}
                entry = entry._replace(mentions=mentions, text=_renamed(entry.text, old, new))
            changes[key] = (target, entry)
        self.objects = self.objects.changed(changes)

    def rename_column(self, table: str, old: str, new: str) -> None:
        """Rename a column, and its name in the indexes and constraints that stand on it."""
        if f"column {table}.{old}" not in self.objects:
            self.miss(f"column {table}.{old}")
        for key in self.of_table(table):
            entry = self.objects[key]
            if old not in entry.mentions or (key.startswith("column ") and key != f"column {table}.{old}"):
                continue
            mentions = (entry.mentions - {old}) | {new}
            if key in (f"column {table}.{old}", f"comment {table}.{old}"):
                del self.objects[key]
                kind = key.partition(" ")[0]
                self.objects[f"{kind} {table}.{new}"] = entry._replace(mentions=mentions)
            else:
                self.objects[key] = entry._replace(mentions=mentions, text=_renamed(entry.text, old, new))

    def rename(self, key: str, new: str) -> None:
        """Give an object another key."""
        entry = self.objects.pop(key, None)
        if entry is None:
            self.miss(key)
            self.unseen.add(key)
            entry = Entry(None)
        self.objects[new] = entry


def _renamed(text: str | None, old: str, new: str) -> str | None:
    if text is None:
        return None
    return " ".join(new if part == old else part for part in text.split(" "))
