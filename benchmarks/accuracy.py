"""How often each rule speaks on material that its author did not write; a person then judges the samples.

Run:
    python benchmarks/accuracy.py tree FOLDER [CODE ...]       every source file of a folder as one change
    python benchmarks/accuracy.py commits REPO COUNT [CODE ...] the newest commits of a git repository, one change each
    python benchmarks/accuracy.py replies FOLDER [CODE ...]    a folder of real model replies, one change each

With codes it prints up to SHOW samples of each (environment variable, 10 unless set), drawn with a fixed seed.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from backend_engineer import Change, FileChange, SourceTree, change_from_git, check, parse_reply
from backend_engineer.errors import BackendEngineerError
from backend_engineer.rules import built_in_rules

SUFFIXES = {".py", ".ts", ".js", ".go", ".java", ".sql", ".md", ".json", ".yaml", ".yml", ".toml"}
LARGEST = 400_000


def tree(folder: str) -> Iterator[tuple[str, Change, SourceTree | None]]:
    """The source files of a folder, five hundred a change, so that file-level rules see neighbours."""
    files: list[FileChange] = []
    for path in sorted(Path(folder).rglob("*")):
        if path.is_file() and path.suffix in SUFFIXES and path.stat().st_size < LARGEST:
            files.append(FileChange(path.relative_to(folder).as_posix(), path.read_text("utf-8", "replace")))
            if len(files) == 500:
                yield folder, Change(tuple(files), origin="directory"), None
                files = []
    if files:
        yield folder, Change(tuple(files), origin="directory"), None


def commits(repository: str, count: str) -> Iterator[tuple[str, Change, SourceTree | None]]:
    """The newest commits with one parent, each against its parent."""
    argv = [
        "git",
        "-C",
        repository,
        "rev-list",
        "--no-merges",
        "--min-parents=1",
        f"--max-count={count}",
        "HEAD",
    ]
    for revision in subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split():
        try:
            base = SourceTree.from_git(repository, f"{revision}^")
            yield revision[:10], change_from_git(repository, f"{revision}^", revision), base
        except BackendEngineerError as error:
            print(f"{revision[:10]}: {error}")


def replies(folder: str) -> Iterator[tuple[str, Change, SourceTree | None]]:
    """Real model replies to other prompts."""
    for path in sorted(Path(folder).glob("*.md")):
        change = parse_reply(path.read_text("utf-8", "replace"), names="any").change
        if change.files:
            yield path.stem, change, None


def main() -> int:
    if len(sys.argv) < 3:
        print(__doc__)
        return 2
    mode, source, rest = sys.argv[1], sys.argv[2], sys.argv[3:]
    if mode == "commits":
        changes, codes = commits(source, rest[0]), rest[1:]
    else:
        changes, codes = {"tree": tree, "replies": replies}[mode](source), rest
    hits: Counter[tuple[str, str]] = Counter()
    seen: dict[str, set[str]] = defaultdict(set)
    samples: dict[str, list[str]] = defaultdict(list)
    judged = files = red = 0
    for name, change, base in changes:
        judged += 1
        files += len(change.files)
        report = check(change, base=base)
        red += any(item.violates for item in report.findings)
        for item in report.findings:
            code = item.code or ""
            hits[code, item.severity] += 1
            seen[code].add(name)
            samples[code].append(f"{name} {item.where.path}:{item.where.lines} {item.evidence[:140]!r}")
    print(
        f"{judged} change(s), {files} file(s); {red} change(s) with a finding that violates; {len(built_in_rules())} rules"
    )
    for (code, severity), count in sorted(hits.items()):
        print(f"{code:8} {severity:9} {count:6} hit(s) in {len(seen[code]):5} change(s)")
    show = int(os.environ.get("SHOW", "10"))
    for code in codes:
        print(f"\n{code}")
        for line in random.Random(1).sample(samples[code], min(show, len(samples[code]))):
            print(f"    {line}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
