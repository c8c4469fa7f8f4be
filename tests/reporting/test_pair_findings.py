"""Which outcomes of a migration pair are findings, and how much each weighs."""

from __future__ import annotations

from typing import Any

import pytest

from backend_engineer.outputs import Change, FileChange, MigrationReport, PairOutcome, text_hash
from backend_engineer.outputs.migration_report import FileProblem
from backend_engineer.reporting.junit import migrations_to_junit
from backend_engineer.reporting.pair_findings import pair_findings, report_of
from backend_engineer.rules import check


def pair(**facts: Any) -> PairOutcome:
    known = {
        "migration": "0001_a",
        "forward": "0001_a.up.sql",
        "rollback": "0001_a.down.sql",
        "verdict": "restored",
    }
    return PairOutcome.model_validate(known | facts)


@pytest.mark.parametrize(
    ("facts", "code", "severity", "path"),
    [
        ({"verdict": "forward-failed", "message": "no"}, "EXE002", "critical", "0001_a.up.sql"),
        ({"verdict": "rollback-failed", "message": "no"}, "EXE002", "critical", "0001_a.down.sql"),
        ({"verdict": "different", "differences": ("- lost x",)}, "EXE002", "critical", "0001_a.down.sql"),
        ({"verdict": "reapply-failed"}, "EXE002", "critical", "0001_a.down.sql"),
        ({"verdict": "representation"}, "EXE002", "info", "0001_a.down.sql"),
        ({"verdict": "column-order"}, "EXE002", "info", "0001_a.down.sql"),
        ({"populated": "forward-failed", "populated_message": "NULL"}, "EXE002", "major", "0001_a.up.sql"),
        ({"rows": "lost", "row_differences": ("a: 3 rows",)}, "EXE002", "major", "0001_a.down.sql"),
        ({"rows": "changed", "row_differences": ("~ a",)}, "EXE002", "major", "0001_a.down.sql"),
        ({"verify_after": "fail"}, "EXE003", "critical", "0001_a.up.sql"),
        (
            {"verify_before": "pass", "verify_after": "pass", "populated": "passed"},
            "EXE003",
            "major",
            "0001_a.up.sql",
        ),
        ({"verify_before": "pass", "verify_after": "pass"}, "EXE003", "minor", "0001_a.up.sql"),
        (
            {"verify_before": "fail", "verify_after": "pass", "verify_after_rollback": "pass"},
            "EXE003",
            "major",
            "0001_a.up.sql",
        ),
        ({"verdict": "not-run", "refused": ("ATTACH x",)}, "MIG068", "critical", "0001_a.up.sql"),
        ({"settings": ("+ x of the role: 1",)}, "EXE002", "major", "0001_a.down.sql"),
        ({"runner": "fails", "runner_message": "no"}, "MIG011", "major", "0001_a.up.sql"),
        ({"runner": "may-fail", "runner_message": "no"}, "MIG011", "minor", "0001_a.up.sql"),
    ],
)
def test_each_defect_has_its_code_weight_and_place(
    facts: dict[str, Any], code: str, severity: str, path: str
) -> None:
    (finding,) = pair_findings(pair(**facts))
    assert (finding.code, finding.severity, finding.where.path) == (code, severity, path)
    assert finding.evidence
    assert finding.fingerprint is not None


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"rows": "kept", "verify_before": "fail", "verify_after": "pass", "verify_after_rollback": "fail"},
        {"verdict": "different", "irreversible": "an enum value; restore from the backup"},
        {"rows": "lost", "irreversible": "the column is dropped; restore from the backup"},
        {
            "irreversible": "the names are written anew; nothing brings them back",
            "rows": "changed",
            "verify_before": "fail",
            "verify_after": "pass",
            "verify_after_rollback": "pass",
        },
        {"verdict": "not-run"},
    ],
)
def test_a_clean_an_annotated_and_an_unrun_pair_are_no_findings(facts: dict[str, Any]) -> None:
    assert list(pair_findings(pair(**facts))) == []


def test_a_folder_and_a_change_are_told_the_same_of_a_pair() -> None:
    outcome = pair(
        populated="passed",
        rows="lost",
        settings=("+ x of the role: 1",),
        verify_before="fail",
        verify_after="pass",
        verify_after_rollback="pass",
    )
    texts = {outcome.forward: "ALTER TABLE a ADD COLUMN b text;\n", "0001_a.down.sql": "DELETE FROM a;\n"}
    hashes = {path: text_hash(text) for path, text in texts.items()}
    report = MigrationReport(dialect="sqlite", pairs=(outcome,), files=hashes)
    change = Change(tuple(FileChange(path, text) for path, text in texts.items()))
    judged = check(change, verified=[report], rules=["EXE002", "EXE003"]).findings
    assert {(item.code, item.title, item.severity, item.fingerprint) for item in judged} == {
        (item.code, item.title, item.severity, item.fingerprint) for item in pair_findings(outcome)
    }


def test_what_was_not_checked_is_noted() -> None:
    report = report_of(MigrationReport(dialect="mysql", not_checked="MySQL is not run."))
    assert (report.findings, report.notes) == ((), ("MySQL is not run.",))


def test_an_unrun_pair_is_skipped_in_junit() -> None:
    text = migrations_to_junit(
        MigrationReport(dialect="sqlite", pairs=(pair(verdict="not-run", message="too old"),))
    )
    assert '<skipped message="too old" />' in text
    assert 'skipped="1"' in text


@pytest.mark.parametrize(
    ("code", "finding", "severity"),
    [
        ("duplicate", "MIG003", "major"),
        ("same-version", "MIG003", "minor"),
        ("marker", "MIG010", "major"),
        ("cut", "MIG010", "minor"),
        ("unpaired", "MIG001", "minor"),
        ("unread", "MIG001", "minor"),
        ("program", "EXE002", "info"),
    ],
)
def test_a_file_that_was_not_taken_as_it_stands_is_a_finding(code: str, finding: str, severity: str) -> None:
    problem = FileProblem(code=code, path="db/x.sql", message="why")
    (found,) = report_of(MigrationReport(dialect="sqlite", problems=(problem,))).findings
    assert (found.code, found.severity, found.where.path, found.evidence) == (
        finding,
        severity,
        "db/x.sql",
        "why",
    )
