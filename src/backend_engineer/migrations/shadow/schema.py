"""The objects of a shadow schema, and what making, dropping and renaming do to them.

Owns: keys, entries, ownership (a table takes its columns and indexes along), and what cannot work.
Must never know: SQL text.

A key is a kind and a name: `table users`, `column users.email`, `constraint users.users_pkey`, `index x`.
What is not known to exist is not held against a script unless the history is complete.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

__all__ = ["Entry", "Shadow", "Trouble"]


class Entry(NamedTuple):
    """An object: its definition (None: it exists, but nobody said how), its table, and what it mentions."""

    text: str | None
    table: str = ""
    mentions: frozenset[str] = frozenset()


class Trouble(NamedTuple):
    """Why a statement cannot work: `missing`, `duplicate` or `dependents`, the object, and the statement's line."""

    kind: str
    key: str
    line: int
    detail: str = ""


@dataclass(slots=True)
class Shadow:
    """A schema in the mind.

    objects: key -> entry. complete: everything that exists is known, so that a missing object is an
    error. opaque: texts of statements whose effect cannot be told (DO blocks, dynamic SQL). troubles:
    what cannot work. written: (table, kind of write, line, statement) of statements that change rows.
    """

    complete: bool = True
    objects: dict[str, Entry] = field(default_factory=dict)
    opaque: list[str] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    forgiving: bool = False
    line: int = 0

    def copy(self) -> Shadow:
        """A second shadow with the same objects and nothing in its lists."""
        return Shadow(self.complete, dict(self.objects))

    def add(self, key: str, entry: Entry, *, quiet: bool = False, replace: bool = False) -> None:
        """Make an object; `quiet` is IF NOT EXISTS, `replace` is OR REPLACE."""
        if key in self.objects and not replace:
            if quiet:
                return
            self.troubles.append(Trouble("duplicate", key, self.line))
        self.objects[key] = entry

    def remove(self, key: str, *, quiet: bool = False) -> Entry | None:
        """Drop an object with what it owns; `quiet` is IF EXISTS."""
        entry = self.objects.pop(key, None)
        if entry is None and not quiet:
            self.miss(key)
        return entry

    def miss(self, key: str) -> None:
        """Note that an object is not there."""
        self.troubles.append(Trouble("missing", key, self.line))

    def of_table(self, table: str) -> list[str]:
        """Keys of everything that a table owns."""
        return [key for key, entry in self.objects.items() if entry.table == table]

    def remove_table(
        self, table: str, *, quiet: bool = False, cascade: bool = False, checks_keys: bool = True
    ) -> None:
        """Drop a table with its columns, indexes, constraints and triggers."""
        self.remove(f"table {table}", quiet=quiet)
        for key in self.of_table(table):
            del self.objects[key]
        mark = f"table {table}"
        for key in [key for key, entry in self.objects.items() if mark in entry.mentions]:
            if key.startswith("constraint "):
                if cascade:
                    del self.objects[key]
                elif checks_keys:
                    self.troubles.append(Trouble("dependents", mark, self.line, key))
            elif key.startswith(("comment ", "right ")):
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
        for key, (_, owner, mentions) in list(self.objects.items()):
            if (owner == table and column in mentions and not key.startswith("column ")) or (
                mark in mentions and (cascade or key.startswith("comment "))
            ):
                del self.objects[key]

    def rename_table(self, old: str, new: str) -> None:
        """Rename a table and everything that carries its name."""
        if f"table {old}" not in self.objects and f"view {old}" not in self.objects:
            self.miss(f"table {old}")
        if f"view {old}" in self.objects:
            self.objects[f"view {new}"] = self.objects.pop(f"view {old}")
            return
        moved: dict[str, Entry] = {}
        for key, entry in self.objects.items():
            kind, _, name = key.partition(" ")
            if key == f"table {old}":
                key = f"table {new}"
            elif entry.table == old:
                if name.startswith(f"{old}."):
                    key = f"{kind} {new}{name[len(old) :]}"
                entry = entry._replace(table=new, text=_renamed(entry.text, old, new))
            if f"table {old}" in entry.mentions:
                mentions = (entry.mentions - {f"table {old}"}) | {f"table {new}"}
                entry = entry._replace(mentions=mentions, text=_renamed(entry.text, old, new))
            moved[key] = entry
        self.objects = moved

    def rename_column(self, table: str, old: str, new: str) -> None:
        """Rename a column, and its name in the indexes and constraints that stand on it."""
        if f"column {table}.{old}" not in self.objects:
            self.miss(f"column {table}.{old}")
        for key, entry in [item for item in self.objects.items() if item[1].table == table]:
            if old not in entry.mentions or (key.startswith("column ") and key != f"column {table}.{old}"):
                continue
            mentions = (entry.mentions - {old}) | {new}
            if key == f"column {table}.{old}":
                del self.objects[key]
                self.objects[f"column {table}.{new}"] = entry._replace(mentions=mentions)
            else:
                self.objects[key] = entry._replace(mentions=mentions, text=_renamed(entry.text, old, new))

    def rename(self, key: str, new: str) -> None:
        """Give an object another key."""
        entry = self.objects.pop(key, None)
        if entry is None:
            self.miss(key)
            entry = Entry(None)
        self.objects[new] = entry


def _renamed(text: str | None, old: str, new: str) -> str | None:
    if text is None:
        return None
    return " ".join(new if part == old else part for part in text.split(" "))
