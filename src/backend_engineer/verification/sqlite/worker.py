"""The process in which SQLite migrations run; started by `engine`, one for many migrations.

Owns: the steps of a pair, the process's own limits, and the lines that it answers.
Must never know: verdicts, dialects, folders; it imports the standard library only, to start fast.

It reads one JSON document from standard input and writes one JSON line for each migration. Databases live
in memory, no file may grow (RLIMIT_FSIZE is 0), and a copy is made by SQLite's own backup.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import threading
import time
from typing import Any

from backend_engineer.verification.sqlite.database import Clock, Database, facts, head_of, rows
from backend_engineer.verification.sqlite.seeding import seed_rows

__all__ = ["main", "run_pair"]

Answer = dict[str, Any]


def main() -> None:
    """Read the job from standard input, run it, and answer line by line."""
    job = json.loads(sys.stdin.buffer.read())
    _limit_process(job["limits"])
    clock = Clock()
    threading.Thread(target=_watch, args=(clock, float(job["limits"]["seconds"])), daemon=True).start()
    chain = Database(job["limits"], clock)
    for pair in job["pairs"]:
        began = time.perf_counter()
        answer, chain = run_pair(chain, pair, job["seed"])
        answer["seconds"] = time.perf_counter() - began
        _emit(answer)
    _emit({"schema": facts(chain.link)})


_GRACE = 1.0


def _watch(clock: Clock, seconds: float) -> None:
    """End the process when one call outlasts its time: SQLite looks at the clock between two calls only."""
    while True:
        time.sleep(0.1)
        deadline = clock.deadline
        if deadline and time.monotonic() > deadline + _GRACE:
            words = f"{clock.where}: stopped at the limit of {seconds} s inside a single call"
            line = json.dumps({"stopped": words, "script": clock.where.rpartition(":")[0]}) + "\n"
            os.write(sys.stdout.fileno(), line.encode())
            os._exit(1)


def run_pair(chain: Database, pair: dict[str, Any], seed: Any) -> tuple[Answer, Database]:
    """One migration on copies of the chain; the chain afterwards holds its forward script and nothing else."""
    answer: Answer = {"key": pair["key"]}
    if not pair["check"]:
        return _forward_only(chain, pair, answer)
    answer["before"], answer["settings_before"] = facts(chain.link), head_of(chain.link)
    answer["verify_before"] = _verify(chain, pair)
    after = chain.copy()
    error = after.run(pair["forward"])
    answer["refused"] = list(after.guard.refused)
    if error is not None:
        answer["forward_error"] = error
        after.close()
        _populated(chain, pair, seed, answer)
        return answer, chain
    answer["after"] = facts(after.link)
    answer["verify_after"] = _verify(after, pair)
    _back_and_again(after, pair, answer)
    _populated(chain, pair, seed, answer)
    chain.close()
    after.guard.refused.clear()
    return answer, after


def _forward_only(chain: Database, pair: dict[str, Any], answer: Answer) -> tuple[Answer, Database]:
    before = chain.copy()
    error = chain.run(pair["forward"])
    if error is None:
        before.close()
        return answer, chain
    answer["forward_error"] = error
    answer["refused"] = list(chain.guard.refused)
    chain.close()
    return answer, before


def _verify(database: Database, pair: dict[str, Any]) -> list[str]:
    if pair["verify"] is None:
        return ["absent", ""]
    copy = database.copy()
    outcome = copy.verify(pair["verify"])
    copy.close()
    return list(outcome)


def _back_and_again(after: Database, pair: dict[str, Any], answer: Answer) -> None:
    if pair["rollback"] is None:
        return
    work = after.copy()
    error = work.run(pair["rollback"])
    answer["refused"].extend(item for item in work.guard.refused if item not in answer["refused"])
    if error is not None:
        answer["rollback_error"] = error
        work.close()
        return
    answer["restored"], answer["settings_after"] = facts(work.link), head_of(work.link)
    answer["verify_rollback"] = _verify(work, pair)
    error = work.run(pair["forward"])
    if error is not None:
        answer["again_error"] = error
    else:
        answer["again"] = facts(work.link)
    work.close()


def _populated(chain: Database, pair: dict[str, Any], seed: Any, answer: Answer) -> None:
    if seed is None or pair["rollback"] is None:
        return
    _with_seed(chain, pair, seed, answer, plain=False)
    failed = answer.get("populated_error")
    if failed is None or not isinstance(seed, int):
        return
    # Values that are easy to lose are easy to stumble over as well: what plain rows show is the rest of the answer.
    del answer["populated_error"]
    _with_seed(chain, pair, seed, answer, plain=True)
    if "populated_error" not in answer:
        if failed[0] == "forward":
            answer["plain_rows"] = failed[1]
        else:
            answer["populated_error"] = failed


def _with_seed(chain: Database, pair: dict[str, Any], seed: Any, answer: Answer, *, plain: bool) -> None:
    work = chain.copy()
    tables = (0, 0)
    if isinstance(seed, int):
        with work.within("made-up rows"):
            tables = seed_rows(work.link, seed, plain=plain)
    else:
        error = work.run(seed)
        if error is not None:
            answer["seed_error"] = error
            work.close()
            return
        tables = (1, 1)
    answer["seeded"] = list(tables)
    try:
        _run_with_rows(work, pair, answer)
    except sqlite3.OperationalError as error:
        answer["populated_error"] = ["forward", f"its rows could not be read: {error}"]
    work.close()


def _run_with_rows(work: Database, pair: dict[str, Any], answer: Answer) -> None:
    with work.within("reading rows"):
        answer["rows_before"] = rows(work.link)
    answer["verify_rows"] = checks = [_verify(work, pair)]
    error = work.run(pair["forward"])
    if error is not None:
        answer["populated_error"] = ["forward", error]
        return
    checks.append(_verify(work, pair))
    error = work.run(pair["rollback"])
    if error is not None:
        answer["populated_error"] = ["rollback", error]
        return
    with work.within("reading rows"):
        answer["rows_after"] = rows(work.link)
    checks.append(_verify(work, pair))


def _limit_process(limits: dict[str, Any]) -> None:
    try:
        import resource
    except ImportError:  # pragma: no cover  not on Windows; SQLite's own limits still stand there
        return
    wanted = {
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_AS: int(limits["process_bytes"]),
    }
    for kind, value in wanted.items():
        try:
            resource.setrlimit(kind, (value, value))
        except (OSError, ValueError):  # a lower limit is in force already
            continue


def _emit(value: Answer) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()
