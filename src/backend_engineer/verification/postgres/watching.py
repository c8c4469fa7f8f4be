"""Looking after a script while it runs: how long, how large its database grows, how much it sends back.

Owns: the thread that looks, what is too much, and ending the connection with the reason.
Must never know: scripts, how scratch databases are made, verdicts.

The server's own limits are settings that a script can lift, and it has none for the size of a database.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from backend_engineer.verification.limits import Limits

__all__ = ["Watch", "reason_of", "watch"]

_EVERY = 0.25
_GRACE = 1.0


class Watch:
    """One look-out over one connection; `parameters` connect its own, which ends the watched one."""

    def __init__(self, link: Any, parameters: dict[str, Any], limits: Limits, size: int) -> None:
        self._pid, self._name = link.info.backend_pid, link.info.dbname
        self._parameters, self._limits, self._size = parameters, limits, size
        self._done = threading.Event()
        self._memory = _own_memory()
        self.reason = ""
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        # A look that has begun must not end the connection of what runs next.
        self._thread.join(self._limits.seconds)
        if error is not None and self.reason:
            error.add_note(self.reason)

    def _look(self) -> None:
        import psycopg

        end = time.monotonic() + self._limits.seconds + _GRACE
        if self._done.wait(min(_EVERY, self._limits.seconds + _GRACE)):
            return
        with (
            contextlib.suppress(psycopg.Error),
            psycopg.connect(**self._parameters, autocommit=True) as own,
        ):
            while not self._done.is_set():
                self.reason = self._too_much(own, end)
                if self.reason:
                    own.execute("SELECT pg_terminate_backend(%s)", (self._pid,))
                    return
                self._done.wait(_EVERY)

    def _too_much(self, own: Any, end: float) -> str:
        if time.monotonic() > end:
            return f"stopped at the limit of {self._limits.seconds} s"
        import psycopg

        growth = (
            f"stopped at the limit of {self._limits.database_bytes} bytes that a scratch database may grow"
        )
        try:
            size = own.execute("SELECT pg_database_size(%s::name)", (self._name,)).fetchone()[0]
        except psycopg.errors.InsufficientPrivilege:
            # Only its owner, the script, can have taken the right to look away.
            return f"{growth}, and the script hides how large it is"
        if size > self._size + self._limits.database_bytes:
            return growth
        if _own_memory() > self._memory + self._limits.process_bytes // 4:
            return (
                f"stopped at the limit of {self._limits.process_bytes // 4} bytes that a script may send back"
            )
        return ""


def _own_memory() -> int:
    """What this process holds in memory, 0 where the system does not say it in a file."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
    except (OSError, ValueError, IndexError):
        return 0


@contextlib.contextmanager
def watch(link: Any, parameters: dict[str, Any], limits: Limits, size: int) -> Iterator[None]:
    """End the connection when what runs inside outlasts or outgrows its limits, whatever it set itself."""
    with Watch(link, parameters, limits, size):
        yield


def reason_of(error: BaseException) -> str:
    """Why the look-out ended the connection on which this error arose, empty where it did not."""
    notes: list[str] = getattr(error, "__notes__", [])
    return next((note for note in notes if note.startswith("stopped at the limit")), "")
