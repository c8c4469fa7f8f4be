"""What counts as mere writing in SQLite's definitions, and what means something else."""

import sqlite3
from contextlib import closing

import pytest

from backend_engineer.verification.snapshots import Level, Snapshot, compare_schemas
from backend_engineer.verification.sqlite.database import facts
from backend_engineer.verification.sqlite.schema import snapshot_of

T = "CREATE TABLE t (a int UNIQUE, b int, c int{0});"
K = "CREATE TABLE k (id integer PRIMARY KEY, n int UNIQUE);"
P = "CREATE TABLE p (n int, m int, PRIMARY KEY (m, n), UNIQUE (n, m));"


def built(script: str) -> Snapshot:
    with closing(sqlite3.connect(":memory:")) as link:
        link.executescript(script)
        return snapshot_of(facts(link))


@pytest.mark.parametrize(
    ("shape", "one", "other"),
    [
        (T, ", CHECK (a > 0 AND (b > 0 OR c > 0))", ", CHECK ((a > 0 AND b > 0) OR c > 0)"),
        (T, ", CHECK (NOT (a > 0 AND b > 0))", ", CHECK (NOT a > 0 AND b > 0)"),
        (T, ", d int DEFAULT (1 - (2 - 3))", ", d int DEFAULT (1 - 2 - 3)"),
        (T, ", d int AS (a - (b - c))", ", d int AS (a - b - c)"),
        (T, ", UNIQUE (b, c)", ", UNIQUE (c, b)"),
        (T, ", d int UNIQUE ON CONFLICT REPLACE", ", d int UNIQUE"),
        (T, ", d int NOT NULL ON CONFLICT IGNORE", ", d int NOT NULL"),
        (T, ", d int REFERENCES t (a) DEFERRABLE INITIALLY DEFERRED", ", d int REFERENCES t (a)"),
        (K + T, ", d int REFERENCES k", ", d int REFERENCES k (n)"),
        (P + T, ", FOREIGN KEY (b, c) REFERENCES p", ", FOREIGN KEY (b, c) REFERENCES p (n, m)"),
        (T, ", d int REFERENCES nobody", ", d int REFERENCES nobody (id)"),
        (T + "CREATE VIEW v AS SELECT {1} FROM t;", "a * (b + 1)", "a * b + 1"),
        (T + "CREATE VIEW v AS SELECT a FROM t WHERE {1};", "a IN (b, c)", "a IN (c, b)"),
        (
            T + "CREATE VIEW v AS SELECT a FROM t WHERE {1};",
            "b BETWEEN a AND (c AND a)",
            "b BETWEEN a AND c AND a",
        ),
        (
            T + "CREATE INDEX i ON t (a) WHERE {1};",
            "a > 0 AND (b > 0 OR c > 0)",
            "(a > 0 AND b > 0) OR c > 0",
        ),
        (
            T + "CREATE TRIGGER g AFTER INSERT ON t BEGIN UPDATE t SET a = {1}; END;",
            "a - (b - c)",
            "a - b - c",
        ),
    ],
)
def test_parentheses_order_and_clauses_that_mean_something_are_told_apart(
    shape: str, one: str, other: str
) -> None:
    first, second = (
        built(shape.format("", text) if "{1}" in shape else shape.format(text)) for text in (one, other)
    )
    assert compare_schemas(first, second)[0] is Level.DIFFERENT


@pytest.mark.parametrize(
    ("shape", "one", "other"),
    [
        (T, ", CHECK ((a > 0))", ", CHECK (a > 0)"),
        (T, ", CHECK ((a > 0) AND (b > 0))", ", CHECK (a > 0 AND b > 0)"),
        (T, ", CHECK ((a > 0 AND b > 0) AND c > 0)", ", CHECK (a > 0 AND b > 0 AND c > 0)"),
        (T, ", CHECK ((a > 0 AND b > 0) OR c > 0)", ", CHECK (a > 0 AND b > 0 OR c > 0)"),
        (T, ", d int DEFAULT (1)", ", d int DEFAULT 1"),
        (T, ", d int REFERENCES t (a) NOT DEFERRABLE INITIALLY DEFERRED", ", d int REFERENCES t (a)"),
        (K + T, ", d int REFERENCES k", ", d int REFERENCES k (id)"),
        (
            K + T,
            ", d int, FOREIGN KEY (d) REFERENCES k ON DELETE NO ACTION",
            ", d int, FOREIGN KEY (d) REFERENCES k (id) MATCH SIMPLE",
        ),
        (P + T, ", FOREIGN KEY (b, c) REFERENCES p", ", FOREIGN KEY (b, c) REFERENCES p (m, n)"),
        (T + "CREATE VIEW v AS SELECT a FROM t WHERE {1};", "(a > 0)", "a > 0"),
        (T + "CREATE INDEX i ON t (a) WHERE {1};", "(a > 0) OR (b IN (1, 2))", "a > 0 OR b IN (1, 2)"),
        (
            T + "CREATE TRIGGER g AFTER INSERT ON t WHEN {1} BEGIN DELETE FROM t; END;",
            "(NEW.a > 0)",
            "NEW.a > 0",
        ),
    ],
)
def test_parentheses_that_say_nothing_do_not_count(shape: str, one: str, other: str) -> None:
    first, second = (
        built(shape.format("", text) if "{1}" in shape else shape.format(text)) for text in (one, other)
    )
    assert compare_schemas(first, second)[0] is Level.REPRESENTATION
