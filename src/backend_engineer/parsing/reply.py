"""A whole reply as one frozen value.

Owns: `Reply`, and how events add up to it.
Must never know: how text is scanned, rules, prompts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from backend_engineer.contract import Ending
from backend_engineer.outputs import Change, FileChange
from backend_engineer.parsing.events import Diagnostic, Question, Validation

if TYPE_CHECKING:  # a reply without JSON blocks never needs the models
    from backend_engineer.outputs import Attestation, Clarification, Plan, ReviewFindings

__all__ = ["Reply"]


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model wrote, read into values.

    text: the reply as it was received. files: every file in order, a path given twice twice.
    change: one file for each path, by the duplicates policy. checklist: the bullets that open the
    reply. plan, findings, clarification: the JSON blocks, None where there is none.
    validations: the `Validation:` lines. attestations: the claims. questions: what it asks back.
    diagnostics: everything about the form that a reader should know. ending: how the text ended.
    """

    text: str = ""
    files: tuple[FileChange, ...] = ()
    change: Change = field(default_factory=lambda: Change(origin="reply"))
    checklist: tuple[str, ...] = ()
    plan: Plan | None = None
    validations: tuple[Validation, ...] = ()
    attestations: tuple[Attestation, ...] = ()
    findings: ReviewFindings | None = None
    clarification: Clarification | None = None
    questions: tuple[Question, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    ending: Ending = Ending.COMPLETE
