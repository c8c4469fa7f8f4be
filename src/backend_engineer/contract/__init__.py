"""The stage's contract as data: clauses, sections, phases, parameters, identity, risk flags.

Owns: what the stage promises, in this project's words, and the words that all other rooms share.
Must never know: how a clause is rendered, checked or shown; files; networks; models.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_engineer.first_use import names_on_first_use

if TYPE_CHECKING:
    from backend_engineer.contract.clauses import (
        CLAUSES,
        Clause,
        EvidenceKind,
        Subject,
        clause,
        clauses_about,
    )
    from backend_engineer.contract.identity import IDENTITY, Identity, RiskFlag
    from backend_engineer.contract.parameters import Modality, Parameters, ReasoningEffort, Verbosity
    from backend_engineer.contract.protocol import ENDINGS, FILE_CAP, PHASES, Ending, Phase
    from backend_engineer.contract.sections import SECTIONS, Section
    from backend_engineer.contract.verdicts import (
        FAILING_SEVERITIES,
        SEVERITIES,
        Category,
        FindingType,
        Severity,
        Status,
        Verdict,
    )

__all__ = [
    "CLAUSES",
    "ENDINGS",
    "FAILING_SEVERITIES",
    "FILE_CAP",
    "IDENTITY",
    "PHASES",
    "SECTIONS",
    "SEVERITIES",
    "Category",
    "Clause",
    "Ending",
    "EvidenceKind",
    "FindingType",
    "Identity",
    "Modality",
    "Parameters",
    "Phase",
    "ReasoningEffort",
    "RiskFlag",
    "Section",
    "Severity",
    "Status",
    "Subject",
    "Verbosity",
    "Verdict",
    "clause",
    "clauses_about",
]

__getattr__, __dir__ = names_on_first_use(
    __name__,
    {
        "clauses": ("CLAUSES", "Clause", "EvidenceKind", "Subject", "clause", "clauses_about"),
        "identity": ("IDENTITY", "Identity", "RiskFlag"),
        "parameters": ("Modality", "Parameters", "ReasoningEffort", "Verbosity"),
        "protocol": ("ENDINGS", "Ending", "FILE_CAP", "PHASES", "Phase"),
        "sections": ("SECTIONS", "Section"),
        "verdicts": (
            "Category",
            "FAILING_SEVERITIES",
            "FindingType",
            "SEVERITIES",
            "Severity",
            "Status",
            "Verdict",
        ),
    },
)
