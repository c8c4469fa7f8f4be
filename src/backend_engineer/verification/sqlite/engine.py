"""Running SQLite migrations in a process of their own, and reading what it saw.

Owns: the job, the process with its hard time limit, and going on after a script that killed it.
Must never know: PostgreSQL, folders, verdict policy beyond what `outcomes` says.
"""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import backend_engineer
from backend_engineer.errors import VerificationError
from backend_engineer.migrations import Migration
from backend_engineer.outputs import PairOutcome
from backend_engineer.verification.limits import Limits
from backend_engineer.verification.outcomes import Observation, outcome_of
from backend_engineer.verification.scripts import pieces_of, verify_pieces
from backend_engineer.verification.snapshots import Snapshot, schema_lines
from backend_engineer.verification.sqlite.schema import snapshot_of

__all__ = ["run_sqlite"]

_START = "import sys; sys.path.insert(0, sys.argv[1]); from backend_engineer.verification.sqlite.worker import main; main()"
# Steps of a pair that may each take the script's limit, and what starting and copying may take besides.
_STEPS, _SLACK = 19, 15.0
_RESTARTS = 3

Progress = Callable[[PairOutcome], None]


def run_sqlite(
    migrations: Sequence[Migration],
    checked: frozenset[str],
    *,
    seed: int | str | None,
    limits: Limits,
    progress: Progress,
) -> tuple[list[PairOutcome], tuple[str, ...], list[str]]:
    """Run a chain; pairs whose place is in `checked` are judged, the others only build.

    Returns the outcomes, the schema that all forward scripts build, and notes on earlier scripts
    that failed. Raises VerificationError where the process cannot be started at all.
    """
    outcomes: list[PairOutcome] = []
    notes: list[str] = []
    schema: tuple[str, ...] = ()
    skipped: dict[str, str] = {}
    done: set[str] = set()
    by_place = {item.place: item for item in migrations}
    for _ in range(_RESTARTS + 1):
        job = _job(migrations, checked - done, seed, limits, skipped)
        last: str | None = None
        stopped, script = "no answer", ""
        finished = False
        expected = [pair["key"] for pair in job["pairs"]]
        for place, answer in enumerate(_answers(job, limits)):
            if "schema" in answer:
                schema = schema_lines(snapshot_of(answer["schema"]))
                finished = True
                break
            if "stopped" in answer:
                last = expected[place] if place < len(expected) else None
                stopped, script = answer["stopped"], answer.get("script", "")
                break
            migration = by_place[answer["key"]]
            if answer["key"] in checked - done:
                outcome = outcome_of(migration, _observation(answer))
                done.add(answer["key"])
                outcomes.append(outcome)
                progress(outcome)
            elif "forward_error" in answer and answer["key"] not in checked:
                notes.append(f"{migration.key}: {answer['forward_error']}")
        if finished:
            break
        if last is None:
            raise VerificationError(f"The process that runs SQLite did not work: {stopped}.")
        if last not in checked - done:
            skipped[last] = stopped
            notes.append(f"{by_place[last].key}: {stopped}")
        else:
            seen = _seen_stopping(by_place[last], stopped, script)
            outcome = outcome_of(by_place[last], seen)
            done.add(last)
            if seen.forward_error is not None:
                skipped[last] = stopped
            outcomes.append(outcome)
            progress(outcome)
    return outcomes, schema, list(dict.fromkeys(notes))


def _seen_stopping(migration: Migration, words: str, script: str) -> Observation:
    """What was seen of a pair of which a script or a check ended the process; its forward script may be sound."""
    rollback = migration.rollback
    parts = (rollback.parts or (rollback,)) if rollback is not None else ()
    if script and any(part.path == script for part in parts) and script != migration.forward.path:
        return Observation(rollback_error=words, mode="clone")
    return Observation(forward_error=words, mode="clone")


def _job(
    migrations: Sequence[Migration],
    checked: frozenset[str],
    seed: int | str | None,
    limits: Limits,
    skipped: dict[str, str],
) -> dict[str, Any]:
    pairs = []
    for item in migrations:
        if item.place in skipped or not item.forward.runnable:
            continue
        check, back = item.place in checked, item.rollback
        pairs.append(
            {
                "key": item.place,
                "check": check,
                "forward": _parts(item.forward),
                "rollback": _parts(back) if check and back is not None and back.runnable else None,
                "verify": verify_pieces(item.verify, "sqlite") if check else None,
            }
        )
    rows: Any = seed
    if isinstance(seed, str):
        from backend_engineer.migrations import MigrationScript

        rows = _parts(MigrationScript("seed", seed))
    return {
        "pairs": pairs,
        "seed": rows,
        "limits": {
            "seconds": limits.seconds,
            "pages": max(1, limits.database_bytes // 4096),
            "value_bytes": limits.value_bytes,
            "process_bytes": limits.process_bytes,
        },
    }


def _parts(script: Any) -> list[dict[str, Any]]:
    return [
        {
            "path": piece.path,
            "statements": piece.statements,
            "wrap": piece.wrap is not False and not piece.controls,
        }
        for piece in pieces_of(script, "sqlite")
    ]


def _answers(job: dict[str, Any], limits: Limits) -> Iterator[dict[str, Any]]:
    root = str(Path(backend_engineer.__file__).resolve().parent.parent)
    process = subprocess.Popen(
        [sys.executable, "-I", "-X", "utf8", "-c", _START, root],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    lines: queue.Queue[bytes] = queue.Queue()
    errors: list[bytes] = []
    readers = [
        threading.Thread(target=_read, args=(process.stdout, lines), daemon=True),
        threading.Thread(target=lambda pipe: errors.append(pipe.read()), args=(process.stderr,), daemon=True),
    ]
    for reader in readers:
        reader.start()
    try:
        try:
            process.stdin.write(json.dumps(job).encode())
            process.stdin.close()
        except BrokenPipeError:
            pass
        while True:
            try:
                line = lines.get(timeout=limits.seconds * _STEPS + _SLACK)
            except queue.Empty:
                yield {"stopped": "stopped: it did not end within its time limit"}
                return
            if not line:
                process.wait()
                readers[1].join(timeout=5)
                words = b"".join(errors).decode("utf-8", "replace").strip().splitlines()
                last = words[-1] if words else f"exit code {process.returncode}"
                yield {"stopped": f"the process that ran it ended: {last}"}
                return
            answer = json.loads(line)
            yield answer
            if "schema" in answer:
                return
    finally:
        process.kill()
        process.wait()
        for reader in readers:
            reader.join(timeout=5)
        process.stdout.close()
        process.stderr.close()
        if not process.stdin.closed:
            process.stdin.close()


def _read(pipe: Any, lines: queue.Queue[bytes]) -> None:
    for line in pipe:
        lines.put(line)
    lines.put(b"")


def _observation(answer: dict[str, Any]) -> Observation:
    def schema(name: str) -> Snapshot | None:
        return snapshot_of(answer[name]) if name in answer else None

    seen = Observation(
        before=schema("before"),
        after=schema("after"),
        restored=schema("restored"),
        again=schema("again"),
        forward_error=answer.get("forward_error"),
        rollback_error=answer.get("rollback_error"),
        again_error=answer.get("again_error"),
        rows_before=answer.get("rows_before"),
        rows_after=answer.get("rows_after"),
        refused=list(answer.get("refused", ())),
        settings_before=answer.get("settings_before"),
        settings_after=answer.get("settings_after"),
        mode="clone",
        seconds=answer.get("seconds", 0.0),
    )
    for name in ("verify_before", "verify_after", "verify_rollback"):
        if name in answer:
            setattr(seen, name, tuple(answer[name]))
    seen.verify_rows = [(outcome, words) for outcome, words in answer.get("verify_rows", ())]
    seen.plain_rows = answer.get("plain_rows", "")
    if "populated_error" in answer:
        direction, words = answer["populated_error"]
        seen.populated_error = (direction, words)
    return seen
