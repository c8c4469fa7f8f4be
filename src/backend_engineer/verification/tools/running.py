"""The steps of a pair, with another tool's commands in the place of scripts.

Owns: the order of commands and comparisons, and the report.
Must never know: how a runner runs a command, what a migration holds.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend_engineer.errors import UsageError
from backend_engineer.migrations import Migration, MigrationScript
from backend_engineer.outputs import Change, MigrationReport, PairOutcome, text_hash
from backend_engineer.redaction import redact
from backend_engineer.verification.commands import base_files, written
from backend_engineer.verification.limits import Limits
from backend_engineer.verification.outcomes import Observation, outcome_of
from backend_engineer.verification.runner import CommandRunner
from backend_engineer.verification.snapshots import schema_lines
from backend_engineer.verification.tools.presets import Preset, Target, preset_of
from backend_engineer.verification.tools.stores import Store, open_store

__all__ = ["verify_with_tool"]


def verify_with_tool(
    migrations: Any,
    name: str,
    dialect: str,
    base: Any,
    commands: str | Mapping[str, object],
    runner: CommandRunner | None,
    seed: int | str | None,
    limits: Limits,
    progress: Callable[[PairOutcome], None],
    links: Mapping[str, Path] | None = None,
) -> MigrationReport:
    """Run each step of a tool forward, back and forward again on scratch databases.

    links: folders that the tool needs and no tree holds, put into its scratch project under that path.
    """
    if runner is None:
        return MigrationReport(
            dialect=dialect,
            not_checked="No runner was given for the tool's commands: pass LocalRunner() or your own.",
        )
    preset = preset_of(commands)
    change = migrations if isinstance(migrations, Change) else None
    below = base if change is not None else migrations
    with tempfile.TemporaryDirectory(prefix="backend-engineer-tool-") as scratch:
        root = Path(scratch)
        project = written(root / "project", below, change, {**_installed(below), **(links or {})})
        files = {path: data.decode("utf-8", "replace") for path, data in base_files(project)}
        targets = preset.targets(files)
        known = {} if change is None or base is None else dict(base_files(base))
        fresh = {path for path, text in files.items() if known.get(path) != text.encode()}
        if not any(target.path in fresh for target in targets):
            return MigrationReport(dialect=dialect, not_checked=f"No new step of {preset.name} was found.")
        (root / "databases").mkdir()
        dsn = name if "://" in name or "=" in name else None
        with open_store(dialect, dsn, root / "databases", limits) as store:
            run = _Run(preset, store, project, runner, limits, seed if isinstance(seed, int) else None)
            outcomes, schema, notes = run.all(targets, fresh, files, progress)
            return MigrationReport(
                dialect=dialect,
                server_version=store.version,
                pairs=tuple(outcomes),
                schema_after=schema,
                not_checked="; ".join(notes),
                files={
                    target.path: text_hash(files[target.path]) for target in targets if target.path in fresh
                },
            )


def _installed(below: Any) -> dict[str, Path]:
    """The packages that stand in a folder beside its sources: without them its own tool cannot start."""
    found = Path(below) / "node_modules" if isinstance(below, str | Path) else None
    return {"node_modules": found} if found is not None and found.is_dir() else {}


@dataclass(slots=True)
class _Run:
    preset: Preset
    store: Store
    project: Path
    runner: CommandRunner
    limits: Limits
    seed: int | None

    def all(
        self,
        targets: list[Target],
        fresh: set[str],
        files: Mapping[str, str],
        progress: Callable[[PairOutcome], None],
    ) -> tuple[list[PairOutcome], tuple[str, ...], list[str]]:
        """Every step in order; those not in `fresh` run forward only."""
        outcomes: list[PairOutcome] = []
        notes: list[str] = []
        chain = self.store.create()
        if self.preset.ready:
            failure = self._command(self.preset.ready, chain, {})
            if failure:
                notes.append(f"{' '.join(self.preset.ready)}: {failure}")
        for target in targets:
            if target.path not in fresh:
                failure = self._command(self.preset.forward, chain, self._words(target))
                if failure:
                    notes.append(f"Earlier migrations failed: {target.key}: {failure}")
                continue
            began = time.perf_counter()
            seen, chain = self._pair(target, chain)
            seen.seconds = time.perf_counter() - began
            outcome = outcome_of(_as_migration(target, files), seen)
            outcomes.append(outcome)
            progress(outcome)
        return outcomes, schema_lines(self.store.schema(chain)), notes

    def _words(self, target: Target) -> dict[str, str]:
        return {**target.words, "path": target.path}

    def _command(self, argv: tuple[str, ...], database: str, words: Mapping[str, str]) -> str:
        """Run one command; the end of what it said where it failed, else nothing."""
        env = self.store.environment(database)
        known = {**words, "url": env["DATABASE_URL"], "database": env.get("DATABASE_PATH", database)}
        filled = tuple(_filled(part, known) for part in argv)
        done = self.runner.run(
            filled,
            folder=self.project,
            env=env,
            seconds=self.limits.command_seconds,
            output_bytes=self.limits.output_bytes,
        )
        if done.exit_code == 0:
            return ""
        lines = [line for line in done.output.strip().splitlines() if line.strip()]
        # A stack says where in somebody's library; what went wrong stands above it.
        said = [line for line in lines if not _FRAME.match(line)] or lines
        words_said = " / ".join(said[-3:]) or "it said nothing"
        ending = "stopped at the time limit" if done.timed_out else f"exit code {done.exit_code}"
        return redact(f"{' '.join(argv)}: {ending}: {words_said}")

    def _pair(self, target: Target, chain: str) -> tuple[Observation, str]:
        store, words = self.store, self._words(target)
        seen = Observation(before=store.schema(chain), settings_before=store.settings(chain), mode="commands")
        after = store.create(chain)
        failure = self._command(self.preset.forward, after, words)
        if failure:
            seen.forward_error = failure
            store.drop(after)
            return seen, chain
        seen.after = store.schema(after)
        work = store.create(after)
        failure = self._command(self.preset.rollback, work, words)
        if failure:
            seen.rollback_error = failure
        else:
            seen.restored, seen.settings_after = store.schema(work), store.settings(work)
            failure = self._command(self.preset.forward, work, words)
            if failure:
                seen.again_error = failure
            else:
                seen.again = store.schema(work)
        store.drop(work)
        self._populated(chain, words, seen)
        store.drop(chain)
        return seen, after

    def _populated(self, chain: str, words: Mapping[str, str], seen: Observation) -> None:
        if self.seed is None or seen.rollback_error is not None:
            return
        work = self.store.create(chain)
        self.store.seed(work, self.seed)
        seen.rows_before = self.store.rows(work)
        for name, argv in (("forward", self.preset.forward), ("rollback", self.preset.rollback)):
            failure = self._command(argv, work, words)
            if failure:
                seen.populated_error = (name, failure)
                break
        else:
            seen.rows_after = self.store.rows(work)
        self.store.drop(work)


_FRAME = re.compile(r"\s+at \S|\s+File \"")

_FILLED = ("target", "previous", "app", "path", "folder", "schema", "url", "database")


def _filled(part: str, words: Mapping[str, str]) -> str:
    for name in _FILLED:
        mark = "{" + name + "}"
        if mark in part:
            if name not in words:
                raise UsageError(
                    f"{mark} has no meaning for this tool.", hint="See the presets for what is filled in."
                )
            part = part.replace(mark, words[name])
    return part


def _as_migration(target: Target, files: Mapping[str, str]) -> Migration:
    script = MigrationScript(target.path, files.get(target.path, ""), runnable=False)
    return Migration(
        key=target.key,
        version=target.words.get("target", ""),
        order=(),
        name=target.key,
        series="",
        tool="commands",
        forward=script,
        rollback=script,
    )
