"""What several rules read off a change, a reply or the inputs, each made once for a call.

Owns: sections of files, the sorts of files, documents and fields that may be absent.
Must never know: any particular rule, verdicts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from backend_engineer.contract import Section
from backend_engineer.inputs import NotApplicable
from backend_engineer.outputs import FileChange
from backend_engineer.paths import classify, is_migration_path, is_rollback_path
from backend_engineer.rules.rule import Context

__all__ = [
    "CODE_SECTIONS",
    "Sorted",
    "document",
    "field",
    "has_order",
    "lines_holding",
    "not_applicable",
    "section_of",
    "sorted_files",
]

CODE_SECTIONS: frozenset[Section] = frozenset(
    (
        Section.MODELS,
        Section.PORTS,
        Section.SERVICES,
        Section.CONTROLLERS,
        Section.VALIDATION,
        Section.JOBS,
    )
)
"""The sections whose files are running code (FLOW-13, CONS-03)."""

_SCAFFOLDING = frozenset(("__init__.py", "env.py", "script.py.mako", "alembic.ini", "migration_lock.toml"))
"""What a tool keeps beside the migrations: it belongs to their section and changes no schema."""

_SEEDS = frozenset(("seed", "seeds"))


class Sorted(NamedTuple):
    """The files of a change by what they are; deletions stand in `deleted` only.

    What stands beside the migrations (`env.py`, scripts of seeds) is none of these.
    """

    migrations: tuple[FileChange, ...]
    rollbacks: tuple[FileChange, ...]
    code: tuple[FileChange, ...]
    tests: tuple[FileChange, ...]
    observability: tuple[FileChange, ...]
    docs: tuple[FileChange, ...]
    deleted: tuple[FileChange, ...]


def document(context: Context, name: str) -> Any | None:
    """A document of the inputs (`tech_spec`, ...), None when it was not given."""
    return getattr(context.inputs, name, None) if context.inputs is not None else None


def field(holder: Any | None, name: str) -> Any | None:
    """A field of a document, None when the document or the field is absent or does not apply."""
    value = getattr(holder, name, None) if holder is not None else None
    return None if isinstance(value, NotApplicable) else value


def not_applicable(holder: Any | None, name: str) -> str | None:
    """Why a field does not apply, None when it does or is absent."""
    value = getattr(holder, name, None) if holder is not None else None
    return value.reason if isinstance(value, NotApplicable) else None


def section_of(file: FileChange, context: Context) -> Section:
    """The section a file was emitted in, or the one that its path tells."""
    if file.section is not None:
        return file.section
    return told_section(file.path, context)


def told_section(path: str, context: Context) -> Section:
    """The section that a path tells, by the project's own layout first."""
    table: dict[str, Section] = context.shared("reading.sections", dict)
    if path not in table:
        layout = field(document(context, "tech_spec"), "layout")
        table[path] = classify(path, None, layout)
    return table[path]


def sorted_files(context: Context) -> Sorted:
    """The files of the change by what they are."""

    def make() -> Sorted:
        kinds: dict[str, list[FileChange]] = {name: [] for name in Sorted._fields}
        for file in context.change:
            kind = _kind(file, context)
            if kind is not None:
                kinds[kind].append(file)
        return Sorted(**{name: tuple(files) for name, files in kinds.items()})

    files: Sorted = context.shared("reading.files", make)
    return files


def _kind(file: FileChange, context: Context) -> str | None:
    if file.action == "delete":
        return "deleted"
    if is_rollback_path(file.path):
        return "rollbacks"
    if is_migration_path(file.path):
        return "migrations"
    section = section_of(file, context)
    if section in CODE_SECTIONS:
        return "code"
    if section is Section.MIGRATIONS and _stands_beside(file.path):
        return None
    return {
        Section.MIGRATIONS: "migrations",
        Section.TESTS: "tests",
        Section.OBSERVABILITY: "observability",
        Section.DOCS: "docs",
    }[section]


def lines_holding(text: str, words: Iterable[str]) -> list[int]:
    """The 1-based numbers of the lines that hold one of the words; words hold no line end."""
    starts: set[int] = set()
    for word in words:
        place = text.find(word)
        while place >= 0:
            starts.add(text.rfind("\n", 0, place) + 1)
            end = text.find("\n", place)
            place = text.find(word, end) if end >= 0 else -1
    numbers: list[int] = []
    number, counted = 1, 0
    for start in sorted(starts):
        number += text.count("\n", counted, start)
        counted = start
        numbers.append(number)
    return numbers


def _stands_beside(path: str) -> bool:
    """Whether a file of the section of migrations is none of them: a tool's own, or rows to begin with."""
    *folders, name = path.lower().split("/")
    return name in _SCAFFOLDING or not _SEEDS.isdisjoint(folders)


def has_order(context: Context) -> bool:
    """Whether the order of the change's files was chosen by its author: folders and git sort by name."""
    return context.change.origin in ("reply", "caller")
