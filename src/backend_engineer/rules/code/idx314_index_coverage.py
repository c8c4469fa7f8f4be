"""IDX314: a query filters by a column that no key, unique constraint or index of the DataModel begins with.

Owns: this one rule. Must never know: query plans.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_engineer.contract import Category, FindingType, Severity, Verdict
from backend_engineer.inputs import NotApplicable
from backend_engineer.rules.code.sql_text import sql_texts
from backend_engineer.rules.rule import Context, Example, Hit, Need, Rule, Silence

_FROM = re.compile(r"\b(?:FROM|UPDATE|INTO)\s+[\"`]?(\w+)[\"`]?", re.IGNORECASE)
_WHERE = re.compile(
    r"\bWHERE\b([\s\S]*?)(?:\bORDER\s+BY\b|\bGROUP\s+BY\b|\bLIMIT\b|\bRETURNING\b|;|$)", re.IGNORECASE
)
_COLUMN = re.compile(
    r"(?:\b(\w+)\.)?[\"`]?\b([a-z_]\w*)\b[\"`]?\s*(?:=|<|>|<=|>=|\bIN\b|\bBETWEEN\b)", re.IGNORECASE
)


def _indexed(entity: object) -> set[str]:
    """The columns with which a lookup can start."""
    first = {field.name for field in entity.fields if field.primary_key or field.unique}  # type: ignore[attr-defined]
    indexes = entity.indexes  # type: ignore[attr-defined]
    if not isinstance(indexes, NotApplicable):
        first |= {index.columns[0] for index in indexes if index.columns}
    return first


def _check(context: Context) -> Iterator[Hit | Silence]:
    model = getattr(context.inputs, "data_model", None)
    if model is None or isinstance(model.entities, NotApplicable):
        yield Silence(Verdict.NOT_CHECKED, "no DataModel was given")
        return
    entities = {entity.table.lower(): entity for entity in model.entities}
    for item in sql_texts(context):
        tables = {name.lower() for name in _FROM.findall(item.bare)} & set(entities)
        where = _WHERE.search(item.bare)
        if len(tables) != 1 or where is None or re.search(r"\bOR\b|\bJOIN\b", item.bare, re.IGNORECASE):
            continue  # which table a column belongs to, or which index serves an OR, cannot be told from the text
        entity = entities[tables.pop()]
        known = {field.name for field in entity.fields}
        used = [name for _, name in _COLUMN.findall(where[1]) if name in known]
        if used and not set(used) & _indexed(entity):
            yield Hit(
                item.file.path,
                f"the query on `{entity.table}` filters by {', '.join(sorted(set(used)))}, which no index begins with",
                (item.line, item.end_line),
            )


def _model(indexes: object) -> dict[str, object]:
    return {
        "data_model": {
            "entities": [
                {
                    "name": "User",
                    "table": "users",
                    "fields": [
                        {"name": "id", "type": "INTEGER", "nullable": False, "primary_key": True},
                        {"name": "city", "type": "TEXT", "nullable": True},
                    ],
                    "relations": {"not_applicable": "stands alone"},
                    "indexes": indexes,
                    "constraints": {"not_applicable": "none needed"},
                    "retention": {"not_applicable": "kept with the account"},
                }
            ]
        }
    }


_NONE = {"not_applicable": "the key suffices"}

RULE = Rule(
    code="IDX314",
    title="Query without an index to start from",
    clauses=("CHEK-03", "FLOW-08"),
    severity=Severity.MINOR,
    category=Category.PERFORMANCE,
    type=FindingType.RISK,
    reason="A filter that no index begins with reads the whole table.",
    recommendation="Add an index that begins with the column to the DataModel and a migration, or filter by an indexed one.",
    check=_check,
    exact=False,
    needs=(Need.INPUTS,),
    question="Does an index serve each query, and is no query run once a row?",
    look="queries of the change against the DataModel's indexes; loops around data access",
    settles="a query plan, or a test that counts the queries of a request",
    line_rule=True,
    invalid=(
        Example(
            {"src/repo.py": 'Q = "SELECT id FROM users WHERE city = ? LIMIT 10"\n'}, inputs=_model(_NONE)
        ),
        Example(
            {"src/repo.py": 'Q = "UPDATE users SET city = ? WHERE city = ?"\n'},
            inputs=_model([{"columns": ["id", "city"]}]),
        ),
    ),
    valid=(
        Example({"src/repo.py": 'Q = "SELECT city FROM users WHERE id = ?"\n'}, inputs=_model(_NONE)),
        Example(
            {"src/repo.py": 'Q = "SELECT id FROM users WHERE city = ? LIMIT 10"\n'},
            inputs=_model([{"columns": ["city", "id"]}]),
        ),
    ),
)
