"""What markers divide a single file into.

Owns: `Part` and `Sections`.
Must never know: how any tool writes its markers, file names, databases.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Part", "Sections"]


@dataclass(frozen=True, slots=True)
class Part:
    """A direction of a file.

    sql: its text. line: 1-based line of the file on which it begins. transactional: its switch; None where the
    tool sends it as it is. placeholder: what the tool fills in or cuts at before a server sees the text, empty
    where it sends the text itself. sql_itself: False where something else than this text is run.
    """

    sql: str
    line: int
    transactional: bool | None = True
    placeholder: str = ""
    sql_itself: bool = True


@dataclass(frozen=True, slots=True)
class Sections:
    """One migration inside a single file.

    tool: whose markers. forward, rollback: the parts; rollback None where the file has none.
    identity: Liquibase's `author:id`, empty elsewhere. irreversible: the text of an explicit empty
    rollback, None elsewhere. engines: the databases that it is for, `!name` for all others; empty for any.
    repeated: it runs again whenever it changes. notes: what the tool itself would stumble over, with lines.
    cuts: where it cuts statements in the middle, with lines.
    """

    tool: str
    forward: Part
    rollback: Part | None
    identity: str = ""
    irreversible: str | None = None
    engines: tuple[str, ...] = ()
    repeated: bool = False
    notes: tuple[str, ...] = ()
    cuts: tuple[str, ...] = ()

    def is_for(self, dialect: str | None) -> bool:
        """Whether it is run on an engine; None asks whether it is run at all."""
        wanted = {item for item in self.engines if not item.startswith("!")}
        if dialect is None or "all" in wanted:
            return "none" not in wanted
        return dialect in wanted if wanted else f"!{dialect}" not in self.engines
