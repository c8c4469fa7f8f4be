"""What MIG070 says of a real project: a DataModel made out of its `schema.rs`, against what its migrations build.

    python benchmarks/migration_drift.py REPOSITORY SCHEMA_RS REPORT [REVISION...]

REPORT is a file that `accuracy_migrations.py folder --run FILE` kept. The newest `schema.rs` is generated from
the database, so that it should agree with it; an older revision differs by what was changed since, which two
`schema.rs` show without any rule. Prints the hits at each revision, and how many of them that difference explains.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from backend_engineer.migrations import discover
from backend_engineer.outputs import Change, FileChange, MigrationReport
from backend_engineer.rules import built_in_rules, check
from backend_engineer.rules.examples import bundle

TYPES = {
    "Int2": "smallint", "Int4": "integer", "Integer": "integer", "Int8": "bigint", "BigInt": "bigint", "Bool": "boolean",
    "Float4": "real", "Float8": "double precision", "Double": "double precision", "Varchar": "varchar", "Timestamptz":
    "timestamptz", "Timestamp": "timestamp", "Binary": "bytea", "Numeric": "numeric", "SmallInt": "smallint",
}  # fmt: skip
TABLE = re.compile(r"table!\s*\{(?:\s*use [^;]+;)*\s*(\w[\w.]*)\s*\(([^)]*)\)\s*\{(.*?)\n    \}", re.DOTALL)
COLUMN = re.compile(r"((?:#\[[^\]]*\]\s*)*)(\w+)\s*->\s*([^,]+(?:<[^>]*>)?),")


class Column(NamedTuple):
    """One column of a `schema.rs`."""

    type: str
    nullable: bool
    key: bool


def read_schema(text: str) -> dict[str, dict[str, Column]]:
    """Table -> column -> type, nullability, part of the key."""
    text = re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE)
    tables: dict[str, dict[str, Column]] = {}
    for name, key, body in TABLE.findall(text):
        keys = {part.strip() for part in key.split(",")}
        columns: dict[str, Column] = {}
        for attributes, column, shown in COLUMN.findall(body):
            named = re.search(r'sql_name = "([^"]+)"', attributes)
            length = re.search(r"max_length = (\d+)", attributes)
            nullable = shown.startswith("Nullable<")
            kind = shown.removeprefix("Nullable<").removesuffix(">") if nullable else shown
            columns[named[1] if named else column] = Column(
                spelled(kind, length[1] if length else ""), nullable, column in keys
            )
        tables[name] = columns
    return tables


def spelled(kind: str, length: str) -> str:
    """A type of diesel's as SQL writes it."""
    array = kind.startswith("Array<")
    kind = kind.removeprefix("Array<").removesuffix(">") if array else kind
    kind = kind.removeprefix("Nullable<").removesuffix(">")
    word = TYPES.get(
        kind, re.sub(r"(?<!^)(?=[A-Z])", "_", kind).lower() if kind.endswith("Enum") else kind.lower()
    )
    return word + (f"({length})" if length else "") + ("[]" if array else "")


def model(tables: dict[str, dict[str, Column]], dialect: str) -> Any:
    """The tables as a DataModel; indexes, keys and retention are left out, for `schema.rs` has none."""
    none = {"not_applicable": "not in the schema file"}
    entities = [
        {
            "name": name,
            "table": name,
            "fields": [
                {"name": key, "type": one.type, "nullable": one.nullable, "primary_key": one.key}
                for key, one in columns.items()
            ],
            "relations": none,
            "indexes": none,
            "constraints": none,
            "retention": none,
        }
        for name, columns in tables.items()
    ]
    return bundle({"tech_spec": {"database": {"dialect": dialect}}, "data_model": {"entities": entities}})


def expected(old: dict[str, dict[str, Column]], new: dict[str, dict[str, Column]]) -> set[str]:
    """What two `schema.rs` differ in, as `table` or `table.column`."""
    places = set(old) ^ set(new)
    for name in set(old) & set(new):
        for column in set(old[name]) | set(new[name]):
            if old[name].get(column) != new[name].get(column):
                places.add(f"{name}.{column}")
    return places


def hits(tables: dict[str, dict[str, Column]], report: MigrationReport) -> list[str]:
    """The words of each finding of MIG070."""
    rules = [rule for rule in built_in_rules() if rule.code == "MIG070"]
    change = Change((FileChange("db/migrations/1_a.up.sql", "SELECT 1;"),), origin="git")
    assert discover({"db/migrations/1_a.up.sql": "SELECT 1;"})
    found = check(change, inputs=model(tables, report.dialect), verified=report, rules=rules).findings
    # `schema.rs` has columns and no keys, indexes or conditions: of those the derived document says nothing.
    return [item.evidence for item in found if item.title.startswith(("A table", "A column"))]


def main() -> int:
    """Print hits at each revision."""
    repository, place, kept, *revisions = sys.argv[1:]
    report = MigrationReport.model_validate_json(Path(kept).read_text("utf-8"))

    def at(revision: str) -> dict[str, dict[str, Column]]:
        argv = ["git", "-C", repository, "show", f"{revision}:{place}"]
        return read_schema(subprocess.run(argv, capture_output=True, text=True, check=True).stdout)

    now = at("HEAD")
    for revision in ("HEAD", *revisions):
        tables = at(revision)
        words = hits(tables, report)
        drift = expected(tables, now)
        told = [line for line in words if any(f"`{place}`" in line for place in drift)]
        missed = [place for place in drift if not any(f"`{place}`" in line for line in words)]
        print(
            f"{revision}: {len(tables)} tables, {len(words)} hit(s), {len(told)} of them by {len(drift)} drift(s)"
        )
        print(f"    not told: {sorted(missed)[:10]}")
        for line in words:
            if line not in told:
                print(f"    {line}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
