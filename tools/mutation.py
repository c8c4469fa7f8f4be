"""Test the tests: change one spot of a room's code at a time and see whether a test of that room notices.

`python tools/mutation.py ROOM [--children N]` prints one row of the table in docs/mutation.md and each survivor
as a difference. A run goes on where the last one stopped; `--again` tries the survivors once more, which is
what shows that new tests kill them; `--take N` tries only so many mutants, drawn by a hash of their names; `--sample N`
prints so many survivors, drawn by a fixed seed.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = "src/backend_engineer/"
COPIED = ("src", "tests", "schemas", "examples", "docs")
STATUS = {0: "survived", 1: "killed", 3: "killed", 33: "no test", 36: "timed out", -24: "timed out"}
"""What mutmut's exit codes say; -24 is a worker that its limit of processor time ended."""


@dataclass(frozen=True)
class Room:
    """Which modules are changed, below the package, and which tests have to notice."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]
    slow: tuple[str, ...] = ()
    """Tests left out, which a run would otherwise pass thousands of times."""


ROOMS = {
    "diffs": Room(("diffs/*",), ("tests/diffs",), ("a_large_text", "long_files")),
    "paths": Room(("paths/policy.py",), ("tests/paths",)),
    "compare": Room(
        ("apis/compare/*",),
        tuple(
            f"tests/apis/test_{name}.py"
            for name in ("compare", "compare_operations", "compare_schemas", "servers")
        ),
        ("unions_of_unions", "a_very_long_chain", "many_unions_share"),
    ),
    "verdicts": Room(
        ("rules/verdicts.py", "rules/engine.py", "rules/suppression.py", "rules/baseline.py"),
        tuple(f"tests/rules/test_{name}.py" for name in ("verdicts", "engine", "suppression", "baseline")),
    ),
    "snapshots": Room(
        ("verification/snapshots.py", "verification/outcomes.py"),
        tuple(f"tests/verification/test_{name}.py" for name in ("snapshots", "outcomes", "sqlite_pairs")),
    ),
    "session": Room(
        ("session/merging.py", "session/mending.py"),
        ("tests/session/test_merging.py", "tests/session/test_mending.py"),
    ),
    "scanner": Room(("parsing/scanner/*",), ("tests/parsing",)),
    "outputs": Room(("outputs/*",), ("tests/outputs",)),
}


@dataclass(frozen=True)
class Mutant:
    """One changed spot: its name, what became of it, the difference, whether only a message's words changed."""

    name: str
    status: str
    difference: str
    wording: bool


def prepare(name: str, room: Room) -> None:
    """A copy of the project whose settings for mutmut name this room only."""
    folder = ROOT / ".mutation" / name
    for part in COPIED:
        ignored = shutil.ignore_patterns("__pycache__", "node_modules")
        shutil.rmtree(folder / part, ignore_errors=True)
        shutil.copytree(ROOT / part, folder / part, ignore=ignored)
    # mutmut never takes a test away again from its own copy.
    shutil.rmtree(folder / "mutants" / "tests", ignore_errors=True)
    arguments = ["-p", "no:cacheprovider", "-k", " and ".join(f"not {word}" for word in room.slow)]
    lines = (
        "[tool.mutmut]",
        f"pytest_add_cli_args = {json.dumps(arguments)}",
        f"only_mutate = {json.dumps([SOURCE + module for module in room.modules])}",
        f"pytest_add_cli_args_test_selection = {json.dumps(list(room.tests))}",
    )
    settings = (ROOT / "pyproject.toml").read_text("utf-8")
    (folder / "pyproject.toml").write_text(settings.replace(lines[0], "\n".join(lines)), "utf-8")


def run(folder: Path, children: int, names: list[str]) -> int:
    """mutmut's exit code; its progress goes to a file, for it rewrites one line thousands of times."""
    environment = {**os.environ, "BACKEND_ENGINEER_HYPOTHESIS": "mutation"}
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", str(children), *names]
    with (folder / "run.log").open("w", encoding="utf-8") as log:
        ended = subprocess.run(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT)
    return ended.returncode


def mutants(folder: Path) -> Iterator[Mutant]:
    for meta in sorted((folder / "mutants").rglob("*.py.meta")):
        results = json.loads(meta.read_text("utf-8"))["exit_code_by_key"]
        if not results:
            continue
        text = meta.with_suffix("").read_text("utf-8")
        functions = {
            node.name: node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)
        }
        for name, code in results.items():
            status = "not run" if code is None else STATUS.get(code, f"ended with {code}")
            short = name.rpartition(".")[2]
            changed = functions[short]
            before = functions[short.rpartition("__mutmut_")[0] + "__mutmut_orig"]
            yield Mutant(name, status, _difference(before, changed), _wording(before.body, changed.body))


def _difference(before: ast.FunctionDef, after: ast.FunctionDef) -> str:
    old, new = (ast.unparse(ast.Module(one.body, [])).split("\n") for one in (before, after))
    lines = list(difflib.unified_diff(old, new, n=0))[2:]
    return "\n".join(line for line in lines if not line.startswith("@@"))


def _wording(before: object, after: object) -> bool:
    """Whether the one spot that differs is prose, or what stands in the place of prose."""
    if isinstance(before, list) and isinstance(after, list):
        if len(before) == len(after):
            return any(_wording(one, other) for one, other in zip(before, after, strict=True))
        gone = [one for one in before if all(not _same(one, other) for other in after)]
        return len(gone) == 1 and _prose(gone[0])
    if not isinstance(before, ast.AST) or _same(before, after):
        return False
    if type(before) is not type(after) or isinstance(before, ast.Constant):
        return _prose(before)
    return any(_wording(getattr(before, field), getattr(after, field)) for field in before._fields)


def _same(one: object, other: object) -> bool:
    return isinstance(one, ast.AST) and isinstance(other, ast.AST) and ast.dump(one) == ast.dump(other)


def _prose(node: object) -> bool:
    """A text of three words or more, f-strings included."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    texts = [one.value for one in parts if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    return " ".join(texts).strip().count(" ") > 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("room", choices=ROOMS)
    parser.add_argument("--children", type=int, default=1)
    parser.add_argument("--again", action="store_true", help="try the survivors once more")
    parser.add_argument("--take", type=int, help="try so many mutants only")
    parser.add_argument("--show", action="store_true", help="only print what the last run found")
    parser.add_argument("--sample", type=int, help="print so many survivors only")
    options = parser.parse_args()
    folder = ROOT / ".mutation" / options.room
    start = time.monotonic()
    if not options.show:
        prepare(options.room, ROOMS[options.room])
        names: list[str] = []
        if options.take or options.again:
            # A name that nothing bears: mutmut writes down all mutants, tries none and says so by its exit code.
            run(folder, options.children, ["none"])
            known = {one.name: one.status for one in mutants(folder)}
            # Drawn by a hash of the name, so that a mutant more or less changes nothing else in the draw.
            drawn = sorted(known, key=lambda name: hashlib.sha256(name.encode()).digest())
            tried = ("survived", "no test") if options.again else ("not run",)
            names = [name for name in drawn[: options.take] if known[name] in tried]
        drawn_out = bool(options.take or options.again) and not names
        if not drawn_out and (ended := run(folder, options.children, names)):
            sys.exit(f"mutmut ended with {ended}; its words are in {folder / 'run.log'}")
    found = [one for one in mutants(folder) if one.status != "not run"]
    left = [one for one in found if one.status in ("survived", "no test")]
    told = [one for one in left if not one.wording]
    if options.sample:
        told = random.Random(1).sample(told, min(options.sample, len(told)))
    for one in told:
        print(f"# {one.name}: {one.status}\n{one.difference}\n")
    counts = Counter(one.status for one in found)
    others = {status: count for status, count in counts.items() if status not in STATUS.values()}
    print(
        f"| {options.room} | {len(found)} | {counts['killed']} | {counts['timed out']} "
        f"| {len([one for one in left if one.wording])} | {len([one for one in left if not one.wording])} |"
        f" {f'others: {others}; ' if others else ''}{time.monotonic() - start:.0f} s"
    )


if __name__ == "__main__":
    main()
