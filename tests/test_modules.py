"""Every module says in its first lines what it owns and what it must never know, and stays readable in one go."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "backend_engineer"
MODULES = sorted(SOURCE.rglob("*.py"))
VAGUE = {"utils", "helpers", "common", "base", "manager"}


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_a_module_opens_with_its_sentence_and_its_bounds(module: Path) -> None:
    text = ast.get_docstring(ast.parse(module.read_text("utf-8"))) or ""
    first = text.partition("\n\n")[0]
    assert first.endswith((".", ":"))
    assert 0 < text.find("Owns: ") < text.find("Must never know: ")


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert not [path for path in MODULES if VAGUE & {path.stem, path.parent.name}]
