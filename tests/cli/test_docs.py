"""What the pages say about the command line is what it takes."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from backend_engineer.cli.exit_codes import ExitCode
from backend_engineer.cli.exports import FORMATS
from backend_engineer.cli.main import COMMANDS, build_parser

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    "README.md",
    "docs/cli.md",
    "docs/exports.md",
    "docs/ci-recipe.md",
    "examples/last-login/README.md",
    ".pre-commit-hooks.yaml",
)


def commands_in(text: str) -> list[str]:
    """Every call of the program in code, continued lines joined, alternatives and placeholders resolved."""
    joined = re.sub(r"\\\n\s*", "", text)
    found = re.findall(
        r"^(?:    |[ -]*(?:entry: |run: )?|.*\| |`)(backend-engineer (?!COMMAND)[a-z]+ [^\n`|>]*)",
        joined,
        re.MULTILINE,
    )
    return [re.sub(r"[\[\]]|\|.*?(?=\]|$)", "", re.split(r" \|\| |\s+# ", line)[0]).strip() for line in found]


def calls() -> list[tuple[str, str]]:
    return [(page, line) for page in PAGES for line in commands_in((ROOT / page).read_text("utf-8"))]


def test_the_pages_hold_calls_to_try() -> None:
    assert len(calls()) >= 20
    assert {page for page, _ in calls()} >= {"docs/cli.md", "docs/ci-recipe.md", ".pre-commit-hooks.yaml"}


@pytest.mark.parametrize(("page", "line"), calls())
def test_every_call_in_the_pages_is_one_that_the_program_takes(page: str, line: str) -> None:
    words = [re.sub(r"^sqlite.*", "sqlite", word) for word in shlex.split(line)[1:]]
    words = [{"NAME": "openai"}.get(word, word) for word in words]
    if page == ".pre-commit-hooks.yaml" and words[0] == "migrations":
        words.append("folder-from-args")
    parser, modules = build_parser(words)
    assert parser.parse_args(words).command in modules


def test_every_command_and_exit_code_is_described() -> None:
    page = (ROOT / "docs" / "cli.md").read_text("utf-8")
    for command in COMMANDS:
        assert re.search(rf"^## .*\b{command.name}\b", page, re.MULTILINE), command.name
    for code in ExitCode:
        assert re.search(rf"^\|.*\b{int(code)}\b.*\|", page, re.MULTILINE), code


def test_every_format_is_described() -> None:
    page = (ROOT / "docs" / "exports.md").read_text("utf-8")
    for name in ("text", *FORMATS):
        assert f"`{name}`" in page, name
