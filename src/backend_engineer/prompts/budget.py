"""Fitting a prompt into a budget of tokens: what may be left out, in which order, and never silently.

Owns: the steps of shedding and the facts of `BudgetExceeded`.
Must never know: how a counter counts, templates, fences.
"""

from __future__ import annotations

from collections.abc import Callable

from backend_engineer.errors import BudgetExceeded
from backend_engineer.prompts.call import Call
from backend_engineer.prompts.phases import Shed
from backend_engineer.prompts.rendered import RenderedPrompt
from backend_engineer.tokens import TokenCounter

__all__ = ["section_tokens", "within_budget"]


def within_budget(
    call: Call,
    put_together: Callable[[tuple[Shed, ...]], RenderedPrompt],
    budget: int | None,
    counter: TokenCounter,
    order: tuple[Shed, ...],
) -> RenderedPrompt:
    """The whole prompt, or the first one that fits after shedding in order; `BudgetExceeded` otherwise."""
    shed: tuple[Shed, ...] = ()
    prompt = put_together(shed)
    if budget is None:
        return prompt
    while (count := prompt.count(counter)) > budget:
        step = next((item for item in order if call.can_shed(item, shed)), None)
        if step is None:
            raise BudgetExceeded(
                by=count - budget,
                budget=budget,
                per_section=section_tokens(prompt, counter),
                shed=prompt.shed,
            )
        shed = (*shed, step)
        prompt = put_together(shed)
    return prompt


def section_tokens(prompt: RenderedPrompt, counter: TokenCounter) -> dict[str, int]:
    """Tokens of each section by its name, in the prompt's order."""
    texts: dict[str, list[str]] = {}
    for span in prompt.spans:
        texts.setdefault(span.section.value, []).append(prompt.text_of(span))
    return {name: counter.count("".join(parts)) for name, parts in texts.items()}
