"""The schema that the migrations build is the one that DataModel describes.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.inputs import NotApplicable
from backend_engineer.migrations import BOOKKEEPING
from backend_engineer.rules.migrations.built import Built, read_built, same_type
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
    # What several runs on one database system built is one schema: of several services, say.
    schemas: dict[str, list[str]] = {}
    for report in reports:
        if report.schema_after:
            schemas.setdefault(report.dialect, []).extend(report.schema_after)
    if not schemas and not any(report.not_checked for report in reports):
        yield Silence(Verdict.NOT_CHECKED, "no run has shown what schema the migrations build.")
    pairs = examine(context).pairs
    declared = {entity.table.lower(): entity for entity in entities}
    for dialect, lines in schemas.items():
        mine = [pair.path for pair in pairs if pair.dialect == dialect] or [pair.path for pair in pairs]
        yield from _drift(mine[-1] if mine else "", declared, read_built(lines), dialect)


def _drift(place: str, declared: dict[str, Any], built: Built, dialect: str) -> Iterator[Hit]:
    for name, entity in declared.items():
        if name not in built.tables and name in built.views:
            continue
        if name not in built.tables:
            yield Hit(
                place, f"DataModel has `{name}`, and no migration builds it.", title="A table is missing"
            )
        else:
            yield from _table(place, name, entity, built, dialect)
    for name in sorted(built.tables - set(declared)):
        if name.rpartition(".")[2] not in BOOKKEEPING:
            yield Hit(
                place,
                f"The migrations build `{name}`, which DataModel does not have.",
                title="A table is undeclared",
            )


def _table(place: str, name: str, entity: Any, built: Built, dialect: str) -> Iterator[Hit]:
    columns = built.columns.get(name, {})
    declared = {column.name.lower(): column for column in entity.fields}
    for column in declared.values():
        found = columns.get(column.name.lower())
        if found is None:
            yield Hit(
                place,
                f"DataModel has `{name}.{column.name}`, and no migration builds it.",
                title="A column is missing",
            )
            continue
        if not same_type(column.type, found.type, dialect):
            words = f"`{name}.{column.name}` is {found.type or 'without a type'}, and DataModel says {column.type}."
            yield Hit(place, words, title="A column has another type")
        if column.nullable == found.required and not column.primary_key:
            words = f"`{name}.{column.name}` is {'required' if found.required else 'nullable'}, and DataModel says otherwise."
            yield Hit(place, words, title="A column's nullability differs")
    for extra in sorted(set(columns) - set(declared)):
        yield Hit(
            place,
            f"The migrations build `{name}.{extra}`, which DataModel does not have.",
            title="A column is undeclared",
        )
    yield from _indexes(place, name, entity, built)


def _indexes(place: str, name: str, entity: Any, built: Built) -> Iterator[Hit]:
    if isinstance(entity.indexes, NotApplicable):
        return
    keys = built.indexes.get(name, [])
    for index in entity.indexes:
        wanted = tuple(column.lower() for column in index.columns)
        if not any(columns == wanted and (unique or not index.unique) for columns, unique in keys):
            kind = "a unique index" if index.unique else "an index"
            yield Hit(
                place,
                f"DataModel has {kind} on `{name}` ({', '.join(wanted)}), and no migration builds it.",
                title="An index is missing",
            )
    if isinstance(entity.relations, NotApplicable):
        return
    for relation in entity.relations:
        columns = tuple(column.lower() for column in relation.columns)
        if columns not in built.foreign.get(name, set()):
            words = f"DataModel has a foreign key of `{name}` on ({', '.join(columns)}), and no migration builds it."
            yield Hit(place, words, title="A foreign key is missing")


def _model(*extra: dict[str, Any]) -> dict[str, Any]:
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
    recommendation="Bring the migration and DataModel to the same tables, columns and indexes.",
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
    ),
)
