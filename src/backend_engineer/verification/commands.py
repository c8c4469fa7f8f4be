"""`verify_commands`: the change's own tests, type checks and lint, really run, before and after.

Owns: the scratch folders, which command runs where, and the report.
Must never know: how a runner runs a command, migrations, rules.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast

from backend_engineer.errors import BackendEngineerError, RunnerFailed, UsageError
from backend_engineer.outputs import Change, CommandOutcome, CommandReport, SuiteSummary
from backend_engineer.paths import check_path
from backend_engineer.redaction import redact
from backend_engineer.verification.limits import Limits
from backend_engineer.verification.runner import CommandResult, CommandRunner
from backend_engineer.verification.summaries import ends_with_a_summary, summary_of

__all__ = ["base_files", "verify_commands", "written"]

Kind = Literal["tests", "types", "lint"]
_KINDS: tuple[Kind, ...] = ("tests", "types", "lint")
# Names of failures stand all through an output: more of it is read than the report keeps.
_READ = 16


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

    A command that the base cannot start and the change can, has nothing before it; one that only the base can
    start fails with the change. Where several commands are run, one that cannot be run is told in its outcome's `not_run`.

    Raises RunnerFailed when no command could be run, by a runner that breaks off too, UsageError for a value that
    holds no commands, UnsafePath for a path that leaves the scratch folder.
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
        before: dict[Kind, CommandResult | _Failure] = {}
        if base is not None:
            folder = written(Path(tempfile.mkdtemp(dir=root)) / "project", base, None, links)
            before = {kind: _tried(runner, argv, folder, chosen) for kind, argv in wanted.items()}
        # In a folder whose name the first commands could not know.
        folder = written(Path(tempfile.mkdtemp(dir=root)) / "project", base, change, links)
        outcomes: list[CommandOutcome] = []
        failures: list[RunnerFailed] = []
        for kind, argv in wanted.items():
            after = _tried(runner, argv, folder, chosen)
            outcomes.append(_outcome(kind, argv, before.get(kind), after, chosen.output_bytes))
            failures += [run.error for run in (before.get(kind), after) if isinstance(run, _Failure)]
    if all(item.not_run for item in outcomes):
        raise failures[0]
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


class _Failure(NamedTuple):
    """Why a command did not run; `broken`: the runner itself broke off, whatever the command is."""

    error: RunnerFailed
    broken: bool = False


def _tried(
    runner: CommandRunner, argv: Sequence[str], folder: Path, limits: Limits
) -> CommandResult | _Failure:
    name = type(runner).__name__
    read = limits.output_bytes * _READ
    try:
        result: Any = runner.run(argv, folder=folder, seconds=limits.command_seconds, output_bytes=read)
    except RunnerFailed as error:
        return _Failure(error)
    except BackendEngineerError:
        raise
    except Exception as error:  # noqa: BLE001  a runner is foreign code: its breakdown must not take the run along
        failed = RunnerFailed(
            f"{name} broke off with {type(error).__name__}: {redact(str(error))[:300]}",
            hint="See to what it runs commands with, and run them again.",
        )
        failed.__cause__ = error
        return _Failure(failed, broken=True)
    wrong = _wrong(result)
    if not wrong:
        return cast("CommandResult", result)
    failed = RunnerFailed(f"{name} gave {wrong}.", hint="`run` of a runner returns a CommandResult.")
    return _Failure(failed, broken=True)


def _wrong(result: Any) -> str:
    """What is wrong with a runner's result, if anything: it is foreign code, whatever its types promise."""
    if not isinstance(result, CommandResult):
        return f"{type(result).__name__} in place of a CommandResult"
    expected: dict[str, Any] = {"exit_code": int | None, "output": str, "seconds": int | float}
    for field, kind in expected.items():
        given: Any = getattr(result, field)
        if not isinstance(given, kind):
            return f"{type(given).__name__} as the {field} of a result"
    return ""


def _outcome(
    kind: Kind,
    argv: tuple[str, ...],
    before: CommandResult | _Failure | None,
    after: CommandResult | _Failure,
    kept: int,
) -> CommandOutcome:
    known = before if isinstance(before, CommandResult) else None
    first: dict[str, Any] = {"kind": kind, "argv": argv}
    if known is not None:
        first |= {
            "before": known.exit_code,
            "before_timed_out": known.timed_out,
            "summary_before": _summary(kind, known.output),
        }
    if isinstance(before, _Failure) and before.broken:
        return CommandOutcome(**first, not_run=redact(str(before.error)))
    if isinstance(after, _Failure):
        # What started before and does not start now was taken away by the change, unless it is the runner's fault.
        taken_away = known is not None and not after.broken
        words = redact(str(after.error))
        return CommandOutcome(**first, output=words, not_run="" if taken_away else words)
    summary = _summary(kind, after.output)
    tests = kind == "tests"
    return CommandOutcome(
        **first,
        after=after.exit_code,
        timed_out=after.timed_out,
        output=redact(_end(after.output, kept)),
        seconds=round(after.seconds, 3),
        tests_run=summary.run if tests and summary is not None else None,
        summary=summary,
        truncated=after.truncated,
        summary_missing=tests and summary is None and ends_with_a_summary(argv),
    )


def _summary(kind: Kind, output: str) -> SuiteSummary | None:
    found = summary_of(kind, output)
    if found is None or not found.failing:
        return found
    return found.model_copy(update={"failing": tuple(redact(name) for name in found.failing)})


def _end(text: str, size: int) -> str:
    return text.encode("utf-8", "replace")[-size:].decode("utf-8", "ignore") if len(text) * 4 > size else text


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
