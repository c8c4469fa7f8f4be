"""A PostgreSQL server of one's own: made from an installed `initdb`, gone when its maker is gone.

Owns: finding the programs, the account, the data folder, starting, stopping, and clearing up after a crash.
Must never know: migrations, scratch databases, roles.

The data stands in memory (`/dev/shm`) where there is such a place, only a Unix socket in a folder of mode
0700 is listened on, and fsync is off. A shell watches a pipe from the maker: when the maker ends, however
it ends, the pipe closes, and the shell stops the server and removes the folder. If that shell was killed
too, the next run finds the folder, sees that nobody holds its lock, and removes it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from backend_engineer.errors import ServerUnavailable

__all__ = ["SUPERUSER", "ServerAddress", "find_programs", "remove_leftovers", "throw_away_server"]

_PREFIX = "backend-engineer-pg-"
_SETTINGS = (
    "listen_addresses=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "autovacuum=off",
    "jit=off",
    "shared_buffers=32MB",
    "max_connections=20",
    "log_min_messages=fatal",
    "unix_socket_permissions=0700",
    "dynamic_shared_memory_type=mmap",
    # What a script can make grow besides its database: the log of writes, and what sorting spills.
    "max_wal_size=64MB",
    "min_wal_size=32MB",
    "temp_file_limit=256MB",
)
# Below this a script that writes without end would fill the place before its limit stops it.
_ROOM = 2 * 1024 * 1024 * 1024
# $1 the postgres program, $2 the folder; the rest are its arguments. `read` ends when the maker does.
_WATCH = (
    'program=$1; folder=$2; shift 2; "$program" "$@" >"$folder/log" 2>&1 </dev/null & '
    'child=$!; read -r _; kill -QUIT $child 2>/dev/null; wait $child; rm -rf "$folder" "$folder.lock"'
)
_HINT = "Install PostgreSQL's server (Debian: apt-get install postgresql), or pass the DSN of a server."


SUPERUSER = "backend_engineer"
"""Its name on a server of our own: scripts speak of `postgres` as of any other role."""


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Where a server listens: the folder of its Unix socket, the port in the socket's name, the superuser."""

    folder: Path
    port: int = 5432
    user: str = SUPERUSER


def find_programs() -> tuple[Path, Path]:
    """`initdb` and `postgres`: from the path, then Debian's place, newest first; raises ServerUnavailable."""
    candidates: list[Path] = []
    found = shutil.which("initdb")
    if found is not None:
        candidates += [Path(found), Path(found).resolve()]
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version_of, reverse=True)
    for initdb in [*candidates, *places]:
        server = initdb.parent / "postgres"
        if os.access(initdb, os.X_OK) and os.access(server, os.X_OK):
            return initdb, server
    raise ServerUnavailable(
        "No initdb was found, neither on the path nor in /usr/lib/postgresql.", hint=_HINT
    )


def _version_of(path: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in path.parts[-3].split(".") if part.isdigit())


@contextlib.contextmanager
def throw_away_server() -> Iterator[ServerAddress]:
    """A running server that is stopped and removed at the end; raises ServerUnavailable when it does not start."""
    initdb, server = find_programs()
    root = _memory_folder()
    remove_leftovers()
    folder = root / f"{_PREFIX}{secrets.token_hex(4)}"
    lock = _locked(folder)
    account = _account()
    process: subprocess.Popen[bytes] | None = None
    try:
        folder.mkdir(mode=0o700)
        if account is not None:
            os.chown(folder, account.pw_uid, account.pw_gid)
        _initialise(initdb, folder, account, lock)
        process = _start(server, folder, account)
        _await(folder, process)
        yield ServerAddress(folder)
    finally:
        if process is not None:
            assert process.stdin is not None
            process.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=20)
        _end_server(folder)
        shutil.rmtree(folder, ignore_errors=True)
        Path(f"{folder}.lock").unlink(missing_ok=True)
        lock.close()


def remove_leftovers(root: Path | None = None) -> int:
    """Stop and remove servers whose maker is gone, below `root` or wherever one may stand; returns how many there were."""
    if root is None:
        return sum(remove_leftovers(place) for place in dict.fromkeys(_places()) if place.is_dir())
    removed = 0
    for folder in sorted(root.glob(f"{_PREFIX}*")):
        if folder.suffix == ".lock" or not folder.is_dir():
            continue
        lock = _try_lock(folder)
        if lock is None:
            continue
        with lock:
            _end_server(folder)
            shutil.rmtree(folder, ignore_errors=True)
            if not folder.exists():
                Path(f"{folder}.lock").unlink(missing_ok=True)
                removed += 1
    for place in sorted(root.glob(f"{_PREFIX}*.lock")):
        folder = place.with_suffix("")
        lock = None if folder.exists() else _try_lock(folder)
        if lock is not None:
            with lock:
                place.unlink(missing_ok=True)
    return removed


def _memory_folder() -> Path:
    memory, disk = _places()
    return memory if os.access(memory, os.W_OK | os.X_OK) and _free(memory) >= _ROOM else disk


def _places() -> tuple[Path, Path]:
    memory = Path("/dev/shm")  # noqa: S108  the place that is memory; the folder in it is private
    return memory, Path(tempfile.gettempdir())


def _free(place: Path) -> int:
    try:
        return shutil.disk_usage(place).free
    except OSError:
        return 0


def _locked(folder: Path) -> IO[bytes]:
    place = Path(f"{folder}.lock")
    while True:
        lock = place.open("wb")
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Another run may have cleared the file away before it was locked.
        if place.exists() and place.stat().st_ino == os.fstat(lock.fileno()).st_ino:
            return lock
        lock.close()


def _try_lock(folder: Path) -> IO[bytes] | None:
    try:
        lock = Path(f"{folder}.lock").open("wb")  # noqa: SIM115  handed to the caller
    except PermissionError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return None
    return lock


def _account() -> pwd.struct_passwd | None:
    """The account that the server runs as, where this process is root: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise ServerUnavailable(
        "PostgreSQL does not run as root, and there is neither an account postgres nor an account nobody.",
        hint="Run as another user, or make the account postgres.",
    )


def _environment(folder: Path) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": str(folder), "TZ": "UTC"}


def _as(account: pwd.struct_passwd | None) -> dict[str, Any]:
    return {} if account is None else {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _initialise(initdb: Path, folder: Path, account: pwd.struct_passwd | None, lock: IO[bytes]) -> None:
    """Make the data folder; when the maker is killed meanwhile, initdb ends by itself and holds the lock until then.

    Its server leaves shared memory behind where it is cut short: by a closed pipe, or by a folder that is gone.
    """
    command = [str(initdb), "-D", str(folder / "data"), "-U", SUPERUSER, "-A", "trust", "-E", "UTF8"]
    command += ["--locale=C", "--no-sync"]
    output = folder / "initdb.log"
    try:
        with output.open("wb") as stream:
            done = subprocess.run(
                command,
                cwd=folder,
                env=_environment(folder),
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                pass_fds=(lock.fileno(),),
                start_new_session=True,
                timeout=120,
                check=False,
                **_as(account),
            )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ServerUnavailable(f"{initdb} could not be run: {error}.", hint=_HINT) from error
    if done.returncode != 0:
        words = output.read_text(errors="replace").strip().splitlines()
        raise ServerUnavailable(f"{initdb} failed: {words[-1] if words else done.returncode}.", hint=_HINT)


def _start(server: Path, folder: Path, account: pwd.struct_passwd | None) -> subprocess.Popen[bytes]:
    settings = [part for item in (*_SETTINGS, f"unix_socket_directories={folder}") for part in ("-c", item)]
    command = ["/bin/sh", "-c", _WATCH, "sh", str(server), str(folder), "-D", str(folder / "data"), *settings]
    started: subprocess.Popen[bytes] = subprocess.Popen(
        command,
        cwd=folder,
        env=_environment(folder),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        **_as(account),
    )
    return started


def _await(folder: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    pid_file = folder / "data" / "postmaster.pid"
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, IndexError):
            # The eighth line says `ready` once connections are taken.
            if pid_file.read_text().splitlines()[7].strip() == "ready":
                return
        if process.poll() is not None or (_failed(folder) and not pid_file.exists()):
            break
        time.sleep(0.02)
    words = _log(folder).strip().splitlines()
    raise ServerUnavailable(
        f"The server did not start: {words[-1] if words else 'no reason given'}.", hint=_HINT
    )


def _log(folder: Path) -> str:
    try:
        return (folder / "log").read_text(errors="replace")
    except OSError:
        return ""


def _failed(folder: Path) -> bool:
    log = _log(folder)
    return "FATAL" in log or "PANIC" in log


def _end_server(folder: Path) -> None:
    """Stop a server that still runs from this folder, and only such a one."""
    try:
        pid = int((folder / "data" / "postmaster.pid").read_text().split()[0])
        command = (
            Path(f"/proc/{pid}/cmdline").read_bytes() if Path("/proc").is_dir() else str(folder).encode()
        )
    except (OSError, ValueError, IndexError):
        return
    if str(folder).encode() not in command:
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGQUIT)
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except OSError:
            return
        time.sleep(0.05)
