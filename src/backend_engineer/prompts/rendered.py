"""The rendered prompt: messages, spans, fingerprints, and its JSON form.

Owns: `RenderedPrompt`, what it can say about itself, and reading it back.
Must never know: how it was made.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backend_engineer.clients.protocol import Message
from backend_engineer.contract import Parameters
from backend_engineer.errors import InvalidDocument
from backend_engineer.prompts.characters import Suspicion
from backend_engineer.prompts.spans import Kind, SectionName, Span
from backend_engineer.tokens import DEFAULT_COUNTER, TokenCounter

__all__ = ["Lack", "RenderedPrompt"]

_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Lack:
    """A clause of the contract that the prompt does not state: its id, its words, and what was looked for."""

    clause: str
    statement: str
    reason: str


@dataclass(frozen=True, slots=True)
class RenderedPrompt:
    """A prompt, ready to be sent.

    messages: each with `.role`, `.content` and `.cache_marks`. spans: what every stretch of them is.
    fingerprints: `contract` (clauses), `templates` (own words), `parameters` (settings and dialect),
    `inputs` (the documents) and `request` (all that the call was given); SHA-256 each.
    answer_seal: the word that file headers of the answer carry, empty where the phase emits no files.
    warnings: suspicious passages with offsets. shed: what was left out to fit the budget, in order.
    omitted: specifications that a lean prompt leaves out because the phase does not need them.
    lacking: clauses that own templates or an own agent file do not state. prose: tokens of prose that
    the answer may carry around its files.
    """

    messages: tuple[Message, ...]
    spans: tuple[Span, ...]
    fingerprints: Mapping[str, str]
    answer_seal: str
    phase: str
    dialect: str
    parameters: Parameters
    warnings: tuple[Suspicion, ...] = ()
    shed: tuple[str, ...] = ()
    omitted: tuple[str, ...] = ()
    lacking: tuple[Lack, ...] = ()
    prose: int = 0

    def text_of(self, span: Span) -> str:
        """The characters of a span."""
        return self.messages[span.message].content[span.start : span.end]

    def span(self, span_id: str) -> Span | None:
        """The span with this id, or None."""
        return next((span for span in self.spans if span.id == span_id), None)

    @property
    def clauses(self) -> tuple[str, ...]:
        """Ids of the clauses that the prompt states, in its order."""
        return tuple(clause for span in self.spans for clause in span.clauses)

    def count(self, counter: TokenCounter = DEFAULT_COUNTER) -> int:
        """Tokens of all messages' contents, by the counter."""
        return sum(counter.count(message.content) for message in self.messages)

    def to_json(self) -> str:
        """The whole prompt as one JSON document, readable by `from_json`."""
        return json.dumps(
            {
                "format": _FORMAT,
                "phase": self.phase,
                "dialect": self.dialect,
                "parameters": self.parameters.model_dump(mode="json"),
                "fingerprints": dict(self.fingerprints),
                "answer_seal": self.answer_seal,
                "prose": self.prose,
                "messages": [message.model_dump(mode="json") for message in self.messages],
                "spans": [_span_data(span) for span in self.spans],
                "warnings": [
                    {name: getattr(item, name) for name in item.__slots__} for item in self.warnings
                ],
                "shed": list(self.shed),
                "omitted": list(self.omitted),
                "lacking": [
                    {"clause": item.clause, "statement": item.statement, "reason": item.reason}
                    for item in self.lacking
                ],
            },
            ensure_ascii=False,
            indent=1,
        )

    @classmethod
    def from_json(cls, text: str) -> RenderedPrompt:
        """A prompt that `to_json` wrote; `InvalidDocument` for anything else."""
        # ValueError: syntax, an unknown member, and pydantic's own error are all of this class.
        try:
            data = json.loads(text)
            return _from_data(cls, data)
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            detail = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise InvalidDocument(
                f"this is no rendered prompt of format {_FORMAT}: {detail}.",
                hint="Write one with `backend-engineer render --json`.",
            ) from None


def _span_data(span: Span) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(span, name) for name in Span.__slots__}
    return {**row, "clauses": list(span.clauses)}


def _from_data(cls: type[RenderedPrompt], data: dict[str, Any]) -> RenderedPrompt:
    if data["format"] != _FORMAT:
        raise ValueError(f"its format is {data['format']!r}")
    messages = tuple(Message.model_validate(item) for item in data["messages"])
    spans = tuple(
        Span(
            **{
                **row,
                "section": SectionName(row["section"]),
                "kind": Kind(row["kind"]),
                "clauses": tuple(row["clauses"]),
            }
        )
        for row in data["spans"]
    )
    for span in spans:
        if span.message < 0 or not 0 <= span.start <= span.end <= len(messages[span.message].content):
            raise ValueError(f"the span {span.id} lies outside its message")
    return cls(
        messages=messages,
        spans=spans,
        fingerprints={str(key): str(value) for key, value in data["fingerprints"].items()},
        answer_seal=str(data["answer_seal"]),
        phase=str(data["phase"]),
        dialect=str(data["dialect"]),
        parameters=Parameters.model_validate(data["parameters"]),
        warnings=tuple(Suspicion(**item) for item in data["warnings"]),
        shed=tuple(data["shed"]),
        omitted=tuple(data["omitted"]),
        lacking=tuple(Lack(**item) for item in data["lacking"]),
        prose=int(data["prose"]),
    )
