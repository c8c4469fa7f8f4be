"""The pages keep their word: their Python runs, and their links lead to something that stands.

Blocks of docs/clients.md are run by the tests of the clients; docs/api.md is generated and holds signatures.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import backend_engineer
from backend_engineer.clients import ReplayClient
from backend_engineer.rules import built_in_rules

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "last-login"
LINKED = sorted(
    path
    for pattern in ("*.md", "docs/*.md", "examples/**/*.md", "benchmarks/*.md")
    for path in ROOT.glob(pattern)
)
RUN = (
    "README.md",
    "docs/inputs.md",
    "docs/migrations.md",
    "docs/prompts.md",
    "docs/rules.md",
    "docs/session.md",
)


def blocks() -> Iterator[Any]:
    for page in RUN:
        text = (ROOT / page).read_text("utf-8")
        for found in re.finditer(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
            line = text[: found.start()].count("\n") + 2
            if "import" not in found[1]:
                continue  # a block without imports goes on with one above it, or shows calls only
            yield pytest.param(page, line, found[1], id=f"{page}:{line}")


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=n", "-c", "user.email=e@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as the pages assume it: `spec/`, `service/`, a project of its own, and a git history."""
    ignored = shutil.ignore_patterns("__pycache__")
    for source, target in (("spec", "spec"), ("service", "service"), ("spec", "examples/last-login/spec")):
        shutil.copytree(EXAMPLE / source, tmp_path / target, ignore=ignored)
    scripts = tmp_path / "project" / "db" / "migrations"
    scripts.mkdir(parents=True)
    (scripts / "0001_a.up.sql").write_text("CREATE TABLE a (id integer PRIMARY KEY);\n")
    (scripts / "0001_a.down.sql").write_text("DROP TABLE a;\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "before")
    git(tmp_path, "update-ref", "refs/remotes/origin/main", "HEAD")
    shutil.copytree(scripts, tmp_path / "db" / "migrations")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "after")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def replay(*_: object, **__: object) -> ReplayClient:
    record = backend_engineer.RunRecord.model_validate_json(
        (EXAMPLE / "records" / "phases.json").read_text("utf-8")
    )
    return ReplayClient(record)


@pytest.fixture
def names(project: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What a page has by then without having made it itself."""
    monkeypatch.setattr("backend_engineer.clients.Client", replay)
    text = (EXAMPLE / "hand-written" / "reply.md").read_text("utf-8")
    tree = backend_engineer.SourceTree.from_directory(project / "service")
    inputs = backend_engineer.StageInputs.load(project / "spec")

    def carry_out(effect: Any) -> Any:
        if effect.kind == "read-files":
            return {path: tree.get(path) for path in effect.paths}
        return () if effect.kind == "verify" else None

    return {
        "__name__": "page",
        "text": text,
        "tree": tree,
        "inputs": inputs,
        "request": inputs.request,
        "client": replay(),
        "carry_out": carry_out,
        "change": backend_engineer.parse_reply(text, base=tree).change,
    }


@pytest.mark.parametrize(("page", "line", "code"), list(blocks()))
def test_the_python_of_a_page_runs(page: str, line: int, code: str, names: dict[str, Any]) -> None:
    padded = "\n" * (line - 1) + code
    ended = 0
    try:
        exec(compile(padded, page, "exec", dont_inherit=True), names)
    except SystemExit as end:
        ended = end.code  # type: ignore[assignment]
    assert ended in (0, 1)


def test_the_readme_shows_each_of_its_four_uses_in_about_ten_lines() -> None:
    uses = (ROOT / "README.md").read_text("utf-8").partition("## Four uses")[2].partition("\n## ")[0]
    code = re.findall(r"^```python\n(.*?)^```", uses, re.DOTALL | re.MULTILINE)
    assert len(code) == uses.count("\n### ") == 4
    assert all(5 <= len(block.strip().splitlines()) <= 12 for block in code)


def test_the_page_on_accuracy_has_a_row_for_every_rule() -> None:
    rows = re.findall(r"^\| ([^|]*) \|", (ROOT / "docs/accuracy.md").read_text("utf-8"), re.MULTILINE)
    shown = set(re.findall(r"\b[A-Z]{3}[0-9]{3}\b", "\n".join(rows)))
    assert {rule.code for rule in built_in_rules()} <= shown


@pytest.mark.parametrize("page", LINKED, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_of_a_page_lead_to_files_and_headings_that_stand(page: Path) -> None:
    for target, anchor in re.findall(r"\]\((?!\w+:)([^)\s#]*)(?:#([^)\s]*))?\)", page.read_text("utf-8")):
        leads = page.parent / target if target else page
        assert leads.exists(), target
        if anchor:
            heads = re.findall(r"^#+ (.*)$", leads.read_text("utf-8"), re.MULTILINE)
            slugs = {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}
            assert anchor in slugs, f"{target}#{anchor}"
