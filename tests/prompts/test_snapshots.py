"""Rendered prompts as files, for a reviewer to read.

Set `UPDATE_SNAPSHOTS=1` to write them anew after a change of words that was meant.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from backend_engineer.contract import Parameters
from backend_engineer.prompts import Kind

FOLDER = Path(__file__).parent / "snapshots"
# Every phase once, each dialect on the phase that shows most, and both ends of the settings.
CASES = {
    **{f"{phase}-claude": (phase, {}) for phase in (
        "context", "plan", "self-check", "implement", "verify", "all", "repair", "continue", "split"
    )},
    "all-gpt": ("all", {"dialect": "gpt"}),
    "all-plain": ("all", {"dialect": "plain"}),
    "plan-lean-terse-low": (
        "plan", {"lean": True, "parameters": Parameters(reasoning_effort="low", verbosity="terse")}
    ),
    "all-verbose-high": ("all", {"parameters": Parameters(reasoning_effort="high", verbosity="verbose")}),
}  # fmt: skip


def picture(prompt):
    """The messages as they are sent, each under a line with its role, and what the spans are below."""
    rows = [f"phase {prompt.phase}, dialect {prompt.dialect}, seal {prompt.answer_seal or 'none'}\n"]
    for message in prompt.messages:
        rows.append(f"======== {message.role}, cache marks {list(message.cache_marks)}\n{message.content}")
    rows.append("======== spans that are no clause\n")
    rows.extend(
        f"{span.message}:{span.start}-{span.end} {span.kind.value} {span.id}\n"
        for span in prompt.spans
        if span.kind is not Kind.CLAUSE
    )
    return "".join(rows)


@pytest.mark.parametrize("name", list(CASES))
def test_the_prompt_is_the_one_that_was_reviewed(prompts, name):
    phase, arguments = CASES[name]
    made = picture(prompts.render_phase(phase, **arguments)).encode("utf-8")
    path = FOLDER / f"{name}.txt"
    if os.environ.get("UPDATE_SNAPSHOTS") == "1" and not os.environ.get("CI"):
        path.write_bytes(made)
    assert path.read_bytes() == made


def test_every_snapshot_belongs_to_a_case():
    assert {path.stem for path in FOLDER.iterdir()} == set(CASES)
