"""Running a command: the seam that the caller fills, and the library's own local way of doing it.

Owns: `CommandRunner`, `CommandResult`, `LocalRunner`.
Must never know: changes, migrations, reports.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from backend_engineer.errors import RunnerFailed

__all__ = ["CommandResult", "CommandRunner", "LocalRunner"]

# What programs need to start at all; everything else may hold a secret and stays out.
_KEPT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "SYSTEMROOT", "SYSTEMDRIVE", "PATHEXT", "COMSPEC")


@dataclass(frozen=True, slots=True)
class CommandResult:
    """How a command ended.

    exit_code: None where it was stopped. output: the end of its standard output and error, mixed as
    they came. timed_out: it was stopped at the time limit. truncated: earlier output was dropped.
    """

    exit_code: int | None
    output: str
    seconds: float
    timed_out: bool = False
    truncated: bool = False


@runtime_checkable
class CommandRunner(Protocol):
    """Runs one command in a folder; a caller supplies a container, a sandbox or `LocalRunner`."""

    def run(
        self,
        argv: Sequence[str],
        *,
        folder: Path,
        env: Mapping[str, str] | None = None,
        seconds: float = 600.0,
        output_bytes: int = 64_000,
    ) -> CommandResult:
        """Run `argv` without a shell at `folder`, with `env` beside what the runner itself allows.

        Raises RunnerFailed when the command cannot be started.
        """
        ...


@dataclass(frozen=True, slots=True)
class LocalRunner:
    """Runs commands on this machine, as this user. **It is no sandbox**: what runs can read and write your files.

    It uses no shell, passes a scrubbed environment (the path, the language and a private home),
    ends the whole process group at the time limit, and keeps the end of the output only. A process that
    gave itself a session of its own is not ended, and not waited for either.
    env: variables to pass besides. home: the folder that commands get as HOME; the scratch folder
    itself where it is None.
    """

    env: Mapping[str, str] = field(default_factory=dict)
    home: Path | None = None

    def run(
        self,
        argv: Sequence[str],
        *,
        folder: Path,
        env: Mapping[str, str] | None = None,
        seconds: float = 600.0,
        output_bytes: int = 64_000,
    ) -> CommandResult:
        """Run `argv` at `folder`; raises RunnerFailed when there is no such program or folder."""
        if not argv:
            raise RunnerFailed("There is no command to run.", hint="State it in TechSpec's commands.")
        began = time.monotonic()
        try:
            process = subprocess.Popen(
                list(argv),
                cwd=folder,
                env=self._environment(folder, env),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=os.name == "posix",
            )
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise RunnerFailed(
                f"{argv[0]!r} cannot be started: {reason}.",
                hint="Install it where the command runs, or state another command in TechSpec.",
            ) from error
        kept = _Tail(output_bytes)
        reader = threading.Thread(target=kept.read, args=(process.stdout,), daemon=True)
        reader.start()
        timed_out = False
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            timed_out = True
        finally:
            # Children that outlive the command would hold the pipe open and the scratch folder busy.
            _end_group(process)
        # A child in a session of its own outlives its group and may hold the pipe open for ever.
        kept.ended.set()
        reader.join(timeout=5)
        if process.stdout is not None and not reader.is_alive():
            process.stdout.close()
        return CommandResult(
            exit_code=None if timed_out else process.returncode,
            output=kept.text(),
            seconds=time.monotonic() - began,
            timed_out=timed_out,
            truncated=kept.dropped,
        )

    def _environment(self, folder: Path, env: Mapping[str, str] | None) -> dict[str, str]:
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        kept["HOME"] = str(self.home or folder)
        kept["CI"] = "1"
        return {**kept, **self.env, **(env or {})}


# A pipe holds one such piece; what comes after some of them was written by a child that outlived the command.
_LAST_CHUNKS = 32


class _Tail:
    """Keeps the last bytes of a stream."""

    def __init__(self, limit: int) -> None:
        self.limit, self.dropped = limit, False
        self.ended = threading.Event()
        self._parts = bytearray()

    def read(self, pipe: Any) -> None:
        """Read until the pipe ends, or until the command has and nothing more comes of it for a moment."""
        with selectors.DefaultSelector() as ready:
            if os.name == "posix":
                ready.register(pipe, selectors.EVENT_READ)
            after = 0
            while after < _LAST_CHUNKS:
                if os.name == "posix" and not ready.select(timeout=0.1):
                    if self.ended.is_set():
                        return
                    continue
                after += self.ended.is_set()
                chunk = os.read(pipe.fileno(), 65536)
                if not chunk:
                    return
                self._parts += chunk
                if len(self._parts) > self.limit:
                    self.dropped = True
                    del self._parts[: len(self._parts) - self.limit]

    def text(self) -> str:
        return bytes(self._parts).decode("utf-8", "replace")


def _end_group(process: subprocess.Popen[bytes]) -> None:
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    else:  # pragma: no cover  Windows has no process groups of this kind
        process.kill()
    process.wait()
