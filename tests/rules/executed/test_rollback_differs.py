"""What a run of pairs is worth as findings: annotations excuse what they state, values that were made up never damn alone."""

import pytest

from backend_engineer.contract import Severity
from backend_engineer.outputs import Change, FileChange, MigrationReport, PairOutcome, PairVerdict, text_hash
from backend_engineer.rules import check

UP, DOWN = "db/migrations/0002_a.up.sql", "db/migrations/0002_a.down.sql"
FILES = {
    UP: "DROP TABLE logs;\n-- IRREVERSIBLE: the rows of logs are gone; restore them from the backup\n",
    DOWN: "DO $$ BEGIN RAISE EXCEPTION 'the rows of logs are gone; restore them from the backup'; END $$;\n",
}
NOTE = "the rows of logs are gone; restore them from the backup"


def judged(**facts: object):
    outcome = PairOutcome.model_validate(
        {
            "migration": "db/migrations/0002_a",
            "forward": UP,
            "rollback": DOWN,
            "verdict": PairVerdict.RESTORED,
            **facts,
        }
    )
    report = MigrationReport(
        dialect="postgresql",
        pairs=(outcome,),
        files={path: text_hash(text) for path, text in FILES.items()},
    )
    change = Change(tuple(FileChange(path, text) for path, text in FILES.items()))
    return check(change, verified=report, rules=["EXE002", "EXE003"])


def test_a_rollback_that_stops_with_its_annotation_is_no_defect() -> None:
    report = judged(verdict="rollback-failed", irreversible=NOTE, message=f"{DOWN}: {NOTE} [P0001]")
    assert report.findings == ()
    assert report.clauses["MIGR-02"] == "needs review"


def test_a_rollback_that_says_in_its_own_words_that_it_is_irreversible_is_no_defect() -> None:
    report = judged(
        verdict="rollback-failed", irreversible=NOTE, message=f"{DOWN}: IRREVERSIBLE, see docs [P0001]"
    )
    assert report.findings == ()


def test_a_rollback_that_stops_for_another_reason_stays_a_defect_whatever_is_annotated() -> None:
    report = judged(
        verdict="rollback-failed", irreversible=NOTE, message=f'{DOWN}:1: syntax error at or near "x" [42601]'
    )
    assert [finding.severity for finding in report.findings] == [Severity.CRITICAL]


def test_a_rollback_that_fails_without_an_annotation_stays_a_defect() -> None:
    report = judged(verdict="rollback-failed", message=f"{DOWN}: {NOTE} [P0001]")
    assert [finding.severity for finding in report.findings] == [Severity.CRITICAL]


@pytest.mark.parametrize(
    "words",
    [
        f'{UP}:3: invalid input syntax for type uuid: "note 1" [22P02]',
        f'{UP}:3: could not create unique index "a" [23505]',
        f'{UP}:3: check constraint "positive" of relation "a" is violated by some row [23514]',
        f"{UP}: UNIQUE constraint failed: a.b",
        f"{UP}: CHECK constraint failed: positive",
        f"{UP}:24: NOT NULL constraint failed: users_new.first_name",
    ],
)
def test_a_failure_that_made_up_values_may_have_caused_is_minor(words: str) -> None:
    report = judged(populated="forward-failed", populated_message=words)
    assert [finding.severity for finding in report.findings] == [Severity.MINOR]


@pytest.mark.parametrize(
    "words",
    [
        f'{UP}:3: column "b" of relation "a" contains null values [23502]',
        f"{UP}: Cannot add a NOT NULL column with default value NULL",
        f"{UP}:3: cannot ALTER TABLE because it has pending trigger events [55006]",
    ],
)
def test_a_failure_that_any_row_would_have_caused_stays_major(words: str) -> None:
    report = judged(populated="forward-failed", populated_message=words)
    assert [finding.severity for finding in report.findings] == [Severity.MAJOR]


@pytest.mark.parametrize("outcome", ["lost", "changed"])
def test_rows_that_do_not_come_back_are_a_violation(outcome: str) -> None:
    report = judged(rows=outcome, row_differences=("- logs: 1 of 3 rows",), populated="passed")
    assert [finding.severity for finding in report.findings] == [Severity.MAJOR]
    assert report.clauses["MIGR-02"] == "violated"


def test_what_an_annotated_step_loses_is_left_to_a_person() -> None:
    report = judged(rows="lost", populated="passed", irreversible=NOTE)
    assert report.findings == ()
    assert report.clauses["MIGR-02"] == "needs review"


@pytest.mark.parametrize(
    ("facts", "severity"),
    [
        ({"verify_before": "pass", "populated": "passed"}, Severity.MAJOR),
        ({"verify_before": "pass"}, Severity.MINOR),
        ({"verify_before": "fail", "verify_after_rollback": "pass"}, Severity.MAJOR),
    ],
)
def test_a_check_that_cannot_tell_is_a_violation_where_rows_show_it(
    facts: dict[str, str], severity: Severity
) -> None:
    report = judged(verify_after="pass", **facts)
    assert [(finding.code, finding.severity) for finding in report.findings] == [("EXE003", severity)]


def test_a_check_that_an_annotated_rollback_leaves_true_is_left_to_a_person() -> None:
    report = judged(
        verify_before="fail", verify_after="pass", verify_after_rollback="pass", irreversible=NOTE
    )
    assert report.findings == ()
    assert report.clauses["MIGR-04"] == "needs review"


def test_the_pairs_of_two_databases_are_each_judged_by_their_own_report() -> None:
    texts = {
        "db/sqlite/0001_a.up.sql": "CREATE TABLE a (id integer);\n",
        "db/sqlite/0001_a.down.sql": "DROP TABLE a;\n",
        "db/postgres/0001_b.up.sql": "CREATE TABLE b (id integer);\n",
        "db/postgres/0001_b.down.sql": "SELECT 1;\n",
    }

    def ran(folder: str, name: str, verdict: str) -> MigrationReport:
        up, down = f"db/{folder}/{name}.up.sql", f"db/{folder}/{name}.down.sql"
        pair = PairOutcome.model_validate(
            {"migration": f"db/{folder}/{name}", "forward": up, "rollback": down, "verdict": verdict}
        )
        hashes = {path: text_hash(texts[path]) for path in (up, down)}
        return MigrationReport(dialect=folder, pairs=(pair,), files=hashes)

    change = Change(tuple(FileChange(path, text) for path, text in texts.items()))
    both = [ran("sqlite", "0001_a", "restored"), ran("postgres", "0001_b", "different")]
    for reports in (both, both[::-1]):
        found = check(change, verified=reports, rules=["EXE002"])
        assert [finding.where.path for finding in found.findings] == ["db/postgres/0001_b.down.sql"]
        assert found.clauses["MIGR-02"] == "violated"


def test_a_failure_that_the_run_without_rows_told_already_is_told_once() -> None:
    words = f"{DOWN}:3: no such index: a"
    report = judged(
        verdict="rollback-failed", message=words, populated="rollback-failed", populated_message=words
    )
    assert [finding.title for finding in report.findings] == ["The rollback fails"]


def test_a_script_that_was_not_run_is_not_said_to_fail_on_rows() -> None:
    words = f"{UP}:4: no such function: normalize"
    report = judged(
        verdict="not-run",
        message=f"The script calls a function that only its application defines: {words}",
        populated="forward-failed",
        populated_message=words,
    )
    assert report.findings == ()
    assert report.clauses["MIGR-02"] == "not checked"


def after_one_that_was_not_run(first: str, second: str, **facts: object):
    texts = {
        "db/0001_a.up.sql": first,
        "db/0001_a.down.sql": "SELECT 1;\n",
        "db/0002_b.up.sql": second,
        "db/0002_b.down.sql": "SELECT 2;\n",
    }
    rows = [{"verdict": "not-run", "message": "a function is missing"}, {"verdict": "different", **facts}]
    pairs = [
        {"migration": key, "forward": f"db/{key}.up.sql", "rollback": f"db/{key}.down.sql", **row}
        for key, row in zip(("0001_a", "0002_b"), rows, strict=True)
    ]
    report = MigrationReport.model_validate(
        {
            "dialect": "sqlite",
            "pairs": pairs,
            "files": {path: text_hash(text) for path, text in texts.items()},
        }
    )
    change = Change(tuple(FileChange(path, text) for path, text in texts.items()))
    return check(change, verified=report, rules=["EXE002", "EXE003"])


CHANGED = "ALTER TABLE users ADD COLUMN code TEXT DEFAULT (own_code());\n"


def test_what_follows_on_a_script_that_was_not_run_is_asked_and_not_held_against_it() -> None:
    report = after_one_that_was_not_run(CHANGED, "ALTER TABLE users DROP COLUMN age;\n", verify_after="fail")
    assert [finding.severity for finding in report.findings] == [Severity.INFO]
    assert "0001_a" in report.findings[0].evidence


def test_a_pair_that_shares_no_table_with_a_script_that_was_not_run_is_judged_as_ever() -> None:
    report = after_one_that_was_not_run(CHANGED, "ALTER TABLE orders DROP COLUMN age;\n", verify_after="pass")
    assert [finding.severity for finding in report.findings] == [Severity.CRITICAL]


def test_a_script_that_only_writes_rows_leaves_no_doubt_about_the_schema() -> None:
    wrote = "UPDATE users SET name = normalize(name);\n"
    report = after_one_that_was_not_run(wrote, "ALTER TABLE users DROP COLUMN age;\n", verify_after="pass")
    assert [finding.severity for finding in report.findings] == [Severity.CRITICAL]
