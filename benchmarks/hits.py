"""What chosen rules report on foreign material, to be judged by eye: the figures of docs/accuracy.md start here.

    python benchmarks/hits.py --rules ELI001,SEC401 FOLDER...
    python benchmarks/hits.py --rules STK,CAP,SHP --git REPOSITORY --commits 200 --stack "NestJS,PostgreSQL"

A folder is judged file by file, a repository commit by commit against its parent. Prints each hit up to a
limit, then how many there were by rule and severity, and every rule that broke down.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from backend_engineer.errors import BackendEngineerError
from backend_engineer.outputs import Change, FileChange
from backend_engineer.rules import check
from backend_engineer.rules.examples import bundle
from backend_engineer.workspace import SourceTree, change_from_git

LARGEST = 300_000


def from_folder(root: Path) -> Iterator[tuple[str, Change, Any]]:
    for path in sorted(root.rglob("*")):
        if path.is_file() and path.stat().st_size < LARGEST:
            try:
                text = path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue
            name = path.relative_to(root).as_posix()
            yield name, Change((FileChange(name, text),), origin="git"), None


def from_git(repository: Path, commits: int) -> Iterator[tuple[str, Change, Any]]:
    command = ["git", "-C", str(repository), "rev-list", "--no-merges", f"-{commits}", "HEAD"]
    for revision in subprocess.run(command, capture_output=True, text=True, check=True).stdout.split():
        try:
            change = change_from_git(repository, f"{revision}^", revision)
            yield revision[:8], change, SourceTree.from_git(repository, f"{revision}^")
        except BackendEngineerError as error:
            print(f"skipped {revision[:8]}: {error}")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--git", type=Path, action="append", default=[])
    parser.add_argument("--commits", type=int, default=100)
    parser.add_argument("--stack", default="")
    parser.add_argument("--rules", required=True)
    parser.add_argument("--show", type=int, default=20)
    arguments = parser.parse_args()
    stack = [{"name": name, "kind": "library"} for name in arguments.stack.split(",") if name]
    inputs = bundle({"tech_spec": {"stack": stack}}) if stack else None
    sources = [from_folder(folder) for folder in arguments.folders]
    sources += [from_git(repository, arguments.commits) for repository in arguments.git]
    hits: Counter[tuple[str, str]] = Counter()
    changes = lines = broken = 0
    for source in sources:
        for name, change, base in source:
            changes += 1
            lines += sum((file.content or "").count("\n") for file in change)
            report = check(change, inputs=inputs, base=base, rules=arguments.rules.split(","))
            for finding in report.findings:
                key = (finding.code or "", finding.severity.value)
                hits[key] += 1
                if hits[key] <= arguments.show:
                    evidence = finding.evidence.replace("\n", " ")[:140]
                    print(
                        f"{finding.code} {finding.severity} {name} {finding.where.path}:{finding.where.lines} {evidence}"
                    )
            for row in report.verdicts:
                if " stopped with " in row.reason:
                    broken += 1
                    print(f"broke down: {name}: {row.reason}")
    print(f"{changes} change(s), {lines} lines, {broken} breakdown(s)")
    for (code, severity), count in sorted(hits.items()):
        print(f"{code} {severity}: {count}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
