"""What a prompt says about itself: where each span comes from, what it costs, which clauses it covers.

Owns: `explain`, `coverage`, `cited`.
Must never know: how a prompt was made, how the answer is printed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from backend_engineer.prompts.rendered import RenderedPrompt
from backend_engineer.prompts.spans import Kind
from backend_engineer.prompts.wording import stated_clauses
from backend_engineer.tokens import DEFAULT_COUNTER, TokenCounter

__all__ = ["Coverage", "ExplainedSpan", "cited", "coverage", "explain"]

_ID = re.compile(r"\b([A-Z]{4})-([0-9]{2})(?: to (?:([A-Z]{4})-)?([0-9]{2}))?(?![0-9])")


@dataclass(frozen=True, slots=True)
class ExplainedSpan:
    """One row of an explanation: a span, its kind and origin, its tokens, and whether it can be cached.

    cacheable: it stands before the last cache mark of its message, so that a provider may keep it.
    """

    id: str
    section: str
    kind: str
    origin: str
    tokens: int
    cacheable: bool
    message: int
    start: int
    end: int


def explain(prompt: RenderedPrompt, counter: TokenCounter = DEFAULT_COUNTER) -> tuple[ExplainedSpan, ...]:
    """Every span of the prompt, in its order; the tokens of spans add up to about those of the whole."""
    last_mark = [max(message.cache_marks, default=0) for message in prompt.messages]
    # A message that has a later one with a mark is cached whole along with it.
    for index in range(len(last_mark) - 2, -1, -1):
        if last_mark[index + 1]:
            last_mark[index] = len(prompt.messages[index].content)
    return tuple(
        ExplainedSpan(
            span.id,
            span.section.value,
            span.kind.value,
            span.origin,
            counter.count(prompt.text_of(span)),
            span.end <= last_mark[span.message],
            span.message,
            span.start,
            span.end,
        )
        for span in prompt.spans
    )


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which clauses a prompt states: ids stated once, stated more than once, and not at all."""

    stated: tuple[str, ...]
    repeated: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether every clause stands in exactly one span."""
        return not self.repeated and not self.missing


def coverage(prompt: RenderedPrompt) -> Coverage:
    """The clauses of the contract that the prompt states; a clause counts where its own words stand.

    A span that names a clause but does not hold its statement states nothing.
    """
    counts = {row.id: 0 for row in stated_clauses()}
    statements = {row.id: row.statement for row in stated_clauses()}
    for span in prompt.spans:
        for clause in span.clauses:
            if clause in counts and statements[clause] in prompt.text_of(span):
                counts[clause] += 1
    return Coverage(
        stated=tuple(clause for clause, count in counts.items() if count == 1),
        repeated=tuple(clause for clause, count in counts.items() if count > 1),
        missing=tuple(clause for clause, count in counts.items() if count == 0),
    )


def cited(prompt: RenderedPrompt) -> frozenset[str]:
    """Ids of the clauses that the prompt's own words refer to; `A-01 to A-04` refers to four."""
    found: set[str] = set()
    for span in prompt.spans:
        if span.kind is Kind.CLAUSE and not span.clauses:
            for family, first, other, last in _ID.findall(prompt.text_of(span)):
                numbers = range(int(first), int(last or first) + 1)
                found.update(f"{family}-{number:02}" for number in numbers if other in ("", family))
    return frozenset(found)
