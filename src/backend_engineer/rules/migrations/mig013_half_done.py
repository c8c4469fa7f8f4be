"""A script outside a transaction can be run again after it broke off.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_engineer.contract import Category, Severity
from backend_engineer.migrations import Statement
from backend_engineer.migrations.shadow.reading import Cursor
from backend_engineer.rules.migrations.actions import actions_of, has_word, is_schema_change
from backend_engineer.rules.migrations.pairs import quote, with_dialect, words_in
from backend_engineer.rules.migrations.placing import Unit
from backend_engineer.rules.migrations.samples import BASE, POSTGRESQL, scripts, spec
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

__all__ = ["RULE"]


def _check(context: Context) -> Iterator[Hit | Silence]:
    for item in with_dialect(context, "postgresql", "sqlite"):
        if isinstance(item, Silence):
            yield item
            continue
        for unit in item.units:
            if unit.script.transactional is not False or _wraps_itself(unit):
                continue
            changes = [statement for statement in unit.statements if is_schema_change(statement)]
            bare = _bare(changes)
            if len(changes) > 1 and bare:
                yield item.hit(bare[0], f"`{quote(bare[0])}` fails when the script is run again.")


def _wraps_itself(unit: Unit) -> bool:
    """Whether a script opens a transaction first and closes it last."""
    acting = [one for one in unit.statements if one.head != "set"]
    return bool(acting) and acting[0].head in ("begin", "start") and acting[-1].head in ("commit", "end")


def _bare(changes: list[Statement]) -> list[Statement]:
    """The statements that fail when what they make is there already, or when what they drop is gone."""
    cleared: set[str] = set()
    remade: set[str] = set()
    bare = []
    for statement in changes:
        name = _named(statement).lower()
        if has_word(statement, "exists"):
            if statement.head == "drop":
                cleared |= words_in(statement.text)
            else:
                remade.add(name)
        elif has_word(statement, "or", "replace") or (statement.head == "create" and name in cleared):
            # `DROP ... IF EXISTS x` before `CREATE x` makes the pair run as often as one likes.
            remade.add(name)
        elif not (statement.head == "drop" and name in remade) and not _repeats(statement):
            bare.append(statement)
    return bare


_ONCE = ("add ", "attach ", "detach ", "drop expression", "drop identity", "inherit ", "no inherit ")


def _repeats(statement: Statement) -> bool:
    """Whether an ALTER TABLE may as well be run twice: it sets what is set, or drops a constraint and adds it again."""
    if statement.head == "alter" and has_word(statement, "owner", "to"):
        return True
    actions = actions_of(statement)
    dropped = {one.name for one in actions if one.verb == "drop constraint"}
    added = {one.name for one in actions if one.verb == "add constraint"}
    return (
        statement.head == "alter"
        and bool(actions)
        and all(
            one.verb == "validate constraint"
            or (one.verb in ("alter column", "other") and not one.text.startswith(_ONCE))
            or (one.verb in ("drop constraint", "add constraint") and one.name in dropped & added)
            for one in actions
        )
    )


_KINDS = (
    "index",
    "table",
    "trigger",
    "view",
    "function",
    "procedure",
    "type",
    "sequence",
    "schema",
    "policy",
)


def _named(statement: Statement) -> str:
    """The name of what a CREATE makes or a DROP drops, without its schema; empty for any other statement."""
    cursor = Cursor(statement.tokens)
    if not cursor.take("create") and not cursor.take("drop"):
        return ""
    cursor.take("or", "replace")
    while cursor.take_any("unique", "materialized", "unlogged", "constraint", "recursive"):
        pass
    if not cursor.take_any(*_KINDS):
        return ""
    cursor.take("concurrently")
    cursor.take("if", "not", "exists")
    return cursor.name().rpartition(".")[2]


RULE = Rule(
    code="MIG013",
    title="A script without a transaction cannot be run again",
    clauses=("MIGR-02",),
    severity=Severity.MINOR,
    category=Category.MIGRATIONS,
    reason="What broke off half way has to be repeated, and its first half exists by then.",
    recommendation="Write IF NOT EXISTS and IF EXISTS, or one statement a script.",
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
                "-- no-transaction\nCREATE TABLE a (id integer PRIMARY KEY);\nCREATE TABLE b (id integer PRIMARY KEY);",
                "DROP TABLE b;\nDROP TABLE a;\n",
                verify="SELECT id FROM a;",
            ),
            inputs=spec("postgresql", transactional=False),
            base=BASE,
            note="two tables",
        ),
        Example(
            files=scripts(
                "CREATE TABLE IF NOT EXISTS a (id integer PRIMARY KEY);\nCREATE TABLE b (id integer PRIMARY KEY);",
                "DROP TABLE b;\nDROP TABLE a;\n",
                verify="SELECT id FROM a;",
            ),
            inputs=spec("postgresql", transactional=False),
            base=BASE,
            note="one of two",
        ),
    ),
)
