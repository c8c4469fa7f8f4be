"""How long a check takes, and how its cost grows: `python benchmarks/rules.py`.

Prints one line for each target with the figure, the bar, and pass or miss; ends with 1 when one was missed.
The change is made here: 15 files and 3,000 lines in Python, TypeScript, Go and SQL, an OpenAPI document of ten
operations, its contract, and a stack, so that every rule that reads code or documents has work to do. Times are the
best of several rounds, as processor time of this process, in a process that has checked such a change before
(imports and compiled schemas are not counted; the first check is shown beside them).

With `--commit REPO REV`, once or more often, the changes of real commits are timed instead: seconds to read one
from git against its parent and to check it, the first time and the best of three. No bar is set for them.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from backend_engineer.outputs import Change, FileChange
from backend_engineer.rules import check
from backend_engineer.rules.api.samples import DOCUMENT, inputs_of
from backend_engineer.rules.examples import ExampleTree, bundle
from backend_engineer.workspace import SourceTree, change_from_git

LINES = 170
BARS = {"3.0.3": 150.0, "3.1.0": 500.0, "3.2.0": 500.0}
"""OpenAPI version -> milliseconds for the change of 15 files."""
GROWTH = 1.1
"""The most that the exponent of cost over files may be."""


def python_file(number: int) -> str:
    parts = ["import logging\n\nfrom fastapi import APIRouter\n\nlogger = logging.getLogger(__name__)\n\n"]
    for step in range(LINES // 10):
        parts.append(
            f"def read_{number}_{step}(database, key):\n"
            f'    """Read one row by its key."""\n'
            f'    logger.info("read", extra={{"key": key}})\n'
            f'    row = database.execute("SELECT id, name FROM users WHERE id = ? LIMIT 1", (key,))\n'
            "    if row is None:\n"
            '        raise LookupError("no such row")\n'
            "    total = sum(value for value in row if value)\n"
            "    return {'id': row[0], 'name': row[1], 'total': total}\n\n\n"
        )
    return "".join(parts)


def typescript_file(number: int) -> str:
    parts = [
        "import { Pool } from 'pg';\nimport { Router } from 'express';\n\nexport const router = Router();\n\n"
    ]
    for step in range(LINES // 10):
        parts.append(
            f"router.get('/things{number}/{step}/:id', requireUser, async (req, res) => {{\n"
            "  // one row by its key\n"
            "  const rows = await pool.query('SELECT id, name FROM things WHERE id = $1 LIMIT 1', [req.params.id]);\n"
            "  if (rows.length === 0) {\n"
            "    throw new NotFound('no such thing');\n"
            "  }\n"
            "  logger.info('read', { id: rows[0].id });\n"
            "  res.json({ id: rows[0].id, name: rows[0].name });\n"
            "});\n\n"
        )
    return "".join(parts)


def go_file(number: int) -> str:
    parts = [f'package store{number}\n\nimport (\n\t"context"\n\n\t"github.com/jackc/pgx/v5"\n)\n\n']
    for step in range(LINES // 10):
        parts.append(
            f"// Read{step} reads one row by its key.\n"
            f"func Read{step}(ctx context.Context, pool *pgx.Conn, id string) (string, error) {{\n"
            "\tvar name string\n"
            '\terr := pool.QueryRow(ctx, "SELECT name FROM users WHERE id = $1", id).Scan(&name)\n'
            "\tif err != nil {\n"
            '\t\treturn "", fmt.Errorf("read: %w", err)\n'
            "\t}\n"
            "\treturn name, nil\n"
            "}\n\n"
        )
    return "".join(parts)


def migration(number: int) -> str:
    columns = "".join(f"ALTER TABLE users ADD COLUMN c_{number}_{at} TEXT;\n" for at in range(LINES - 2))
    return f"-- OPERATIONS: under a second, no lock beyond the statement.\n{columns}-- VERIFY: SELECT 1;\n"


def document(version: str) -> dict[str, Any]:
    """The sample of the API rules with ten operations."""
    made = copy.deepcopy(DOCUMENT)
    made["openapi"] = version
    if version != "3.0.3":
        made["components"]["schemas"]["UserPage"]["properties"]["next_cursor"] = {"type": ["string", "null"]}
    for number in range(7):
        made["paths"][f"/users/{{id}}/part{number}"] = copy.deepcopy(made["paths"]["/users/{id}"])
    return made


def change(files: int, version: str = "3.0.3") -> Change:
    """A change of so many files, the OpenAPI document among them."""
    makers: tuple[tuple[str, Callable[[int], str]], ...] = (
        ("src/services/part_{}.py", python_file),
        ("src/controllers/part{}.controller.ts", typescript_file),
        ("internal/store/part{}.go", go_file),
        ("tests/test_part_{}.py", python_file),
    )
    made = [
        FileChange("db/migrations/0001_c.up.sql", migration(1)),
        FileChange("db/migrations/0001_c.down.sql", migration(2)),
    ]
    for number in range(files - 4):
        path, maker = makers[number % len(makers)]
        made.append(FileChange(path.format(number), maker(number)))
    made.append(FileChange("docs/runbook.md", "# Parts\n\nWhat to do.\n" * (LINES // 3)))
    made.append(FileChange("docs/openapi.json", json.dumps(document(version), indent=1)))
    return Change(tuple(made), origin="git")


def inputs(version: str) -> Any:
    stack = [{"name": name, "kind": "framework"} for name in ("FastAPI", "Express", "PostgreSQL")]
    return bundle({**inputs_of(document(version)), "tech_spec": {"stack": stack}})


def milliseconds(made: Change, given: Any, rounds: int) -> float:
    base = ExampleTree({})
    best = math.inf
    for _ in range(rounds):
        start = time.process_time()
        check(made, inputs=given, base=base)
        best = min(best, time.process_time() - start)
    return best * 1000


def commit(repo: str, rev: str) -> None:
    """Print the seconds that the change of one commit takes."""
    start = time.process_time()
    made = change_from_git(repo, f"{rev}^", rev)
    read = time.process_time() - start
    base = SourceTree.from_git(repo, f"{rev}^")
    times = []
    for _ in range(4):
        start = time.process_time()
        check(made, base=base)
        times.append(time.process_time() - start)
    size = sum(len(file.content or "") for file in made)
    print(
        f"{Path(repo).resolve().name} {rev}: {len(made.files)} files, {size / 1e6:.1f} MB: change_from_git "
        f"{read:.2f} s, first check {times[0]:.2f} s, check {min(times[1:]):.2f} s"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--commit", nargs=2, metavar=("REPO", "REV"), action="append", default=[])
    commits = parser.parse_args().commit
    for repo, rev in commits:
        commit(repo, rev)
    return 0 if commits else targets()


def targets() -> int:
    missed = 0
    for version, bar in BARS.items():
        made, given = change(15, version), inputs(version)
        lines = sum((file.content or "").count("\n") for file in made)
        first = milliseconds(made, given, 1)
        best = milliseconds(made, given, 9)
        missed += best >= bar
        print(
            f"{'pass' if best < bar else 'MISS'}  15 files, {lines} lines, OpenAPI {version}: "
            f"{best:.0f} ms (bar {bar:.0f}; the first check {first:.0f})"
        )
    sizes = (15, 150, 1500)
    costs = [milliseconds(change(size), inputs("3.0.3"), 3 if size < 1000 else 1) for size in sizes]
    growth = math.log(costs[-1] / costs[1]) / math.log(sizes[-1] / sizes[1])
    missed += growth > GROWTH
    shown = ", ".join(f"{size} files {cost:.0f} ms" for size, cost in zip(sizes, costs, strict=True))
    print(f"{'pass' if growth <= GROWTH else 'MISS'}  growth exponent {growth:.2f} (bar {GROWTH}): {shown}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
