"""The schema in the mind: what a rollback leaves, loses or changes, told from text."""

import pytest

from backend_engineer.migrations import split_statements
from backend_engineer.migrations.shadow import Shadow, apply, differences

BASE = """
CREATE TYPE mood AS ENUM ('a', 'b');
CREATE TABLE users (id serial PRIMARY KEY, name varchar(20) NOT NULL DEFAULT 'x', team integer REFERENCES teams (id));
CREATE INDEX users_name ON users USING btree (name);
CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
"""


def undone(up: str, down: str) -> list[tuple[str, str]]:
    before = Shadow()
    for statement in split_statements(BASE, "postgresql"):
        apply(before, statement, "postgresql")
    after = before.copy()
    for statement in split_statements(up, "postgresql"):
        apply(after, statement, "postgresql")
    for statement in split_statements(down, "postgresql"):
        apply(after, statement, "postgresql")
    found = [(item.kind, item.key) for item in differences(before, after)]
    return found + [(item.kind, item.key) for item in after.troubles]


@pytest.mark.parametrize(
    ("up", "down"),
    [
        ("ALTER TABLE users ADD COLUMN a int", "ALTER TABLE users DROP COLUMN a"),
        ("ALTER TABLE users RENAME COLUMN name TO label", "ALTER TABLE users RENAME label TO name"),
        ("ALTER TABLE users RENAME TO people", "ALTER TABLE people RENAME TO users"),
        ("ALTER TABLE public.users ALTER name TYPE text", "ALTER TABLE users ALTER COLUMN name TYPE character varying(20)"),
        ("DROP INDEX users_name", "CREATE INDEX users_name ON public.users (name)"),
        ("ALTER TABLE users DROP CONSTRAINT users_team_fkey", "ALTER TABLE users ADD FOREIGN KEY (team) REFERENCES teams (id)"),
        ("CREATE TABLE a (id int); CREATE INDEX ON a (id)", "DROP TABLE a"),
        ("ALTER TYPE mood RENAME VALUE 'a' TO 'c'", "ALTER TYPE mood RENAME VALUE 'c' TO 'a'"),
        ("DROP FUNCTION f(integer)", "CREATE OR REPLACE FUNCTION f(a integer) RETURNS int AS $x$ SELECT 1 $x$ LANGUAGE sql"),
        ("CREATE TEMP TABLE t (id int)", ""),
        ("INSERT INTO users (name) VALUES ('y')", ""),
        (
            "CREATE TABLE a (id int); CREATE VIEW b AS SELECT id FROM a; CREATE VIEW c AS SELECT id FROM b",
            "DROP VIEW b, c CASCADE; DROP TABLE a",
        ),
    ],
)  # fmt: skip
def test_what_is_undone_leaves_nothing(up: str, down: str) -> None:
    assert undone(up, down) == []


@pytest.mark.parametrize(
    ("up", "down", "found"),
    [
        ("ALTER TABLE users ADD COLUMN a int", "", ("left", "column users.a")),
        ("ALTER TABLE users DROP COLUMN name", "", ("lost", "column users.name")),
        ("ALTER TABLE users DROP COLUMN name", "ALTER TABLE users ADD COLUMN name varchar(20)", ("attribute", "column users.name")),
        ("ALTER TABLE users ALTER name DROP DEFAULT", "", ("attribute", "column users.name")),
        ("ALTER TABLE users ALTER name TYPE varchar(30)", "ALTER TABLE users ALTER name TYPE varchar(19)", ("attribute", "column users.name")),
        ("DROP INDEX users_name", "CREATE INDEX users_name ON users (id)", ("definition", "index users_name")),
        ("CREATE INDEX i ON users (id)", "", ("left", "index i")),
        ("CREATE OR REPLACE FUNCTION f(a int) RETURNS int LANGUAGE sql AS $$ SELECT 2 $$", "", ("body", "function f(integer)")),
        ("ALTER TYPE mood ADD VALUE 'c'", "", ("enum", "type mood")),
        ("CREATE EXTENSION citext", "", ("left", "extension citext")),
        ("ALTER TABLE users ADD COLUMN a int", "ALTER TABLE users DROP COLUMN b", ("missing", "column users.b")),
        ("SELECT 1", "ALTER TABLE users INSERT COLUMN b int", ("syntax", "table users")),
        ("CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (id int REFERENCES p (id))", "DROP TABLE p; DROP TABLE c", ("dependents", "table p")),
        ("ALTER TABLE users DROP CONSTRAINT users_pkey", "", ("lost", "constraint users.users_pkey")),
    ],
)  # fmt: skip
def test_what_is_not_undone_is_named(up: str, down: str, found: tuple[str, str]) -> None:
    assert found in undone(up, down)
