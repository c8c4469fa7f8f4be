"""The answers of all phases put together as the one reply that the rules judge.

Owns: how parts of several answers become one `Reply`.
Must never know: rules, prompts, streams.
"""

from __future__ import annotations

from dataclasses import replace

from backend_engineer.contract import Ending, Section
from backend_engineer.outputs import Change, Plan, SchemaChange
from backend_engineer.parsing import Diagnostic, Reply, Validation
from backend_engineer.session.state import Part, SessionState

__all__ = ["assembled", "change_of", "shifted", "text_of"]


def change_of(document: SessionState, part: Part | None = None) -> Change:
    """The change of a part, the one that is being made unless another is named."""
    fingerprint = document.base.fingerprint if document.base is not None else None
    return Change((part or document.part).accepted, fingerprint, "reply")


def text_of(document: SessionState, part: Part) -> str:
    """The answers that brought the part's files, one after the other."""
    texts = (str(document.exchanges[place].answer.get("text", "")) for place in part.sources)
    return "".join(text if text.endswith("\n") else f"{text}\n" for text in texts)


def shifted(document: SessionState, reply: Reply) -> Reply:
    """An answer with its lines counted on from the answers before it, so that all of them read as one text."""
    by = text_of(document, document.part).count("\n")
    if by == 0:
        return reply
    files = tuple(
        replace(file, start_line=file.start_line + by, end_line=file.end_line + by)
        if file.start_line
        else file
        for file in reply.files
    )
    return replace(
        reply,
        files=files,
        validations=tuple(item._replace(line=item.line + by) for item in reply.validations),
        diagnostics=tuple(item._replace(line=item.line + by) for item in reply.diagnostics),
    )


def assembled(document: SessionState) -> Reply:
    """The reply as if one answer had held everything: checklist, plan, the files that stand, and the review."""
    part = document.part
    change = change_of(document)
    return Reply(
        text=text_of(document, part),
        files=change.files,
        change=change,
        checklist=document.checklist,
        plan=_plan(document.plan, part.number),
        validations=tuple(Validation(*item) for item in part.validations),
        attestations=part.attestations,
        findings=part.review,
        diagnostics=tuple(Diagnostic(*item) for item in part.diagnostics),
        ending=Ending.COMPLETE if part.cut is None else Ending.TRUNCATED,
    )


def _plan(plan: Plan | None, number: int) -> Plan | None:
    """The plan of one part: each part of a split series is judged as a change of its own."""
    if plan is None or plan.parts == 1:
        return plan
    files = tuple(file.model_copy(update={"part": 1}) for file in plan.files if file.part == number)
    changed: dict[str, object] = {"files": files}
    if plan.schema_change.kind == "migration" and not any(
        file.section is Section.MIGRATIONS for file in files
    ):
        changed["schema_change"] = SchemaChange(
            kind="none", reason="The migrations of this series stand in another part of it."
        )
    return plan.model_copy(update=changed)
