"""The public names are what they claim: few, documented, importable, cheap."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import backend_engineer

ROOT = Path(__file__).resolve().parent.parent

DESIGNED = [
    "StageInputs",
    "TechSpec",
    "APIContract",
    "DataModel",
    "SecurityPolicy",
    "PerfTargets",
    "OpsGuides",
    "ChangeRequest",
    "Parameters",
    "NotApplicable",
    "gather",
    "Clarification",
    "Gap",
    "render",
    "RenderedPrompt",
    "parse_reply",
    "ReplyParser",
    "write_reply",
    "Reply",
    "FileChange",
    "Change",
    "Section",
    "SourceTree",
    "change_from_directory",
    "change_from_diff",
    "change_from_git",
    "write_change",
    "check",
    "Report",
    "Finding",
    "ReviewFindings",
    "Rule",
    "verify_migrations",
    "verify_commands",
    "Session",
    "run",
    "arun",
    "StageResult",
    "RunRecord",
    "ModelClient",
    "AsyncModelClient",
    "BackendEngineerError",
]


def test_the_public_names_are_the_designed_ones() -> None:
    assert list(backend_engineer.__all__) == DESIGNED
    assert len(DESIGNED) <= 50


@pytest.mark.parametrize("name", DESIGNED)
def test_a_public_name_is_there_and_says_what_it_is(name: str) -> None:
    value = getattr(backend_engineer, name)
    assert (value.__doc__ or "").strip()
    assert name in (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        backend_engineer.nothing_of_the_kind  # noqa: B018


def loaded(code: str) -> set[str]:
    probe = f"import sys; {code}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-I", "-c", probe], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_parsing_pulls_in_neither_httpx_nor_jinja2_nor_jsonschema() -> None:
    modules = loaded("from backend_engineer import parse_reply")
    assert not modules & {"httpx", "jinja2", "jsonschema", "yaml", "tree_sitter"}


def test_the_package_itself_imports_nothing_else_of_it() -> None:
    modules = {name for name in loaded("import backend_engineer") if name.startswith("backend_engineer.")}
    assert modules == {"backend_engineer.first_use"}


def test_the_type_checker_accepts_the_documented_use(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), "tests/typing/public_api.py"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
