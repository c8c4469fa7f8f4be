"""What the stage hands to the next ones: devops, QA and frontend, one typed handoff each (PIPE-02, FLOW-12).

Owns: the shapes of the handoffs.
Must never know: how they are derived from a change.
"""

from __future__ import annotations

from typing import Literal

from backend_engineer.outputs.value import Value

__all__ = ["Handoff", "Handoffs"]


class Handoff(Value):
    """What one receiving stage needs to know.

    to: `devops`, `qa` or `frontend`; receiver: the stage's name in the contract.
    summary: what changed for them. files: the paths that concern them.
    migrations: forward scripts in order with their rollback (devops). commands: how to run the
    tests (qa). endpoints: `METHOD path` that changed (frontend, qa). environment: variables and
    flags (devops). runbooks: paths (devops). attention: points a person should look at, each with
    the clause that asks for it.
    """

    to: Literal["devops", "qa", "frontend"]
    receiver: str
    summary: str
    files: tuple[str, ...] = ()
    migrations: tuple[tuple[str, str], ...] = ()
    commands: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    runbooks: tuple[str, ...] = ()
    attention: tuple[str, ...] = ()


class Handoffs(Value):
    """The three handoffs of a run."""

    devops: Handoff
    qa: Handoff
    frontend: Handoff
