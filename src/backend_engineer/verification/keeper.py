"""The small process that stands above a command and ends what the command leaves running.

Owns: adopting orphans, ending them, and saying how the command ended.
Must never know: runners, reports; it is run by its path and imports the standard library only.

Linux gives the orphans of a process to its nearest ancestor that asks for them (a "child subreaper"), whatever
sessions, groups or environments they made for themselves. The library itself must not ask: it lives in
somebody else's program, whose own children it would then have to tell apart. So this process asks in its place.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import time

__all__ = ["main"]

_SET_PARENT_DEATH_SIGNAL, _SET_CHILD_SUBREAPER = 1, 36
_PATIENCE = 5.0


class _Stop(Exception):
    """The runner, or its end, asks for the end of everything."""


def main() -> None:
    """Run `argv[3:]` for the process `argv[2]`; the descriptor `argv[1]` is told its number, then how it ended."""
    told, parent = int(sys.argv[1]), int(sys.argv[2])
    os.set_inheritable(told, False)
    signal.signal(signal.SIGTERM, _stop)
    libc = ctypes.CDLL(None)
    libc.prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    libc.prctl(_SET_PARENT_DEATH_SIGNAL, int(signal.SIGTERM), 0, 0, 0)
    code: int | None = None
    try:
        if os.getppid() != parent:
            raise _Stop
        child = _started(told, sys.argv[3:])
        os.write(told, f"process {child}\n".encode())
        code = _awaited(child)
    except _Stop:
        pass
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _end_all()
    if code is not None:
        os.write(told, f"code {code}\n".encode())


def _stop(number: int, frame: object) -> None:
    raise _Stop


def _started(told: int, argv: list[str]) -> int:
    child = os.fork()
    if child:
        silent = os.open(os.devnull, os.O_RDWR)
        for number in range(3):
            os.dup2(silent, number)
        return child
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.setsid()
        os.execvp(argv[0], argv)  # noqa: S606  a command without a shell is what is meant
    except OSError as error:
        os.write(told, f"error {error.errno}\n".encode())
    finally:
        os._exit(127)


def _awaited(child: int) -> int:
    """The command's exit code; orphans that end meanwhile are buried."""
    while True:
        ended, status = os.wait()
        if ended == child:
            return os.waitstatus_to_exitcode(status)


def _end_all() -> None:
    """End every process below this one: those of an ended one come up in its place, until none is left."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        for number in _children():
            with contextlib.suppress(OSError):
                os.kill(number, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.005)


def _children() -> list[int]:
    own, found = os.getpid(), []
    for name in os.listdir("/proc"):
        if name.isdigit():
            with (
                contextlib.suppress(OSError, ValueError, IndexError),
                open(f"/proc/{name}/stat", "rb") as file,
            ):
                # The name in parentheses may hold anything, blanks and parentheses too.
                if int(file.read().rpartition(b")")[2].split()[1]) == own:
                    found.append(int(name))
    return found


if __name__ == "__main__":
    main()
