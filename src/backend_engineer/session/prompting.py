"""From the state of a session to the prompt of the next call.

Owns: which values each task's prompt is rendered from.
Must never know: how a prompt is worded, how a call is carried out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from backend_engineer.outputs import Change, FileChange
from backend_engineer.prompts import Cut, RenderedPrompt, render
from backend_engineer.session.state import SessionState
from backend_engineer.session.tree import tree_of

__all__ = ["TAIL_LINES", "cut_of", "prompt_for", "whole_lines"]

TAIL_LINES = 20
"""How many of the last lines that arrived a continuation shows."""


def prompt_for(document: SessionState, task: str, seal_key: bytes | None, counter: Any) -> RenderedPrompt:
    """Render the prompt of a task: a phase's name, `all`, `repair`, `continue` or `split`."""
    settings = document.settings
    options: dict[str, Any] = {
        "request": document.request,
        "phase": task,
        "dialect": settings.dialect,
        "lean": settings.lean,
        "budget": settings.limits.prompt_tokens,
        "seal_key": seal_key,
        "counter": counter,
        **_MATERIAL[task](document),
    }
    return render(document.inputs, document.parameters, **options)


def _plan(document: SessionState) -> dict[str, Any]:
    return {"base": tree_of(document), "plan": document.plan, "findings": document.plan_findings}


def _self_check(document: SessionState) -> dict[str, Any]:
    return {"base": tree_of(document), "plan": document.plan, "findings": document.plan_findings}


def _files(document: SessionState) -> dict[str, Any]:
    plan = document.plan
    split = plan is not None and plan.parts > 1
    return {"base": tree_of(document), "plan": plan, "part": document.part.number if split else None}


def _repair(document: SessionState) -> dict[str, Any]:
    part = document.part
    pinned = [file.path for file in part.accepted if not part.open and file.path not in part.wanted]
    return {
        **_files(document),
        "change": Change(part.accepted, origin="reply") if part.accepted else None,
        "findings": part.findings,
        "pinned": pinned,
        "wanted": part.wanted,
    }


def _continue(document: SessionState) -> dict[str, Any]:
    part = document.part
    return {
        **_files(document),
        "cut": cut_of(part.cut) if part.cut is not None else None,
        "pinned": [file.path for file in part.accepted],
    }


def _verify(document: SessionState) -> dict[str, Any]:
    part = document.part
    return {
        "base": tree_of(document),
        "plan": document.plan,
        "change": Change(part.accepted, origin="reply"),
        "findings": part.findings,
    }


_MATERIAL: Mapping[str, Callable[[SessionState], dict[str, Any]]] = {
    "plan": _plan,
    "split": _plan,
    "self-check": _self_check,
    "implement": _files,
    "all": _files,
    "repair": _repair,
    "continue": _continue,
    "verify": _verify,
}


def whole_lines(text: str) -> str:
    """The text up to its last line feed: a line that was cut inside is asked for again."""
    return text[: text.rfind("\n") + 1]


def cut_of(file: FileChange) -> Cut:
    """Where a file was cut off, as the prompt states it."""
    lines = whole_lines(file.content or "").split("\n")[:-1]
    return Cut(file.path, len(lines), "".join(f"{line}\n" for line in lines[-TAIL_LINES:]))
