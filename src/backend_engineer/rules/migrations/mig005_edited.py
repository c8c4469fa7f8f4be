"""A migration that was released stays as it is.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.migrations import read_script
from backend_engineer.rules.migrations.pairs import examine, no_pairs
from backend_engineer.rules.migrations.samples import BASE, POSTGRESQL, papers, scripts
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

__all__ = ["RULE"]


def _check(context: Context) -> Iterator[Hit | Silence]:
    silence = no_pairs(context, examine(context).removed)
    if silence is not None:
        yield silence
        return
    if context.base is None:
        yield Silence(Verdict.NOT_CHECKED, "no base was given, so it cannot be told what is new.")
        return
    yield from _taken_away(context)
    for path in dict.fromkeys(examine(context).edited):
        if _same_statements(context.base.get(path) or "", context.text_of(path) or ""):
            words = f"Only comments or blanks of `{path}` differ from the base: a runner that keeps checksums stops."
            yield Hit(path, words, severity=Severity.INFO)
        else:
            yield Hit(path, f"`{path}` stands in the base with another text.")


def _taken_away(context: Context) -> Iterator[Hit]:
    """One hit a series, however many scripts were put together into one."""
    by_series: dict[str, list[str]] = {}
    for item in examine(context).removed:
        by_series.setdefault(item.series, []).append(item.forward.path)
    for paths in by_series.values():
        more = f" and {len(paths) - 1} more stand" if len(paths) > 1 else " stands"
        words = f"`{paths[0]}`{more} in the base and is gone, by that name at least: databases that ran it know it."
        yield Hit(
            paths[0],
            words.replace("is gone, by that name", "are gone, by those names") if len(paths) > 1 else words,
            title="Migrations that exist already are taken away",
            recommendation="Keep the scripts under their names and add a new migration; where they are put together on "
            "purpose, make sure that every database has run them.",
        )


def _same_statements(old: str, new: str) -> bool:
    """Whether two texts of a script do the same, by their tokens."""
    first, second = (
        [
            [token[:2] for token in statement.tokens]
            for statement in read_script(text, "postgresql").statements
        ]
        for text in (old, new)
    )
    return bool(first) and first == second


RULE = Rule(
    code="MIG005",
    title="A migration that exists already is edited",
    clauses=("MIGR-01",),
    severity=Severity.MINOR,
    category=Category.MIGRATIONS,
    reason="Databases that ran the old text never see the new one.",
    recommendation="Leave the old script alone and add a new migration.",
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
            files={
                "db/migrations/0001_users.up.sql": papers(
                    "SELECT id FROM users;",
                    "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name varchar(20));",
                )
            },
            inputs=POSTGRESQL,
            base=BASE,
            note="another type, afterwards",
        ),
        Example(
            files={"db/migrations/0001_users.down.sql": "DROP TABLE users RESTRICT;\n"},
            inputs=POSTGRESQL,
            base={
                **BASE,
                "db/migrations/0001_users.up.sql": papers(
                    "SELECT id FROM users;", "CREATE TABLE users (id integer PRIMARY KEY);"
                ),
            },
            note="the rollback, afterwards",
        ),
    ),
)
