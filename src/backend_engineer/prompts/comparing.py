"""What moved between two prompts: clauses, documents, parameters, or decoration only.

Owns: `diff_prompts` and `PromptDiff`.
Must never know: how a prompt was made, how a difference is printed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backend_engineer.prompts.rendered import RenderedPrompt
from backend_engineer.prompts.spans import Kind

__all__ = ["PromptDiff", "diff_prompts"]


@dataclass(frozen=True, slots=True)
class PromptDiff:
    """The differences of two prompts, by class.

    clauses_added, clauses_removed, clauses_reworded, clauses_moved: ids; moved means that its place
    among the clauses that both state is another. documents_added, documents_removed,
    documents_changed, documents_moved: names. parameters: name -> (before, after), among them
    dialect, phase and the settings. labels: whether a short text from outside changed. seals:
    whether only the answer seal differs among the settings. decoration: whether own words other than
    clauses differ. fingerprints: the names of those that differ.
    """

    clauses_added: tuple[str, ...] = ()
    clauses_removed: tuple[str, ...] = ()
    clauses_reworded: tuple[str, ...] = ()
    clauses_moved: tuple[str, ...] = ()
    documents_added: tuple[str, ...] = ()
    documents_removed: tuple[str, ...] = ()
    documents_changed: tuple[str, ...] = ()
    documents_moved: tuple[str, ...] = ()
    parameters: Mapping[str, tuple[str, str]] | None = None
    labels: bool = False
    seal: bool = False
    decoration: bool = False
    fingerprints: tuple[str, ...] = ()

    @property
    def clauses(self) -> bool:
        """Whether any clause differs."""
        return bool(self.clauses_added or self.clauses_removed or self.clauses_reworded or self.clauses_moved)

    @property
    def documents(self) -> bool:
        """Whether any document differs."""
        return bool(
            self.documents_added or self.documents_removed or self.documents_changed or self.documents_moved
        )

    @property
    def decoration_only(self) -> bool:
        """Whether nothing differs but own words, headings and tags."""
        return self.decoration and not (self.clauses or self.documents or self.parameters or self.labels)

    @property
    def contract_and_documents_kept(self) -> bool:
        """Whether the prompts differ in parameters and decoration at most."""
        return not (self.clauses or self.documents or self.labels)

    def __bool__(self) -> bool:
        """Whether the prompts differ at all."""
        return bool(
            self.clauses
            or self.documents
            or self.parameters
            or self.labels
            or self.seal
            or self.decoration
            or self.fingerprints
        )

    def to_data(self) -> dict[str, Any]:
        """The difference as plain JSON data; classes that hold nothing are left out."""
        rows: dict[str, Any] = {}
        for name in self.__slots__:
            value = getattr(self, name)
            if value:
                rows[name] = value if isinstance(value, bool) else _plain(value)
        if self.decoration_only:
            rows["decoration_only"] = True
        return rows


def diff_prompts(before: RenderedPrompt, after: RenderedPrompt) -> PromptDiff:
    """What differs from one prompt to the other, class by class; a false value when nothing does."""
    old_clauses, new_clauses = _clauses(before), _clauses(after)
    old_documents, new_documents = _documents(before), _documents(after)
    return PromptDiff(
        clauses_added=_added(old_clauses, new_clauses),
        clauses_removed=_added(new_clauses, old_clauses),
        clauses_reworded=_changed(old_clauses, new_clauses),
        clauses_moved=_moved(old_clauses, new_clauses),
        documents_added=_added(old_documents, new_documents),
        documents_removed=_added(new_documents, old_documents),
        documents_changed=_changed(old_documents, new_documents),
        documents_moved=_moved(old_documents, new_documents),
        parameters=_parameters(before, after) or None,
        labels=_of_kind(before, Kind.LABEL) != _of_kind(after, Kind.LABEL),
        seal=before.answer_seal != after.answer_seal,
        decoration=_decoration(before) != _decoration(after),
        fingerprints=tuple(
            name
            for name in {**before.fingerprints, **after.fingerprints}
            if before.fingerprints.get(name) != after.fingerprints.get(name)
        ),
    )


def _clauses(prompt: RenderedPrompt) -> dict[str, str]:
    """Clause id -> its words, in the prompt's order."""
    return {clause: prompt.text_of(span) for span in prompt.spans for clause in span.clauses}


def _documents(prompt: RenderedPrompt) -> dict[str, str]:
    """Document name -> its text between the lines of the fence."""
    return {
        span.id.partition("/")[2]: prompt.text_of(span).split("\n", 1)[1].rsplit("\n", 2)[0]
        for span in prompt.spans
        if span.kind is Kind.DOCUMENT
    }


def _decoration(prompt: RenderedPrompt) -> str:
    """The own words that state no clause, with the messages' roles, in order."""
    roles = " ".join(message.role for message in prompt.messages)
    words = (prompt.text_of(span) for span in prompt.spans if span.kind is Kind.CLAUSE and not span.clauses)
    return "\0".join((roles, *words))


def _of_kind(prompt: RenderedPrompt, kind: Kind) -> list[str]:
    return [prompt.text_of(span) for span in prompt.spans if span.kind is kind]


def _parameters(before: RenderedPrompt, after: RenderedPrompt) -> dict[str, tuple[str, str]]:
    old, new = _settings(before), _settings(after)
    return {name: (old[name], new[name]) for name in old if old[name] != new[name]}


def _settings(prompt: RenderedPrompt) -> dict[str, str]:
    rows = {name: str(value) for name, value in prompt.parameters.model_dump(mode="json").items()}
    return {**rows, "dialect": prompt.dialect, "phase": prompt.phase, "prose": str(prompt.prose)}


def _added(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(name for name in new if name not in old)


def _changed(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(name for name in new if name in old and new[name] != old[name])


def _moved(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[str, ...]:
    """The fewest names whose removal leaves both orders alike, in the new order."""
    before = {name: index for index, name in enumerate(name for name in old if name in new)}
    order = [before[name] for name in new if name in before]
    kept = _longest_rising(order)
    names = list(before)
    return tuple(names[index] for index in order if index not in kept)


def _longest_rising(order: list[int]) -> frozenset[int]:
    """The members of a longest rising subsequence, by patience sorting."""
    tails: list[int] = []
    previous: dict[int, int | None] = {}
    for value in order:
        low, high = 0, len(tails)
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if tails[middle] < value else (low, middle)
        previous[value] = tails[low - 1] if low else None
        tails[low : low + 1] = [value]
    kept: list[int] = []
    current = tails[-1] if tails else None
    while current is not None:
        kept.append(current)
        current = previous[current]
    return frozenset(kept)


def _plain(value: Any) -> Any:
    return {name: list(pair) for name, pair in value.items()} if isinstance(value, Mapping) else list(value)
