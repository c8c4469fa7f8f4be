"""How long and how large a script may become on a scratch database.

Owns: `Limits` and its defaults.
Must never know: databases, processes.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits for scripts that nobody has vouched for.

    seconds: for one script. lock_seconds: waiting for a lock. database_bytes: a scratch database's
    size on SQLite, and by how much it may grow on PostgreSQL. value_bytes: one value or statement (SQLite).
    process_bytes: memory of the process that runs SQLite; on PostgreSQL a script may send back a quarter of it. output_bytes: what is kept of a command's output. command_seconds: for one command.
    """

    seconds: float = 10.0
    lock_seconds: float = 2.0
    database_bytes: int = 256 * 1024 * 1024
    value_bytes: int = 50_000_000
    process_bytes: int = 2 * 1024 * 1024 * 1024
    output_bytes: int = 64_000
    command_seconds: float = 600.0
