"""`render`: from the values of a call to a prompt, purely.

Owns: the order of the steps, the fingerprints, the tiling of messages by spans, and the budget.
Must never know: files, networks, clocks, what a template says.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from backend_engineer.clients.protocol import Message
from backend_engineer.contract import FILE_CAP, Parameters, Verbosity
from backend_engineer.errors import BudgetExceeded, UsageError
from backend_engineer.inputs import ChangeRequest
from backend_engineer.outputs import Change, Clarification, Finding, Plan
from backend_engineer.prompts.characters import (
    CharacterPolicy,
    apply_policy,
    require_encodable,
    suspicions,
)
from backend_engineer.prompts.dialects import Dialect, dialect_named
from backend_engineer.prompts.example import worked_example
from backend_engineer.prompts.material import (
    BaseTree,
    Cut,
    Work,
    base_documents,
    request_documents,
    specification_documents,
    work_documents,
)
from backend_engineer.prompts.phases import PROMPT_PHASES, SHEDDING, PhasePlan, PromptPhase, Shed, phase_plan
from backend_engineer.prompts.rendered import Lack, RenderedPrompt
from backend_engineer.prompts.sealing import answer_seal as derived_seal
from backend_engineer.prompts.sealing import check_label, check_seal, seal
from backend_engineer.prompts.spans import Document, Kind, Piece, SectionName, Span
from backend_engineer.prompts.wording import (
    PACKAGED,
    Facts,
    Op,
    Skeleton,
    Templates,
    section_of,
    skeleton,
    stated_clauses,
)
from backend_engineer.tokens import DEFAULT_COUNTER, TokenCounter

__all__ = ["PROSE_TOKENS", "render"]

PROSE_TOKENS: Mapping[Verbosity, int] = {
    Verbosity.TERSE: 300,
    Verbosity.BALANCED: 1000,
    Verbosity.VERBOSE: 3000,
}
"""Tokens of prose that an answer may carry around its files, by verbosity."""


@dataclass(frozen=True, slots=True)
class _Call:
    """All that one call of `render` was given, checked and turned into documents."""

    plan: PhasePlan
    dialect: Dialect
    parameters: Parameters
    templates: Templates
    lean: bool
    gutter: bool
    specifications: Mapping[str, tuple[Document, ...]]
    request: tuple[Document, ...]
    base: tuple[Document, ...]
    work: tuple[Document, ...]
    pinned: tuple[str, ...]
    wanted: tuple[str, ...]
    cut: Cut | None
    part: tuple[int, int] | None
    seal_key: bytes | None
    given_seal: str

    @property
    def documents(self) -> tuple[Document, ...]:
        """Every document of the call, in the prompt's order."""
        specifications = (item for group in self.specifications.values() for item in group)
        return (*specifications, *self.request, *self.base, *self.work)


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
    shedding: Sequence[Shed | str] = SHEDDING,
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
    what suspicious passages do: `allow`, `warn` or `refuse`. templates: an own folder of templates.
    budget: the most tokens, by `counter`; what is shed, in the order `shedding`, is listed in the
    prompt and in the result.

    Raises `UnencodableInput` for a lone surrogate, `PromptRefused` for a name that cannot stand on
    one line and under the policy `refuse`, `BudgetExceeded` naming the sections, `UsageError` for
    arguments that do not fit together.
    """
    chosen = phase_plan(phase)
    parameters = parameters or Parameters()
    request = request if request is not None else getattr(inputs, "request", None)
    work = Work(plan, change, tuple(findings), gaps, cut)
    _check_call(chosen, inputs, work)
    with_gutter = chosen.gutter if gutter is None else gutter
    call = _Call(
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
    prints = _fingerprints(call)
    word = ""
    if chosen.emits_files:
        texts = (document.text for document in call.documents)
        word = call.given_seal or derived_seal(prints["request"], texts, seal_key)
    fixed = RenderedPrompt(
        messages=(),
        spans=(),
        fingerprints=prints,
        answer_seal=word,
        phase=chosen.phase.value,
        dialect=call.dialect.name,
        parameters=parameters,
        warnings=warnings,
        prose=PROSE_TOKENS[parameters.verbosity],
    )
    return _within_budget(call, fixed, budget, counter, tuple(Shed(item) for item in shedding))


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
    return templates if isinstance(templates, Templates) else Templates.from_folder(templates)


# Fingerprints


def _digest(parts: Iterable[str]) -> str:
    """SHA-256 over the parts, each with its length before it, so that no two lists collide."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8")
        digest.update(b"%d:" % len(data))
        digest.update(data)
    return digest.hexdigest()


def _document_parts(documents: Iterable[Document]) -> Iterable[str]:
    for document in documents:
        yield document.name
        yield document.media
        yield document.text


def _fingerprints(call: _Call) -> dict[str, str]:
    """Every fingerprint but that of the contract, which follows from the clauses as they are rendered."""
    inputs = _digest(_document_parts(item for group in call.specifications.values() for item in group))
    keyed = hmac.new(call.seal_key, b"fingerprint", "sha256").hexdigest() if call.seal_key else ""
    settings = (
        call.parameters.model_dump_json(),
        repr(call.dialect),
        str(call.lean),
        str(call.gutter),
        keyed,
    )
    cut = (call.cut.path, str(call.cut.line)) if call.cut else ()
    request = _digest(
        (
            call.plan.phase.value,
            inputs,
            str(call.part),
            call.given_seal,
            *_counted(_document_parts(call.request)),
            *_counted(_document_parts(call.base)),
            *_counted(_document_parts(call.work)),
            *_counted(call.pinned),
            *_counted(call.wanted),
            *_counted(cut),
        )
    )
    return {
        "contract": "",
        "templates": _digest(
            (
                call.templates.fingerprint,
                worked_example(("checklist", "plan", "files", "attestations", "findings")),
            )
        ),
        "parameters": _digest(settings),
        "inputs": inputs,
        "request": request,
    }


def _counted(parts: Iterable[str]) -> tuple[str, ...]:
    listed = tuple(parts)
    return (str(len(listed)), *listed)


# Budget


def _within_budget(
    call: _Call, fixed: RenderedPrompt, budget: int | None, counter: TokenCounter, order: tuple[Shed, ...]
) -> RenderedPrompt:
    """The whole prompt, or the first one that fits after shedding in order; `BudgetExceeded` otherwise."""
    shed: list[Shed] = []
    prompt = _put_together(call, fixed, ())
    if budget is None:
        return prompt
    while (count := prompt.count(counter)) > budget:
        step = next((item for item in order if item not in shed and _can_shed(call, item)), None)
        if step is None:
            sections = _per_section(prompt, counter)
            raise BudgetExceeded(by=count - budget, budget=budget, per_section=sections, shed=prompt.shed)
        shed.append(step)
        prompt = _put_together(call, fixed, tuple(shed))
    return prompt


def _per_section(prompt: RenderedPrompt, counter: TokenCounter) -> dict[str, int]:
    texts: dict[str, list[str]] = {}
    for span in prompt.spans:
        texts.setdefault(span.section.value, []).append(prompt.text_of(span))
    return {name: counter.count("".join(parts)) for name, parts in texts.items()}


def _can_shed(call: _Call, step: Shed) -> bool:
    """Whether the step would take anything out of this call's prompt."""
    if step is Shed.EXAMPLE:
        return bool(worked_example(call.plan.parts))
    if step is Shed.UPSTREAM:
        return "upstream" in call.specifications
    if step is Shed.OTHER_PARTS:
        return not call.lean
    if step is Shed.OTHER_DOCUMENTS:
        return not call.lean and bool(_unneeded(call))
    return bool(call.base)


def _unneeded(call: _Call) -> tuple[str, ...]:
    needed = (*call.plan.documents, "upstream")
    return tuple(name for name in call.specifications if name not in needed)


def _shed_labels(call: _Call, shed: tuple[Shed, ...]) -> tuple[str, ...]:
    """What was shed, as the prompt and the result name it."""
    labels: list[str] = []
    for step in shed:
        if step is Shed.EXAMPLE:
            labels.append("the example of an answer")
        elif step is Shed.UPSTREAM:
            labels.extend(document.name for document in call.specifications["upstream"])
        elif step is Shed.OTHER_PARTS:
            labels.append("the form of answer parts that this phase does not use")
        elif step is Shed.OTHER_DOCUMENTS:
            labels.extend(_unneeded(call))
        else:
            labels.append("the list of the source tree's paths")
    return tuple(labels)


# Putting together


def _shown(call: _Call, shed: tuple[Shed, ...]) -> tuple[Document, ...]:
    """The documents that the prompt shows after what the phase omits and the budget shed."""
    left_out: set[str] = set()
    if call.lean or Shed.OTHER_DOCUMENTS in shed:
        left_out.update(_unneeded(call))
    if Shed.UPSTREAM in shed:
        left_out.add("upstream")
    specifications = [
        document for name, group in call.specifications.items() if name not in left_out for document in group
    ]
    base = call.base[1:] if Shed.BASE_LISTING in shed else call.base
    return (*specifications, *call.request, *base, *call.work)


def _put_together(call: _Call, fixed: RenderedPrompt, shed: tuple[Shed, ...]) -> RenderedPrompt:
    documents = _shown(call, shed)
    short = call.lean or Shed.OTHER_PARTS in shed
    parts = call.plan.parts if short else _all_parts(call.plan)
    labels = _shed_labels(call, shed)
    facts = Facts(
        phase=call.plan.phase.value,
        dialect=call.dialect,
        verbosity=call.parameters.verbosity.value,
        effort=call.parameters.reasoning_effort.value,
        split=call.parameters.split,
        parts=parts,
        emits_files=call.plan.emits_files,
        present=tuple(sorted({document.section.value for document in documents})),
        given=tuple(sorted({document.name.split("/")[0] for document in call.work} - {""})),
        gutter=call.gutter,
        pinned=bool(call.pinned),
        wanted=bool(call.wanted),
        cut=call.cut is not None,
        part=call.part is not None,
        shed=bool(labels),
        example_text="" if Shed.EXAMPLE in shed else worked_example(parts),
    )
    frame = skeleton(call.templates, facts)
    values = _Values.of(call, fixed, labels, documents)
    messages, spans = _tile(frame, values, call.templates.origin)
    return replace(
        fixed,
        messages=messages,
        spans=spans,
        fingerprints={**fixed.fingerprints, "contract": _digest(_flat(frame.clauses))},
        shed=labels,
        omitted=_unneeded(call) if call.lean else (),
        lacking=_lacking(frame),
        documents={document.name: document.origin for document in documents},
    )


def _all_parts(plan: PhasePlan) -> tuple[str, ...]:
    """The form of every part, the same in all phases, so that they share a prefix."""
    if plan.phase is PromptPhase.CONTEXT:
        return plan.parts
    return PROMPT_PHASES[PromptPhase.ALL].parts


def _flat(pairs: Iterable[tuple[str, str]]) -> Iterable[str]:
    for pair in pairs:
        yield from pair


def _lacking(frame: Skeleton) -> tuple[Lack, ...]:
    stated = {clause for clause, _ in frame.clauses}
    return tuple(
        Lack(row.id, row.statement, "the templates do not state it")
        for row in stated_clauses()
        if row.id not in stated
    )


@dataclass(frozen=True, slots=True)
class _Values:
    """What fills the places of a skeleton."""

    settings: Mapping[str, str]
    labels: Mapping[str, tuple[str, ...]]
    sections: Mapping[str, tuple[Document, ...]]
    seal_key: bytes | None

    @classmethod
    def of(
        cls, call: _Call, fixed: RenderedPrompt, shed: tuple[str, ...], documents: tuple[Document, ...]
    ) -> _Values:
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
        return cls(settings, labels, {name: tuple(rows) for name, rows in sections.items()}, call.seal_key)


@dataclass(slots=True)
class _Tiler:
    """The messages as they grow, each stretch with its span."""

    roles: list[Literal["system", "user", "assistant"]]
    texts: list[list[str]]
    lengths: list[int]
    marks: list[list[int]]
    spans: list[Span]
    section: SectionName = SectionName.ROLE
    ordinals: dict[str, int] | None = None

    def add(self, piece: Piece) -> None:
        """Append a piece to the open message."""
        if not piece.text:
            return
        if not self.roles:
            raise UsageError(
                "A template writes text before it opens a message.", hint="Call message() first."
            )
        start = self.lengths[-1]
        end = start + len(piece.text)
        self.texts[-1].append(piece.text)
        self.lengths[-1] = end
        self.spans.append(
            Span(
                piece.id,
                piece.section,
                piece.kind,
                len(self.roles) - 1,
                start,
                end,
                piece.origin,
                piece.clauses,
            )
        )

    def own(self, kind: Kind, text: str, origin: str, name: str = "") -> None:
        """Append words, a setting or a label of the open section under a numbered id."""
        ordinals = self.ordinals if self.ordinals is not None else {}
        self.ordinals = ordinals
        base = name or self.section.value
        ordinals[base] = ordinals.get(base, 0) + 1
        self.add(Piece(f"{base}/{ordinals[base]}", self.section, kind, text, origin))

    def open(self, role: str) -> None:
        """Start a message."""
        if role not in ("system", "user"):
            raise UsageError(f"A template opens a message for {role!r}.", hint="Use system or user.")
        self.roles.append("system" if role == "system" else "user")
        self.texts.append([])
        self.lengths.append(0)
        self.marks.append([])

    def cache(self) -> None:
        """Mark the prefix up to here as worth caching."""
        if self.spans and self.lengths and self.lengths[-1]:
            self.marks[-1].append(self.lengths[-1])
            self.spans[-1] = replace(self.spans[-1], cache=True)


def _tile(frame: Skeleton, values: _Values, origin: str) -> tuple[tuple[Message, ...], tuple[Span, ...]]:
    tiler = _Tiler([], [], [], [], [])
    for op in frame.ops:
        if op.kind == "text":
            tiler.own(Kind.CLAUSE, op.text, origin)
        elif op.kind == "clause":
            tiler.add(
                Piece(f"clause/{op.value}", tiler.section, Kind.CLAUSE, op.text, "contract", (op.value,))
            )
        elif op.kind == "message":
            tiler.open(op.value)
        elif op.kind == "section":
            tiler.section = section_of(op.value)
        elif op.kind == "cache":
            tiler.cache()
        else:
            _fill(tiler, op, values, origin)
    messages = tuple(
        Message(role=role, content="".join(texts), cache_marks=tuple(marks))
        for role, texts, marks in zip(tiler.roles, tiler.texts, tiler.marks, strict=True)
    )
    return messages, tuple(tiler.spans)


def _fill(tiler: _Tiler, op: Op, values: _Values, origin: str) -> None:
    """Put documents, a setting, or labels into their place."""
    if op.kind == "documents":
        for document in values.sections.get(op.value, ()):
            sealed = seal(document, values.seal_key)
            tiler.add(
                Piece(f"document/{document.name}", tiler.section, Kind.DOCUMENT, sealed, document.origin)
            )
    elif op.kind == "setting":
        tiler.own(Kind.SETTING, _known(values.settings, op), "parameters", f"setting/{op.value}")
    elif op.kind == "label":
        tiler.own(Kind.LABEL, _known(values.labels, op)[0], "call", f"label/{op.value}")
    else:
        for text in _known(values.labels, op):
            tiler.own(Kind.CLAUSE, "- `", origin)
            tiler.own(Kind.LABEL, text, "call", f"label/{op.value}")
            tiler.own(Kind.CLAUSE, "`\n", origin)


def _known(table: Mapping[str, Any], op: Op) -> Any:
    try:
        return table[op.value]
    except KeyError:
        raise UsageError(
            f"A template asks for the {op.kind} {op.value!r}, which this phase does not have.",
            hint=f"It has {', '.join(table)}.",
        ) from None
