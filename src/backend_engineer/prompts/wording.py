"""The templates that hold the prompts' own words, and the engine that turns one into a skeleton.

Owns: the packaged templates, a caller's own folder of them, the sandbox, and `Skeleton`.
Must never know: documents: they are no template text and never pass through here.
"""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from jinja2 import DictLoader, StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from backend_engineer.contract import CLAUSES, Clause, Subject, clauses_about
from backend_engineer.errors import UsageError
from backend_engineer.prompts.dialects import Dialect
from backend_engineer.prompts.spans import SectionName

__all__ = ["PACKAGED", "Facts", "Op", "Skeleton", "Templates", "skeleton", "stated_clauses"]

# Jinja2's lexer asks for this codec when it first meets a string, and Python reads its module from a file
# then; asked for here, the first rendering opens nothing.
codecs.lookup("unicode_escape")

_MARK = "\x00"
_BLOCK_MARKS = frozenset(("message", "section", "cache", "documents", "labels", "clause"))

DOCUMENT_SECTIONS: tuple[tuple[str, str], ...] = (
    ("conventions", "Conventions of the project"),
    ("architecture", "Schema and architecture"),
    ("specification", "Specification"),
    ("request", "Change request"),
    ("base", "Source tree before the change"),
    ("work", "Work so far"),
)
CACHED_SECTIONS = ("conventions", "specification")


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a template may decide on; two renderings with equal facts have the same skeleton.

    parts: of the answer whose form is given. present: document sections that hold something. given:
    names of documents of the work so far. The flags say whether a setting or list of that name exists.
    """

    phase: str
    dialect: Dialect
    verbosity: str
    effort: str
    split: bool
    parts: tuple[str, ...]
    emits_files: bool
    present: tuple[str, ...]
    given: tuple[str, ...]
    gutter: bool = False
    pinned: bool = False
    wanted: bool = False
    cut: bool = False
    part: bool = False
    shed: bool = False
    example_text: str = ""


@dataclass(frozen=True, slots=True)
class Op:
    """One step of putting a prompt together: a stretch of own words, or a place for a value.

    clauses: ids that the text states.
    """

    kind: str
    value: str = ""
    text: str = ""
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Skeleton:
    """A rendered template with places for documents, labels and settings; `clauses` are those stated."""

    ops: tuple[Op, ...]
    clauses: tuple[tuple[str, str], ...]


class Templates:
    """A set of templates: path below the folder -> source. Own ones win over the packaged ones.

    origin: what spans name as their source. own: lines that take the place of the contract's clauses,
    each with the ids that it states; they are no template text. lacks: clause id -> what was looked
    for in them. fingerprint: over names, sources and own lines.
    """

    def __init__(
        self,
        sources: Mapping[str, str],
        origin: str,
        own: tuple[tuple[str, tuple[str, ...]], ...] = (),
        lacks: Mapping[str, str] | None = None,
    ) -> None:
        for name, source in sources.items():
            if _MARK in source:
                raise UsageError(f"The template {name} holds a NUL character.", hint="Remove it.")
        self.sources, self.origin, self.own, self.lacks = dict(sources), origin, own, dict(lacks or {})
        self.environment = SandboxedEnvironment(
            loader=DictLoader(self.sources),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            autoescape=False,
            cache_size=-1,
        )
        digest = hashlib.sha256()
        parts = [text for name in sorted(self.sources) for text in (name, self.sources[name])]
        for text in (*parts, *(line for line, _ in own)):
            data = text.encode("utf-8")
            digest.update(b"%d:" % len(data) + data)
        self.fingerprint = digest.hexdigest()

    @classmethod
    def from_folder(cls, folder: str | Path) -> Templates:
        """The packaged templates with every `.j2` file of the folder in place of the one of that name.

        Raises `UsageError` when the folder holds no template or one that cannot be read as UTF-8.
        """
        root = Path(folder)
        own: dict[str, str] = {}
        try:
            for path in sorted(root.rglob("*.j2")):
                own[path.relative_to(root).as_posix()] = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"The templates in {root} cannot be read: {error}.") from None
        if not own:
            raise UsageError(
                f"{str(root)!a} holds no template.",
                hint="Give a folder with .j2 files named like the packaged ones.",
            )
        return cls({**PACKAGED.sources, **own}, f"templates:{root.name}")


def _packaged() -> dict[str, str]:
    """The package's own templates, read once when the room is imported: rendering itself does no I/O."""
    return dict(_walk(resources.files(__package__).joinpath("templates"), ""))


def _walk(folder: Traversable, prefix: str) -> Iterator[tuple[str, str]]:
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.is_dir():
            yield from _walk(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(".j2"):
            yield prefix + entry.name, entry.read_text(encoding="utf-8")


PACKAGED = Templates(_packaged(), "library")
"""The templates of this library."""


def stated_clauses() -> tuple[Clause, ...]:
    """The clauses that every prompt states: all but those about the library itself."""
    return clauses_about(Subject.INPUTS, Subject.REPLY, Subject.CHANGE, Subject.RUN)


def skeleton(templates: Templates, facts: Facts) -> Skeleton:
    """The phase's template with its marks resolved to places, from a cache after the first time."""
    # The clause table is part of the key, so that a reworded clause is never served from the cache.
    return _skeleton(templates, facts, tuple(CLAUSES.values()))


@lru_cache(maxsize=512)
def _skeleton(templates: Templates, facts: Facts, clauses: tuple[Clause, ...]) -> Skeleton:
    marks = _Marks(facts.dialect, {row.id: row for row in clauses}, templates.own)
    name = f"{facts.phase}.j2"
    try:
        text = templates.environment.get_template(name).render(marks.context(facts))
    except TemplateError as error:
        where = getattr(error, "name", None) or name
        line = getattr(error, "lineno", None)
        raise UsageError(
            f"The template {where}{f', line {line},' if line else ''} does not render: {error.message}.",
            hint="Mend the template; docs/prompts.md lists what a template may use.",
        ) from None
    ops = tuple(_ops(text, marks.made))
    stated = tuple((clause, op.text) for op in ops for clause in op.clauses)
    return Skeleton(ops, stated)


@dataclass(slots=True)
class _Marks:
    """What a template calls: each call leaves a mark, to be filled when the prompt is put together."""

    dialect: Dialect
    clauses: Mapping[str, Clause]
    own: tuple[tuple[str, tuple[str, ...]], ...]
    made: list[Op] = field(default_factory=list)

    def context(self, facts: Facts) -> dict[str, Any]:
        """The names that a template sees."""
        # Not `asdict`: it copies deeply, and a template needs the dialect's decoration only.
        plain = {name: getattr(facts, name) for name in facts.__slots__ if name != "dialect"}
        return {
            **plain,
            "example": bool(facts.example_text),
            "contract": self._contract(),
            "own": bool(self.own),
            "own_lines": self._own_lines,
            "document_sections": DOCUMENT_SECTIONS,
            "cached": CACHED_SECTIONS,
            "message": self._placer("message"),
            "section": self._placer("section"),
            "cache": self._placer("cache"),
            "setting": self._placer("setting"),
            "label": self._placer("label"),
            "labels": self._placer("labels"),
            "documents": self._placer("documents"),
            "clause": self._clause,
            "block": self._block,
            "part": self._part,
        } | {"part_number": facts.part}

    def _placer(self, kind: str) -> Callable[..., str]:
        def place(value: str = "") -> str:
            return self._mark(Op(kind, value))

        return place

    def _mark(self, op: Op) -> str:
        self.made.append(op)
        return f"{_MARK}{len(self.made) - 1}{_MARK}"

    def _clause(self, clause_id: str, plain: bool = False) -> str:
        try:
            row = self.clauses[clause_id]
        except KeyError:
            raise UsageError(f"A template states a clause {clause_id!r} that there is not.") from None
        star = "*" if row.needs_attestation else ""
        text = row.statement if plain else f"{row.id}{star}: {row.statement}"
        return self._mark(Op("clause", row.id, text + "\n", (row.id,)))

    def _own_lines(self) -> str:
        return "".join(
            self._mark(Op("clause" if ids else "text", "+".join(ids), line + "\n", ids))
            for line, ids in self.own
        )

    def _block(self, tag: str, title: str, caller: Callable[[], str]) -> str:
        return self.dialect.block(tag, title, caller())

    def _part(self, title: str) -> str:
        return self.dialect.part.format(title=title).rstrip("\n")

    def _contract(self) -> list[tuple[str, list[Clause]]]:
        stated = {row.id for row in stated_clauses()}
        groups: dict[str, list[Clause]] = {}
        for row in self.clauses.values():
            if row.id in stated:
                groups.setdefault(row.part, []).append(row)
        return list(groups.items())


def _ops(text: str, made: list[Op]) -> Iterator[Op]:
    """The template's output cut at its marks; a mark that stands for whole lines takes its line feed."""
    pending = ""
    pieces = text.split(_MARK)
    for index, piece in enumerate(pieces):
        if index % 2 == 0:
            pending += piece
            continue
        op = made[int(piece)]
        if pending:
            yield Op("text", text=pending)
            pending = ""
        yield op
        if op.kind in _BLOCK_MARKS and pieces[index + 1].startswith("\n"):
            pieces[index + 1] = pieces[index + 1][1:]
    if pending:
        yield Op("text", text=pending)


def section_of(value: str) -> SectionName:
    """The section that a template names; `UsageError` when there is none of that name."""
    try:
        return SectionName(value)
    except ValueError:
        raise UsageError(
            f"A template opens a section {value!r}.", hint=f"The sections are {', '.join(SectionName)}."
        ) from None
