"""Really running things: migrations on scratch databases, and the change's own commands.

Owns: scratch databases and folders, the processes that run scripts, and what they showed.
Must never know: rules, prompts, the session, models.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from backend_engineer.verification.commands import verify_commands
    from backend_engineer.verification.limits import Limits
    from backend_engineer.verification.linting import lint_postgres
    from backend_engineer.verification.pairs import verify_migrations
    from backend_engineer.verification.runner import CommandResult, CommandRunner, LocalRunner
    from backend_engineer.verification.tools import PRESETS

# Imported when first used: the process that runs SQLite starts from this room and must start fast.
_MODULE_OF = {
    "CommandResult": "runner",
    "CommandRunner": "runner",
    "Limits": "limits",
    "LocalRunner": "runner",
    "PRESETS": "tools",
    "lint_postgres": "linting",
    "verify_commands": "commands",
    "verify_migrations": "pairs",
}

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


def __getattr__(name: str) -> Any:
    module = _MODULE_OF.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
