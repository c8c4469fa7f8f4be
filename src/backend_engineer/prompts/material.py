"""From the values of a call to the documents of its prompt.

Owns: which value becomes which document, its name, media type and section.
Must never know: templates, dialects, budgets, fences.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import BaseModel

from backend_engineer.errors import UsageError
from backend_engineer.outputs import Change, Clarification, Finding, Plan
from backend_engineer.prompts.phases import SPECIFICATIONS, PhasePlan, PromptPhase
from backend_engineer.prompts.sealing import check_label
from backend_engineer.prompts.spans import Document, SectionName
from backend_engineer.prompts.structure import data_of, refuse_surrogates, structured

__all__ = ["BaseTree", "Cut", "Work", "base_documents", "specification_documents", "work_documents"]

_SECTIONS: dict[str, SectionName] = {
    "tech_spec": SectionName.CONVENTIONS,
    "security_policy": SectionName.CONVENTIONS,
    "ops_guides": SectionName.CONVENTIONS,
    "data_model": SectionName.ARCHITECTURE,
    "api_contract": SectionName.SPECIFICATION,
    "perf_targets": SectionName.SPECIFICATION,
}
_MEDIA: dict[str, str] = {
    "css": "text/css",
    "csv": "text/csv",
    "go": "text/x-go",
    "graphql": "application/graphql",
    "html": "text/html",
    "java": "text/x-java",
    "js": "text/javascript",
    "json": "application/json",
    "md": "text/markdown",
    "mjs": "text/javascript",
    "py": "text/x-python",
    "sh": "text/x-sh",
    "sql": "application/sql",
    "toml": "application/toml",
    "ts": "text/typescript",
    "tsx": "text/typescript",
    "xml": "application/xml",
    "yaml": "application/yaml",
    "yml": "application/yaml",
}
_MOST_LINES = 10**9
_READS_ALL = frozenset((PromptPhase.ALL, PromptPhase.IMPLEMENT, PromptPhase.REPAIR, PromptPhase.CONTINUE))


class BaseTree(Protocol):
    """What a source tree has to offer: its paths, sorted, and the text of each (None: not to be had)."""

    @property
    def paths(self) -> tuple[str, ...]: ...

    def get(self, path: str, /) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Cut:
    """Where an answer was cut off: path, last whole line of that file (1-based, 0 for none), the last lines.

    Raises `UsageError` for a line that no file has.
    """

    path: str
    line: int
    tail: str

    def __post_init__(self) -> None:
        if not 0 <= self.line <= _MOST_LINES:
            raise UsageError("A cut lies after a line from 0 on.", hint="Count the whole lines that arrived.")


@dataclass(frozen=True, slots=True)
class Work:
    """What the phases before this one left: all of it optional."""

    plan: Plan | None = None
    change: Change | None = None
    findings: tuple[Finding, ...] = ()
    gaps: Clarification | None = None
    cut: Cut | None = None


def specification_documents(inputs: Any) -> dict[str, tuple[Document, ...]]:
    """The documents of each typed input by its name, and `upstream`; an absent one has none."""
    made: dict[str, tuple[Document, ...]] = {}
    for name in SPECIFICATIONS:
        value = getattr(inputs, name, None)
        if value is not None:
            made[name] = tuple(_typed(name, value, _SECTIONS[name], f"inputs.{name}"))
    upstream: Mapping[str, str] = getattr(inputs, "upstream", None) or {}
    if upstream:
        made["upstream"] = tuple(
            Document(
                f"upstream/{check_label(name, 'an upstream name')}",
                upstream[name],
                _media(name, "text/markdown"),
                SectionName.SPECIFICATION,
                "inputs.upstream",
            )
            for name in sorted(upstream)
        )
    return made


def request_documents(request: BaseModel | None) -> tuple[Document, ...]:
    """The documents of the change request."""
    if request is None:
        return ()
    return tuple(_typed("change_request", request, SectionName.REQUEST, "request"))


def base_documents(
    base: BaseTree | Mapping[str, str] | None,
    phase: PhasePlan,
    plan: Plan | None,
    read: Sequence[str] | None,
) -> tuple[Document, ...]:
    """The list of the base's paths, and the files that the phase has to see (`read` names others).

    In the phases that emit files these are the files that the plan modifies, deletes or renames, and
    without a plan every file.
    """
    if base is None:
        return ()
    paths = tuple(base) if isinstance(base, Mapping) else base.paths
    for path in paths:
        check_label(path, "a path of the base")
    listing = "".join(f"{path}\n" for path in sorted(paths))
    documents = [Document("base", listing, "text/plain", SectionName.BASE, "base")]
    for path in _paths_to_read(sorted(paths), phase, plan, read):
        text = base.get(path)
        if text is not None:
            documents.append(Document(f"base/{path}", text, _media(path), SectionName.BASE, f"base:{path}"))
    return tuple(documents)


def _paths_to_read(
    paths: Sequence[str], phase: PhasePlan, plan: Plan | None, read: Sequence[str] | None
) -> Iterable[str]:
    known = frozenset(paths)
    if isinstance(read, str):
        raise UsageError("`read` is one text.", hint="Pass a list of paths.")
    if read is not None:
        absent = [path for path in read if path not in known]
        if absent:
            raise UsageError(f"The base holds no {absent[0]!r}.", hint="Name paths of the base in `read`.")
        return tuple(dict.fromkeys(read))
    if phase.phase not in _READS_ALL:
        return ()
    if plan is None:
        return paths
    planned = {file.previous_path or file.path for file in plan.files if file.action != "add"}
    return [path for path in paths if path in planned]


def work_documents(work: Work, gutter: bool) -> tuple[Document, ...]:
    """Gaps, plan, files of the change, findings and the cut, in this order."""
    return tuple(_work(work, gutter))


def _work(work: Work, gutter: bool) -> Iterator[Document]:
    section = SectionName.WORK
    if work.gaps is not None:
        yield from _rows("gaps", work.gaps.gaps, section, "clarification")
    if work.plan is not None:
        yield from _typed("plan", work.plan, section, "plan")
    # A path that a change holds twice: the later one stands, as in a reply.
    files = {file.path: file for file in work.change.files} if work.change is not None else {}
    for file in files.values():
        name = f"change/{check_label(file.path, 'a path of the change')}"
        if file.content is not None:
            yield Document(name, file.content, _media(file.path), section, f"change:{file.path}", gutter)
        elif file.patch is not None:
            yield Document(name, file.patch, "text/x-diff", section, f"change:{file.path}")
        else:
            words = f"{file.action} {file.previous_path or ''}".strip() + "\n"
            yield Document(name, words, "text/x-action", section, f"change:{file.path}")
    if work.findings:
        yield from _rows("findings", work.findings, section, "findings")
    if work.cut is not None:
        yield Document("cut", work.cut.tail, _media(work.cut.path), section, "cut")


def _typed(name: str, value: BaseModel, section: SectionName, origin: str) -> Iterator[Document]:
    return _json(name, data_of(value, name), section, origin, (value,))


def _rows(name: str, values: Sequence[BaseModel], section: SectionName, origin: str) -> Iterator[Document]:
    return _json(name, [data_of(value, name) for value in values], section, origin, values)


def _json(
    name: str, data: Any, section: SectionName, origin: str, values: Sequence[BaseModel]
) -> Iterator[Document]:
    text, lifted = structured(name, data)
    # U+FFFD may stand for a lone surrogate of a key; looking at each key would cost more than all the rest.
    if "\ufffd" in text:
        for value in values:
            refuse_surrogates(value, name)
    yield Document(name, text, "application/json", section, origin)
    for lifted_name, lifted_text in lifted.items():
        yield Document(lifted_name, lifted_text, "text/plain", section, origin)


def _media(path: str, otherwise: str = "text/plain") -> str:
    _, dot, suffix = path.rpartition(".")
    return _MEDIA.get(suffix.lower(), otherwise) if dot else otherwise
