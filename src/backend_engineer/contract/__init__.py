"""The stage's contract as data: clauses, sections, phases, parameters, identity, risk flags.

Owns: what the stage promises, in this project's words, and the words that all other rooms share.
Must never know: how a clause is rendered, checked or shown; files; networks; models.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

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

_HOMES = {
    "CLAUSES": "clauses",
    "Category": "verdicts",
    "Clause": "clauses",
    "ENDINGS": "protocol",
    "Ending": "protocol",
    "EvidenceKind": "clauses",
    "FAILING_SEVERITIES": "verdicts",
    "FILE_CAP": "protocol",
    "FindingType": "verdicts",
    "IDENTITY": "identity",
    "Identity": "identity",
    "Modality": "parameters",
    "PHASES": "protocol",
    "Parameters": "parameters",
    "Phase": "protocol",
    "ReasoningEffort": "parameters",
    "RiskFlag": "identity",
    "SECTIONS": "sections",
    "SEVERITIES": "verdicts",
    "Section": "sections",
    "Severity": "verdicts",
    "Status": "verdicts",
    "Subject": "clauses",
    "Verbosity": "parameters",
    "Verdict": "verdicts",
    "clause": "clauses",
    "clauses_about": "clauses",
}

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


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
