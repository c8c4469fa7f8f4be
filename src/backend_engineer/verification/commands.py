"""`verify_commands`: the change's own tests, type checks and lint, really run, before and after.

Owns: the scratch folders, which command runs where, and the report.
Must never know: how a runner runs a command, migrations, rules.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from backend_engineer.errors import RunnerFailed, UsageError
from backend_engineer.outputs import Change, CommandOutcome, CommandReport
from backend_engineer.paths import check_path
from backend_engineer.redaction import redact
from backend_engineer.verification.limits import Limits
from backend_engineer.verification.runner import CommandResult, CommandRunner

__all__ = ["base_files", "tests_run", "verify_commands", "written"]

Kind = Literal["tests", "types", "lint"]
_KINDS: tuple[Kind, ...] = ("tests", "types", "lint")


def verify_commands(
    change: Change,
    base: Any,
    commands: Any,
    runner: CommandRunner | None,
    *,
    limits: Limits | None = None,
    links: Mapping[str, Path] | None = None,
) -> CommandReport:
    """Run the project's own commands on the base and on the base with the change, and report both.

    change: its files are written over the base's. base: a SourceTree, a mapping of path -> text, a
        folder, or None; a command that fails on the base too is not the change's doing.
    commands: TechSpec, its `commands`, or a mapping of `tests`, `types`, `lint` to argument lists.
    runner: what runs them; None runs nothing and the report says so. `LocalRunner()` runs them on
        this machine and is no sandbox.
    links: folders that the commands need and no tree holds (`node_modules`), linked into the scratch
        folders under that path.

    Raises RunnerFailed when a command cannot be started, UsageError for a value that holds no
    commands, UnsafePath for a path that leaves the scratch folder.
    """
    UsageError.unless(change, Change, "The change")
    wanted = _commands_of(commands)
    identity = change.hash
    if runner is None:
        return CommandReport(
            not_checked="No runner was given: pass LocalRunner() or your own to have the commands run.",
            change=identity,
        )
    name = type(runner).__name__
    if not wanted:
        return CommandReport(not_checked="TechSpec states no command.", runner=name, change=identity)
    chosen = limits or Limits()
    with tempfile.TemporaryDirectory(prefix="backend-engineer-commands-") as scratch:
        root = Path(scratch)
        before: dict[Kind, CommandResult] = {}
        if base is not None:
            folder = written(Path(tempfile.mkdtemp(dir=root)) / "project", base, None, links)
            before = {kind: _run(runner, argv, folder, chosen) for kind, argv in wanted.items()}
        # In a folder whose name the first commands could not know.
        folder = written(Path(tempfile.mkdtemp(dir=root)) / "project", base, change, links)
        outcomes = []
        for kind, argv in wanted.items():
            outcomes.append(_outcome(kind, argv, before.get(kind), _run(runner, argv, folder, chosen)))
    return CommandReport(outcomes=tuple(outcomes), runner=name, change=identity)


def _commands_of(commands: Any) -> dict[Kind, tuple[str, ...]]:
    if hasattr(commands, "tech_spec"):
        commands = commands.tech_spec
    if hasattr(commands, "commands"):
        commands = commands.commands
    if commands is None or hasattr(commands, "not_applicable"):
        return {}
    found: dict[Kind, tuple[str, ...]] = {}
    if isinstance(commands, Mapping):
        unknown = sorted(map(str, set(commands) - set(_KINDS)))
        if unknown:
            raise UsageError(
                f"There is no kind of command {unknown[0]!r}.", hint="Use tests, types and lint."
            )
    for kind in _KINDS:
        argv = commands.get(kind) if isinstance(commands, Mapping) else getattr(commands, kind, None)
        if argv is None or hasattr(argv, "not_applicable"):
            continue
        if isinstance(argv, str) or not isinstance(argv, Sequence):
            raise UsageError(
                f"The {kind} command is not a list of arguments.",
                hint='Write ("npm", "test"), not "npm test".',
            )
        if argv:
            found[kind] = tuple(argv)
    return found


def _run(runner: CommandRunner, argv: Sequence[str], folder: Path, limits: Limits) -> CommandResult:
    return runner.run(argv, folder=folder, seconds=limits.command_seconds, output_bytes=limits.output_bytes)


def _outcome(
    kind: Kind, argv: tuple[str, ...], before: CommandResult | None, after: CommandResult
) -> CommandOutcome:
    return CommandOutcome(
        kind=kind,
        argv=argv,
        before=before.exit_code if before is not None else None,
        after=after.exit_code,
        timed_out=after.timed_out,
        before_timed_out=before is not None and before.timed_out,
        output=redact(after.output),
        seconds=round(after.seconds, 3),
        tests_run=tests_run(after.output) if kind == "tests" else None,
    )


def written(folder: Path, base: Any, change: Change | None, links: Mapping[str, Path] | None) -> Path:
    """A new folder with the base's files and the change over them; raises UnsafePath for a path that leaves it."""
    folder.mkdir()
    for path, data in base_files(base):
        _write(_inside(folder, path), path, data)
    for file in change or ():
        if file.previous_path is not None:
            source = folder / check_path(file.previous_path)
            if file.content is None and source.is_file():
                _write(folder / check_path(file.path), file.path, source.read_bytes())
            source.unlink(missing_ok=True)
        if file.action == "delete":
            (folder / check_path(file.path)).unlink(missing_ok=True)
        elif file.content is not None:
            text = file.content.encode("utf-8", "surrogatepass")
            _write(folder / check_path(file.path), file.path, text)
    for name, target in (links or {}).items():
        place = folder / check_path(name)
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.exists():
            place.symlink_to(Path(target).resolve(), target_is_directory=True)
    return folder


def _inside(folder: Path, path: str) -> Path:
    """Where a file of the base goes: a project's own files may have names that no change may bring."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    odd = not parts or path.startswith("/") or "\0" in path or ".git" in (part.casefold() for part in parts)
    if odd or ".." in parts or os.name != "posix":
        return folder / check_path(path)
    return folder.joinpath(*parts)


def _write(place: Path, path: str, data: bytes) -> None:
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        if data.startswith(b"#!"):
            place.chmod(0o755)
    except OSError as error:
        raise RunnerFailed(
            f"{path!r} cannot be written to the scratch folder: {error.strerror or error}.",
            hint="A file cannot stand where a folder stands, nor below a file.",
        ) from error


def base_files(base: Any) -> Iterable[tuple[str, bytes]]:
    """Path and bytes of each file of a tree, a mapping or a folder; none for None."""
    if base is None:
        return
    if isinstance(base, str | Path):
        yield from _folder_files(Path(base))
        return
    paths = base.keys() if isinstance(base, Mapping) else getattr(base, "paths", None)
    if paths is None:
        raise UsageError(
            f"{type(base).__name__} is no source tree.",
            hint="Pass a SourceTree, a mapping of path to text, or a folder.",
        )
    # A tree of another maker may know texts only; a SourceTree gives the bytes of pictures and fixtures too.
    read = None if isinstance(base, Mapping) else getattr(base, "read", None)
    for path in paths:
        if read is not None:
            data = read(path)
        else:
            text = base.get(path)
            data = None if text is None else text.encode("utf-8", "surrogatepass")
        if data is not None:
            yield path, data


_SKIPPED = frozenset(
    {".git", "node_modules", ".venv", "venv", "__pycache__", ".tox", "target", ".mypy_cache"}
)


def _folder_files(folder: Path) -> Iterable[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and not path.is_symlink() and _SKIPPED.isdisjoint(name.parts):
            yield name.as_posix(), path.read_bytes()


# Each tool's own summary line; the group `n` counts tests that ran.
_SUMMARIES = (
    re.compile(r"^Ran (?P<n>\d+) tests? in ", re.MULTILINE),
    re.compile(r"^Tests:\s+.*?(?P<n>\d+) total", re.MULTILINE),
    re.compile(r"^\s*Tests\s+(?:\d+ \w+ \| )*(?P<n>\d+) passed", re.MULTILINE),
    re.compile(r"^# tests (?P<n>\d+)", re.MULTILINE),
    re.compile(r"^ℹ tests (?P<n>\d+)", re.MULTILINE),
    re.compile(r"^Tests run: (?P<n>\d+)", re.MULTILINE),
)
_COUNTS = (
    re.compile(r"\b(\d+) (?:passed|failed|errors?|xfailed|xpassed)\b(?=.* in [\d.]+s)"),
    re.compile(r"^test result: \w+\. (\d+) passed; (\d+) failed", re.MULTILINE),
    re.compile(r"^\s*(\d+) (?:passing|failing)\b", re.MULTILINE),
)


def tests_run(output: str) -> int | None:
    """How many tests a runner's own summary counts, None where no known summary is found."""
    for pattern in _SUMMARIES:
        found = pattern.findall(output)
        if found:
            return int(found[-1])
    for pattern in _COUNTS:
        rows = pattern.findall(output)
        if rows:
            return sum(int(part) for row in rows for part in ((row,) if isinstance(row, str) else row))
    verbose = len(re.findall(r"^\s*--- (?:PASS|FAIL): ", output, re.MULTILINE))
    return verbose or None
