"""The command line as a function: arguments in, exit code and both outputs out."""

from __future__ import annotations

import importlib.util
import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from backend_engineer.cli import main

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ended]:
    def call(*arguments: object, stdin: bytes | None = None) -> Ended:
        if stdin is not None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        capsys.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = int(end.code or 0)
        shown = capsys.readouterr()
        return Ended(code, shown.out, shown.err)

    return call


@pytest.fixture(scope="session")
def last_login() -> Path:
    return EXAMPLES / "last-login"


@pytest.fixture(scope="session")
def incomplete() -> Path:
    return EXAMPLES / "incomplete"


@pytest.fixture(scope="session")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record of the example's run that fits the prompts as they are, nothing run besides."""
    spec = importlib.util.spec_from_file_location("record_demo", EXAMPLES / "record_demo.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made = module.play("phases", verify=False).record.model_copy(update={"label": "hand-written"})
    target = tmp_path_factory.mktemp("record") / "phases.json"
    target.write_text(made.model_dump_json(), "utf-8")
    return target
