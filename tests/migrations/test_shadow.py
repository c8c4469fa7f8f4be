"""The schema in the mind: what a rollback leaves, loses or changes, told from text."""

import pytest

from backend_engineer.migrations import split_statements
from backend_engineer.migrations.shadow import Shadow, apply, differences

BASE = """
CREATE TYPE mood AS ENUM ('a', 'b');
CREATE TABLE users (id serial PRIMARY KEY, name varchar(20) NOT NULL DEFAULT 'x', team integer REFERENCES teams (id));
CREATE INDEX users_name ON users USING btree (name);
CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
CREATE TABLE notes (id int);
CREATE POLICY own ON notes AS PERMISSIVE FOR ALL TO PUBLIC USING (id > 0);
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
        (
            "CREATE TABLE p (id int, n int); ALTER TABLE p ADD CONSTRAINT k UNIQUE (id); CREATE TABLE c (id int REFERENCES p (id));"
            "ALTER TABLE p DROP CONSTRAINT k CASCADE",
            "DROP TABLE p; DROP TABLE c",
        ),
        ("ALTER TABLE users DROP CONSTRAINT users_team_fkey; DROP SEQUENCE users_id_seq CASCADE; ALTER TABLE users DROP COLUMN id",
         "ALTER TABLE users ADD COLUMN id serial PRIMARY KEY, ADD FOREIGN KEY (team) REFERENCES teams (id)"),
        (f"CREATE TABLE {'k' * 40} ({'c' * 40} serial); DROP SEQUENCE {'k' * 29}_{'c' * 29}_seq CASCADE", f"DROP TABLE {'k' * 40}"),
        ("ALTER TABLE users ADD CONSTRAINT k UNIQUE (name); CREATE UNIQUE INDEX IF NOT EXISTS k ON users (name)", "ALTER TABLE users DROP CONSTRAINT k"),
        ("COMMENT ON COLUMN users.name IS 'a'", "COMMENT ON COLUMN public.users.name IS NULL"),
        (
            "CREATE TABLE p (id int, n int); CREATE UNIQUE INDEX u ON p (id); CREATE TABLE c (id int CONSTRAINT f REFERENCES p (id));"
            "DROP INDEX u CASCADE; ALTER TABLE c ADD CONSTRAINT f CHECK (id > 0)",
            "DROP TABLE p; DROP TABLE c",
        ),
        ("COMMENT ON TABLE users IS 'a'", "COMMENT ON TABLE users IS ''"),
        ("CREATE SEQUENCE s; ALTER TABLE public.s OWNER TO root; ALTER TABLE users_name SET TABLESPACE other", "DROP SEQUENCE s"),
        (
            "CREATE TABLE a (id int); ALTER TABLE a ADD CONSTRAINT a_pkey UNIQUE (id); ALTER TABLE a ADD PRIMARY KEY (id); ALTER TABLE a DROP CONSTRAINT a_pkey1",
            "DROP TABLE a",
        ),
        ("ALTER TABLE users ADD COLUMN a int; COMMENT ON COLUMN users.a IS 'a'", "ALTER TABLE users DROP COLUMN a"),
        ("COMMENT ON TABLE users IS 'users of name'; ALTER TABLE users RENAME TO p; ALTER TABLE p RENAME name TO label; COMMENT ON COLUMN p.label IS 'x'",
         "COMMENT ON COLUMN p.label IS NULL; ALTER TABLE p RENAME label TO name; COMMENT ON TABLE p IS NULL; ALTER TABLE p RENAME TO users"),
        ("UPDATE users u SET (name, team) = ('x', 1); INSERT INTO public.users AS o (id, name) VALUES (1, 'x')", "UPDATE ONLY users SET name = 'y' WHERE id = 1"),
        ("CREATE TABLE a (x int) INHERITS (users); INSERT INTO a (name) VALUES ('x')", "DROP TABLE a"),
        ("CREATE TABLE a AS SELECT 1 AS n; UPDATE a SET n = 2", "DROP TABLE a"),
        ("CREATE SCHEMA extra; ALTER TABLE users SET SCHEMA extra", "ALTER TABLE extra.users SET SCHEMA public; DROP SCHEMA extra"),
        ("CREATE SCHEMA extra; ALTER TABLE users SET SCHEMA extra; ALTER TABLE extra.users ADD a int", "ALTER TABLE extra.users DROP a; ALTER TABLE extra.users SET SCHEMA public; DROP SCHEMA extra"),
        ("DROP POLICY own ON notes", "CREATE POLICY own ON notes USING (id > 0)"),
        ("ALTER TABLE users ALTER id SET DEFAULT 7", "ALTER TABLE users ALTER id SET DEFAULT nextval('users_id_seq')"),
        ("ALTER TABLE users ALTER id DROP DEFAULT", "ALTER TABLE users ALTER id SET DEFAULT nextval('public.users_id_seq'::regclass)"),
        ("CREATE SEQUENCE s; ALTER TABLE s SET SCHEMA extra; ALTER TABLE extra.s SET SCHEMA public", "DROP SEQUENCE s"),
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
        ("CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (id int REFERENCES p (id))", "ALTER TABLE p DROP CONSTRAINT p_pkey CASCADE", ("left", "table c")),
        ("COMMENT ON COLUMN users.name IS 'a'", "", ("attribute", "comment users.name")),
        ("COMMENT ON TABLE users IS 'a'", "COMMENT ON TABLE users IS 'b'", ("attribute", "comment users")),
        ("ALTER TABLE users RENAME name TO label; COMMENT ON COLUMN users.label IS 'a'", "ALTER TABLE users RENAME label TO name", ("attribute", "comment users.name")),
        ("ALTER TABLE users RENAME name TO label", "UPDATE users SET name = 'x'; ALTER TABLE users RENAME label TO name", ("missing", "column users.name")),
        ("ALTER TABLE users ADD PRIMARY KEY (name)", "", ("duplicate", "constraint users.users_pkey")),
        ("ALTER TABLE users DROP COLUMN name", "INSERT INTO users (id, name) VALUES (1, 'x')", ("missing", "column users.name")),
        ("ALTER TABLE users DROP COLUMN name", "UPDATE users SET (id, name) = (1, 'x')", ("missing", "column users.name")),
        ("ALTER TABLE users SET SCHEMA extra", "", ("lost", "table users")),
        ("ALTER TABLE users SET SCHEMA extra", "ALTER TABLE users DROP COLUMN name", ("missing", "table users")),
        ("DROP POLICY own ON notes", "CREATE POLICY own ON notes FOR SELECT USING (id > 0)", ("body", "policy notes.own")),
        ("DROP POLICY own ON notes", "CREATE POLICY own ON notes TO admin USING (id > 0)", ("body", "policy notes.own")),
        ("ALTER TABLE users ALTER id DROP DEFAULT", "ALTER TABLE users ALTER id SET DEFAULT nextval('other_seq')", ("attribute", "column users.id")),
    ],
)  # fmt: skip
def test_what_is_not_undone_is_named(up: str, down: str, found: tuple[str, str]) -> None:
    assert found in undone(up, down)
