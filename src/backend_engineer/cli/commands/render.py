"""`backend-engineer render`: the prompt of a phase, where each part of it comes from, and what moved.

Owns: the command's arguments and the layout of explanations and differences.
Must never know: how a prompt is made.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from backend_engineer.cli import sources
from backend_engineer.cli.console import Console, read_text, write_text
from backend_engineer.cli.exit_codes import ExitCode
from backend_engineer.contract import Parameters, ReasoningEffort, Verbosity
from backend_engineer.errors import IncompleteInputs, InvalidDocument, UsageError
from backend_engineer.inputs import PartialInputs, StageInputs, partial
from backend_engineer.outputs import Clarification, Plan
from backend_engineer.outputs.plan import PlanDocument
from backend_engineer.parsing import parse_reply
from backend_engineer.prompts import (
    DIALECTS,
    PROMPT_PHASES,
    PromptDiff,
    PromptPhase,
    RenderedPrompt,
    diff_prompts,
    explain,
    render,
)
from backend_engineer.reporting.escaping import one_line

__all__ = ["act", "configure"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("inputs", metavar="FOLDER", help="the specification's documents")
    parser.add_argument(
        "--answers", metavar="FILE", help="answers to a clarification, JSON of field to value"
    )
    parser.add_argument("--request", metavar="FILE", help="the wanted change, in place of the folder's own")
    parser.add_argument("--base", metavar="FOLDER", help="the source tree that the change starts from")
    parser.add_argument(
        "--phase", choices=list(PROMPT_PHASES), default="all", help="default: all, for a single call"
    )
    parser.add_argument("--dialect", choices=list(DIALECTS), default="claude", help="default: claude")
    parser.add_argument("--effort", choices=[str(item) for item in ReasoningEffort], default="medium")
    parser.add_argument("--verbosity", choices=[str(item) for item in Verbosity], default="balanced")
    parser.add_argument("--split", action="store_true", help="the caller allows the work to be split")
    parser.add_argument("--plan", metavar="FILE", help="a plan: its JSON, or a reply that holds it")
    parser.add_argument(
        "--reply", metavar="FILE", help="a reply whose change the phase looks at (verify, repair)"
    )
    parser.add_argument(
        "--gaps",
        metavar="FILE",
        help="for the phase context: a clarification as JSON; without it, the gaps that the folder itself has",
    )
    parser.add_argument(
        "--lean",
        action="store_true",
        help="only the documents and answer parts that the phase needs, for small models",
    )
    parser.add_argument(
        "--budget", metavar="TOKENS", type=int, help="the most tokens that the prompt may take"
    )
    parser.add_argument(
        "--templates", metavar="PATH", help="an own folder of templates, or an own agent file"
    )
    parser.add_argument(
        "--characters",
        choices=("allow", "warn", "refuse"),
        default="warn",
        help="what suspicious characters in documents do",
    )
    parser.add_argument(
        "--explain",
        action="store_true",
        help="where each span comes from, its tokens, and what can be cached",
    )
    parser.add_argument("--diff", metavar="OLD.json", help="what moved since a prompt that --json wrote")
    parser.add_argument(
        "--json", action="store_true", help="print JSON; the prompt's own form can be read back by --diff"
    )
    parser.add_argument("--output", metavar="FILE", help="write the prompt there")


def act(arguments: argparse.Namespace, console: Console) -> int:
    """Print the prompt, its explanation or its difference."""
    prompt = _prompt(arguments)
    for warning in prompt.warnings:
        console.complain(f"Warning: {one_line(str(warning))}")
    for lack in prompt.lacking:
        console.complain(f"Warning: clause {lack.clause} is not stated: {one_line(lack.reason)}")
    for name in prompt.shed:
        console.complain(f"Left out to fit the budget: {one_line(name)}")
    if arguments.diff:
        _show_difference(diff_prompts(_old(arguments.diff), prompt), arguments.json, console)
    elif arguments.explain:
        _show_explanation(prompt, arguments.json, console)
    else:
        text = prompt.to_json() if arguments.json else "\n".join(_messages(prompt))
        if arguments.output:
            write_text(arguments.output, text + "\n")
            console.say(f"Prompt: {arguments.output}")
        else:
            console.say(text)
    return ExitCode.OK


def _prompt(arguments: argparse.Namespace) -> RenderedPrompt:
    inputs, gaps = _inputs_and_gaps(arguments)
    base = sources.base_tree(arguments.base)
    reply = None if arguments.reply is None else parse_reply(read_text(arguments.reply), base=base)
    plan = _plan(arguments.plan) if arguments.plan else None if reply is None else reply.plan
    return render(
        inputs,
        Parameters(
            reasoning_effort=ReasoningEffort(arguments.effort),
            verbosity=Verbosity(arguments.verbosity),
            split=arguments.split,
        ),
        request=sources.wanted_change(arguments.request),
        base=base,
        plan=plan,
        change=None if reply is None else reply.change,
        findings=() if reply is None or reply.findings is None else reply.findings.findings,
        gaps=gaps,
        phase=arguments.phase,
        dialect=arguments.dialect,
        lean=arguments.lean,
        budget=arguments.budget,
        characters=arguments.characters,
        templates=arguments.templates,
    )


def _inputs_and_gaps(
    arguments: argparse.Namespace,
) -> tuple[StageInputs | PartialInputs, Clarification | None]:
    """Complete inputs; for the phase `context` whatever the folder holds, and the gaps to be worded."""
    if arguments.phase != PromptPhase.CONTEXT:
        if arguments.gaps:
            raise UsageError("Gaps are worded in the phase context only.", hint="Pass --phase context.")
        return sources.stage_inputs(arguments.inputs, arguments.answers), None
    named = _clarification(arguments.gaps) if arguments.gaps else None
    try:
        inputs: StageInputs | PartialInputs = sources.stage_inputs(arguments.inputs, arguments.answers)
    except IncompleteInputs as incomplete:
        return partial(arguments.inputs), named or incomplete.clarification
    if named is None:
        raise UsageError(
            "The inputs have no gaps, so there is nothing to ask.",
            hint="Render another phase, or name a clarification with --gaps FILE.",
        )
    return inputs, named


def _clarification(name: str) -> Clarification:
    try:
        found = Clarification.model_validate(sources.json_file(name))
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        where = "".join(f"/{step}" for step in problem["loc"])
        raise InvalidDocument(
            f"this is no clarification: {problem['msg']}.",
            path=name,
            pointer=where,
            hint="Write one with `backend-engineer render SPEC --json`, which prints the gaps of a folder.",
        ) from None
    if not found:
        raise InvalidDocument("the clarification lists no gap.", path=name, pointer="/gaps")
    return found


def _plan(name: str) -> Plan:
    text = read_text(name)
    if text.lstrip().startswith("{"):
        try:
            return PlanDocument.model_validate_json(text).plan
        except ValueError as error:
            raise InvalidDocument(f"this is no plan: {str(error).splitlines()[0]}.", path=name) from None
    plan = parse_reply(text).plan
    if plan is None:
        raise InvalidDocument(
            "the reply holds no plan.", path=name, hint="Pass the plan's JSON or another reply."
        )
    return plan


def _old(name: str) -> RenderedPrompt:
    return RenderedPrompt.from_json(read_text(name))


def _messages(prompt: RenderedPrompt) -> Iterator[str]:
    for number, message in enumerate(prompt.messages, 1):
        yield f"=== Message {number} of {len(prompt.messages)}: {message.role}"
        yield message.content


def _show_explanation(prompt: RenderedPrompt, as_json: bool, console: Console) -> None:
    rows = explain(prompt)
    sections: dict[str, int] = {}
    for row in rows:
        sections[row.section] = sections.get(row.section, 0) + row.tokens
    cacheable = sum(row.tokens for row in rows if row.cacheable)
    if as_json:
        console.say_json(
            {
                "phase": prompt.phase,
                "dialect": prompt.dialect,
                "tokens": prompt.count(),
                "cacheable_tokens": cacheable,
                "sections": sections,
                "spans": [{name: getattr(row, name) for name in row.__slots__} for row in rows],
                "fingerprints": dict(prompt.fingerprints),
                "shed": list(prompt.shed),
            }
        )
        return
    console.say("\n".join(_explanation(prompt, rows, sections, cacheable)))


def _explanation(
    prompt: RenderedPrompt, rows: Any, sections: dict[str, int], cacheable: int
) -> Iterator[str]:
    yield f"Phase: {prompt.phase}"
    yield f"Dialect: {prompt.dialect}"
    yield f"Tokens (estimated): {prompt.count()}"
    yield f"Tokens that can be cached: {cacheable}"
    yield "Tokens by section"
    yield from (f"  {name}: {count}" for name, count in sections.items())
    yield "Spans, in order"
    for row in rows:
        cached = "can be cached" if row.cacheable else "not cached"
        yield f"  {one_line(row.id)}: {row.kind}, {row.tokens} tokens, {cached}, from {one_line(row.origin)}"
    yield "Fingerprints"
    yield from (f"  {name}: {value}" for name, value in prompt.fingerprints.items())


def _show_difference(difference: PromptDiff, as_json: bool, console: Console) -> None:
    if as_json:
        console.say_json(difference.to_data())
        return
    if not difference:
        console.say("Difference: none, the prompts are the same.")
        return
    for name, value in difference.to_data().items():
        console.say(f"{name.replace('_', ' ').capitalize()}: {_told(value)}")


def _told(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return "; ".join(f"{name} {old!r} became {new!r}" for name, (old, new) in value.items())
    return ", ".join(one_line(str(item)) for item in value)
