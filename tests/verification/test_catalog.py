"""The catalog's snapshot says `different` exactly where `pg_dump --schema-only` does."""

import re
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from backend_engineer.verification.postgres.catalog import canonical, read_catalog
from backend_engineer.verification.postgres.server import (
    SUPERUSER,
    ServerAddress,
    find_programs,
    throw_away_server,
)
from backend_engineer.verification.snapshots import Level, compare_schemas

pytestmark = pytest.mark.postgres
psycopg = pytest.importorskip("psycopg", reason="the extra pg is not installed")

START = """
CREATE SCHEMA app;
CREATE TYPE app.mood AS ENUM ('a', 'b');
CREATE TABLE t (id serial PRIMARY KEY, name varchar(20) NOT NULL DEFAULT 'x', mood app.mood, n numeric(6,2), CHECK (n > 0));
CREATE TABLE p (id int, day date) PARTITION BY RANGE (day);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE INDEX i ON t (name) WHERE n > 1;
CREATE VIEW v AS SELECT id FROM t;
CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION g();
CREATE DOMAIN d AS text CHECK (VALUE <> '');
CREATE SEQUENCE s;
CREATE MATERIALIZED VIEW m AS SELECT 1 AS one;
CREATE ROLE reader;
"""
STEPS = """
ALTER TABLE t ADD COLUMN extra int
ALTER TABLE t ALTER name TYPE varchar(30)
ALTER TABLE t ALTER name DROP NOT NULL
ALTER TABLE t ALTER name SET DEFAULT 'y'
ALTER TABLE t ALTER name SET STORAGE PLAIN
ALTER TABLE t ALTER name SET STATISTICS 5
ALTER TABLE t SET (fillfactor = 50)
ALTER TABLE t SET UNLOGGED
ALTER TABLE t SET LOGGED
ALTER TABLE t REPLICA IDENTITY FULL
ALTER TABLE t ENABLE ROW LEVEL SECURITY
ALTER TABLE t CLUSTER ON t_pkey
ALTER TABLE t RENAME CONSTRAINT t_n_check TO other
ALTER TABLE t ADD UNIQUE (name)
ALTER TABLE t DISABLE TRIGGER tr
ALTER TABLE p DETACH PARTITION p1
ALTER TYPE app.mood ADD VALUE 'c'
ALTER TYPE app.mood RENAME VALUE 'a' TO 'z'
ALTER INDEX i RENAME TO j
DROP INDEX j
ALTER TABLE t DROP COLUMN n CASCADE
CREATE INDEX k ON t (id)
CREATE OR REPLACE VIEW v AS SELECT id, name FROM t
CREATE OR REPLACE VIEW v WITH (security_barrier) AS SELECT id, name FROM t
CREATE OR REPLACE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 2'
CREATE OR REPLACE FUNCTION f(a int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1'
CREATE FUNCTION f(a text) RETURNS int LANGUAGE sql AS 'SELECT 1'
DROP TRIGGER tr ON t
ALTER DOMAIN d SET NOT NULL
ALTER DOMAIN d SET DEFAULT 'q'
ALTER SEQUENCE s INCREMENT 2
ALTER SEQUENCE s OWNED BY t.id
DROP MATERIALIZED VIEW m
COMMENT ON TABLE t IS 'a table'
COMMENT ON COLUMN t.name IS 'a column'
GRANT SELECT ON t TO reader
GRANT SELECT (name) ON t TO reader
GRANT USAGE ON SCHEMA app TO reader
GRANT EXECUTE ON FUNCTION f(int) TO reader
REVOKE ALL ON FUNCTION f(int) FROM PUBLIC
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO reader
CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING
CREATE POLICY po ON t USING (id > 1)
CREATE STATISTICS st ON id, name FROM t
CREATE EXTENSION citext
CREATE AGGREGATE ag (int) (sfunc = int4pl, stype = int)
CREATE TYPE pair AS (a int, b text)
CREATE TYPE span AS RANGE (subtype = float8)
CREATE COLLATION co FROM "C"
CREATE OPERATOR === (leftarg = int, rightarg = int, function = int4eq)
CREATE PUBLICATION pu FOR TABLE t
CREATE SCHEMA other
CREATE FOREIGN DATA WRAPPER w
CREATE TEXT SEARCH CONFIGURATION ts (COPY = simple)
CREATE CAST (app.mood AS int) WITH INOUT
SELECT nextval('s')
INSERT INTO t (name) VALUES ('a')
ANALYZE t
REINDEX TABLE t
GRANT SELECT ON t TO reader; REVOKE SELECT ON t FROM reader
ALTER TABLE t ADD COLUMN gone int; ALTER TABLE t DROP COLUMN gone
COMMENT ON TABLE t IS 'a'; COMMENT ON TABLE t IS NULL
CREATE TYPE sh
CREATE TYPE co2 AS (a text COLLATE "C", b int)
ALTER TYPE co2 OWNER TO reader
REVOKE USAGE ON TYPE co2 FROM PUBLIC
GRANT USAGE ON DOMAIN d TO reader
REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC
CREATE STATISTICS se ON (id + 1), name FROM t
ALTER STATISTICS se SET STATISTICS 40
ALTER STATISTICS se OWNER TO reader
CREATE SERVER se2 FOREIGN DATA WRAPPER w
CREATE USER MAPPING FOR PUBLIC SERVER se2 OPTIONS (a 'b')
ALTER USER MAPPING FOR PUBLIC SERVER se2 OPTIONS (SET a 'c')
CREATE FOREIGN TABLE ft (a int OPTIONS (x 'y')) SERVER se2 OPTIONS (q 'w')
ALTER FOREIGN TABLE ft ALTER a OPTIONS (SET x 'zz')
GRANT USAGE ON FOREIGN SERVER se2 TO reader
GRANT USAGE ON FOREIGN DATA WRAPPER w TO reader
ALTER SERVER se2 OWNER TO reader
CREATE PUBLICATION p2 FOR TABLE t (id) WHERE (id > 1)
ALTER PUBLICATION p2 SET TABLE t (id) WHERE (id > 2)
ALTER PUBLICATION p2 SET (publish_via_partition_root = true)
CREATE PUBLICATION p3 FOR TABLES IN SCHEMA app
CREATE OPERATOR FAMILY ofa USING btree
ALTER OPERATOR FAMILY ofa USING btree ADD OPERATOR 1 < (int4, int8), FUNCTION 1 btint48cmp(int4, int8)
CREATE CONVERSION cv FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8
CREATE ACCESS METHOD am TYPE TABLE HANDLER heap_tableam_handler
CREATE TABLE amt (id int) USING am
ALTER TABLE amt SET ACCESS METHOD heap
CREATE TEXT SEARCH PARSER pa (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype)
CREATE TEXT SEARCH TEMPLATE tt (LEXIZE = dsimple_lexize)
CREATE TRANSFORM FOR int LANGUAGE sql (FROM SQL WITH FUNCTION prsd_lextype(internal))
CREATE MATERIALIZED VIEW mm AS SELECT 1 AS one
ALTER MATERIALIZED VIEW mm ALTER one SET STATISTICS 7
ALTER TABLE t ALTER name SET STATISTICS 0
ALTER TABLE t SET (toast.autovacuum_enabled = false)
CREATE OR REPLACE AGGREGATE ag (int) (sfunc = int4pl, stype = int, msfunc = int4pl, minvfunc = int4mi, mstype = int, minitcond = '6')
COMMENT ON EXTENSION citext IS 'mine'
GRANT UPDATE (name) ON v TO reader
ALTER COLLATION co OWNER TO reader
ALTER TABLE t ADD CONSTRAINT un UNIQUE NULLS NOT DISTINCT (name)
ALTER TABLE t ADD CONSTRAINT ex EXCLUDE USING btree (name WITH =)
ALTER FUNCTION f(int) SET search_path = app
ALTER FUNCTION f(int) SECURITY DEFINER
CREATE TEMP TABLE te (id int)
DROP SCHEMA public CASCADE
"""
# Two things are known to part them: subscriptions, which only a superuser may read, and a materialized view without its
# rows, which a dump of the schema never mentions and which no query can use.


@pytest.fixture(scope="module")
def server(postgres: None) -> Iterator[ServerAddress]:
    with throw_away_server() as address:
        with psycopg.connect(
            host=str(address.folder), user=SUPERUSER, dbname="postgres", autocommit=True
        ) as link:
            link.execute(START)
        yield address


def dumped(server: ServerAddress) -> str:
    program = shutil.which("pg_dump", path=f"{find_programs()[0].parent}:/usr/bin") or pytest.skip(
        "no pg_dump"
    )
    done = subprocess.run(
        [program, "-h", str(server.folder), "-U", SUPERUSER, "-s", "postgres"],
        capture_output=True,
        text=True,
        check=True,
    )
    # Newer versions write a random word into their dumps.
    return re.sub(r"^\\(?:un)?restrict .*$", "", done.stdout, flags=re.MULTILINE)


def test_the_snapshot_differs_exactly_where_the_dump_differs(server: ServerAddress) -> None:
    with psycopg.connect(host=str(server.folder), user=SUPERUSER, dbname="postgres", autocommit=True) as link:
        before, dump_before = read_catalog(link), dumped(server)
        disagreeing = []
        tried = 0
        for step in filter(None, STEPS.split("\n")):
            try:
                link.execute(step)
            except psycopg.Error as error:
                disagreeing.append(f"cannot be run: {step}: {error}")
                continue
            tried += 1
            after, dump_after = read_catalog(link), dumped(server)
            level, _ = compare_schemas(before, after)
            if (level is not Level.EXACT) != (dump_before != dump_after):
                disagreeing.append(
                    f"{step}: {level.name}, dump {'differs' if dump_before != dump_after else 'is the same'}"
                )
            before, dump_before = after, dump_after
    assert disagreeing == []
    assert tried >= 100


def test_a_snapshot_leaves_the_search_path_and_the_transaction_alone(server: ServerAddress) -> None:
    with psycopg.connect(host=str(server.folder), user=SUPERUSER, dbname="postgres") as link:
        link.execute("SET search_path = app, public")
        read_catalog(link)
        assert link.execute("SHOW search_path").fetchone() == ("app, public",)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CHECK (((n > 0)))", "CHECK ((n > 0))"),
        ("CHECK (((a > 0) AND (b > 0)) AND (c > 0))", "CHECK ((a > 0) AND (b > 0) AND (c > 0))"),
        ("text default 'x'::character varying", "text default 'x'"),
        ("integer default nextval('t_id_seq1'::regclass)", "integer default nextval('t_id_seq'::regclass)"),
    ],
)
def test_matters_of_writing_do_not_count(one: str, other: str) -> None:
    assert canonical("constraint t.c", one) == canonical("constraint t.c", other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CHECK ((a + b) * c > 0)", "CHECK (a + b * c > 0)"),
        ("CHECK ((a AND b) OR c)", "CHECK (a AND (b OR c))"),
        ("default 'x'", "default 'X'"),
        ("table rights reader=r/me", "table rights reader=R/me"),
    ],
)
def test_what_means_something_else_is_told_apart(one: str, other: str) -> None:
    assert canonical("constraint t.c", one) != canonical("constraint t.c", other)


HEAD = "CREATE OR REPLACE FUNCTION public.f(a text DEFAULT 'x'::text)\n RETURNS text\n LANGUAGE {}\nAS $function$ {} $function$\n"


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("sql", "SELECT 'a  b'", "SELECT 'a b'"),
        ("sql", "SELECT E'it\\'s  it'", "SELECT E'it\\'s it'"),
        ("sql", "SELECT $q$a  b$q$", "SELECT $q$a b$q$"),
        ("plpgsql", "BEGIN -- first\n RETURN 1;\n RETURN 2; END", "BEGIN -- first RETURN 1;\n RETURN 2; END"),
        ("plpython3u", "if a:\n  b()\nc()", "if a:\n  b()\n  c()"),
    ],
)
def test_blanks_that_mean_something_in_a_function_are_told_apart(language: str, one: str, other: str) -> None:
    first, second = (canonical("function public.f()", HEAD.format(language, body)) for body in (one, other))
    assert first != second


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("BEGIN\n    RETURN a;\nEND", "BEGIN RETURN a; END"),
        ("BEGIN -- don't\n  RETURN 'a  b';\nEND", "  BEGIN   --  don't\n\nRETURN 'a  b'; END  "),
        ("/* a\n  b */ SELECT 1", "/* a b */\nSELECT 1"),
    ],
)
def test_other_blanks_in_a_function_do_not_count(one: str, other: str) -> None:
    first, second = (canonical("function public.f()", HEAD.format("plpgsql", body)) for body in (one, other))
    assert first == second
