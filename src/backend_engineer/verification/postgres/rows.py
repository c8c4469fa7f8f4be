"""Rows of a PostgreSQL database: reading them all, and making some up for every table.

Owns: the order of the tables, and what is tried again when a constraint refuses a row.
Must never know: scripts, verdicts, scratch databases.

Values depend on the table, the column and the number of the row alone, so that two runs agree. The first row holds
what is easy to lose, the second empty texts, the last nothing where it may; there are more where a list of values is longer.
"""
# ruff: noqa: S608  names are quoted by the server or by `_quoted`, values by `plain_literal`

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from backend_engineer.verification.postgres.prepared import run_prepared
from backend_engineer.verification.postgres.values import ROWS, Column, plain_literal, rich_literal
from backend_engineer.verification.sqlite import rich

__all__ = ["Seeder", "read_rows"]

_MOST_ROWS = 12
_LIMIT = 200

_TABLES = """
SELECT c.oid, format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY c.oid
"""
_COLUMNS = """
SELECT a.attrelid, a.attnum, a.attname, a.attnotnull, t.typname, t.typtype::text, t.typcategory::text, a.atttypmod,
  a.attidentity::text, a.attgenerated::text, e.adbin IS NOT NULL, coalesce(b.typname, t.typname),
  (SELECT array_agg(l.enumlabel ORDER BY l.enumsortorder) FROM pg_enum l WHERE l.enumtypid = coalesce(b.oid, t.oid)),
  format_type(a.atttypid, a.atttypmod),
  EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY(i.indkey)),
  coalesce(nullif(t.typtypmod, -1), a.atttypmod),
  (SELECT array_agg(l.enumlabel ORDER BY l.enumsortorder) FROM pg_enum l WHERE l.enumtypid = nullif(t.typelem, 0))
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type b ON b.oid = nullif(t.typbasetype, 0)
LEFT JOIN pg_attrdef e ON e.adrelid = a.attrelid AND e.adnum = a.attnum
WHERE a.attrelid = ANY($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attrelid, a.attnum
"""
_KEYS = """
SELECT c.conrelid, c.conkey, c.confrelid, c.confkey, format('%I.%I', n.nspname, r.relname),
  (SELECT array_agg(a.attname ORDER BY k.o) FROM unnest(c.confkey) WITH ORDINALITY k(n, o)
   JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.n)
FROM pg_constraint c JOIN pg_class r ON r.oid = c.confrelid JOIN pg_namespace n ON n.oid = r.relnamespace
WHERE c.contype = 'f' AND c.conrelid = ANY($1::oid[])
"""
_COLUMN_NAMES = """
SELECT format('%I.%I', n.nspname, c.relname), a.attname FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p')
AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY a.attrelid, a.attnum
"""
_CHECKS = "SELECT conrelid, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c' AND conrelid = ANY($1::oid[])"


def read_rows(link: Any, ignore: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Each table's columns and its rows as text; at most some hundreds a table."""
    with link.cursor() as cursor:
        tables = [row[1] for row in run_prepared(cursor, "tables", _TABLES)]
        tables = [name for name in tables if _last(name) not in ignore]
        if not tables:
            return {}
        parts = [
            f"SELECT {place}, (SELECT json_agg(row_to_json(backend_engineer_row)) FROM (SELECT * FROM {name} LIMIT {_LIMIT}) backend_engineer_row)::text"
            for place, name in enumerate(tables)
        ]
        answer = cursor.execute(" UNION ALL ".join(parts)).fetchall()
        columns = _column_names(cursor)
    return {tables[place]: _table(columns.get(tables[place], []), text) for place, text in answer}


def _last(name: str) -> str:
    return name.rpartition(".")[2].strip('"').lower()


def _column_names(cursor: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    rows = run_prepared(cursor, "column_names", _COLUMN_NAMES)
    for table, column in rows:
        found.setdefault(table, []).append(column)
    return found


def _table(columns: list[str], text: str | None) -> dict[str, Any]:
    rows = [] if text is None else json.loads(text, parse_float=str)
    return {
        "columns": columns,
        "rows": [[_plain(row.get(column)) for column in columns] for row in rows],
    }


def _plain(value: Any) -> Any:
    if isinstance(value, dict | list):
        # A document that was a jsonb in between has its keys in another order.
        return json.dumps(value, sort_keys=True, ensure_ascii=False)
    return None if value is None else repr(value)


@dataclass(slots=True)
class _Table:
    name: str
    columns: list[Column]
    keys: list[tuple[list[int], str, list[str]]] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)
    parents: set[int] = field(default_factory=set)
    rows: int = ROWS


@dataclass(slots=True)
class Seeder:
    """Puts made-up rows into every table, and remembers for each what its constraints took."""

    number: int
    ignore: frozenset[str] = frozenset()
    _worked: dict[str, list[str]] = field(default_factory=dict)

    def seed(self, link: Any, *, plain: bool = False) -> tuple[int, int]:
        """Seed inside an open transaction; returns how many tables got rows, and how many there are.

        plain: rows without values that are easy to lose, for scripts that fail on those.
        """
        with link.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            tables = [item for item in _read_tables(cursor) if _last(item.name) not in self.ignore]
            return sum(self._table(cursor, table, plain=plain) for table in tables), len(tables)

    def _table(self, cursor: Any, table: _Table, *, plain: bool) -> int:
        import psycopg

        signature = repr(
            (
                plain,
                table.name,
                [(c.name, c.full, c.required, c.labels) for c in table.columns],
                table.keys,
                table.checks,
            )
        )
        known = self._worked.get(signature)
        if known is not None:
            try:
                cursor.execute(
                    "SAVEPOINT backend_engineer_seed; " + "; ".join(known) + "; RELEASE backend_engineer_seed"
                )
                return 1
            except psycopg.Error:
                cursor.execute("ROLLBACK TO backend_engineer_seed")
        longest = max((len(_listed(table, column)) for column in table.columns), default=0)
        table.rows = min(max(ROWS, longest + 1), _MOST_ROWS)
        worked = [
            text
            for row in range(table.rows)
            if (text := self._row(cursor, table, row, plain=plain)) is not None
        ]
        if worked:
            self._worked[signature] = worked
        return 1 if worked else 0

    def _row(self, cursor: Any, table: _Table, row: int, *, plain: bool) -> str | None:
        import psycopg

        stages = () if plain or row > 1 else rich.STAGES
        for stage, attempt in (*((item, 0) for item in stages), *((_PLAIN, at) for at in range(8))):
            text = _insert(table, row, attempt, self.number, stage)
            try:
                cursor.execute(f"SAVEPOINT backend_engineer_seed; {text}; RELEASE backend_engineer_seed")
                return text
            except psycopg.Error:
                cursor.execute("ROLLBACK TO backend_engineer_seed")
        return None


def _read_tables(cursor: Any) -> list[_Table]:
    rows = run_prepared(cursor, "tables", _TABLES)
    ids = [row[0] for row in rows]
    tables = {oid: _Table(name, []) for oid, name in rows}
    if not ids:
        return []
    listed = "('{" + ",".join(str(int(oid)) for oid in ids) + "}')"
    for found in run_prepared(cursor, "columns", _COLUMNS, listed):
        modifier = found[7]
        length = modifier - 4 if found[11] in ("varchar", "bpchar") and modifier > 4 else None
        tables[found[0]].columns.append(
            Column(
                found[1],
                found[2],
                found[3],
                found[11],
                found[5],
                found[6],
                length,
                bool(found[9]) or found[8] == "a",
                found[10] or bool(found[8]),
                found[12] or [],
                found[13],
                found[14],
                found[15],
                found[16] or [],
            )
        )
    for relation, own, parent, _, name, columns in run_prepared(cursor, "keys", _KEYS, listed):
        tables[relation].keys.append((own, name, columns))
        if parent != relation:
            tables[relation].parents.add(parent)
    for relation, text in run_prepared(cursor, "checks", _CHECKS, listed):
        tables[relation].checks.append(text)
    return _by_dependency(tables)


def _by_dependency(tables: dict[int, _Table]) -> list[_Table]:
    ordered: list[_Table] = []
    done: set[int] = set()
    waiting = list(tables)
    while waiting:
        ready = [oid for oid in waiting if all(p in done or p not in tables for p in tables[oid].parents)]
        for oid in ready or waiting[:1]:
            ordered.append(tables[oid])
            done.add(oid)
            waiting.remove(oid)
    return ordered


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _insert(table: _Table, row: int, attempt: int, seed: int, stage: rich.Stage) -> str:
    names: list[str] = []
    values: list[str] = []
    by_number = {column.number: column for column in table.columns}
    for column in table.columns:
        if column.generated or (column.default and attempt % 2 == 1 and _counts_up(column)):
            continue
        key = next((key for key in table.keys if column.number in key[0]), None)
        names.append(_quoted(column.name))
        if not column.required and (row == table.rows - 1 or attempt >= 6):
            values.append("NULL")
        elif key is not None:
            own, parent, columns = key
            target = _quoted(columns[own.index(column.number)])
            same = f"(SELECT {target} FROM {parent} ORDER BY 1 DESC NULLS LAST LIMIT 1 OFFSET {row})"
            first = f"(SELECT {target} FROM {parent} ORDER BY 1 DESC NULLS LAST LIMIT 1)"
            own_row = (
                plain_literal(by_number[column.number], row, attempt, seed)
                if parent == table.name
                else "NULL"
            )
            values.append(f"coalesce({same}, {first}, {own_row}::{column.full})")
        else:
            values.append(
                _allowed(table, column, row, attempt)
                or rich_literal(
                    column, row, stage if "checked" in stage or not _is_checked(table, column) else _PLAIN
                )
                or plain_literal(column, row, attempt, seed)
            )
    if not names:
        return f"INSERT INTO {table.name} DEFAULT VALUES"
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join(values)})"


def _counts_up(column: Column) -> bool:
    return column.type in ("int2", "int4", "int8", "uuid") and column.required


def _allowed(table: _Table, column: Column, row: int, attempt: int) -> str | None:
    if column.category != "S" or attempt > 5:
        return None
    labels = _listed(table, column)
    return f"'{labels[(row - 1 + attempt) % len(labels)]}'" if labels else None


_PLAIN: rich.Stage = frozenset()


def _is_checked(table: _Table, column: Column) -> bool:
    return any(re.search(rf"\b{re.escape(column.name)}\b", check) for check in table.checks)


def _listed(table: _Table, column: Column) -> list[str]:
    """The values that a column may have, as its type or a check lists them."""
    if column.labels or column.category != "S":
        return column.labels
    for check in table.checks:
        if re.search(rf'\(?"?{re.escape(column.name)}"?\)?(?:::\w+)?\)? = ANY', check):
            labels = re.findall(r"'((?:[^']|'')*)'", check)
            if labels:
                return labels
    return []
