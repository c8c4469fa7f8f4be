"""Outside judges of the exports: the OASIS schema, Microsoft's SARIF validator, and axe on the HTML page.

They come with `npm install` in `tools/`; without them these tests skip and say so.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for

from backend_engineer.outputs import Finding, Report, Where
from backend_engineer.reporting import to_html, to_sarif
from backend_engineer.rules.registry import built_in_rules

pytestmark = pytest.mark.npm

TOOLS = Path(__file__).resolve().parents[2] / "tools"
MODULES = TOOLS / "node_modules"
SCHEMA = MODULES / "@microsoft" / "sarif-multitool-linux" / "sarif-2.1.0.json"
MULTITOOL = MODULES / "@microsoft" / "sarif-multitool-linux" / "Sarif.Multitool"
HINT = "not installed: run `npm --prefix tools install` first"


def need(path: Path) -> Path:
    if not path.exists():
        pytest.skip(f"{path.relative_to(TOOLS)} is {HINT}")
    return path


def schema_faults(log: dict[str, Any]) -> list[str]:
    schema = json.loads(need(SCHEMA).read_text("utf-8-sig"))
    validator = validator_for(schema, default=Draft202012Validator)(schema)
    return [error.message for error in validator.iter_errors(log)]


def judged(log: dict[str, Any], folder: Path, kind: str) -> list[str]:
    """Errors and warnings of the validator; its exit code is 0 even on errors, so its own log is read."""
    source, target = folder / "report.sarif", folder / "judgement.sarif"
    source.write_text(json.dumps(log), "utf-8")
    command = [
        need(MULTITOOL),
        "validate",
        source,
        "--output",
        target,
        "--log",
        "ForceOverwrite",
        "--rule-kind",
        kind,
    ]
    shown = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=120)
    assert target.exists(), shown.stdout + shown.stderr
    (run,) = json.loads(target.read_text("utf-8-sig"))["runs"]
    rules = run["tool"]["driver"].get("rules", [])
    defaults = {rule["id"]: rule.get("defaultConfiguration", {}).get("level", "warning") for rule in rules}
    told = [(row.get("level", defaults.get(row["ruleId"], "warning")), row) for row in run.get("results", [])]
    return [f"{row['ruleId']} {row['message']}" for level, row in told if level in ("error", "warning")]


def log_of(report: Report) -> dict[str, Any]:
    log: dict[str, Any] = json.loads(to_sarif(report, anchor="db/first.sql", rules=()))
    return log


def test_a_full_and_a_clean_report_follow_the_oasis_schema(full_report: Report, clean_report: Report) -> None:
    assert schema_faults(log_of(full_report)) == []
    assert schema_faults(log_of(clean_report)) == []


def test_the_schema_bites(full_report: Report) -> None:
    log = log_of(full_report)
    log["runs"][0]["results"][0]["level"] = "fatal"
    assert schema_faults(log) != []


def test_a_real_report_of_the_library_is_clean_too(tmp_path: Path) -> None:
    """Every built-in rule described at once, each with a finding of its own."""
    findings = [
        Finding(
            type=rule.type,
            category=rule.category,
            severity=rule.severity,
            title=rule.title,
            where=Where(path="src/a.py", lines="1-2"),
            evidence=rule.reason,
            recommendation=rule.recommendation,
            code=rule.code,
            clauses=rule.clauses,
        )
        for rule in built_in_rules()
    ]
    log: dict[str, Any] = json.loads(to_sarif(Report(findings=tuple(findings))))
    assert len(log["runs"][0]["tool"]["driver"]["rules"]) == len(findings)
    assert schema_faults(log) == []
    assert judged(log, tmp_path, "Sarif;Ghas") == []


@pytest.mark.parametrize("kind", ["Sarif", "Ghas"])
def test_the_validator_finds_nothing_to_say(full_report: Report, tmp_path: Path, kind: str) -> None:
    assert judged(log_of(full_report), tmp_path, kind) == []


def test_the_validator_bites(full_report: Report, tmp_path: Path) -> None:
    log = log_of(full_report)
    log["runs"][0]["results"][0]["ruleIndex"] = 99
    assert any("SARIF1009" in row for row in judged(log, tmp_path, "Sarif"))


AXE = """
const {JSDOM} = require("jsdom"), axe = require("axe-core"), fs = require("fs");
const dom = new JSDOM(fs.readFileSync(process.argv[1], "utf8"), {runScripts: "outside-only", pretendToBeVisual: true});
dom.window.eval(axe.source);
dom.window.axe.run(dom.window.document, {rules: {"color-contrast": {enabled: false}}})
  .then(found => console.log(JSON.stringify(found.violations.map(fault => fault.id))));
"""
"""axe in jsdom; contrast needs a real browser's layout and is computed in another test from the page's own colours."""


def axe_faults(page: str, folder: Path) -> list[str]:
    need(MODULES / "axe-core")
    need(MODULES / "jsdom")
    target = folder / "page.html"
    target.write_text(page, "utf-8")
    shown = subprocess.run(
        ["node", "-e", AXE, str(target)], cwd=TOOLS, capture_output=True, text=True, timeout=120
    )
    assert shown.returncode == 0, shown.stderr
    found: list[str] = json.loads(shown.stdout.splitlines()[-1])
    return found


def test_axe_finds_no_fault_in_the_page(full_report: Report, clean_report: Report, tmp_path: Path) -> None:
    assert axe_faults(to_html(full_report), tmp_path) == []
    assert axe_faults(to_html(clean_report), tmp_path) == []


def test_axe_bites(full_report: Report, tmp_path: Path) -> None:
    broken = (
        to_html(full_report)
        .replace(' lang="en"', "")
        .replace("<main>", '<div><img src="x">')
        .replace("</main>", "</div>")
    )
    assert {"html-has-lang", "image-alt", "region"} <= set(axe_faults(broken, tmp_path))
