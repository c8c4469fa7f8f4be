"""`render`: from the values of a call to a prompt, purely.

Owns: the order of the steps, and the checks of the call's arguments.
Must never know: files, networks, clocks, what a template says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from backend_engineer.contract import FILE_CAP, Parameters, Verbosity
from backend_engineer.errors import UsageError
from backend_engineer.inputs import ChangeRequest
from backend_engineer.outputs import Change, Clarification, Finding, Plan
from backend_engineer.prompts.agent_file import templates_from_agent_file
from backend_engineer.prompts.budget import within_budget
from backend_engineer.prompts.call import Call
from backend_engineer.prompts.characters import (
    CharacterPolicy,
    Suspicion,
    apply_policy,
    require_encodable,
    suspicions,
)
from backend_engineer.prompts.dialects import Dialect, dialect_named
from backend_engineer.prompts.example import worked_example
from backend_engineer.prompts.fingerprints import contract_fingerprint, fingerprints
from backend_engineer.prompts.material import (
    BaseTree,
    Cut,
    Work,
    base_documents,
    request_documents,
    specification_documents,
    work_documents,
)
from backend_engineer.prompts.phases import LEAN_SHEDDING, SHEDDING, PhasePlan, PromptPhase, Shed, phase_plan
from backend_engineer.prompts.rendered import Lack, RenderedPrompt
from backend_engineer.prompts.sealing import answer_seal as derived_seal
from backend_engineer.prompts.sealing import check_label, check_seal
from backend_engineer.prompts.spans import Document
from backend_engineer.prompts.tiling import Values, tile
from backend_engineer.prompts.wording import PACKAGED, Facts, Skeleton, Templates, skeleton, stated_clauses
from backend_engineer.tokens import DEFAULT_COUNTER, TokenCounter

__all__ = ["PROSE_TOKENS", "render"]

PROSE_TOKENS: Mapping[Verbosity, int] = {
    Verbosity.TERSE: 300,
    Verbosity.BALANCED: 1000,
    Verbosity.VERBOSE: 3000,
}
"""Tokens of prose that an answer may carry around its files, by verbosity."""


def render(
    inputs: Any,
    parameters: Parameters | None = None,
    *,
    request: ChangeRequest | None = None,
    base: BaseTree | Mapping[str, str] | None = None,
    plan: Plan | None = None,
    findings: Iterable[Finding] = (),
    phase: str = "implement",
    dialect: str | Dialect = "claude",
    budget: int | None = None,
    seal_key: bytes | None = None,
    change: Change | None = None,
    gaps: Clarification | None = None,
    cut: Cut | None = None,
    part: int | None = None,
    pinned: Sequence[str] = (),
    wanted: Sequence[str] = (),
    read: Sequence[str] | None = None,
    lean: bool = False,
    gutter: bool | None = None,
    answer_seal: str | None = None,
    characters: CharacterPolicy = "warn",
    templates: Templates | str | Path | None = None,
    counter: TokenCounter = DEFAULT_COUNTER,
    shedding: Sequence[Shed | str] | None = None,
) -> RenderedPrompt:
    """Render the prompt of one phase; the same arguments give the same characters everywhere.

    inputs: `StageInputs`, a partial bundle, or None where the phase `context` has only gaps.
    request: the wanted change; it wins over the one in the inputs. base: the source tree before the
    change, or a mapping of paths to texts; its paths are listed, and the phases that write code see
    the files that the plan touches (every file without a plan; `read` names others). plan, change,
    findings, gaps, cut: what earlier phases left. part: which part of a split plan, from 1. pinned:
    accepted paths that must not come again. wanted: paths that a repair asks for.

    phase: context, plan, self-check, implement, verify, all, repair, continue or split. dialect:
    claude, gpt, plain or a `Dialect`. lean: only the documents and answer parts that the phase needs,
    for small models; otherwise all phases of a run share the prefix up to the request, which caches.
    gutter: line numbers in the change's files (by default in `verify`). seal_key: bytes that make
    the seals unguessable. answer_seal: the seal of an answer that is being continued. characters:
    what suspicious passages do: `allow`, `warn` or `refuse`. templates: an own folder of templates, or an own
    agent file (`.md`) whose text takes the place of the clauses; `lacking` says what they do not state.
    A path is read in the call; pass a `Templates` to read it once.
    budget: the most tokens, by `counter`. shedding: what goes first when they do not suffice (by default
    `SHEDDING`, and `LEAN_SHEDDING` for a lean prompt); prompt and result both name what went.

    Raises `UnencodableInput` for a lone surrogate, `PromptRefused` for a name that cannot stand on
    one line and under the policy `refuse`, `BudgetExceeded` naming the sections, `UsageError` for
    arguments that do not fit together.
    """
    chosen = phase_plan(phase)
    _check_types(parameters, request, base, plan, change, budget, seal_key)
    parameters = parameters or Parameters()
    findings = UsageError.each(findings, Finding, "findings")
    request = request if request is not None else getattr(inputs, "request", None)
    work = Work(plan, change, tuple(findings), gaps, cut)
    _check_call(chosen, inputs, work)
    with_gutter = chosen.gutter if gutter is None else gutter
    call = Call(
        plan=chosen,
        dialect=dialect_named(dialect),
        parameters=parameters,
        templates=_templates(templates),
        lean=lean,
        gutter=with_gutter and change is not None,
        specifications=specification_documents(inputs),
        request=request_documents(request),
        base=base_documents(base, chosen, plan, read),
        work=work_documents(work, with_gutter),
        pinned=tuple(check_label(path, "a pinned path") for path in pinned),
        wanted=tuple(check_label(path, "a wanted path") for path in wanted),
        cut=cut,
        part=_part(part, plan),
        seal_key=seal_key,
        given_seal=check_seal(answer_seal) if answer_seal is not None else "",
    )
    for document in call.documents:
        require_encodable(document.name, document.text)
    warnings = apply_policy(
        characters, (item for document in call.documents for item in suspicions(document.name, document.text))
    )
    fixed = _without_messages(call, warnings)
    order = (LEAN_SHEDDING if lean else SHEDDING) if shedding is None else shedding
    return within_budget(call, lambda shed: _put_together(call, fixed, shed), budget, counter, _steps(order))


def _without_messages(call: Call, warnings: tuple[Suspicion, ...]) -> RenderedPrompt:
    """What stays the same however much is shed: fingerprints, seal, warnings."""
    prints = fingerprints(call)
    seal = ""
    if call.plan.emits_files:
        texts = (document.text for document in call.documents)
        seal = call.given_seal or derived_seal(prints["request"], texts, call.seal_key)
    return RenderedPrompt(
        messages=(),
        spans=(),
        fingerprints=prints,
        answer_seal=seal,
        phase=call.plan.phase.value,
        dialect=call.dialect.name,
        parameters=call.parameters,
        warnings=warnings,
        prose=PROSE_TOKENS[call.parameters.verbosity],
    )


def _steps(order: Sequence[Shed | str]) -> tuple[Shed, ...]:
    try:
        return tuple(Shed(item) for item in order)
    except ValueError as error:
        raise UsageError(f"{error}: no such step of shedding.", hint=f"Use {', '.join(Shed)}.") from None


def _check_types(
    parameters: Any, request: Any, base: Any, plan: Any, change: Any, budget: Any, seal_key: Any
) -> None:
    """Refuse arguments of a wrong type by name, before anything is made of them."""
    nothing = type(None)
    UsageError.unless(parameters, (Parameters, nothing), "parameters")
    UsageError.unless(request, (ChangeRequest, nothing), "request")
    UsageError.unless(plan, (Plan, nothing), "plan")
    UsageError.unless(change, (Change, nothing), "change")
    UsageError.unless(seal_key, (bytes, nothing), "seal_key")
    if budget is not None and type(budget) is not int:
        raise UsageError(f"budget is a {type(budget).__name__}.", hint="Pass a number of tokens.")
    if isinstance(base, Mapping):
        UsageError.each(base, str, "base's paths")
        UsageError.each(base.values(), str, "base's texts")
    elif base is not None and not hasattr(base, "paths"):
        raise UsageError(
            f"base is a {type(base).__name__}.", hint="Pass a SourceTree, or a mapping of path to text."
        )


def _check_call(plan: PhasePlan, inputs: Any, work: Work) -> None:
    """Refuse the calls whose phase has nothing to work on."""
    phase = plan.phase
    needs: dict[PromptPhase, tuple[object, str]] = {
        PromptPhase.CONTEXT: (work.gaps, "gaps="),
        PromptPhase.SELF_CHECK: (work.plan, "plan="),
        PromptPhase.SPLIT: (work.plan, "plan="),
        PromptPhase.VERIFY: (work.change, "change="),
        PromptPhase.REPAIR: (work.findings or None, "findings="),
    }
    if phase in needs and needs[phase][0] is None:
        raise UsageError(
            f"The phase {phase.value} has nothing to work on.", hint=f"Pass {needs[phase][1]} to render."
        )
    if inputs is None and phase is not PromptPhase.CONTEXT:
        raise UsageError("There are no inputs.", hint="Only the phase context renders without them.")
    if work.cut is not None:
        check_label(work.cut.path, "the path of the cut")


def _part(part: int | None, plan: Plan | None) -> tuple[int, int] | None:
    if part is None:
        return None
    parts = plan.parts if plan is not None else part
    if not 1 <= part <= parts:
        raise UsageError(f"The plan has no part {part}.", hint=f"Its parts go from 1 to {parts}.")
    return part, parts


def _templates(templates: Templates | str | Path | None) -> Templates:
    if templates is None:
        return PACKAGED
    if isinstance(templates, Templates):
        return templates
    if Path(templates).suffix == ".md":
        return templates_from_agent_file(templates)
    return Templates.from_folder(templates)


def _put_together(call: Call, fixed: RenderedPrompt, shed: tuple[Shed, ...]) -> RenderedPrompt:
    """The prompt without what was shed."""
    documents = call.shown(shed)
    labels = call.shed_labels(shed)
    frame = skeleton(call.templates, _facts(call, shed, documents))
    messages, spans = tile(frame, _values(call, fixed, labels, documents), call.templates.origin)
    return replace(
        fixed,
        messages=messages,
        spans=spans,
        fingerprints={**fixed.fingerprints, "contract": contract_fingerprint(frame)},
        shed=labels,
        omitted=call.unneeded if call.lean else (),
        lacking=_lacking(frame, call.templates),
    )


def _facts(call: Call, shed: tuple[Shed, ...], documents: tuple[Document, ...]) -> Facts:
    """What the templates decide on, in this call."""
    parts = call.parts(shed)
    return Facts(
        phase=call.plan.phase.value,
        dialect=call.dialect,
        verbosity=call.parameters.verbosity.value,
        effort=call.parameters.reasoning_effort.value,
        split=call.parameters.split,
        parts=parts,
        emits_files=call.plan.emits_files,
        present=tuple(sorted({document.section.value for document in documents})),
        given=tuple(sorted({document.name.partition("/")[0] for document in call.work} - {""})),
        gutter=call.gutter,
        pinned=bool(call.pinned),
        wanted=bool(call.wanted),
        cut=call.cut is not None,
        part=call.part is not None,
        shed=bool(shed),
        example_text="" if Shed.EXAMPLE in shed else worked_example(parts),
    )


def _values(
    call: Call, fixed: RenderedPrompt, shed: tuple[str, ...], documents: tuple[Document, ...]
) -> Values:
    """What fills the places of the skeleton, in this call."""
    settings = {
        "seal": fixed.answer_seal,
        "prose": str(fixed.prose),
        "cap": str(FILE_CAP),
        "effort": call.parameters.reasoning_effort.value,
        "verbosity": call.parameters.verbosity.value,
    }
    labels = {"pinned": call.pinned, "wanted": call.wanted, "shed": shed}
    if call.cut is not None:
        settings |= {"cut_line": str(call.cut.line), "cut_next": str(call.cut.line + 1)}
        labels["cut_path"] = (call.cut.path,)
    if call.part is not None:
        settings |= {"part": str(call.part[0]), "parts": str(call.part[1])}
    sections: dict[str, list[Document]] = {}
    for document in documents:
        sections.setdefault(document.section.value, []).append(document)
    return Values(settings, labels, {name: tuple(rows) for name, rows in sections.items()}, call.seal_key)


def _lacking(frame: Skeleton, templates: Templates) -> tuple[Lack, ...]:
    """The clauses that a caller's own templates or agent file leave out."""
    stated = {clause for clause, _ in frame.clauses}
    return tuple(
        Lack(row.id, row.statement, templates.lacks.get(row.id, "the templates do not state it"))
        for row in stated_clauses()
        if row.id not in stated
    )
