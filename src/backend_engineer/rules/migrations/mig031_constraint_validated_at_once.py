"""A constraint on a table with rows is added first and validated later.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_engineer.contract import Category, Severity
from backend_engineer.migrations import Statement
from backend_engineer.rules.migrations.actions import Action, actions_of
from backend_engineer.rules.migrations.pairs import Pair, quote, with_dialect
from backend_engineer.rules.migrations.samples import BASE, POSTGRESQL, scripts
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

__all__ = ["RULE"]


def _check(context: Context) -> Iterator[Hit | Silence]:
    for item in with_dialect(context, "postgresql"):
        if isinstance(item, Silence):
            yield item
            continue
        for statement in item.forward.statements:
            for action in actions_of(statement):
                if item.existed(action.table, statement) and _matches(item, statement, action):
                    yield item.hit(statement, f"`{quote(statement)}`")


def _matches(pair: Pair, statement: Statement, action: Action) -> bool:
    if action.verb == "validate constraint":
        return _still_locked(pair, statement, action)
    if action.verb != "add constraint" or "not valid" in action.text or "using index" in action.text:
        return False
    return action.text.startswith(("foreign", "check", "references"))


def _still_locked(pair: Pair, until: Statement, action: Action) -> bool:
    """Whether the transaction that validates a constraint has added it, and keeps that lock to its end."""
    unit = next(unit for unit in pair.units if any(one is until for one in unit.statements))
    if unit.script.transactional is not True:
        return False
    for statement in unit.statements:
        if statement is until:
            return False
        if statement.head in ("commit", "end", "rollback"):
            return False
        for one in actions_of(statement):
            if (one.table, one.verb, one.name) == (action.table, "add constraint", action.name):
                return True
    return False


RULE = Rule(
    code="MIG031",
    title="A constraint is validated while the table is locked",
    clauses=("MIGR-05",),
    severity=Severity.MINOR,
    category=Category.MIGRATIONS,
    reason="Checking every row under a lock stops the service for as long as it takes.",
    recommendation="Add the constraint NOT VALID, and VALIDATE it in a later migration.",
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
                "ALTER TABLE users ADD CONSTRAINT users_name CHECK (name <> '');",
                "ALTER TABLE users DROP CONSTRAINT users_name;\n",
                verify="SELECT count(*) = 1 FROM pg_constraint WHERE conname = 'users_name';",
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="a check",
        ),
        Example(
            files=scripts(
                "ALTER TABLE users ADD COLUMN boss integer;\nALTER TABLE users ADD CONSTRAINT users_boss FOREIGN KEY (boss) REFERENCES users (id);",
                "ALTER TABLE users DROP COLUMN boss;\n",
                verify="SELECT boss FROM users;",
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="a foreign key",
        ),
    ),
)
