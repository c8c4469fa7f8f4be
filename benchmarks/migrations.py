"""How fast migrations are found, read, judged and run.

    python benchmarks/migrations.py

Prints medians for a pair in each mode, ten migrations after the server is up, and megabytes a second of the splitter
and of the rules.
"""

from __future__ import annotations

import platform
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import seeded_migrations as seeded

from backend_engineer.errors import ServerUnavailable
from backend_engineer.migrations import discover, split_statements
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


def main() -> None:
    """Print the table."""
    print(f"{platform.system()} {platform.machine()}, Python {platform.python_version()}")
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
    files = corpus()
    size = sum(len(text) for text in files.values())
    began = time.process_time()
    for text in files.values():
        split_statements(text, "postgresql")
    print(f"splitter: {speed(size, time.process_time() - began)} ({size / 1e6:.1f} MB)")
    began = time.process_time()
    discover(files)
    print(f"discovery: {len(files) / (time.process_time() - began):.0f} files/s")
    change = Change(tuple(FileChange(path, text) for path, text in files.items()))
    rules = [rule for rule in built_in_rules() if rule.code.startswith("MIG")]
    began = time.process_time()
    check(change, base=SourceTree.from_mapping({}), rules=rules, inputs=seeded._Inputs("postgresql"))
    seconds = time.process_time() - began
    print(f"all {len(rules)} rules: {speed(size, seconds)}, {len(files)} files in {seconds:.1f} s")


if __name__ == "__main__":
    main()
