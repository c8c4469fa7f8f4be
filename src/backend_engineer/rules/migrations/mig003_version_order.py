"""Versions are unique and go up.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from backend_engineer.contract import Category, Severity
from backend_engineer.migrations.discovery import TOLD_BY_NAME
from backend_engineer.rules.migrations.pairs import Examined, Pair, examine, no_pairs
from backend_engineer.rules.migrations.samples import BASE, POSTGRESQL, scripts
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

__all__ = ["RULE"]


def _check(context: Context) -> Iterator[Hit | Silence]:
    silence = no_pairs(context)
    if silence is not None:
        yield silence
        return
    examined = examine(context)
    double = _double(examined)
    for problem in examined.whole.problems:
        if problem.code == "duplicate" and context.change.get(problem.path) is not None:
            custom = problem.path.rpartition("/")[0] in double
            yield Hit(problem.path, problem.message, severity=Severity.INFO if custom else None)
    mine: dict[str, list[Pair]] = {}
    for pair in examined:
        mine.setdefault(pair.migration.series, []).append(pair)
    for series, chain in examined.whole.chains.items():
        old = [item for item in chain if item.forward.path not in examined.fresh and item.version]
        new = [pair for pair in mine.get(series, ()) if pair.migration.version]
        highest = max(old, key=lambda item: item.order, default=None)
        taken = {item.order: item.version for item in old}
        for pair in new:
            if pair.migration.order in taken and pair.migration.tool in TOLD_BY_NAME:
                continue
            if pair.migration.order in taken and not _was_there(context, pair):
                yield Hit(
                    pair.path,
                    f"Version {taken[pair.migration.order]} is taken by a migration of the base.",
                    severity=Severity.INFO if pair.path.rpartition("/")[0] in double else None,
                )
            elif (
                highest is not None and pair.migration.order < highest.order and not _was_there(context, pair)
            ):
                words = f"Version {pair.migration.version} sorts before {highest.version}, which the base has already"
                late = pair.migration.tool in _TAKEN_LATE
                more = ": it runs after it here, and before it on a new database." if late else "."
                yield Hit(pair.path, words + more, severity=Severity.MINOR if late else None)


def _double(examined: Examined) -> set[str]:
    """Folders whose earlier migrations share versions already: their runner goes by more than the number."""
    seen: set[tuple[str, Any]] = set()
    double: set[str] = set()
    for item in examined.whole:
        if item.forward.path in examined.fresh or not item.version:
            continue
        folder = item.forward.path.rpartition("/")[0]
        if (folder, item.order) in seen:
            double.add(folder)
        seen.add((folder, item.order))
    return double


# These run whatever has not run yet, in the order of what is left.
_TAKEN_LATE = frozenset({"dbmate", "diesel", "liquibase", "prisma", "sql-migrate", "yoyo"})


def _was_there(context: Context, pair: Pair) -> bool:
    return context.base is not None and pair.path in context.base


RULE = Rule(
    code="MIG003",
    title="A migration's version is taken or too low",
    clauses=("MIGR-01",),
    severity=Severity.MAJOR,
    category=Category.MIGRATIONS,
    reason="A runner skips or refuses a migration that sorts before one it has run already.",
    recommendation="Give the migration a version above all that exist.",
    check=_check,
    valid=(
        Example(
            files=scripts(
                "ALTER TABLE users ADD COLUMN age integer;", "ALTER TABLE users DROP COLUMN age;\n"
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="a column and back",
        ),
        Example(files={"docs/a.md": "# A\n"}, inputs=POSTGRESQL, base=BASE, note="no migration"),
    ),
    invalid=(
        Example(
            files=scripts(
                "CREATE TABLE kind (id integer PRIMARY KEY);",
                "DROP TABLE kind;\n",
                number="0000",
                verify="SELECT id FROM kind;",
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="before the base's",
        ),
        Example(
            files={
                **scripts(
                    "ALTER TABLE users ADD COLUMN age integer;", "ALTER TABLE users DROP COLUMN age;\n"
                ),
                **scripts("CREATE TABLE age (id integer PRIMARY KEY);", "DROP TABLE age;\n", number="02"),
            },
            inputs=POSTGRESQL,
            base=BASE,
            note="twice the same number",
        ),
    ),
)
