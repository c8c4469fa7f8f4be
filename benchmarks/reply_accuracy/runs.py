"""EXE001 to EXE003 on what was really run, held against exit codes and schemas that are read here once more.

Commands: each commit, and its reverse, runs three commands on both of its sides. Migrations: a project's own scripts
for SQLite run as pairs; this module runs them again with Python's sqlite3 and compares what stands in the database.
Real scripts hold no VERIFY section, so each gets one mechanically: a read of the table or column that it makes, and
in two further copies a read of a table that nobody makes, and a check that passes without the migration as well.
"""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from backend_engineer import (
    Change,
    FileChange,
    SourceTree,
    change_from_git,
    check,
    verify_commands,
    verify_migrations,
)
from backend_engineer.verification import LocalRunner
from reply_accuracy.repository import git, revisions, text_at
from reply_accuracy.tally import Tally

__all__ = ["commands", "migrations"]


def commands(
    tally: Tally, repository: str, count: str, folder: str, selected: str = "F,E7,E9,I,UP,B", second: str = ""
) -> None:
    """The newest commits that touch a folder of Python sources, and each of them reversed.

    selected: the rules of the linter; with a second set of them that is the second command, else it compiles.
    """
    name = Path(repository).resolve().parent.name
    python = sys.executable
    wanted = {
        "lint": (python, "-m", "ruff", "check", "--isolated", "--no-cache", "--select", selected, folder),
        "types": (python, "-m", "compileall", "-q", "-f", folder),
        "tests": (python, "-m", "unittest", "discover", "-s", folder, "-t", "."),
    }
    if second:
        wanted["types"] = (*wanted["lint"][:-2], second, folder)
    runs = failed = 0
    for revision in revisions(repository, int(count), folder):
        codes = {side: _exit_codes(repository, side, wanted) for side in (f"{revision}^", revision)}
        for before, after in ((f"{revision}^", revision), (revision, f"{revision}^")):
            base = SourceTree.from_git(repository, before)
            change = change_from_git(repository, before, after)
            report = verify_commands(change, base, wanted, LocalRunner())
            found = check(change, base=base, verified=[report], rules=tally.rules("EXE001")).findings
            said = {_kind(item.evidence, wanted) for item in found}
            due = set()
            for kind in wanted:
                (old, _), (new, ran) = codes[before][kind], codes[after][kind]
                if (new != 0 and old == 0) or (new == 0 and ran == 0):
                    due.add(kind)
            runs += len(wanted)
            failed += sum(code != 0 for code, _ in codes[after].values())
            place = f"{name} {revision[:10]}{' reversed' if after.endswith('^') else ''}"
            tally.compare("EXE001", said, due, place, len(wanted))
    print(f"{name}: {runs} commands run on both sides of a change, {failed} ended with an error after it")


def _kind(evidence: str, wanted: dict[str, tuple[str, ...]]) -> str:
    return next((kind for kind, argv in wanted.items() if " ".join(argv) in evidence), evidence)


def _exit_codes(
    repository: str, revision: str, wanted: dict[str, tuple[str, ...]]
) -> dict[str, tuple[int, int | None]]:
    """Exit code of each command on a checked-out revision, and how many tests it says it ran."""
    with tempfile.TemporaryDirectory() as scratch:
        packed = git(repository, "archive", "--format=tar", revision)[1]
        subprocess.run(["tar", "-x", "-C", scratch], input=packed, check=False)
        codes: dict[str, tuple[int, int | None]] = {}
        for kind, argv in wanted.items():
            done = subprocess.run(argv, capture_output=True, text=True, cwd=scratch, check=False)
            ran = re.search(r"^Ran (\d+) tests?", done.stderr, re.MULTILINE) if kind == "tests" else None
            codes[kind] = (done.returncode, int(ran[1]) if ran else None)
        return codes


def migrations(tally: Tally, repository: str, folder: str) -> None:
    """The pairs of a folder of scripts for SQLite: as they are, and with VERIFY sections of three kinds."""
    name = Path(repository).resolve().parent.name
    scripts = dict(_scripts(repository, folder))
    forwards = [path for path in sorted(scripts, key=_order) if path.endswith(".up.sql")]
    due = dict(_run_again(scripts, forwards))
    found = _findings(tally, scripts)
    lost = (
        "Rows are ",
        "The migration fails on a database with rows",
        "The rollback fails on a database with rows",
    )
    said: set[str] = set()
    for item in found:
        if item.code != "EXE002" or str(item.severity) == "info":
            continue
        if item.title.startswith(lost):
            tally.hit(item, "open", name)
        else:
            said.add(re.sub(r"\.(up|down)\.sql$", "", item.where.path))
    tally.compare("EXE002", said, set(due), name, len(forwards))
    for path, why in sorted(due.items()):
        print(f"    run again: {path}: {why}")
    for kind in ("made", "missing", "idle"):
        checked = dict(scripts)
        touched = set()
        for path in forwards:
            added = _verify(scripts[path], kind)
            if added:
                touched.add(path)
                checked[path] = f"{scripts[path].rstrip()}\n\n-- VERIFY\n-- {added}\n"
        hits = {item.where.path for item in _findings(tally, checked) if item.code == "EXE003"}
        broken = {f"{path}.up.sql" for path, why in due.items() if why.startswith("forward")}
        wanted = set() if kind == "made" else touched - broken
        tally.compare("EXE003", hits, wanted, f"{name}, VERIFY {kind}", len(touched))
    print(f"{name}: {len(forwards)} migrations, {len(due)} of them faulty when run again here")


def _findings(tally: Tally, scripts: dict[str, str]) -> tuple[object, ...]:
    change = Change(tuple(FileChange(path, text) for path, text in scripts.items()), origin="directory")
    report = verify_migrations(change, "sqlite")
    return check(change, verified=[report], rules=tally.rules("EXE002", "EXE003")).findings


def _scripts(repository: str, folder: str) -> Iterator[tuple[str, str]]:
    listed = git(repository, "ls-tree", "-r", "--name-only", "HEAD", "--", folder)[1].decode().split("\n")
    for path in listed:
        if path.endswith((".up.sql", ".down.sql")):
            text = text_at(repository, "HEAD", path)
            if text is not None:
                yield path, text


def _order(path: str) -> tuple[int, str]:
    number = re.search(r"(\d+)[^/]*$", path)
    return int(number[1]) if number else 0, path


def _run_again(scripts: dict[str, str], forwards: list[str]) -> Iterator[tuple[str, str]]:
    """What is wrong with each pair, by Python's sqlite3 alone."""
    database = sqlite3.connect(":memory:", isolation_level=None)
    for path in forwards:
        stem = path.removesuffix(".up.sql")
        before = _schema(database)
        problem = _execute(database, scripts[path])
        if problem:
            if "no such function" not in problem:
                yield stem, f"forward: {problem}"
            continue
        back = scripts.get(f"{stem}.down.sql")
        if back is not None:
            copy = sqlite3.connect(":memory:", isolation_level=None)
            database.backup(copy)
            problem = _execute(copy, back)
            after = _schema(copy)
            if problem:
                yield stem, f"rollback: {problem}"
            elif after != before:
                yield stem, f"schema differs: {sorted(before ^ after)[:4]}"
            elif again := _execute(copy, scripts[path]):
                yield stem, f"forward again: {again}"


def _execute(database: sqlite3.Connection, script: str) -> str:
    try:
        database.executescript(script)
    except sqlite3.Error as error:
        if database.in_transaction:
            database.rollback()
        return str(error)
    return ""


def _schema(database: sqlite3.Connection) -> frozenset[str]:
    """Tables with their columns, and the other objects, white space and quotes aside; the order of columns does not count."""
    rows: set[str] = set()
    for kind, name, sql in database.execute("SELECT type, name, sql FROM sqlite_master").fetchall():
        if name.startswith("sqlite_"):
            continue
        if kind == "table":
            rows |= {f"{name}: {column[1:]}" for column in database.execute(f'PRAGMA table_info("{name}")')}
            rows |= {f"{name} -> {key[2:]}" for key in database.execute(f'PRAGMA foreign_key_list("{name}")')}
        else:
            words = re.sub(r'[\s"`]+', " ", (sql or "").replace("IF NOT EXISTS", ""))
            rows.add(f"{kind} {name}: {words.strip().lower()}")
    return frozenset(rows)


def _verify(script: str, kind: str) -> str:
    if kind == "missing":
        return "SELECT 1 FROM nobody_makes_this_table;"
    if kind == "idle":
        return "SELECT 1;"
    table = re.search(r"CREATE TABLE (?:IF NOT EXISTS )?[\"`]?(\w+)", script, re.IGNORECASE)
    renamed = re.search(r"RENAME TO|DROP TABLE", script, re.IGNORECASE)
    column = re.search(r"ALTER TABLE [\"`]?(\w+)[\"`]?\s+ADD (?:COLUMN )?[\"`]?(\w+)", script, re.IGNORECASE)
    if column:
        return f'SELECT "{column[2]}" FROM "{column[1]}";'.replace('"', "")
    return f"SELECT 1 FROM {table[1]};" if table and not renamed else ""
