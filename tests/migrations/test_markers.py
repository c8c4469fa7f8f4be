"""Markers in single files, as each tool reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_engineer.migrations import Migration, discover

UP, DOWN = "CREATE TABLE a (id integer);\n", "DROP TABLE a;\n"


def read(text: str, path: str = "db/migrations/1_a.sql", **options: str) -> tuple[Migration, ...]:
    return discover({path: text}, **options).migrations


def noted(text: str, path: str = "db/migrations/1_a.sql") -> list[str]:
    return [item.code for item in discover({path: text}).problems]


PAIRS = [
    ("dbmate", f"-- migrate:up\n{UP}-- migrate:down\n{DOWN}"),
    ("dbmate", f"--migrate:up  \n{UP}--\tmigrate:down\n{DOWN}"),
    ("dbmate", f"-- a note\n\n-- migrate:up foo:bar\n{UP}-- migrate:down\n{DOWN}"),
    ("goose", f"-- +goose Up\n{UP}-- +goose Down\n{DOWN}"),
    ("goose", f"--   +goose up\n{UP}--+goose DOWN\n{DOWN}"),
    ("goose", f"\n\n-- +goose Up\n{UP}\n-- +goose Down \n{DOWN}"),
    ("sql-migrate", f"-- +migrate Up\n{UP}-- +migrate Down\n{DOWN}"),
    ("sql-migrate", f"-- any\n-- +migrate   Up\n{UP}-- +migrate Down notransaction\n{DOWN}"),
    ("node-pg-migrate", f"-- Up Migration\n{UP}-- Down Migration\n{DOWN}"),
    ("node-pg-migrate", f"  --- up   migration: first table\n{UP}-- DOWN migration\n{DOWN}"),
    ("play", f"# --- !Ups\n{UP}# --- !Downs\n{DOWN}"),
    ("play", f"-- !Ups\n{UP}-- !Downs\n{DOWN}"),
    ("play", f"# Users schema\n\n#--- !Ups users\n{UP}   # --- !Downs\n{DOWN}"),
    ("mybatis", f"-- // first table\n{UP}-- //@UNDO\n{DOWN}"),
    ("mybatis", f"--// first table\n{UP}-- // @UNDO\n{DOWN}"),
    ("rambler", f"-- rambler up\n{UP}-- rambler down\n{DOWN}"),
    ("tern", f"{UP}---- create above / drop below ----\n{DOWN}"),
    ("liquibase", f"--liquibase formatted sql\n--changeset me:1\n{UP}--rollback {DOWN}"),
    ("liquibase", f"  -- Liquibase formatted SQL\n  --  CHANGESET me:1\n{UP}  --  rollback {DOWN}"),
    ("liquibase", f"--liquibase formatted sql\n--changeset John Doe:1 labels:x\n{UP}/* liquibase rollback\n{DOWN}*/\n"),
]  # fmt: skip


def bare(sql: str) -> str:
    return "\n".join(row.strip() for row in sql.splitlines() if row.strip() and not row.startswith("--"))


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("start", ["", "\ufeff"], ids=["plain", "BOM"])
@pytest.mark.parametrize(("tool", "text"), PAIRS, ids=[f"{row[0]}{at}" for at, row in enumerate(PAIRS)])
def test_markers_are_read_as_their_tool_reads_them(tool: str, text: str, start: str, end: str) -> None:
    (found,) = read(start + text.replace("\n", end))
    assert found.tool == tool
    assert bare(found.forward.sql) == UP.strip()
    assert found.rollback is not None
    assert bare(found.rollback.sql) == DOWN.strip()


@pytest.mark.parametrize(
    ("tool", "text"), [row for row in PAIRS if row[0] in ("dbmate", "goose", "sql-migrate")]
)
def test_a_byte_order_mark_that_the_tool_stumbles_over_is_named(tool: str, text: str) -> None:
    assert noted("\ufeff" + text) == ["marker"]
    assert noted(text) == []


@pytest.mark.parametrize(
    "text",
    [
        f"-- +migrate up\n{UP}-- +migrate Down\n{DOWN}",
        f"--+migrate Up\n{UP}-- +migrate Down\n{DOWN}",
        f" -- +goose Up\n{UP}-- +goose Down\n{DOWN}",
        f"-- +goose Up\n{UP}-- +goose Dwon\n{DOWN}",
        f"-- +goose Up\n{UP}-- +goose Up\n{UP}-- +goose Down\n{DOWN}",
        f"-- Migrate:Up\n{UP}-- migrate:down\n{DOWN}",
        f" -- migrate:up\n{UP}-- migrate:down\n{DOWN}",
        f"-- migrate:down\n{DOWN}-- migrate:up\n{UP}",
        f"CREATE TYPE t AS ENUM ('x');\n-- migrate:up\n{UP}-- migrate:down\n{DOWN}",
    ],
)
def test_a_marker_that_its_tool_does_not_take_is_named_with_its_line(text: str) -> None:
    (problem,) = discover({"db/migrations/1_a.sql": text}).problems
    assert problem.code == "marker"
    assert "line " in problem.message


@pytest.mark.parametrize(
    ("text", "switches"),
    [
        (f"-- migrate:up transaction:false\n{UP}-- migrate:down\n{DOWN}", (False, True)),
        (f"-- migrate:up transaction: false\n{UP}-- migrate:down\n{DOWN}", (True, True)),
        (f"-- migrate:up a:b transaction:false\n{UP}-- migrate:down transaction:false\n{DOWN}", (False, False)),
        (f"-- +goose NO TRANSACTION\n-- +goose Up\n{UP}-- +goose Down\n{DOWN}", (False, False)),
        (f"-- +goose Up\n-- +goose no transaction\n{UP}-- +goose Down\n{DOWN}", (False, False)),
        (f"-- +migrate Up notransaction\n{UP}-- +migrate Down\n{DOWN}", (False, True)),
        (f"-- +migrate Up NoTransaction\n{UP}-- +migrate Down\n{DOWN}", (True, True)),
        (f"---- tern: disable-tx ----\n{UP}---- create above / drop below ----\n{DOWN}", (False, False)),
        (f"-- Up Migration\n{UP}-- Down Migration\n{DOWN}", (True, True)),
        (f"# --- !Ups\n{UP}# --- !Downs\n{DOWN}", (False, False)),
        (f"--liquibase formatted sql\n--changeset a:1 runInTransaction:FALSE\n{UP}--rollback {DOWN}", (False, False)),
    ],
)  # fmt: skip
def test_each_direction_has_its_own_transaction_switch(text: str, switches: tuple[bool, bool]) -> None:
    (found,) = read(text)
    assert found.rollback is not None
    assert (found.forward.transactional, found.rollback.transactional) == switches


def test_statement_marks_of_goose_and_sql_migrate_are_no_part_of_a_statement() -> None:
    for tool in ("goose", "migrate"):
        body = f"-- +{tool} StatementBegin\n{UP}-- +{tool} StatementEnd\n"
        (found,) = read(f"-- +{tool} Up\n{body}-- +{tool} Down\n{DOWN}")
        assert bare(found.forward.sql) == UP.strip()


def test_a_goose_file_that_takes_words_from_the_environment_says_so() -> None:
    on = "-- +goose Up\n-- +goose ENVSUB ON\nCREATE TABLE ${NAME} (id integer);\n-- +goose ENVSUB OFF\n"
    (found,) = read(f"{on}-- +goose Down\n{DOWN}")
    assert "NAME" in found.forward.placeholder
    (found,) = read(f"-- +goose Up\nSELECT '${{NAME}}';\n-- +goose Down\n{DOWN}")
    assert found.forward.placeholder == ""


@pytest.mark.parametrize(
    ("path", "text", "word"),
    [
        ("sql/V1__a.sql", "CREATE TABLE ${schema}.a (id integer);\n", "schema"),
        ("sql/V1__a.sql", UP, ""),
        ("db/1_a.up.sql", "CREATE TABLE {{ .Namespace }}.a (id integer);\n", "{{ .Namespace }}"),
        ("db/1_a.up.sql", "INSERT INTO a VALUES ('{{1,2}}');\n", ""),
        ("db/1_a.up.sql", "DO $$ BEGIN DROP TABLE {{ .Name }}; END $$;\n", "{{ .Name }}"),
        ("deploy/a.sql", "CREATE TABLE :schema.a (id integer);\n", ":schema"),
        ("deploy/a.sql", "\\set x 1\n" + UP, "\\set"),
        ("deploy/a.sql", "SELECT 'a:b', now()::date;\n", ""),
    ],
)
def test_words_that_only_the_tool_can_fill_in_are_known(path: str, text: str, word: str) -> None:
    files = {path: text, "revert/a.sql": DOWN} if path.startswith("deploy") else {path: text}
    (found,) = discover(files)
    assert word in found.forward.placeholder
    assert bool(word) == bool(found.forward.placeholder)


CHANGELOG = "--liquibase formatted sql\n"


def test_a_changeset_for_another_engine_is_left_out() -> None:
    text = (
        f"{CHANGELOG}--changeset a:1 dbms:mysql\nX;\n--changeset a:2 dbms:postgresql,h2\n{UP}"
        f"--changeset a:3 dbms:!postgresql\nY;\n--changeset a:4\n{DOWN}"
    )
    assert [item.key for item in read(text, dialect="postgresql")] == ["1_a.sql::a:2", "1_a.sql::a:4"]
    assert [item.key for item in read(text, dialect="sqlite")] == ["1_a.sql::a:3", "1_a.sql::a:4"]


def test_a_changeset_that_is_ignored_is_no_migration() -> None:
    text = f"{CHANGELOG}--changeset a:1 ignore:true\nX;\n--changeset a:2\n{UP}"
    assert [item.key for item in read(text)] == ["1_a.sql::a:2"]
    assert [item.key for item in read(text, dialect="sqlite")] == ["1_a.sql::a:2"]


def test_lines_that_liquibase_is_told_to_leave_out_are_left_out() -> None:
    text = (
        f"{CHANGELOG}--changeset a:1\n{UP}--ignoreLines:start\nX;\n--ignoreLines:end\n"
        f"--ignoreLines:1\nY;\n--rollback {DOWN}"
    )
    (found,) = read(text)
    assert bare(found.forward.sql) == UP.strip()


def test_several_rollback_lines_are_one_script_and_a_reference_is_none() -> None:
    text = f"{CHANGELOG}--changeset a:1\n{UP}--rollback DROP TABLE\n--rollback a;\n--changeset a:2\n{UP}--rollback changeSetId:1 changeSetAuthor:a\n"
    first, second = read(text)
    assert first.rollback is not None
    assert first.rollback.sql.split() == ["DROP", "TABLE", "a;"]
    assert second.rollback is not None
    assert not second.rollback.runnable


def test_a_changeset_that_runs_whenever_it_changes_is_known_as_such() -> None:
    first, second, third = read(
        f"{CHANGELOG}--changeset a:1 runOnChange:true\n{UP}\n--changeset a:2 runAlways:true\n{UP}\n--changeset a:3\n{UP}"
    )
    assert (first.idempotent, second.idempotent, third.idempotent) == (True, True, False)


def test_plays_doubled_semicolons_are_one() -> None:
    body = "CREATE FUNCTION f() RETURNS int AS $$ BEGIN;; RETURN 1;; END $$ LANGUAGE plpgsql;\n"
    (found,) = read(f"# --- !Ups\n{body}# --- !Downs\n{DOWN}")
    assert found.forward.sql.strip() == body.replace(";;", ";").strip()


def test_a_comment_about_an_up_migration_alone_divides_nothing() -> None:
    (found,) = read(f"-- Up migration: the first table\n{UP}")
    assert (found.tool, found.rollback) == ("single file", None)


def test_sections_are_read_behind_any_line_ending() -> None:
    text = f"{UP}-- VERIFY\n-- SELECT id FROM a;\n-- OPERATIONS\n-- duration: 1 s\n".replace("\n", "\r\n")
    (found,) = discover({"db/1_a.up.sql": text, "db/1_a.down.sql": DOWN})
    assert (found.verify or "").strip() == "SELECT id FROM a;"
    assert found.operations is not None
    assert found.operations.get("duration") == "1 s"


WORDS = st.sampled_from(
    ["-- +goose Up", "-- +goose Down", "-- +goose StatementBegin", "-- +goose NO TRANSACTION", "-- migrate:up",
     "-- migrate:down", "-- +migrate Up", "-- +migrate Down", "--liquibase formatted sql", "--changeset a:1",
     "--rollback x", "/* liquibase rollback", "*/", "--ignoreLines:start", "--ignoreLines:2", "# --- !Ups",
     "# --- !Downs", "-- Up Migration", "-- Down Migration", "-- //@UNDO", "---- create above / drop below ----",
     "SELECT 1;", "", "\ufeff", " ", "\r"]
)  # fmt: skip


@given(st.lists(WORDS, max_size=12))
def test_any_mixture_of_markers_is_cut_into_lines_of_the_file_in_their_places(rows: list[str]) -> None:
    text = "\n".join(rows)
    lines = text.removeprefix("\ufeff").split("\n")
    for item in read(text):
        for script in (item.forward, item.rollback):
            if script is None or not script.sql.strip() or item.tool == "single file":
                continue
            assert 1 <= script.line <= len(lines)
            if item.tool not in ("liquibase", "play"):
                for row, line in zip(script.sql.split("\n"), lines[script.line - 1 :], strict=False):
                    assert row in ("", line)


BODY = "CREATE FUNCTION f() RETURNS int AS $$\nBEGIN\n  RETURN 1;\nEND $$ LANGUAGE plpgsql;\n"
TRIGGER = "CREATE TRIGGER t AFTER INSERT ON a BEGIN\n  DELETE FROM b;\nEND;\n"
ATOMIC = "CREATE FUNCTION f() RETURNS int\nBEGIN ATOMIC\n  SELECT 1;\nEND;\n"


@pytest.mark.parametrize(
    ("forward", "line"),
    [
        (BODY, 4),
        (UP + TRIGGER, 4),
        (ATOMIC, 4),
        ("CREATE TABLE a (id integer)\n", 2),
        (f"-- +{{}} StatementBegin\n{BODY}", 2),
        (f"{UP}INSERT INTO a VALUES (1) -- one;\n", 3),
    ],
)
@pytest.mark.parametrize("tool", ["goose", "migrate"])
def test_a_statement_that_the_tool_cuts_in_the_middle_is_named(tool: str, forward: str, line: int) -> None:
    (problem,) = discover(
        {"db/migrations/1_a.sql": f"-- +{tool} Up\n{forward.format(tool)}-- +{tool} Down\n{DOWN}"}
    ).problems
    assert problem.code == "cut"
    assert f"line {line}: " in problem.message


@pytest.mark.parametrize(
    "forward",
    [
        f"-- +{{}} StatementBegin\n{BODY}-- +{{}} StatementEnd\n",
        f"{UP}-- the end; of it\n\n   -- indented\n/* a note */\n",
        "INSERT INTO a VALUES ('a;b'); -- two words;\n",
        "INSERT INTO a\n  VALUES (1) -- first;\n, (2);\n",
        f"DO $x$ BEGIN NULL; END $x$;\n{UP}",
    ],
)  # fmt: skip
@pytest.mark.parametrize("tool", ["goose", "migrate"])
def test_a_statement_that_the_tool_cuts_where_it_ends_is_fine(tool: str, forward: str) -> None:
    assert noted(f"-- +{tool} Up\n{forward.format(tool, tool)}-- +{tool} Down\n{DOWN}") == []


def test_plays_evolutions_are_cut_at_each_single_semicolon() -> None:
    assert noted(f"# --- !Ups\n{BODY}# --- !Downs\n{DOWN}") == ["cut"]
    assert noted(f"# --- !Ups\n{BODY.replace('1;', '1;;')}# --- !Downs\n{DOWN}") == []
