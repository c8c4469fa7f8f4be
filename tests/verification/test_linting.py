"""squawk's findings, without its matters of taste."""

import pytest

from backend_engineer.errors import MissingExtra
from backend_engineer.verification import lint_postgres


@pytest.fixture
def squawk() -> None:
    try:
        lint_postgres({})
    except MissingExtra as error:
        pytest.skip(str(error))


def test_what_bears_on_locks_is_kept_and_taste_is_left_out(squawk: None) -> None:
    script = "CREATE TABLE a (id int);\nALTER TABLE b ADD COLUMN c int NOT NULL;\n"
    found = lint_postgres({"db/1.sql": script})
    assert [(note.path, note.line, note.rule) for note in found] == [("db/1.sql", 2, "adding-required-field")]


def test_a_transaction_around_concurrently_is_found_where_the_runner_makes_one(squawk: None) -> None:
    script = {"db/1.sql": "ALTER TABLE a ADD COLUMN b int;\nCREATE INDEX CONCURRENTLY i ON a (b);\n"}
    assert [note.rule for note in lint_postgres(script)] == ["ban-concurrent-index-creation-in-transaction"]
    assert lint_postgres(script, in_transaction=False) == ()


def test_no_scripts_have_no_findings(squawk: None) -> None:
    assert lint_postgres({}) == ()
