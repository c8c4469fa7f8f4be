"""The typed inputs: documents, their loader, and the search for gaps.

Owns: what goes into a run.
Must never know: prompts, replies, rules, models.
"""

from backend_engineer.inputs.documents import (
    APIContract,
    ChangeRequest,
    DataModel,
    NotApplicable,
    OpsGuides,
    PerfTargets,
    SecurityPolicy,
    StageInputs,
    TechSpec,
)

__all__ = [
    "APIContract",
    "ChangeRequest",
    "DataModel",
    "NotApplicable",
    "OpsGuides",
    "PerfTargets",
    "SecurityPolicy",
    "StageInputs",
    "TechSpec",
]
