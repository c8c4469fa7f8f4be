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
import sys
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

    It uses no shell, passes a scrubbed environment (the path, the language and a private home), and keeps the
    end of the output only. On Linux everything that a command starts ends with it, daemons in sessions of their
    own too, and also when this process is killed; what escapes is a process that another account's rights
    protect (sudo, containers), or whose keeper the command ends by force. Elsewhere the command's process
    group is ended, and a process that gave itself a session of its own is not, and not waited for either.
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
        running = _Running(argv, folder, self._environment(folder, env))
        kept = _Tail(output_bytes)
        reader = threading.Thread(target=kept.read, args=(running.process.stdout,), daemon=True)
        reader.start()
        timed_out = False
        try:
            running.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            timed_out = True
        finally:
            # Children that outlive the command would hold the pipe open and the scratch folder busy.
            running.end()
        # What could not be ended may hold the pipe open for ever.
        kept.ended.set()
        reader.join(timeout=5)
        if running.process.stdout is not None and not reader.is_alive():
            running.process.stdout.close()
        return CommandResult(
            exit_code=None if timed_out else running.exit_code(),
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


class _Running:
    """A command that was started, on Linux below a keeper of its own."""

    def __init__(self, argv: Sequence[str], folder: Path, env: Mapping[str, str]) -> None:
        self._argv = list(argv)
        self._told: int | None = None
        self._said: dict[bytes, bytes] = {}
        command, passed = self._argv, list[int]()
        if _has_keeper():
            self._told, tell = os.pipe()
            command = [sys.executable, "-I", "-S", _KEEPER, str(tell), str(os.getpid()), *self._argv]
            passed.append(tell)
        try:
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=os.name == "posix",
                pass_fds=passed,
            )
        except (OSError, ValueError) as error:
            if self._told is not None:
                os.close(self._told)
            raise self._failure(error.strerror if isinstance(error, OSError) else str(error)) from error
        finally:
            for descriptor in passed:
                os.close(descriptor)

    def _failure(self, reason: str | None) -> RunnerFailed:
        return RunnerFailed(
            f"{self._argv[0]!r} cannot be started: {reason}.",
            hint="Install it where the command runs, or state another command in TechSpec.",
        )

    def end(self) -> None:
        """End the command and, as far as the platform gives them, all processes that it has started."""
        process = self.process
        if self._told is None:
            _end_group(process.pid)
            process.wait()
            return
        if process.poll() is None:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=_KEEPERS_TIME)
        process.kill()
        process.wait()
        with os.fdopen(self._told, "rb") as pipe:
            self._said = dict(line.split(b" ", 1) for line in pipe.read().splitlines())
        if b"code" not in self._said and process.returncode:
            # The keeper itself was ended by force: the command's own group is what is left to end.
            _end_group(int(self._said.get(b"process", b"0")))

    def exit_code(self) -> int:
        """How the command ended; raises RunnerFailed where it could not be started at all."""
        if self._told is None:
            return self.process.returncode
        if b"error" in self._said:
            raise self._failure(os.strerror(int(self._said[b"error"])))
        if b"process" not in self._said:
            raise self._failure("the process that keeps it did not start")
        return int(self._said.get(b"code", self.process.returncode or -signal.SIGKILL))


def _has_keeper() -> bool:
    """Whether orphans can be adopted here, and there is a Python to do it: this one may be part of another program."""
    known = Path(sys.executable or "").name.startswith(("python", "pypy"))
    return sys.platform == "linux" and known and Path(_KEEPER).is_file()


_KEEPER = str(Path(__file__).with_name("keeper.py"))
# It takes five seconds itself to end what does not want to end.
_KEEPERS_TIME = 10.0


def _end_group(number: int) -> None:
    if os.name == "posix" and number > 1:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(number, signal.SIGKILL)
