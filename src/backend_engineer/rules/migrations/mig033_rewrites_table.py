"""A table with rows is not rewritten under a lock.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_engineer.contract import Category, Severity
from backend_engineer.migrations.shadow import apply
from backend_engineer.migrations.shadow.constraints import column_parts
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
        types = _all_types(item)
        for statement in item.forward.statements:
            for action in actions_of(statement):
                known = types.get((id(statement), f"column {action.table}.{action.name}"))
                if not item.existed(action.table, statement) or not _matches(known, action):
                    continue
                if _by_time_zone(known, action):
                    words = f"`{quote(statement)}`, unless the session's time zone is UTC."
                    yield item.hit(statement, words, severity=Severity.INFO)
                else:
                    yield item.hit(statement, f"`{quote(statement)}`")


_Types = tuple[str, str] | None


def _matches(types: _Types, action: Action) -> bool:
    words = f" {action.text} "
    if _changes_type(action):
        return not _widens(types)
    volatile = any(
        f" {name} ( " in words
        for name in ("random", "gen_random_uuid", "uuid_generate_v4", "clock_timestamp")
    )
    stored = " generated always as ( " in words and " stored " in words
    return action.verb == "add column" and (
        (" default " in words and volatile) or stored or " serial " in words or " bigserial " in words
    )


_CHARACTERS = re.compile(r"^character varying(?: \( (\d+) \))?$")
_NUMERIC = re.compile(r"^numeric(?: \( (\d+)(?: , (\d+))? \))?$")
_MOMENT = re.compile(r"^(timestamp|timestamp with time zone|time|time with time zone)(?: \( (\d) \))?$")
_LETTERS = frozenset({"text", "citext", "character varying"})
_ZONES = {"timestamp", "timestamp with time zone"}


def _changes_type(action: Action) -> bool:
    return action.verb == "alter column" and " type " in f" {action.text} "


def _all_types(pair: Pair) -> dict[tuple[int, str], _Types]:
    """Each altered column's type before and after its statement, by the statement's identity and the column's key.

    A script may change a type and change it back: what the table was before it says nothing of the steps.
    """
    found: dict[tuple[int, str], _Types] = {}
    altering = {
        id(statement): [action for action in actions_of(statement) if _changes_type(action)]
        for statement in pair.forward.statements
    }
    if not any(altering.values()) or pair.dialect is None:
        return found
    running = pair.before.copy()
    for statement in pair.forward.statements:
        keys = [f"column {action.table}.{action.name}" for action in altering[id(statement)]]
        earlier = [running.objects.get(key) for key in keys]
        apply(running, statement, pair.dialect)
        for key, was in zip(keys, earlier, strict=True):
            now = running.objects.get(key)
            if was is not None and now is not None and was.text is not None and now.text is not None:
                found[id(statement), key] = column_parts(was.text)[0], column_parts(now.text)[0]
    return found


def _widens(types: _Types) -> bool:
    """Whether a type takes every value of the earlier one as it is stored: a longer varchar, or text."""
    if types is None:
        return False
    old, new = types
    if old == new or (old == "cidr" and new == "inet"):
        return True
    for pattern, grows in ((_CHARACTERS, _longer), (_NUMERIC, _more_digits), (_MOMENT, _finer)):
        first, second = pattern.match(old), pattern.match(new)
        if first is not None and second is not None:
            return grows(first, second)
    return new in _LETTERS and (old in _LETTERS or _CHARACTERS.match(old) is not None)


def _longer(first: re.Match[str], second: re.Match[str]) -> bool:
    return second[1] is None or (first[1] is not None and int(second[1]) >= int(first[1]))


def _more_digits(first: re.Match[str], second: re.Match[str]) -> bool:
    if second[1] is None or first[1] is None:
        return second[1] is None
    return int(second[1]) >= int(first[1]) and (second[2] or "0") == (first[2] or "0")


def _finer(first: re.Match[str], second: re.Match[str]) -> bool:
    return first[1] == second[1] and (second[2] is None or (first[2] is not None and second[2] >= first[2]))


def _by_time_zone(types: _Types, action: Action) -> bool:
    """Whether the server only has to rewrite where the session's time zone is another than UTC."""
    using = f" {action.text} ".partition(" using ")[2].strip()
    return types is not None and set(types) == _ZONES and using in ("", action.name.lower())


RULE = Rule(
    code="MIG033",
    title="A statement rewrites the whole table",
    clauses=("MIGR-05",),
    severity=Severity.MINOR,
    category=Category.MIGRATIONS,
    reason="Every reader and writer waits until the last row is copied.",
    recommendation="Add a second column, fill it in batches, and switch over.",
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
        Example(
            files=scripts(
                "ALTER TABLE users ALTER COLUMN name TYPE varchar(40);",
                "ALTER TABLE users ALTER COLUMN name TYPE varchar(20);\n",
                verify="SELECT character_maximum_length = 40 FROM information_schema.columns WHERE column_name = 'name' AND table_name = 'users';",
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="a wider varchar",
        ),
    ),
    invalid=(
        Example(
            files=scripts(
                "ALTER TABLE users ALTER COLUMN id TYPE bigint;",
                "ALTER TABLE users ALTER COLUMN id TYPE integer;\n",
                verify="SELECT pg_typeof(id)::text = 'bigint' FROM users;",
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="integer to bigint",
        ),
        Example(
            files=scripts(
                "ALTER TABLE users ADD COLUMN mark uuid DEFAULT gen_random_uuid();",
                "ALTER TABLE users DROP COLUMN mark;\n",
                verify="SELECT mark FROM users;",
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="a default for each row",
        ),
    ),
)
