"""How often each rule speaks on material that its author did not write; a person then judges the samples.

    python benchmarks/accuracy.py tree FOLDER...             the files of each folder as changes
    python benchmarks/accuracy.py commits REPOSITORY...      the newest commits of git repositories, each against its parent
    python benchmarks/accuracy.py replies FOLDER...          folders of recorded model replies, one change each

Prints how many hits there were by rule and severity, then up to `--show` places of each rule that `--rules` names,
drawn with a fixed seed over all of the material, so that the same call shows the same places. `--touching "*.go"`
takes only the commits that change a path of these patterns; how many clauses need review in a change, and which, is
printed too. `--inputs FOLDER` gives the documents that some rules need, as many as there are; `--stack "NestJS,PostgreSQL"` gives a stack alone.
`--out FILE` writes every hit as one JSON line. Ends with 1 when a rule breaks down, and with 2 when there is
nothing to judge.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backend_engineer.contract import Verdict
from backend_engineer.errors import BackendEngineerError
from backend_engineer.inputs import partial
from backend_engineer.outputs import Change, FileChange, Finding, Report
from backend_engineer.parsing import parse_reply
from backend_engineer.rules import built_in_rules, check
from backend_engineer.rules.examples import bundle
from backend_engineer.workspace import SourceTree, change_from_git

LARGEST = 400_000
"""Bytes above which a file of a folder is left out: data and generated code."""
SEED = 1

Material = Iterator[tuple[str, Change, SourceTree | None]]


@dataclass
class Tally:
    """What was counted over all changes.

    hits: by code and severity. changes: code -> names of the changes that have one. found: every hit, in
    order. broken: what each rule that stopped said. reviews: clauses that need review, for each change. asked: by
    clause and reason, in how many changes.
    """

    hits: Counter[tuple[str, str]] = field(default_factory=Counter)
    changes: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    found: list[tuple[str, Finding]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    judged: int = 0
    files: int = 0
    lines: int = 0
    violating: int = 0
    reviews: list[int] = field(default_factory=list)
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, name: str, change: Change, report: Report) -> None:
        """Count one change and its report."""
        self.judged += 1
        self.files += len(change.files)
        self.lines += sum((file.content or "").count("\n") for file in change.files)
        self.violating += any(item.violates for item in report.findings)
        for item in report.findings:
            self.hits[item.code or "", item.severity.value] += 1
            self.changes[item.code or ""].add(name)
            self.found.append((name, item))
        open_rows = [row for row in report.verdicts if row.verdict is Verdict.NEEDS_REVIEW]
        self.reviews.append(len(open_rows))
        self.asked.update((row.clause, row.reason.split("(here ")[0]) for row in open_rows)
        self.broken += [f"{name}: {row.reason}" for row in report.verdicts if " stopped with " in row.reason]


def tree(folder: Path, size: int) -> Material:
    """The readable files of a folder, `size` a change, so that rules over several files see neighbours."""
    files: list[FileChange] = []
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or ".git" in path.parts or path.stat().st_size >= LARGEST:
            continue
        try:
            files.append(FileChange(path.relative_to(folder).as_posix(), path.read_text("utf-8")))
        except UnicodeDecodeError:
            continue
        if len(files) == size:
            yield folder.name, Change(tuple(files), origin="directory"), None
            files = []
    if files:
        yield folder.name, Change(tuple(files), origin="directory"), None


def commits(repository: Path, count: int, touching: list[str]) -> Material:
    """The newest commits with one parent, each against its parent; with patterns only those that touch one."""
    command = ["git", "-C", str(repository), "rev-list", "--no-merges", "--min-parents=1"]
    command += [f"--max-count={count}", "HEAD", "--", *touching]
    for revision in subprocess.run(command, capture_output=True, text=True, check=True).stdout.split():
        try:
            change = change_from_git(repository, f"{revision}^", revision)
            base = SourceTree.from_git(repository, f"{revision}^")
        except BackendEngineerError as error:
            print(f"left out: {revision[:10]}: {error}")
            continue
        yield revision[:10], change, base


def replies(folder: Path) -> Material:
    """Recorded model replies to other prompts; those without a file are left out."""
    for path in sorted(folder.glob("*.md")):
        change = parse_reply(path.read_text("utf-8", "replace"), names="any").change
        if change.files:
            yield path.stem, change, None


def material(arguments: argparse.Namespace) -> Material:
    """All that the arguments name, one change after the other."""
    for source in arguments.source:
        if arguments.mode == "tree":
            yield from tree(source, arguments.size)
        elif arguments.mode == "commits":
            yield from commits(source, arguments.count, arguments.touching.split())
        else:
            yield from replies(source)


def documents(arguments: argparse.Namespace) -> Any:
    """The inputs that the arguments give, None without any."""
    stack = [{"name": name.strip(), "kind": "library"} for name in arguments.stack.split(",") if name.strip()]
    if arguments.inputs is not None:
        given = partial(arguments.inputs)
        if not stack:
            return given
        return partial({**given.data, "tech_spec": {**given.data.get("tech_spec", {}), "stack": stack}})
    return bundle({"tech_spec": {"stack": stack}}) if stack else None


def shown(name: str, item: Finding) -> str:
    """One hit as a line to be judged."""
    where = f"{item.where.path}:{item.where.lines}" if item.where.lines else item.where.path
    return f"{item.severity.value} {name} {where} {item.evidence[:200]!r}"


def samples(found: Iterable[tuple[str, Finding]], code: str, count: int) -> list[str]:
    """Up to `count` places of a rule, drawn with the fixed seed."""
    places = [shown(name, item) for name, item in found if item.code == code]
    return random.Random(SEED).sample(places, min(count, len(places)))


def quartiles(counts: list[int]) -> str:
    """Least, quarter, median, three quarters, most."""
    ordered = sorted(counts)
    last = len(ordered) - 1
    return ", ".join(str(ordered[round(last * part)]) for part in (0, 0.25, 0.5, 0.75, 1)) + " (quartiles)"


def print_tally(tally: Tally, codes: Iterable[str], show: int, questions: bool) -> None:
    """The figures, the rules that broke down, and the places to be judged."""
    print(
        f"{tally.judged} change(s), {tally.files} file(s), {tally.lines} lines; "
        f"{tally.violating} change(s) with a finding that violates; {len(tally.broken)} breakdown(s)"
    )
    for (code, severity), count in sorted(tally.hits.items()):
        print(f"{code:8} {severity:9} {count:6} hit(s) in {len(tally.changes[code]):5} change(s)")
    for line in tally.broken:
        print(f"broke down: {line}")
    if tally.reviews:
        print(f"clauses that need review in a change: {quartiles(tally.reviews)}")
    if questions:
        for (clause, reason), count in tally.asked.most_common():
            print(f"    {count:5} {clause:8} {reason[:140]}")
    for code in codes:
        print(f"\n{code}")
        for line in samples(tally.found, code, show):
            print(f"    {line}")


def as_line(name: str, item: Finding) -> str:
    """One hit as a JSON line."""
    return json.dumps({"material": name, **item.model_dump(mode="json")}, ensure_ascii=False)


def arguments_of(words: list[str] | None = None) -> argparse.Namespace:
    """The command line, read."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("mode", choices=("tree", "commits", "replies"))
    parser.add_argument("source", nargs="+", type=Path, help="folders, or git repositories")
    parser.add_argument(
        "--rules", default="", help="run only these codes (with commas) and show their places"
    )
    parser.add_argument("--show", type=int, default=10, help="places of each named rule (default: 10)")
    parser.add_argument("--count", type=int, default=100, help="commits of each repository (default: 100)")
    parser.add_argument("--touching", default="", help="only commits that change one of these, with blanks")
    parser.add_argument("--questions", action="store_true", help="print every clause that needs review")
    parser.add_argument("--size", type=int, default=500, help="files a change of a folder (default: 500)")
    parser.add_argument("--inputs", type=Path, help="the folder of the documents")
    parser.add_argument("--stack", default="", help="names that the stack allows, with commas")
    parser.add_argument("--out", type=Path, help="write every hit here, one JSON object a line")
    return parser.parse_args(words)


def main() -> int:
    arguments = arguments_of()
    beginnings = tuple(word for word in arguments.rules.split(",") if word)
    codes = [rule.code for rule in built_in_rules() if rule.code.startswith(beginnings)] if beginnings else []
    if beginnings and not codes:
        print(f"no rule begins with {arguments.rules}", file=sys.stderr)
        return 2
    inputs = documents(arguments)
    tally = Tally()
    for name, change, base in material(arguments):
        tally.add(name, change, check(change, inputs=inputs, base=base, rules=codes or None))
    print_tally(tally, codes, arguments.show, arguments.questions)
    if arguments.out is not None:
        lines = (as_line(name, item) + "\n" for name, item in tally.found)
        arguments.out.write_text("".join(lines), encoding="utf-8")
    if not tally.judged:
        print("nothing to judge was found", file=sys.stderr)
        return 2
    return 1 if tally.broken else 0


if __name__ == "__main__":
    sys.exit(main())
