"""The schema that the migrations build is the one that DataModel describes.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.migrations import BOOKKEEPING
from backend_engineer.rules.migrations.built import (
    Built,
    BuiltColumn,
    read_built,
    read_shadow,
    same_type,
    table_name,
)
from backend_engineer.rules.migrations.conditions import conjuncts
from backend_engineer.rules.migrations.forms import Node, certainly_other
from backend_engineer.rules.migrations.keys_drift import keys_drift
from backend_engineer.rules.migrations.modelled import REWRITTEN, read_entity
from backend_engineer.rules.migrations.pairs import examine
from backend_engineer.rules.migrations.samples import BASE, ran, scripts, spec
from backend_engineer.rules.reading import document, field
from backend_engineer.rules.rule import Context, Example, Hit, Need, Rule, Silence

__all__ = ["RULE"]


def _check(context: Context) -> Iterator[Hit | Silence]:
    entities = field(document(context, "data_model"), "entities")
    if entities is None:
        yield Silence(Verdict.NOT_CHECKED, "DataModel's entities were not given, or do not apply.")
        return
    reports = context.migration_reports
    for report in reports:
        if report.not_checked:
            yield Silence(Verdict.NOT_CHECKED, report.not_checked)
    for reason in examine(context).unproven:
        yield Silence(Verdict.NOT_CHECKED, reason)
    # What several runs on one database system built is one schema: of several services, say.
    schemas: dict[str, list[str]] = {}
    for report in reports:
        if report.schema_after:
            schemas.setdefault(report.dialect, []).extend(report.schema_after)
    if not schemas and not any(report.not_checked for report in reports):
        yield Silence(Verdict.NOT_CHECKED, "no run has shown what schema the migrations build.")
    declared = {table_name(entity.table): entity for entity in entities}
    for dialect, lines in schemas.items():
        yield from _drift(_place(context, dialect), declared, read_built(lines), dialect)
    if not schemas:
        yield from _in_the_mind(context, declared)


def _place(context: Context, dialect: str | None) -> str:
    """The last migration of the change for a database system: the file that drift is shown at."""
    pairs = examine(context).pairs
    mine = [pair.path for pair in pairs if pair.dialect == dialect] or [pair.path for pair in pairs]
    return mine[-1] if mine else ""


def _in_the_mind(context: Context, declared: dict[str, Any]) -> Iterator[Hit | Silence]:
    """What the scripts' text alone shows, of tables that the change itself makes; a run is what settles the clause."""
    examined = examine(context)
    own = {table_name(name) for pair in examined.pairs for name in pair.made}
    if not own:
        return
    for dialect, shadow in examined.schemas:
        if dialect is None or not shadow.complete or shadow.opaque:
            continue
        built = read_shadow(shadow)
        for name, entity in declared.items():
            if name in built.tables and name in own:
                yield from _table(_place(context, dialect), name, entity, declared, built, dialect)


def _drift(place: str, declared: dict[str, Any], built: Built, dialect: str) -> Iterator[Hit | Silence]:
    for name, entity in declared.items():
        if name not in built.tables and name in built.views:
            continue
        if name not in built.tables:
            yield Hit(
                place, f"DataModel has `{name}`, and no migration builds it.", title="A table is missing"
            )
        else:
            yield from _table(place, name, entity, declared, built, dialect)
    for name in sorted(set(built.tables) - set(declared)):
        # A partition is a part of its table.
        if name.rpartition(".")[2] not in BOOKKEEPING and built.tables[name].parent not in declared:
            yield Hit(
                place,
                f"The migrations build `{name}`, which DataModel does not have.",
                title="A table is undeclared",
            )


def _table(
    place: str, name: str, entity: Any, declared: dict[str, Any], built: Built, dialect: str
) -> Iterator[Hit | Silence]:
    table = built.tables[name]
    fields = {column.name.lower(): column for column in entity.fields}
    for column in fields.values():
        yield from _column(place, name, column, table.columns.get(column.name.lower()), dialect)
    for extra in sorted(set(table.columns) - set(fields)):
        yield Hit(
            place,
            f"The migrations build `{name}.{extra}`, which DataModel does not have.",
            title="A column is undeclared",
        )
    tables = {other.name: key for key, other in declared.items()}
    yield from keys_drift(place, name, read_entity(entity, tables), table, built)


def _column(
    place: str, table: str, column: Any, found: BuiltColumn | None, dialect: str
) -> Iterator[Hit | Silence]:
    shown = f"`{table}.{column.name}`"
    if found is None:
        yield Hit(place, f"DataModel has {shown}, and no migration builds it.", title="A column is missing")
        return
    if not same_type(column.type, found.type, dialect):
        words = f"{shown} is {found.type or 'without a type'}, and DataModel says {column.type}."
        yield Hit(place, words, title="A column has another type")
    if column.nullable == found.required and not column.primary_key:
        words = f"{shown} is {'required' if found.required else 'nullable'}, and DataModel says otherwise."
        yield Hit(place, words, title="A column's nullability differs")
    if not (found.default or "").startswith("nextval"):
        yield from _default(place, shown, column, found.default)


def _default(place: str, shown: str, column: Any, found: str | None) -> Iterator[Hit | Silence]:
    """A default is compared where both sides are understood."""
    wanted: str | None = column.default
    found = None if found == "null" else found
    wanted = None if (wanted or "null").strip().lower() == "null" else wanted
    if wanted is None and found is not None:
        words = f"{shown} has the default {found}, and DataModel states none."
        yield Hit(place, words, title="A default is undeclared", severity=Severity.INFO)
    if wanted is None or _bare(wanted) == _bare(found or ""):
        return
    says = conjuncts(wanted)
    builds = conjuncts(found) if found is not None else frozenset()
    plain = says is not None and all(node[0] in ("num", "str", "word", "call") for node in says)
    if found is None and plain:
        words = f"DataModel gives {shown} the default {wanted}, and no migration builds it."
        yield Hit(place, words, title="A default is missing")
    elif says == builds:
        return
    elif _differ(says, builds) and plain and not any(sign in column.type.lower() for sign in REWRITTEN):
        words = f"{shown} has the default {found}, and DataModel says {wanted}."
        yield Hit(place, words, title="A default differs")
    else:
        words = f"{shown} has {found or 'no default'}, and DataModel says {wanted!r}: do they mean the same?"
        yield Silence(Verdict.NEEDS_REVIEW, words)


def _differ(first: frozenset[Node] | None, second: frozenset[Node] | None) -> bool:
    return bool(first and second) and all(
        certainly_other(one, two) for one in first or () for two in second or ()
    )


_TRUTHS = {"true": "1", "false": "0", "t": "1", "f": "0"}


def _bare(text: str) -> str:
    """A default without quotes, casts and blanks: people leave out the quotes, and SQLite has no truth values."""
    word = re.sub(r"::[\w\s.\[\]]+$", "", text.strip().lower()).strip("()' \"")
    return _TRUTHS.get(word, word)


def _model(*extra: dict[str, Any], **more: Any) -> dict[str, Any]:
    fields = [
        {"name": "id", "type": "integer", "nullable": False, "primary_key": True},
        {"name": "email", "type": "text", "nullable": False},
        *extra,
    ]
    none = {"not_applicable": "none in this example"}
    entity = {
        "name": "User",
        "table": "users",
        "fields": fields,
        "relations": none,
        "indexes": none,
        "constraints": none,
        "retention": none,
        **more,
    }
    return {**spec("sqlite"), "data_model": {"entities": [entity]}}


_FILES = scripts(
    "ALTER TABLE users ADD COLUMN age integer;",
    "ALTER TABLE users DROP COLUMN age;\n",
    verify="SELECT age FROM users;",
    guard="PRAGMA busy_timeout = 2000;",
)
_AGE = {"name": "age", "type": "integer", "nullable": True}


def _built(*lines: str) -> Any:
    report = ran(_FILES)[0]
    return (report.model_copy(update={"dialect": "sqlite", "schema_after": lines}),)


_LINES = ("table users: table", "column users.id: integer primary key", "column users.email: text not null")

RULE = Rule(
    code="MIG070",
    title="The schema that migrations build differs from DataModel",
    clauses=("CONS-05",),
    severity=Severity.MAJOR,
    category=Category.DATA,
    reason="Models and tables that drift apart fail at the first row that shows it.",
    recommendation="Bring the migration and DataModel to the same tables, columns, keys, indexes and conditions.",
    check=_check,
    needs=(Need.INPUTS,),
    valid=(
        Example(
            files=_FILES,
            inputs=_model(_AGE),
            base=BASE,
            verified=_built(*_LINES, "column users.age: integer"),
            note="they agree",
        ),
        Example(
            files=_FILES,
            inputs=_model({**_AGE, "type": "INT"}),
            base=BASE,
            verified=_built(*_LINES, "column users.age: integer"),
            note="another spelling of a type",
        ),
        Example(
            files=_FILES,
            inputs=_model(_AGE, constraints=["CHECK (age > 17)", "UNIQUE (email)"]),
            base=BASE,
            verified=_built(
                "table users: unique ( email )", *_LINES[1:], "column users.age: integer check ( age >= 18 )"
            ),
            note="constraints in another form",
        ),
    ),
    invalid=(
        Example(
            files=_FILES, inputs=_model(_AGE), base=BASE, verified=_built(*_LINES), note="a column is missing"
        ),
        Example(
            files=_FILES,
            inputs=_model(),
            base=BASE,
            verified=_built(*_LINES, "column users.age: integer"),
            note="a column is undeclared",
        ),
        Example(
            files=_FILES,
            inputs=_model({**_AGE, "type": "text"}),
            base=BASE,
            verified=_built(*_LINES, "column users.age: integer"),
            note="another type",
        ),
        Example(
            files=_FILES,
            inputs=_model(_AGE, constraints=["CHECK (age > 17)"]),
            base=BASE,
            verified=_built(*_LINES, "column users.age: integer check ( age > 0 )"),
            note="another condition",
        ),
        Example(
            files=_FILES,
            inputs=_model(_AGE),
            base=BASE,
            verified=_built(*_LINES, "column users.age: integer references ages ( id )"),
            note="a foreign key is undeclared",
        ),
    ),
)
