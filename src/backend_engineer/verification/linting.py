"""`lint_postgres`: what squawk says of scripts, where it is installed, without its matters of taste.

Owns: starting squawk, reading its JSON, and which of its rules count.
Must never know: rules of this library, databases.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import Mapping
from pathlib import Path

from backend_engineer.errors import MissingExtra, RunnerFailed
from backend_engineer.outputs.migration_report import LintNote

__all__ = ["lint_postgres"]

# What bears on locks, rewrites and safety. Its advice on types, names and re-running is a matter of taste,
# and it fires on nearly every script that people write.
_COUNTED = frozenset(
    [
        "adding-field-with-default",
        "adding-foreign-key-constraint",
        "adding-not-nullable-field",
        "adding-required-field",
        "adding-serial-primary-key-field",
        "ban-alter-domain-with-add-constraint",
        "ban-concurrent-index-creation-in-transaction",
        "ban-drop-column",
        "ban-drop-database",
        "ban-drop-not-null",
        "ban-drop-table",
        "ban-truncate-cascade",
        "changing-column-type",
        "constraint-missing-not-valid",
        "disallowed-unique-constraint",
        "identifier-too-long",
        "renaming-column",
        "renaming-table",
        "require-concurrent-index-creation",
        "require-concurrent-index-deletion",
        "ban-uncommitted-transaction",
        "transaction-nesting",
        "require-enum-value-ordering",
        "ban-duplicate-column-assignments",
    ]
)
_SECONDS = 60


def lint_postgres(scripts: Mapping[str, str], *, in_transaction: bool = True) -> tuple[LintNote, ...]:
    """squawk's findings on PostgreSQL scripts (path -> text), filtered.

    in_transaction: the runner wraps each script. Raises MissingExtra when squawk is not installed and
    RunnerFailed when its answer cannot be read.
    """
    program = _squawk()
    if not scripts:
        return ()
    with tempfile.TemporaryDirectory(prefix="backend-engineer-lint-") as scratch:
        names: dict[str, str] = {}
        for number, (path, text) in enumerate(scripts.items()):
            place = Path(scratch) / f"{number}.sql"
            place.write_text(text, encoding="utf-8", newline="")
            names[str(place)] = path
        command = [
            program,
            "--reporter",
            "json",
            *(["--assume-in-transaction"] if in_transaction else []),
            *names,
        ]
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                timeout=_SECONDS,
                check=False,
                cwd=scratch,
                env={"PATH": "/usr/bin:/bin"},
            )
            answer = json.loads(done.stdout or b"[]")
        except (OSError, subprocess.TimeoutExpired, ValueError) as error:
            raise RunnerFailed(
                f"squawk did not answer in JSON: {type(error).__name__}.",
                hint="Check that squawk-cli is whole.",
            ) from error
    return tuple(
        LintNote(
            path=names[item["file"]], line=item["line"] + 1, rule=item["rule_name"], message=item["message"]
        )
        for item in answer
        if item.get("rule_name") in _COUNTED and item.get("file") in names
    )


def _squawk() -> str:
    beside = shutil.which("squawk", path=sysconfig.get_path("scripts"))
    found = beside or shutil.which("squawk")
    if found is None:
        raise MissingExtra("pg", "squawk-cli", "Linting PostgreSQL scripts")
    return found
