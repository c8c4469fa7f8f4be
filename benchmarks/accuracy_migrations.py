"""What the migration rules say of real migrations, each hit beside what a server showed where one can show it.

    python benchmarks/accuracy_migrations.py folder FOLDER --dialect postgresql [--run FILE] [--facts FILE]
    python benchmarks/accuracy_migrations.py commits REPOSITORY --dialect postgresql --path migrations/ [--edits]

`folder` judges the migrations in two ways: all of them as one change, and each as a change of its own on a base
that holds the earlier ones. `commits` judges the newest commits that touch a path, each against its parent;
with `--edits` only those that touch a script that stood there before. `--run` runs every pair on scratch databases
without rows and hands the linter's notes to the rules that read them, `--facts` asks a PostgreSQL server about every
statement; both keep what they saw in the FILE and read it from there the next time.
Prints hits by way, rule and severity, and samples drawn with a fixed seed; `--json FILE` takes every hit. Fails
when a rule breaks down.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parent))

from migration_facts import Fact, facts_of
from seeded_migrations import _Inputs

from backend_engineer.errors import BackendEngineerError
from backend_engineer.migrations import Migration, discover
from backend_engineer.migrations.gathering import migration_files
from backend_engineer.outputs import Change, FileChange, MigrationReport, PairOutcome
from backend_engineer.rules import built_in_rules, check
from backend_engineer.verification import verify_migrations
from backend_engineer.workspace import SourceTree, change_from_git

# Files that say how scripts run or in which order; they stand there before any of them.
SETTINGS = ("metadata.toml", "sqitch.plan", ".sql.conf")
AFTER_A_RUN = ("MIG067", "MIG068", "MIG080")
# Which sign in a server's facts shows that a hit of a rule about locks is true.
SHOWN = {
    "MIG030": ("ShareLock",),
    "MIG031": ("verifying table", "validating foreign key"),
    "MIG033": ("rewriting table",),
    "MIG034": ("verifying table", "rewriting table"),
    "MIG042": ("AccessExclusiveLock", "ShareRowExclusiveLock"),
    "MIG035": ("AccessExclusiveLock", "ShareRowExclusiveLock", "ShareLock"),
}


class Hit(NamedTuple):
    """One finding: the way it was met, its place and words, and what a server had to say of it."""

    way: str
    rule: str
    severity: str
    path: str
    line: int
    evidence: str
    oracle: str


class Judged(NamedTuple):
    """All hits of a source, how many changes and scripts were judged, and rules that broke down."""

    hits: list[Hit]
    changes: int
    scripts: int
    broken: list[str]


def rules_for(codes: str) -> list[Any]:
    """The rules whose codes begin with one of a comma-separated list."""
    wanted = tuple(codes.split(","))
    return [rule for rule in built_in_rules() if rule.code.startswith(wanted)]


def judge(
    way: str,
    change: Change,
    base: SourceTree | None,
    rules: list[Any],
    dialect: str,
    verified: tuple[MigrationReport, ...] = (),
) -> tuple[list[Hit], list[str]]:
    """The hits of one change, and the rules that broke down at it."""
    if not rules:
        return [], []
    report = check(change, base=base, rules=rules, inputs=_Inputs(dialect), verified=verified)
    hits = [
        Hit(
            way,
            item.code or "",
            item.severity.value,
            item.where.path or "",
            int(item.where.lines.partition("-")[0] or 0),
            item.evidence.replace("\n", " "),
            "",
        )
        for item in report.findings
    ]
    return hits, [row.reason for row in report.verdicts if " stopped with " in (row.reason or "")]


def report_of(files: dict[str, str], dialect: str, kept: Path) -> MigrationReport:
    """The report of running every pair, from the file where it was kept."""
    if kept.exists():
        return MigrationReport.model_validate_json(kept.read_text("utf-8"))
    report = verify_migrations(files, dialect, seed=None)
    kept.write_text(report.model_dump_json(), "utf-8")
    return report


def facts_from(root: Path, kept: Path) -> list[Fact]:
    """The facts of every statement, from the file where they were kept."""
    if kept.exists():
        return [Fact(*json.loads(line)) for line in kept.read_text("utf-8").splitlines()]
    facts = list(facts_of(migration_files(SourceTree.from_directory(root))))
    kept.write_text("".join(json.dumps(fact) + "\n" for fact in facts), "utf-8")
    return facts


def folder(root: Path, dialect: str, codes: str, run: Path | None) -> Judged:
    """Both ways of judging a folder."""
    files = migration_files(SourceTree.from_directory(root))
    # A file of another dialect is no migration of this database, and would only be read for nothing.
    found = discover(files, dialect=dialect)
    mine = {path for item in found for path in item.paths}
    programs = {path for path, _ in found.foreign}
    settings = {path: text for path, text in files.items() if path.endswith(SETTINGS) or path in programs}
    files = {path: text for path, text in files.items() if path in mine} | settings
    rules = [rule for rule in rules_for(codes) if rule.code not in AFTER_A_RUN]
    whole = Change(tuple(FileChange(path, files[path]) for path in sorted(mine)), origin="directory")
    hits, broken = judge("a", whole, SourceTree.from_mapping(settings) if settings else None, rules, dialect)
    report = report_of(files, dialect, run) if run is not None else None
    outcomes = {item.forward: item for item in report.pairs} if report is not None else {}
    late = [rule for rule in rules_for(codes) if rule.code in AFTER_A_RUN]
    changes = 1
    for change, base, item in one_by_one(found.chains, files, settings):
        changes += 1
        more, bad = judge("b", change, base, rules, dialect)
        if report is not None and item.forward.path in outcomes:
            one = only(report, item, outcomes[item.forward.path])
            again, worse = judge("b", change, base, late, dialect, (one,))
            more, bad = more + again, bad + worse
        hits, broken = hits + more, broken + bad
    return Judged([shown(hit, found, outcomes) for hit in hits], changes, len(mine), broken)


def one_by_one(
    chains: Mapping[str, Any], files: dict[str, str], settings: dict[str, str]
) -> Iterator[tuple[Change, SourceTree, Migration]]:
    """Each migration as a change on a base with all that its runner takes before it."""
    for chain in chains.values():
        below = dict(settings)
        for item in chain:
            mine = {path: files[path] for path in item.paths if path in files}
            change = Change(tuple(FileChange(path, text) for path, text in mine.items()), origin="git")
            yield change, SourceTree.from_mapping(below), item
            below |= mine


def only(report: MigrationReport, item: Migration, outcome: PairOutcome) -> MigrationReport:
    """The part of a report that is about one migration."""
    paths = set(item.paths)
    return report.model_copy(
        update={
            "pairs": (outcome,),
            "lint": tuple(note for note in report.lint if note.path in paths),
            "files": {path: text for path, text in report.files.items() if path in paths},
        }
    )


def shown(hit: Hit, found: Any, outcomes: dict[str, PairOutcome]) -> Hit:
    """A hit with how its pair ended."""
    for item in found:
        if hit.path in item.paths and item.forward.path in outcomes:
            seen = outcomes[item.forward.path]
            words = "; ".join(part for part in (*seen.differences[:8], seen.message) if part)
            rows = seen.populated_message if seen.populated != "passed" else ""
            return hit._replace(oracle=f"{seen.verdict} {words} {rows}".strip()[:900])
    return hit


def with_facts(hits: list[Hit], facts: list[Fact]) -> Iterator[Hit]:
    """The hits about locks with what the server did at that statement."""
    by_place = {(fact.path, fact.line): fact for fact in facts}
    for hit in hits:
        fact = by_place.get((hit.path, hit.line))
        if hit.rule not in SHOWN or fact is None:
            yield hit
            continue
        seen = " ".join((*fact.locks, *fact.said))
        word = "shown" if any(sign in seen for sign in SHOWN[hit.rule]) else "not shown"
        yield hit._replace(oracle=f"{word}: {seen} {fact.refused}".strip())


def unseen(hits: list[Hit], facts: list[Fact]) -> Iterator[Fact]:
    """Statements at which the server rewrote a table that stood before, and no hit of MIG033 says so."""
    told = {(hit.path, hit.line) for hit in hits if hit.rule == "MIG033"}
    for fact in facts:
        tables = {lock.rpartition(" ")[0].strip('"') for lock in fact.locks}
        rewritten = {line.split('"')[1] for line in fact.said if line.startswith("rewriting table")}
        if tables & rewritten and (fact.path, fact.line) not in told:
            yield fact


def commits(repository: Path, dialect: str, codes: str, path: str, count: int, *, edits: bool) -> Judged:
    """The newest commits that touch a path, each against its parent."""
    choice = ["--diff-filter=M"] if edits else []
    argv = [
        "git",
        "-C",
        str(repository),
        "log",
        "--no-merges",
        "--format=%H",
        f"-{count}",
        *choice,
        "--",
        path,
    ]
    hits: list[Hit] = []
    broken: list[str] = []
    changes = scripts = 0
    rules = [rule for rule in rules_for(codes) if rule.code not in AFTER_A_RUN]
    for revision in subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split():
        try:
            change = change_from_git(repository, f"{revision}^", revision)
            base = SourceTree.from_git(repository, f"{revision}^")
            more, bad = judge(revision[:10], change, base, rules, dialect)
        except BackendEngineerError as error:
            print(f"skipped {revision[:10]}: {error}")
            continue
        changes += 1
        scripts += sum(file.path.startswith(path) for file in change)
        hits += more
        broken += bad
    return Judged(hits, changes, scripts, broken)


def tell(judged: Judged, show: int, seed: int) -> None:
    """Print counts and samples."""
    print(f"{judged.changes} change(s), {judged.scripts} file(s)")
    ways: dict[tuple[str, str, str], list[Hit]] = {}
    for hit in judged.hits:
        ways.setdefault((hit.rule, hit.severity, hit.way if len(hit.way) == 1 else "commits"), []).append(hit)
    for (rule, severity, way), hits in sorted(ways.items()):
        words = Counter(hit.oracle.partition(" ")[0].rstrip(":") or "-" for hit in hits)
        places = len({(hit.path, hit.way) for hit in hits})
        print(f"{rule} {severity:9} {way:8} {len(hits):5} hit(s) in {places:4} file(s)  {dict(words)}")
    for (rule, _, way), hits in sorted(ways.items()) if show else ():
        for hit in random.Random(seed).sample(hits, min(show, len(hits))):
            print(f"{rule} {way} {hit.path}:{hit.line} {hit.evidence[:200]} | {hit.oracle[:160]}")
    for reason in judged.broken:
        print(f"BROKEN {reason}")


def main() -> int:
    """Judge a folder or a repository; 1 when a rule breaks down."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kind", choices=("folder", "commits"))
    parser.add_argument("source", type=Path)
    parser.add_argument("--dialect", choices=("postgresql", "sqlite"), required=True)
    parser.add_argument("--rules", default="MIG")
    parser.add_argument("--run", type=Path)
    parser.add_argument("--facts", type=Path)
    parser.add_argument("--path", default=".")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--edits", action="store_true")
    parser.add_argument("--show", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    if given.kind == "commits":
        judged = commits(given.source, given.dialect, given.rules, given.path, given.count, edits=given.edits)
    else:
        judged = folder(given.source, given.dialect, given.rules, given.run)
    if given.facts is not None and given.kind == "folder":
        facts = facts_from(given.source, given.facts)
        judged = judged._replace(hits=list(with_facts(judged.hits, facts)))
        for fact in unseen(judged.hits, facts):
            print(f"MISSED MIG033 {fact.path}:{fact.line} {'; '.join(fact.said)}")
    tell(judged, given.show, given.seed)
    if given.json is not None:
        given.json.write_text("".join(json.dumps(hit._asdict()) + "\n" for hit in judged.hits), "utf-8")
    return 1 if judged.broken else 0


if __name__ == "__main__":
    sys.exit(main())
