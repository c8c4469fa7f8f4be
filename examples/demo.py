"""The stage on a real specification, from the documents to the verdicts (`make demo`).

It replays hand-written replies in place of a model, writes the change that they hold into a scratch copy of the
service, migrates a database forward and back, runs the service's tests, and shows what is proven about the change.
The exit code is 0 only when every one of these steps went well.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from backend_engineer import SourceTree, StageInputs, StageResult, gather, run, write_change
from backend_engineer.cli.console import Console
from backend_engineer.cli.results import result_lines
from backend_engineer.cli.watching import Watcher
from backend_engineer.clients.replay import ReplayClient
from backend_engineer.contract import Status
from backend_engineer.errors import BackendEngineerError
from backend_engineer.outputs import RunRecord
from backend_engineer.verification import LocalRunner

EXAMPLE = Path(__file__).resolve().parent / "last-login"


class Demo:
    """Prints each step and remembers what failed."""

    def __init__(self, calls: str) -> None:
        self.console = Console()
        self.calls = calls
        self.failures: list[str] = []
        self._step = 0

    def step(self, title: str) -> None:
        """Begin a numbered step."""
        self._step += 1
        self.console.say(f"\n=== Step {self._step}: {title}")

    def held(self, label: str, good: bool, detail: str = "") -> None:
        """Print whether something held; what did not makes the demo fail."""
        self.console.say(f"{label}: {'passed' if good else 'FAILED'}" + (f". {detail}" if detail else ""))
        if not good:
            self.failures.append(label)

    def play(self) -> int:
        """Run every step."""
        inputs = self.read_inputs()
        tree = SourceTree.from_directory(EXAMPLE / "service")
        result = self.run_stage(inputs, tree)
        with tempfile.TemporaryDirectory(prefix="backend-engineer-demo-") as folder:
            scratch = Path(folder) / "service"
            shutil.copytree(EXAMPLE / "service", scratch, ignore=shutil.ignore_patterns("__pycache__"))
            self.write(result, scratch, tree)
            self.migrate(scratch, str(Path(folder) / "accounts.sqlite3"))
            self.test(scratch)
        self.show_verdicts(result)
        return self.end()

    def read_inputs(self) -> StageInputs:
        """The documents, complete or not at all."""
        self.step("read the specification")
        inputs = gather(EXAMPLE / "spec")
        complete = isinstance(inputs, StageInputs)
        self.held("Inputs", complete, "complete, without contradiction" if complete else "there are gaps")
        if not isinstance(inputs, StageInputs) or inputs.request is None:
            raise SystemExit(1)
        self.console.say(f"Wanted change: {inputs.request.title}")
        return inputs

    def run_stage(self, inputs: StageInputs, tree: SourceTree) -> StageResult:
        """The five phases, with the recorded replies as the model's answers."""
        record = RunRecord.model_validate_json(
            (EXAMPLE / "records" / f"{self.calls}.json").read_text("utf-8")
        )
        client = ReplayClient(record, chunk=400)
        self.step("run the stage")
        self.console.say(
            f"Client: replay of a {client.label} reply. No model is called; a person wrote these answers."
        )
        self.console.say("To use a real model: make demo-live, or")
        self.console.say(
            "  backend-engineer run examples/last-login/spec --base examples/last-login/service"
            " --preset anthropic --model NAME --run-commands --dry-run"
        )
        self.console.say()
        result = run(
            inputs,
            client=client,
            base=tree,
            calls=self.calls,
            watch=Watcher(self.console.say),
            database="sqlite",
            runner=LocalRunner(),
        )
        self.held("Run", result.status is Status.READY, f"status {result.status}. {result.reason}".rstrip())
        return result

    def write(self, result: StageResult, scratch: Path, tree: SourceTree) -> None:
        """The change, into a copy of the service."""
        self.step("write the change into a scratch copy of the service")
        for change in result.changes:
            written = write_change(change, scratch, planned=result.plan, base=tree)
            for path in written.written:
                self.console.say(f"Written: {path}")
        self.held(
            "Writing", len(result.changes) == 1, f"{sum(len(change) for change in result.changes)} files"
        )

    def migrate(self, scratch: Path, database: str) -> None:
        """The service's own runner: forward, back, and forward again, on a database with rows."""
        self.step("migrate a SQLite database forward and back, with rows in it")
        key = scratch.parent / "token-key"
        key.write_text("made for this run only")
        environment = {**os.environ, "ACCOUNTS_DATABASE": database, "ACCOUNTS_TOKEN_KEY_FILE": str(key)}

        def command(*arguments: str) -> None:
            done = subprocess.run(
                [sys.executable, "-m", "accounts", *arguments],
                cwd=scratch,
                env=environment,
                capture_output=True,
                text=True,
                timeout=60,
            )
            shown = (done.stdout or done.stderr).strip().splitlines()
            self.held(f"accounts {' '.join(arguments)}", done.returncode == 0, shown[-1] if shown else "")

        command("migrate")
        command("rollback", "2")
        self.seed(database)
        before = self.state(database)
        command("migrate")
        added = set(self.columns(database)) - before.keys()
        self.held("Forward", added == {"last_login_at"}, f"new column: {', '.join(sorted(added)) or 'none'}")
        command("rollback", "2")
        self.held("Back", self.state(database) == before, "the columns and every row are as they were")
        command("migrate")

    def seed(self, database: str) -> None:
        """Two users, made before the change."""
        rows = [
            (f"id-{name}", f"{name}@example.com", name, "2025-08-13T12:00:00.000Z") for name in ("ada", "bob")
        ]
        with closing(sqlite3.connect(database)) as connection, connection:
            connection.executemany(
                "INSERT INTO users (id, email, display_name, created_at) VALUES (?, ?, ?, ?)", rows
            )

    def columns(self, database: str) -> list[str]:
        """The columns of the table users."""
        with closing(sqlite3.connect(database)) as connection:
            return [row[0] for row in connection.execute("SELECT name FROM pragma_table_info('users')")]

    def state(self, database: str) -> dict[str, list[object]]:
        """Each column of users with its values."""
        names = self.columns(database)
        with closing(sqlite3.connect(database)) as connection:
            rows = connection.execute(f"SELECT {', '.join(names)} FROM users ORDER BY id").fetchall()
        return {name: [row[index] for row in rows] for index, name in enumerate(names)}

    def test(self, scratch: Path) -> None:
        """The service's tests, the change's own among them."""
        self.step("run the service's tests on the result")
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "unittest", "discover"],
            cwd=scratch,
            capture_output=True,
            text=True,
            timeout=300,
        )
        ran = re.search(r"Ran (\d+) tests? in .*", done.stderr)
        self.held("Tests", done.returncode == 0 and ran is not None, ran[0] if ran else done.stderr[-500:])

    def show_verdicts(self, result: StageResult) -> None:
        """What is known about every clause, the review findings and the handoffs."""
        self.step("verdicts and findings")
        self.console.say("\n".join(result_lines(result, self.console)).lstrip("\n"))
        report = result.report
        self.held("Clauses", report is not None and not report.violated, "none is violated")
        if report is not None and report.unchecked:
            self.console.say(f"Not checked: {', '.join(report.unchecked)}, each with its reason above.")

    def end(self) -> int:
        """The outcome in one line, and the exit code."""
        if self.failures:
            self.console.say(f"\nDemo: FAILED at {', '.join(self.failures)}")
            return 1
        self.console.say(
            "\nDemo: passed. The change was written by hand; everything shown about it was really run."
        )
        return 0


def main() -> int:
    """Play the demo."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--calls", choices=("phases", "single"), default="phases", help="a call a phase, or one for all"
    )
    demo = Demo(parser.parse_args().calls)
    try:
        return demo.play()
    except BackendEngineerError as error:
        demo.console.complain(f"Error: {error}")
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
