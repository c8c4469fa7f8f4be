"""Tables and columns that SQL in code names: what is surely meant is read, and nothing is made up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_engineer.outputs import Change, FileChange
from backend_engineer.rules import check
from backend_engineer.rules.examples import bundle
from backend_engineer.rules.migrations.needed_by_code import uses_in
from backend_engineer.rules.migrations.samples import BASE, POSTGRESQL, scripts
from backend_engineer.workspace import SourceTree


def names(sql: str) -> set[str]:
    return {f"{use.table}.{use.column}" if use.column else use.table for use in uses_in(sql, "postgresql")}


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT id, age FROM users", {"users", "users.id", "users.age"}),
        ("SELECT u.age FROM public.users AS u", {"users", "users.age"}),
        ("SELECT a.x, b.y FROM a JOIN b ON a.id = b.a_id", {"a", "b", "a.x", "a.id", "b.y", "b.a_id"}),
        ("INSERT INTO a (b, c) VALUES ($1, $2) ON CONFLICT (b) DO UPDATE SET c = excluded.c", {"a", "a.b", "a.c"}),
        ("UPDATE a SET b = 1, c = (SELECT max(x) FROM d) WHERE e = 2", {"a", "a.b", "a.c", "d"}),
        ("DELETE FROM a WHERE b < now()", {"a", "a.b"}),
        ("SELECT 1 FROM audit.log l WHERE l.at IS NOT NULL", {"audit.log", "audit.log.at"}),
        ('SELECT "Name" FROM "Users"', {"users"}),
    ],
)  # fmt: skip
def test_names_are_read_where_they_are_surely_of_a_table(sql: str, expected: set[str]) -> None:
    assert names(sql) == expected


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT unnest FROM unnest($1::bigint[])",
        "SELECT x FROM {} WHERE y = 1",
        "SELECT x FROM prefix_{} p WHERE p.y = 1",
        "SELECT x FROM %s",
        "SELECT x FROM pg_class",
        "SELECT extract(epoch FROM created) FROM (SELECT now() AS created) s",
        "SELECT 1 WHERE a IS DISTINCT FROM b",
        "WITH t AS (SELECT 1 AS n) SELECT t.n, n FROM t",
        "WITH RECURSIVE t (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t) SELECT n FROM t",
        "SELECT s.n FROM generate_series(1, 3) AS s (n)",
        "SELECT 'FROM nowhere'",
        "SELECT x FROM 'unclosed",
    ],
)
def test_what_is_made_at_run_time_or_by_the_statement_is_left_out(sql: str) -> None:
    assert names(sql) == set()


@pytest.mark.parametrize(
    ("sql", "absent"),
    [
        ("SELECT total FROM a, LATERAL (SELECT 1 AS total) t", "a.total"),
        ("SELECT count(*) AS n FROM a GROUP BY b HAVING n > 1", "a.n"),
        ("SELECT x.id FROM a x WHERE EXISTS (SELECT 1 FROM b x WHERE x.c = 1)", "b.c"),
        ("SELECT id FROM a WHERE b = :name AND c = @other", "a.name"),
        ("SELECT id FROM a WHERE CURRENT_DATE > b", "a.current_date"),
        ("SELECT id FROM a FOR UPDATE OF a SKIP LOCKED", "skip"),
        ("INSERT INTO a AS target (b) VALUES (1) ON CONFLICT (b) DO UPDATE SET b = target.b + 1", "target.b"),
    ],
)
def test_a_name_whose_table_is_not_plain_is_left_out(sql: str, absent: str) -> None:
    assert absent not in names(sql)


WORDS = ["select", "from", "a", "b", "as", "(", ")", ",", ".", "with", "join", "on", "=", "update", "set", "insert", "into", "'x'", '"q"', "{}", "*", "values"]  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), max_size=25))
def test_any_sequence_of_words_is_read_without_an_error(words: list[str]) -> None:
    sql = " ".join(words)
    for use in uses_in(sql, "sqlite"):
        assert use.table in ("a", "b", "q", "a.b", "b.a") or "." in use.table or use.table.isalpha()
        assert use.line == 0


def found(files: dict[str, str], base: dict[str, str] | None = None) -> list[str]:
    change = Change(tuple(FileChange(path, text) for path, text in files.items()))
    tree = SourceTree.from_mapping({**BASE, **(base or {})})
    report = check(change, inputs=bundle(POSTGRESQL), base=tree, rules=["MIG004"])
    return [finding.where.path for finding in report.findings]


READS = {"src/users.py": 'Q = "SELECT nickname FROM users"\n'}


def test_code_that_reads_a_column_which_no_migration_makes_is_found() -> None:
    assert found(READS) == ["src/users.py"]


def test_the_migration_of_the_same_change_makes_it() -> None:
    files = scripts(
        "ALTER TABLE users ADD COLUMN nickname text;", "ALTER TABLE users DROP COLUMN nickname;\n"
    )
    assert found({**files, **READS}) == []


def test_a_migration_that_makes_it_by_program_cannot_be_read_and_nothing_is_said() -> None:
    program = {"db/migrations/0002_nick.up.go": "package migrations\n"}
    assert found({**READS, **program}) == []


def test_what_code_of_the_base_names_already_is_not_the_changes_doing() -> None:
    assert found(READS, {"src/old.py": 'Q = "SELECT u.nickname FROM users u"\n'}) == []


def test_queries_for_another_database_are_not_held_against_this_one() -> None:
    assert found({"src/events.py": 'Q = "SELECT id FROM events"\n'}) == []


def test_an_object_query_language_names_classes_and_not_tables() -> None:
    text = 'import jakarta.persistence.Entity;\nclass R { String q = "SELECT u FROM users u JOIN Pet p ON p.a = u.id"; }\n'
    assert found({"src/main/java/R.java": text}) == []


def test_a_dynamic_statement_in_a_migration_keeps_the_rule_silent_about_what_it_names() -> None:
    script = "DO $$ BEGIN EXECUTE 'ALTER TABLE users ADD COLUMN nickname text'; END $$;\n"
    base = {"db/migrations/0002_a.up.sql": script, "db/migrations/0002_a.down.sql": "SELECT 1;\n"}
    assert found(READS, base) == []


def test_a_new_file_beside_files_that_ask_this_schema_speaks_to_it_too() -> None:
    files = {"src/stores/events.py": 'Q = "SELECT id FROM events"\n'}
    near = {"src/stores/users.py": 'Q = "SELECT id FROM users"\n'}
    assert found(files, near) == ["src/stores/events.py"]
    assert found(files, {"src/other/users.py": "USERS = ()\n"}) == []
