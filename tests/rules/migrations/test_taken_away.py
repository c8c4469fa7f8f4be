"""What a change deletes or renames among the migrations of its base is seen."""

import pytest

from backend_engineer.contract import Verdict
from backend_engineer.outputs import Change, FileChange, Report
from backend_engineer.rules import check
from backend_engineer.rules.examples import bundle
from backend_engineer.workspace import SourceTree

FOLDER = "db/migrations"
A, A_BACK = f"{FOLDER}/0001_a.up.sql", f"{FOLDER}/0001_a.down.sql"
B, B_BACK = f"{FOLDER}/0002_b.up.sql", f"{FOLDER}/0002_b.down.sql"
BASE = {
    A: "CREATE TABLE t (id integer);\n",
    A_BACK: "DROP TABLE t;\n",
    B: "CREATE TABLE u (id integer);\n",
    B_BACK: "DROP TABLE u;\n",
    "src/a.py": "QUERY = 'SELECT id FROM t WHERE id = 1'\n",
}
INPUTS = bundle(
    {
        "tech_spec": {
            "database": {"dialect": "sqlite"},
            "migrations": {"folder": FOLDER, "tool": "own runner", "transactional": True},
        }
    }
)


def judged(*files: FileChange, base: dict[str, str] | None = BASE) -> Report:
    tree = None if base is None else SourceTree.from_mapping(base)
    return check(Change(files), inputs=INPUTS, base=tree, rules=["MIG001", "MIG005"])


def gone(*paths: str) -> tuple[FileChange, ...]:
    return tuple(FileChange(path, None, action="delete") for path in paths)


def renamed(old: str, new: str, text: str | None = None) -> FileChange:
    return FileChange(new, text, action="rename", previous_path=old)


def found(report: Report) -> list[tuple[str | None, str]]:
    return [(item.code, item.where.path) for item in report.findings]


def verdicts(report: Report) -> tuple[Verdict, Verdict]:
    return report.clauses["MIGR-01"], report.clauses["MIGR-02"]


def test_a_deleted_rollback_is_a_missing_one() -> None:
    report = judged(*gone(A_BACK))
    assert found(report) == [("MIG001", A_BACK)]
    assert verdicts(report) == (Verdict.NOT_APPLICABLE, Verdict.VIOLATED)
    assert report.clauses["FLOW-03"] is Verdict.VIOLATED


def test_a_rollback_that_is_renamed_away_is_deleted() -> None:
    assert found(judged(renamed(A_BACK, "notes/a.sql"))) == [("MIG001", A_BACK)]


def test_a_rollback_under_a_name_that_pairs_with_nothing_is_deleted() -> None:
    assert found(judged(renamed(A_BACK, f"{FOLDER}/0001_other.down.sql", BASE[A_BACK]))) == [
        ("MIG001", A_BACK)
    ]


def test_a_deleted_forward_script_edits_what_was_released() -> None:
    report = judged(*gone(A))
    assert found(report) == [("MIG005", A)]
    assert report.clauses["MIGR-01"] is Verdict.NEEDS_REVIEW


def test_a_deleted_pair_is_told_once() -> None:
    report = judged(*gone(A, A_BACK))
    assert found(report) == [("MIG005", A)]
    assert verdicts(report) == (Verdict.NEEDS_REVIEW, Verdict.NOT_APPLICABLE)


@pytest.mark.parametrize("text", [None, BASE[A]])
def test_a_renamed_forward_script_is_deleted_and_new(text: str | None) -> None:
    files = (
        renamed(A, f"{FOLDER}/0003_a.up.sql", text),
        renamed(A_BACK, f"{FOLDER}/0003_a.down.sql", BASE[A_BACK]),
    )
    assert found(judged(*files)) == [("MIG005", A)]


def test_a_pair_that_moves_to_another_folder_keeps_its_name() -> None:
    files = [
        renamed(path, path.replace("db/migrations", "db/migrations/2024"), BASE[path])
        for path in (A, A_BACK, B, B_BACK)
    ]
    assert found(judged(*files)) == []


def test_many_scripts_put_together_into_one_are_told_once() -> None:
    base = {
        f"{FOLDER}/{number:04}_x.{way}.sql": f"SELECT {number};\n"
        for number in range(1, 101)
        for way in ("up", "down")
    }
    squashed = (
        FileChange(f"{FOLDER}/0101_all.up.sql", "CREATE TABLE t (id integer);\n"),
        FileChange(f"{FOLDER}/0101_all.down.sql", "DROP TABLE t;\n"),
    )
    report = judged(*gone(*base), *squashed, base=base)
    assert found(report) == [("MIG005", f"{FOLDER}/0001_x.up.sql")]
    assert "99 more" in report.findings[0].evidence


def test_a_new_pair_under_any_name_takes_nothing_away() -> None:
    files = (
        FileChange(f"{FOLDER}/0003_c.up.sql", "CREATE TABLE v (id integer);\n"),
        FileChange(f"{FOLDER}/0003_c.down.sql", "DROP TABLE v;\n"),
    )
    assert found(judged(*files)) == []


def test_a_forward_script_that_says_that_it_cannot_be_undone_needs_no_rollback() -> None:
    base = {
        **BASE,
        A: "-- IRREVERSIBLE: rows are gone; restore them from the backup\nDROP TABLE IF EXISTS t;\n",
    }
    assert found(judged(*gone(A_BACK), base=base)) == []


def test_a_deletion_without_a_base_cannot_be_told() -> None:
    assert verdicts(judged(*gone(A_BACK), base=None)) == (Verdict.NOT_CHECKED, Verdict.NOT_CHECKED)


def test_a_deleted_document_takes_no_migration_away() -> None:
    report = judged(*gone("docs/a.md"), base={**BASE, "docs/a.md": "# a\n"})
    assert verdicts(report) == (Verdict.NOT_APPLICABLE, Verdict.NOT_APPLICABLE)


def test_a_changeset_that_is_deleted_with_its_rollback_in_one_file_is_seen() -> None:
    path = f"{FOLDER}/0001_a.sql"
    base = {path: "-- +goose Up\nCREATE TABLE t (id integer);\n-- +goose Down\nDROP TABLE t;\n"}
    assert found(judged(*gone(path), base=base)) == [("MIG005", path)]
