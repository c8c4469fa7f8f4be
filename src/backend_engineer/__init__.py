"""The backend-engineer stage of a delivery pipeline: typed specifications in, a checked change out.

Owns: the public names, each imported from its room when it is first used.
Must never know: anything else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_engineer.first_use import names_on_first_use

if TYPE_CHECKING:
    from backend_engineer.clients import AsyncModelClient, ModelClient
    from backend_engineer.contract import Parameters, Section
    from backend_engineer.drivers import arun, run
    from backend_engineer.errors import BackendEngineerError
    from backend_engineer.inputs import (
        APIContract,
        ChangeRequest,
        DataModel,
        NotApplicable,
        OpsGuides,
        PerfTargets,
        SecurityPolicy,
        StageInputs,
        TechSpec,
        gather,
    )
    from backend_engineer.outputs import (
        Change,
        Clarification,
        FileChange,
        Finding,
        Gap,
        Report,
        ReviewFindings,
        RunRecord,
        StageResult,
    )
    from backend_engineer.parsing import Reply, ReplyParser, parse_reply, write_reply
    from backend_engineer.prompts import RenderedPrompt, render
    from backend_engineer.rules import Rule, check
    from backend_engineer.session import Session
    from backend_engineer.verification import verify_commands, verify_migrations
    from backend_engineer.workspace import (
        SourceTree,
        change_from_diff,
        change_from_directory,
        change_from_git,
        write_change,
    )

__version__ = "0.1.0"

_ROOMS: dict[str, tuple[str, ...]] = {
    "clients": ("AsyncModelClient", "ModelClient"),
    "contract": ("Parameters", "Section"),
    "drivers": ("arun", "run"),
    "errors": ("BackendEngineerError",),
    "inputs": (
        "APIContract",
        "ChangeRequest",
        "DataModel",
        "NotApplicable",
        "OpsGuides",
        "PerfTargets",
        "SecurityPolicy",
        "StageInputs",
        "TechSpec",
        "gather",
    ),
    "outputs": (
        "Change",
        "Clarification",
        "FileChange",
        "Finding",
        "Gap",
        "Report",
        "ReviewFindings",
        "RunRecord",
        "StageResult",
    ),
    "parsing": ("Reply", "ReplyParser", "parse_reply", "write_reply"),
    "prompts": ("RenderedPrompt", "render"),
    "rules": ("Rule", "check"),
    "session": ("Session",),
    "verification": ("verify_commands", "verify_migrations"),
    "workspace": (
        "SourceTree",
        "change_from_diff",
        "change_from_directory",
        "change_from_git",
        "write_change",
    ),
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}

__all__ = [  # noqa: RUF022  the order of docs/api.md: by use, not by alphabet
    "StageInputs",
    "TechSpec",
    "APIContract",
    "DataModel",
    "SecurityPolicy",
    "PerfTargets",
    "OpsGuides",
    "ChangeRequest",
    "Parameters",
    "NotApplicable",
    "gather",
    "Clarification",
    "Gap",
    "render",
    "RenderedPrompt",
    "parse_reply",
    "ReplyParser",
    "write_reply",
    "Reply",
    "FileChange",
    "Change",
    "Section",
    "SourceTree",
    "change_from_directory",
    "change_from_diff",
    "change_from_git",
    "write_change",
    "check",
    "Report",
    "Finding",
    "ReviewFindings",
    "Rule",
    "verify_migrations",
    "verify_commands",
    "Session",
    "run",
    "arun",
    "StageResult",
    "RunRecord",
    "ModelClient",
    "AsyncModelClient",
    "BackendEngineerError",
]


def room_of(name: str) -> str:
    """The room in which a public name is defined, such as `parsing` for `parse_reply`."""
    return _ROOM_OF[name]


__getattr__, __dir__ = names_on_first_use(__name__, _ROOMS)
