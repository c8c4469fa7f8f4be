"""Really running things: migrations on scratch databases, and the change's own commands.

Owns: scratch databases and folders, the processes that run scripts, and what they showed.
Must never know: rules, prompts, the session, models.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_engineer.first_use import names_on_first_use

if TYPE_CHECKING:
    from backend_engineer.verification.commands import verify_commands
    from backend_engineer.verification.limits import Limits
    from backend_engineer.verification.linting import lint_postgres
    from backend_engineer.verification.pairs import verify_migrations
    from backend_engineer.verification.runner import CommandResult, CommandRunner, LocalRunner
    from backend_engineer.verification.tools import PRESETS

__all__ = [
    "PRESETS",
    "CommandResult",
    "CommandRunner",
    "Limits",
    "LocalRunner",
    "lint_postgres",
    "verify_commands",
    "verify_migrations",
]

# Imported when first used: the process that runs SQLite starts from this room and must start fast.
__getattr__, __dir__ = names_on_first_use(
    __name__,
    {
        "commands": ("verify_commands",),
        "limits": ("Limits",),
        "linting": ("lint_postgres",),
        "pairs": ("verify_migrations",),
        "runner": ("CommandResult", "CommandRunner", "LocalRunner"),
        "tools": ("PRESETS",),
    },
)
