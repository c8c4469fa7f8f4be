"""The last-login example: its documents, its hand-written reply, and the service with the change written into it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from backend_engineer.inputs import StageInputs, gather
from backend_engineer.outputs import CommandReport, MigrationReport
from backend_engineer.parsing import Reply, parse_reply
from backend_engineer.verification import LocalRunner, verify_commands, verify_migrations
from backend_engineer.workspace import SourceTree, write_change

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture(scope="session")
def example() -> Path:
    return EXAMPLES / "last-login"


@pytest.fixture(scope="session")
def base(example: Path) -> SourceTree:
    return SourceTree.from_directory(example / "service")


@pytest.fixture(scope="session")
def inputs(example: Path) -> StageInputs:
    gathered = gather(example / "spec")
    assert isinstance(gathered, StageInputs), [gap.pointer for gap in gathered.gaps]
    return gathered


@pytest.fixture(scope="session")
def reply(example: Path, base: SourceTree) -> Reply:
    return parse_reply((example / "hand-written" / "reply.md").read_text("utf-8"), base=base)


@pytest.fixture(scope="session")
def patched(tmp_path_factory: pytest.TempPathFactory, example: Path, reply: Reply, base: SourceTree) -> Path:
    """A copy of the service with the change written into it."""
    folder = tmp_path_factory.mktemp("last-login") / "service"
    shutil.copytree(example / "service", folder, ignore=shutil.ignore_patterns("__pycache__"))
    write_change(reply.change, folder, planned=reply.plan, base=base)
    return folder


@pytest.fixture(scope="session")
def commands(reply: Reply, base: SourceTree, inputs: StageInputs) -> CommandReport:
    """The service's own commands, really run before and after the change."""
    return verify_commands(reply.change, base, inputs.tech_spec, LocalRunner())


@pytest.fixture(scope="session")
def migrations(reply: Reply, base: SourceTree, inputs: StageInputs) -> MigrationReport:
    """The migrations, really run."""
    return verify_migrations(reply.change, inputs.tech_spec, base=base)
