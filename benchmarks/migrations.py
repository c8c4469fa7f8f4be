"""How fast migrations are found, read, judged and run.

    python benchmarks/migrations.py
    python benchmarks/migrations.py --lint FOLDER [--dialect postgresql]

Prints medians for a pair in each mode, ten migrations after the server is up, and megabytes a second of the splitter
and of the rules. With `--lint` it prints the last of these for a folder of real migrations, which is judged as one
change on an empty base. Times of the rules are processor time, the median of three runs, each of which begins with
no script read before. The own corpus is the same base script for every pair, and the library keeps short scripts
that it has read; a folder of real migrations is the harder measure.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import seeded_migrations as seeded

from backend_engineer.errors import ServerUnavailable
from backend_engineer.migrations import discover, lexer, statements
from backend_engineer.outputs import Change, FileChange
from backend_engineer.rules import built_in_rules, check
from backend_engineer.verification import verify_migrations
from backend_engineer.workspace import SourceTree


def chain(dialect: str, count: int, *, alone: bool = False) -> dict[str, str]:
    """A folder of migrations that go on from each other; `alone` makes each end its own transaction."""
    begin, end = ("BEGIN;\n", "COMMIT;\n") if alone else ("", "")
    files = {
        "db/migrations/0001_base.up.sql": seeded.BASE_UP[dialect],
        "db/migrations/0001_base.down.sql": seeded.BASE_DOWN[dialect],
    }
    for number in range(2, count + 2):
        name = f"db/migrations/{number:04}_step"
        files[f"{name}.up.sql"] = (
            f"{begin}CREATE TABLE extra{number} (id integer PRIMARY KEY, pet_id integer REFERENCES pets (id), note text);\n"
            f"ALTER TABLE owners ADD COLUMN extra{number} text;\n{end}-- VERIFY\n-- SELECT extra{number} FROM owners\n"
        )
        files[f"{name}.down.sql"] = (
            f"{begin}ALTER TABLE owners DROP COLUMN extra{number};\nDROP TABLE extra{number};\n{end}"
        )
    return files


def pair_times(database: str, *, alone: bool = False) -> tuple[list[float], float]:
    """Seconds for each of ten pairs, and for the whole call."""
    files = chain(database, 10, alone=alone)
    base = {path: text for path, text in files.items() if "0001_base" in path}
    began = time.perf_counter()
    report = verify_migrations(files, database, base=base)
    whole = time.perf_counter() - began
    assert {pair.verdict.value for pair in report.pairs} == {"restored"}, report
    return [pair.seconds for pair in report.pairs], whole


def corpus() -> dict[str, str]:
    """Own pairs, many times over, as one project."""
    files: dict[str, str] = {}
    for number, (_, _, mutant) in enumerate(seeded.mutants_of("postgresql") * 2):
        files |= seeded.files_of(mutant, "postgresql", f"p{number:04}")
    return files


def speed(size: int, seconds: float) -> str:
    """Megabytes a second."""
    return f"{size / 1e6 / seconds:.1f} MB/s"


def lint(files: dict[str, str], dialect: str) -> str:
    """How fast all rules on migrations judge these files: megabytes a second, files, seconds."""
    rules = [rule for rule in built_in_rules() if rule.code.startswith("MIG")]
    change = Change(tuple(FileChange(path, text) for path, text in files.items()))
    empty = SourceTree.from_mapping({})
    inputs = seeded._Inputs(dialect)
    # What is built once in a process, validators and patterns, is no part of the figure.
    small = Change(tuple(FileChange(path, text) for path, text in chain(dialect, 1).items()))
    check(small, base=empty, rules=rules, inputs=inputs)
    times = []
    for _ in range(3):
        statements._kept.cache_clear()
        lexer._KNOWN[dialect].clear()
        began = time.process_time()
        report = check(change, base=empty, rules=rules, inputs=inputs)
        times.append(time.process_time() - began)
    seconds = statistics.median(times)
    size = sum(len(text) for text in files.values())
    return (
        f"all {len(rules)} rules: {speed(size, seconds)}, {len(files)} files of {size / 1e6:.2f} MB in {seconds:.2f} s, "
        f"{len(report.findings)} findings"
    )


def folder_files(folder: Path) -> dict[str, str]:
    """Path -> text of everything below a folder that reads as text."""
    files = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            files[path.relative_to(folder).as_posix()] = path.read_text("utf-8", "replace")
    if not files:
        raise SystemExit(f"{folder}: there is no file below it.")
    return files


def read_speed() -> None:
    """Print how fast the own corpus is split, found and judged."""
    files = corpus()
    size = sum(len(text) for text in files.values())
    began = time.process_time()
    for text in files.values():
        # Past the scripts that are kept: the same base would be split only once.
        statements._read(text, "postgresql")
    print(f"splitter: {speed(size, time.process_time() - began)} ({size / 1e6:.1f} MB)")
    began = time.process_time()
    discover(files)
    print(f"discovery: {len(files) / (time.process_time() - began):.0f} files/s")
    print(lint(files, "postgresql"))


def main() -> None:
    """Print the table, or the one line that was asked for."""
    parser = argparse.ArgumentParser(description="How fast migrations are found, read, judged and run.")
    parser.add_argument(
        "--lint", type=Path, metavar="FOLDER", help="only judge the migrations below this folder"
    )
    parser.add_argument("--dialect", default="postgresql", choices=("postgresql", "sqlite"))
    given = parser.parse_args()
    if given.lint is not None:
        print(lint(folder_files(given.lint), given.dialect))
        return
    print(f"{platform.system()} {platform.machine()}, Python {platform.python_version()}")
    # First, while nothing else lives in this process: the garbage collector walks over all that does.
    read_speed()
    times, whole = pair_times("sqlite")
    print(
        f"SQLite, median of a pair: {statistics.median(times) * 1000:.0f} ms; ten migrations {whole:.2f} s, process included"
    )
    try:
        times, whole = pair_times("postgresql")
        print(f"PostgreSQL, one transaction, median of a pair: {statistics.median(times) * 1000:.0f} ms")
        print(
            f"PostgreSQL, ten migrations: {sum(times):.2f} s after the server is up; {whole:.2f} s with starting and stopping it"
        )
        times, _ = pair_times("postgresql", alone=True)
        print(f"PostgreSQL, on copies, median of a pair: {statistics.median(times) * 1000:.0f} ms")
    except ServerUnavailable as error:
        print(f"PostgreSQL: not measured: {error}")


if __name__ == "__main__":
    main()
