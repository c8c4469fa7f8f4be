"""A file of many migrations grows: what the base holds of it is not judged again, and what is edited is."""

import pytest

from backend_engineer.inputs import partial
from backend_engineer.outputs import Change, FileChange, Report
from backend_engineer.rules import check
from backend_engineer.verification import verify_migrations
from backend_engineer.workspace import SourceTree

PATH = "db/migrations/a.sql"
INPUTS = {
    "tech_spec": {
        "database": {"dialect": "sqlite"},
        "migrations": {"folder": "db/migrations", "tool": "liquibase", "transactional": True},
    }
}


def changeset(number: int, back: str | None = None, more: str = "") -> str:
    back = back or f"DROP TABLE t{number}"
    return f"--changeset me:{number}\nCREATE TABLE t{number}(id int{more});\n--rollback {back};\n\n"


def text(*changesets: str) -> str:
    return "--liquibase formatted sql\n\n" + "".join(changesets)


def judged(old: str, new: str, *, run: bool = False) -> Report:
    change = Change((FileChange(PATH, new, action="modify"),))
    base = SourceTree.from_mapping({PATH: old})
    verified = [verify_migrations(change, "sqlite", base=base)] if run else []
    return check(change, inputs=partial(INPUTS), base=base, verified=verified)


def told(report: Report, *codes: str) -> list[str]:
    return [f"{item.code}: {item.evidence}" for item in report.findings if item.code in codes]


EMPTY, GOOD = changeset(1, "SELECT 1"), changeset(1)
ABOUT = ("MIG002", "MIG005", "MIG020", "MIG050", "MIG053", "EXE002")


@pytest.mark.parametrize("run", [False, True])
def test_an_old_changeset_is_not_judged_with_a_new_one(run: bool) -> None:
    found = told(judged(text(EMPTY), text(EMPTY, changeset(2)), run=run), *ABOUT)
    assert not [line for line in found if "me:1" in line or "t1" in line]
    assert [line.partition(":")[0] for line in found if "me:2" in line] == ["MIG050", "MIG053"]


def test_a_file_that_only_grew_was_not_edited() -> None:
    assert told(judged(text(GOOD), text(GOOD, changeset(2))), "MIG005") == []
    assert told(judged(text(GOOD), text(changeset(2), GOOD)), "MIG005") == []


@pytest.mark.parametrize(
    "new",
    [
        text(changeset(1, more=", name text"), changeset(2)),
        text(changeset(1, more=", name text"), changeset(2), changeset(3)),
        text(changeset(2), changeset(3)),
    ],
    ids=["edited", "edited and grown", "one is gone and one is new"],
)
def test_a_changeset_that_the_base_has_otherwise_was_edited(new: str) -> None:
    assert told(judged(text(GOOD, changeset(2)), new), "MIG005")


@pytest.mark.parametrize("run", [False, True])
def test_each_new_changeset_is_judged_by_itself(run: bool) -> None:
    report = judged(
        text(GOOD), text(GOOD, changeset(2, "SELECT 1"), changeset(3), changeset(4, "SELECT 1")), run=run
    )
    found = told(report, "MIG002")
    assert [number for number in "1234" if any(f"me:{number}" in line for line in found)] == ["2", "4"]


def test_what_an_old_changeset_made_is_not_the_changes_own() -> None:
    new = "--changeset me:2\nCREATE INDEX t1_id ON t1(id);\n--rollback DROP INDEX t1_id;\n\n"
    assert told(judged(text(GOOD), text(GOOD, new), run=True), "EXE002", "MIG020") == []


def test_a_changeset_that_fails_leaves_no_doubt_about_itself_nor_about_others_of_its_file() -> None:
    fails = (
        "--changeset me:1\nALTER TABLE nope ADD COLUMN x int;\n--rollback ALTER TABLE nope DROP COLUMN x;\n\n"
    )
    report = judged("", text(fails, changeset(2, "SELECT 1"), changeset(3)), run=True)
    found = [(item.title, item.severity.value) for item in report.findings if item.code == "EXE002"]
    assert [severity for _, severity in found] == ["critical", "critical"]


def test_a_changeset_whose_table_an_earlier_one_failed_to_make_stays_in_doubt() -> None:
    fails = "--changeset me:1\nALTER TABLE nope ADD COLUMN x int;\nCREATE TABLE t(id int);\n--rollback DROP TABLE t;\n\n"
    needs = "--changeset me:2\nCREATE TABLE IF NOT EXISTS t(id int);\n--rollback SELECT 1;\n\n"
    report = judged("", text(fails, needs, changeset(3)), run=True)
    found = [item.severity.value for item in report.findings if item.code == "EXE002"]
    assert found == ["critical", "info"]
