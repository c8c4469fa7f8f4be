"""The hand-written reply is a real change: complete in form, true in what it claims, and it runs."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from backend_engineer.contract import CLAUSES, FILE_CAP, SECTIONS
from backend_engineer.inputs import StageInputs
from backend_engineer.outputs import CommandReport, MigrationReport
from backend_engineer.parsing import Reply
from backend_engineer.rules import check
from backend_engineer.workspace import SourceTree


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", *arguments], cwd=folder, capture_output=True, text=True, timeout=120
    )


def test_the_reply_says_first_of_all_that_it_was_written_by_hand(reply: Reply) -> None:
    assert "written by hand" in reply.text.split("\n")[0]


def test_the_reply_has_every_part_of_the_format_and_nothing_odd_about_it(reply: Reply) -> None:
    assert reply.diagnostics == ()
    assert 3 <= len(reply.checklist) <= 7
    assert reply.plan is not None
    assert reply.findings is not None
    assert {item.path for item in reply.validations} == {file.path for file in reply.files}


def test_the_plan_names_exactly_the_files_of_the_change_in_their_order(reply: Reply) -> None:
    assert reply.plan is not None
    assert [(file.path, file.action, file.section) for file in reply.plan.files] == [
        (file.path, file.action, file.section) for file in reply.files
    ]
    assert len(reply.files) <= FILE_CAP


def test_sections_follow_the_contract_and_agree_with_the_layout_of_the_tech_spec(
    reply: Reply, inputs: StageInputs
) -> None:
    positions = [SECTIONS.index(file.section) for file in reply.files if file.section is not None]
    assert positions == sorted(positions)
    assert len(positions) == len(reply.files)
    layout = {module.path: module.section for module in inputs.tech_spec.layout if module.section}  # type: ignore[union-attr]
    for file in reply.files:
        home = next((section for path, section in layout.items() if file.path.startswith(path + "/")), None)
        assert home in (None, file.section), file.path


def test_every_quote_of_an_attestation_stands_where_it_says(reply: Reply, patched: Path) -> None:
    for item in reply.attestations:
        first, _, last = item.lines.partition("-")
        lines = (patched / item.path).read_text("utf-8").split("\n")[int(first) - 1 : int(last or first)]
        assert item.quote in "\n".join(lines), item


def test_every_clause_that_asks_for_an_attestation_has_one(reply: Reply) -> None:
    asked = {clause.id for clause in CLAUSES.values() if clause.needs_attestation}
    assert {item.clause for item in reply.attestations} == asked


def test_every_finding_names_lines_of_the_change(reply: Reply) -> None:
    assert reply.findings is not None
    for finding in reply.findings.findings:
        file = reply.change.get(finding.where.path)
        assert file is not None, finding.title
        assert file.content is not None
        assert finding.where.span is not None
        assert finding.where.span[1] <= file.content.count("\n")
        assert not finding.violates


def test_the_openapi_document_is_the_contract(patched: Path, inputs: StageInputs) -> None:
    assert json.loads((patched / "openapi.json").read_text("utf-8")) == inputs.api_contract.document


def test_the_service_passes_its_tests_before_and_after_and_the_change_brings_more(
    commands: CommandReport,
) -> None:
    assert {item.kind: (item.before, item.after) for item in commands.outcomes} == {
        "tests": (0, 0),
        "lint": (0, 0),
    }
    (tests,) = [item for item in commands.outcomes if item.kind == "tests"]
    assert tests.tests_run == 52


def test_every_kind_of_test_is_among_those_that_ran(patched: Path) -> None:
    shown = run(patched, "-m", "unittest", "discover", "-v")
    assert shown.returncode == 0, shown.stderr
    assert "OK" in shown.stderr
    for name in (
        "UserServiceTests",
        "PagingProperties",
        "ListingTests",
        "LastLoginMigration",
        "LastLoginTests",
    ):
        assert re.search(rf"\b{name}\.test_\w+\) .* ok|\b{name}\.test_\w+\)\n.* ok", shown.stderr), name


def test_the_change_is_what_makes_its_tests_pass(patched: Path, example: Path, tmp_path: Path) -> None:
    """On the service without the change, its new tests fail."""
    folder = tmp_path / "service"
    shutil.copytree(example / "service", folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(patched / "tests", folder / "tests", dirs_exist_ok=True)
    shown = run(
        folder, "-m", "unittest", "tests.integration.test_listing_and_updating", "tests.e2e.test_last_login"
    )
    assert shown.returncode != 0
    assert "FAILED" in shown.stderr


def test_every_migration_restores_the_schema_keeps_the_rows_and_checks_itself(
    migrations: MigrationReport,
) -> None:
    (pair,) = [pair for pair in migrations.pairs if pair.migration == "0003_add_last_login_at"]
    assert (pair.verdict, pair.rows, pair.message) == ("restored", "kept", "")
    assert (pair.verify_before, pair.verify_after, pair.verify_after_rollback) == ("fail", "pass", "fail")
    assert "column users.last_login_at: text" in migrations.schema_after


def test_the_service_itself_migrates_forward_and_back(patched: Path, tmp_path: Path) -> None:
    script = (
        "from accounts import migrate; import sys; db = sys.argv[1]\n"
        "print(migrate.forward(db), migrate.back(db, to=2), migrate.forward(db), migrate.back(db))"
    )
    shown = run(patched, "-c", script, str(tmp_path / "db.sqlite3"))
    assert shown.stdout == "[1, 2, 3] [3] [3] [3, 2, 1]\n", shown.stderr


def test_nothing_is_violated_and_nothing_left_unchecked(
    reply: Reply, base: SourceTree, inputs: StageInputs, migrations: MigrationReport, commands: CommandReport
) -> None:
    report = check(reply, inputs, base, verified=(migrations, commands))
    assert report.violated == ()
    assert dict(report.unchecked) == {}
    assert report.ok


def test_the_commands_of_the_readme_serve_the_api(patched: Path, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("a key made for this test only")
    environment = {
        "ACCOUNTS_DATABASE": str(tmp_path / "db.sqlite3"),
        "ACCOUNTS_TOKEN_KEY_FILE": str(key),
        "PATH": "",
    }
    shown = subprocess.run(
        [sys.executable, "-m", "accounts", "migrate"],
        cwd=patched,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert shown.stdout == "applied: [1, 2, 3]\n", shown.stderr


def test_sigterm_drains_the_running_service(patched: Path, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("a key made for this test only")
    environment = {
        "ACCOUNTS_DATABASE": str(tmp_path / "db.sqlite3"),
        "ACCOUNTS_TOKEN_KEY_FILE": str(key),
        "ACCOUNTS_PORT": "0",
        "ACCOUNTS_ADMIN_PORT": "0",
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "accounts", "serve"],
        cwd=patched,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stderr is not None
    assert json.loads(server.stderr.readline())["event"] == "listening"
    server.terminate()
    rest = server.stderr.read()
    server.stderr.close()
    assert server.wait(timeout=10) == 0
    assert json.loads(rest.splitlines()[-1])["event"] == "drained"
