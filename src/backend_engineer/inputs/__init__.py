"""The typed inputs: documents, their loader, and the search for gaps.

Owns: what goes into a run.
Must never know: prompts, replies, rules, models.
"""

from backend_engineer.inputs.bundle import (
    PartialInputs,
    StageInputs,
    gather,
    merge_answers,
    partial,
    request_gap,
)
from backend_engineer.inputs.documents import (
    SLO,
    APIContract,
    ChangeRequest,
    Column,
    Commands,
    Component,
    ContractException,
    Database,
    DataModel,
    Entity,
    Index,
    MigrationConventions,
    Module,
    NotApplicable,
    OpsGuides,
    Pagination,
    PerfTargets,
    Relation,
    SecurityPolicy,
    TechSpec,
)
from backend_engineer.inputs.reading import read_document
from backend_engineer.inputs.reading.headings import heading_table

__all__ = [
    "SLO",
    "APIContract",
    "ChangeRequest",
    "Column",
    "Commands",
    "Component",
    "ContractException",
    "DataModel",
    "Database",
    "Entity",
    "Index",
    "MigrationConventions",
    "Module",
    "NotApplicable",
    "OpsGuides",
    "Pagination",
    "PartialInputs",
    "PerfTargets",
    "Relation",
    "SecurityPolicy",
    "StageInputs",
    "TechSpec",
    "gather",
    "heading_table",
    "merge_answers",
    "partial",
    "read_document",
    "request_gap",
]
