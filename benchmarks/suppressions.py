"""How often SUP003 and SUP004 are right on sources of others: `python benchmarks/suppressions.py REPOSITORY...`.

Files of each repository's newest commit are drawn with a fixed seed and judged whole. Above up to three findings of a
file a comment is put that allows them: it has to set the finding aside, and SUP004 has to be silent. At one more line
a comment is put that allows a rule which finds nothing in the file, and a code of another tool: SUP003 has to name the
second; SUP004 may name the first, and is silent where that rule could not tell. Without a comment both are silent.
The exit code is 1 when one of them is wrong.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date

from backend_engineer.outputs import Change, FileChange, Report
from backend_engineer.rules import check

MARK = "backend-engineer: " + "allow"
TODAY = date(2026, 1, 1)
COMMENTS = {
    "py": "#",
    "sh": "#",
    "yaml": "#",
    "yml": "#",
    "ts": "//",
    "js": "//",
    "go": "//",
    "java": "//",
    "sql": "--",
}
IDLE = ("ELI001", "SEC401", "SQL302", "PTH001", "ERR307", "MAS305", "PII404", "ENV317")
FOREIGN = ("S105", "NO-CONSOLE", "SEC041", "E501")
LONGEST = 40_000


def git(repository: str, *words: str) -> str:
    done = subprocess.run(["git", "-C", repository, *words], capture_output=True, check=True)
    return done.stdout.decode("utf-8", "replace")


def sources(repository: str, most: int, chance: random.Random) -> Iterator[tuple[str, str]]:
    """Paths and texts of some files that a comment can be put into."""
    rows = [row.split("\t") for row in git(repository, "ls-tree", "-r", "-l", "HEAD").splitlines()]
    fit = [(facts.split(), path) for facts, path in rows if path.rpartition(".")[2] in COMMENTS]
    fit = [(facts, path) for facts, path in fit if facts[3].isdigit() and 200 < int(facts[3]) < LONGEST]
    chance.shuffle(fit)
    for facts, path in fit[:most]:
        text = git(repository, "cat-file", "blob", facts[2])
        if MARK not in text and "\r" not in text:
            yield path, text


def judged(path: str, text: str) -> Report:
    return check(Change((FileChange(path, text),), origin="directory"), today=TODAY)


def with_comment(path: str, text: str, line: int, codes: str) -> Report:
    lines = text.split("\n")
    comment = f"{COMMENTS[path.rpartition('.')[2]]} {MARK} {codes} because it was agreed"
    return judged(path, "\n".join([*lines[: line - 1], comment, *lines[line - 1 :]]))


def says(report: Report, code: str, line: int) -> bool:
    return any(item.code == code and item.where.lines == str(line) for item in report.findings)


def one(path: str, text: str, chance: random.Random, tally: Counter[str]) -> None:
    plain = judged(path, text)
    tally["files"] += 1
    tally["WRONG: spoke without a comment"] += any(
        item.code in ("SUP003", "SUP004") for item in plain.findings
    )
    for item in [item for item in plain.findings if item.where.span and item.where.path == path][:3]:
        line = item.where.span[0] if item.where.span else 1
        report = with_comment(path, text, line, str(item.code))
        tally["comments over a finding"] += 1
        tally["WRONG: a comment that is needed was called idle"] += says(report, "SUP004", line)
        tally["WRONG: a finding was not set aside"] += item.code not in {
            gone.code for gone in report.suppressed
        }
    found = {item.code for item in plain.findings}
    code, foreign = chance.choice([name for name in IDLE if name not in found]), chance.choice(FOREIGN)
    line = chance.randrange(1, text.count("\n") + 2)
    report = with_comment(path, text, line, f"{code}, {foreign}")
    tally["codes of no rule"] += 1
    tally["WRONG: a code of no rule was not named"] += not says(report, "SUP003", line)
    tally["idle comments, told"] += says(report, "SUP004", line)
    tally["idle comments, not told"] += not says(report, "SUP004", line)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("repositories", nargs="+", metavar="REPOSITORY")
    parser.add_argument("--files", type=int, default=25, help="files of each repository (25)")
    given = parser.parse_args()
    tally: Counter[str] = Counter()
    for repository in given.repositories:
        chance = random.Random(11)
        for path, text in sources(repository, given.files, chance):
            one(path, text, chance, tally)
    for name, count in tally.items():
        if count or not name.startswith("WRONG"):
            print(f"{count:6} {name}")
    return int(any(count for name, count in tally.items() if name.startswith("WRONG")))


if __name__ == "__main__":
    sys.exit(main())
