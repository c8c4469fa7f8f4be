"""A clarification as text: every gap with its reason and its safe options.

Owns: the layout of the questions.
Must never know: how a gap is found or an answer merged.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from backend_engineer.cli.console import Console
from backend_engineer.outputs import Clarification
from backend_engineer.reporting.escaping import for_terminal, one_line

__all__ = ["clarification_lines", "show_clarification"]


def show_clarification(clarification: Clarification, console: Console, *, as_json: bool) -> None:
    """Print the questions, as labelled text or as their JSON document."""
    if as_json:
        console.say_json(clarification.model_dump(mode="json"))
    else:
        console.say("\n".join(clarification_lines(clarification)))


def clarification_lines(clarification: Clarification) -> Iterator[str]:
    """The questions as labelled lines."""
    yield f"Outcome: Clarification needed: {len(clarification.gaps)} gap(s) in the inputs, nothing was guessed."
    for number, gap in enumerate(clarification.gaps, 1):
        yield ""
        yield f"Gap {number} of {len(clarification.gaps)}"
        yield f"  Field: {one_line(gap.pointer)}"
        yield f"  Kind: {gap.kind}, asked for by {gap.clause}"
        wording = clarification.wording.get(gap.pointer)
        if wording:
            yield f"  Question: {one_line(wording)}"
        yield f"  Why: {one_line(gap.reason)}"
        for count, option in enumerate(gap.options, 1):
            shown = (
                ""
                if option.value is None
                else f" Answer: {for_terminal(json.dumps(option.value, ensure_ascii=False))}"
            )
            yield f"  Option {count}: {one_line(option.label)}.{shown}"
    yield ""
    yield "What to do: write the answers as JSON, field to value, and pass them with --answers FILE; or mend the documents."
