"""What the tests of this room share: a PostgreSQL that can be started, or a loud skip."""

from collections.abc import Callable

import pytest

from backend_engineer.errors import ServerUnavailable
from backend_engineer.outputs import Change, FileChange
from backend_engineer.verification.postgres.server import find_programs


@pytest.fixture(scope="session")
def postgres() -> None:
    """Skips where no PostgreSQL server is installed; CI installs one and counts these skips as failures."""
    try:
        find_programs()
    except ServerUnavailable as error:
        pytest.skip(f"PostgreSQL is not installed: {error}")


@pytest.fixture
def pair_change() -> Callable[..., Change]:
    """A change of one migration: forward and rollback, both at `db/migrations/`."""

    def make(up: str, down: str | None, name: str = "0002_step") -> Change:
        files = [FileChange(f"db/migrations/{name}.up.sql", up)]
        if down is not None:
            files.append(FileChange(f"db/migrations/{name}.down.sql", down))
        return Change(tuple(files))

    return make
