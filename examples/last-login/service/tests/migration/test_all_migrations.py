"""Every migration forward and back on SQLite, with its VERIFY checks."""

import sqlite3
import tempfile
import unittest
from pathlib import Path

from accounts import migrate


def schema(database: str) -> list[tuple]:
    connection = sqlite3.connect(database)
    try:
        return connection.execute(
            "SELECT type, name, tbl_name FROM sqlite_master WHERE name <> 'schema_migrations' ORDER BY 1, 2"
        ).fetchall()
    finally:
        connection.close()


def checks(script: Path) -> list[str]:
    """The statements of a script's VERIFY section."""
    _, _, rest = script.read_text("utf-8").partition("-- VERIFY\n")
    lines = rest.partition("-- OPERATIONS")[0].splitlines()
    return [line.removeprefix("-- ") for line in lines if line.startswith("-- SELECT")]


class MigrationTests(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="accounts-")
        self.addCleanup(folder.cleanup)
        self.database = str(Path(folder.name) / "db.sqlite3")

    def holds(self, statement: str) -> bool:
        connection = sqlite3.connect(self.database)
        try:
            return all(bool(row[0]) for row in connection.execute(statement))
        finally:
            connection.close()

    def test_each_rollback_restores_the_schema_before_it(self) -> None:
        for version, _, _ in migrate.migrations():
            before = schema(self.database)
            migrate.forward(self.database, to=version)
            after = schema(self.database)
            migrate.back(self.database, to=version - 1)
            self.assertEqual(schema(self.database), before)
            migrate.forward(self.database, to=version)
            self.assertEqual(schema(self.database), after)

    def test_each_verify_section_tells_before_from_after(self) -> None:
        for version, up, _ in migrate.migrations():
            found = checks(up)
            self.assertTrue(found, up.name)
            self.assertFalse(all(self.holds(check) for check in found), up.name)
            migrate.forward(self.database, to=version)
            self.assertTrue(all(self.holds(check) for check in found), up.name)

    def test_a_second_run_applies_nothing(self) -> None:
        self.assertTrue(migrate.forward(self.database))
        self.assertEqual(migrate.forward(self.database), [])


if __name__ == "__main__":
    unittest.main()
