"""What a command reads: inputs, requests, replies, changes, configuration, as the arguments name them.

Owns: the way from arguments to the library's values.
Must never know: what is done with them.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from backend_engineer.cli.console import read_text
from backend_engineer.cli.git_range import GitRange, parse_range
from backend_engineer.errors import (
    IncompleteInputs,
    InputError,
    InvalidDocument,
    UnreadableDocument,
    UsageError,
)
from backend_engineer.inputs import ChangeRequest, PartialInputs, StageInputs, gather, merge_answers, partial
from backend_engineer.outputs import Change, Clarification
from backend_engineer.parsing import Reply, parse_reply
from backend_engineer.rules.configuration import Configuration, has_table, read_configuration
from backend_engineer.workspace import SourceTree, change_from_diff, change_from_directory, change_from_git
from backend_engineer.workspace.reading import change_from_index

__all__ = [
    "base_tree",
    "configuration",
    "json_file",
    "partial_inputs",
    "stage_inputs",
    "subject_and_base",
    "wanted_change",
]

_REQUEST_ENDINGS = (".json", ".yaml", ".yml", ".md")
_OWN_FILE, _PROJECT_FILE = "backend-engineer.toml", "pyproject.toml"


def json_file(name: str) -> Any:
    """The JSON data of a file; `UnreadableDocument` with line and column when it is none."""
    try:
        return json.loads(read_text(name))
    except json.JSONDecodeError as error:
        raise UnreadableDocument(
            f"it is not JSON: {error.msg}.", path=name, line=error.lineno, column=error.colno
        ) from None
    except RecursionError:
        raise UnreadableDocument("it is nested too deeply.", path=name) from None


def stage_inputs(folder: str, answers: str | None = None) -> StageInputs:
    """The complete inputs of a folder; `IncompleteInputs` carries the questions when there are gaps."""
    _need_folder(folder)
    gathered: StageInputs | Clarification
    if answers is None:
        gathered = gather(folder)
    else:
        given = json_file(answers)
        if not isinstance(given, Mapping):
            raise InvalidDocument("the answers are no object of field to value.", path=answers, pointer="")
        gathered = merge_answers(folder, given)
    if isinstance(gathered, Clarification):
        raise IncompleteInputs(gathered)
    return gathered


def partial_inputs(folder: str | None) -> StageInputs | PartialInputs | None:
    """Whatever inputs a folder holds: complete where they are, partial otherwise, None without a folder."""
    if folder is None:
        return None
    _need_folder(folder)
    gathered = gather(folder)
    return partial(folder) if isinstance(gathered, Clarification) else gathered


def wanted_change(name: str | None) -> ChangeRequest | None:
    """The change request of a file (JSON, YAML or Markdown), None without one."""
    if name is None:
        return None
    ending = Path(name).suffix.lower()
    if ending not in _REQUEST_ENDINGS:
        raise UsageError(
            f"{name} does not say what it is written in.", hint=f"Use {', '.join(_REQUEST_ENDINGS)}."
        )
    try:
        found = partial({f"change_request{ending}": read_text(name)}).request
    except (UnreadableDocument, InvalidDocument) as error:
        raise _at_the_file(error, name) from None
    if found is None:
        raise InvalidDocument(
            "this is no change request: it needs a title, a description and acceptance criteria.", path=name
        )
    return found


def _at_the_file(error: UnreadableDocument | InvalidDocument, name: str) -> InputError:
    """The same error, of the file that the user named."""
    told = error.message.partition(": ")[2] if error.path else error.message
    return type(error)(
        told, path=name, line=error.line, column=error.column, pointer=error.pointer, hint=error.hint
    )


def base_tree(folder: str | None) -> SourceTree | None:
    """The source tree of a folder, None without one."""
    if folder is None:
        return None
    _need_folder(folder)
    return SourceTree.from_directory(folder)


def subject_and_base(arguments: argparse.Namespace) -> tuple[Reply | Change, SourceTree | None]:
    """What `check` judges, and what it starts from, by the one source that the arguments name."""
    given = [name for name in ("reply", "git", "staged", "diff", "folder") if getattr(arguments, name)]
    if len(given) != 1:
        raise UsageError(
            "Name exactly one thing to judge" + (f", not {len(given)}." if given else "."),
            hint="Pass a reply's file, --git RANGE, --staged, --diff FILE or --folder FOLDER.",
        )
    repository = arguments.repo
    if arguments.git:
        span = parse_range(repository, arguments.git)
        return change_from_git(repository, span.base, span.head, arguments.path or None), _at(
            repository, span
        )
    if arguments.staged:
        return change_from_index(repository)
    base = base_tree(arguments.base)
    if arguments.diff:
        return change_from_diff(read_text(arguments.diff), base), base
    if arguments.folder:
        _need_folder(arguments.folder)
        return change_from_directory(arguments.folder, base), base
    reply = parse_reply(read_text(arguments.reply), names=arguments.names, seal=arguments.seal, base=base)
    return reply, base


def _at(repository: str, span: GitRange) -> SourceTree:
    return SourceTree.from_git(repository, span.base)


def configuration(name: str | None, folder: str = ".") -> Configuration:
    """The project's configuration: the named file, else the one of the usual two that the folder has."""
    if name is not None:
        data = _toml(name)
        if Path(name).name == _PROJECT_FILE and not has_table(data):
            read_configuration(data, name)
            raise UsageError(
                f"{name} has no table [tool.backend-engineer].", hint="Add it, or name another file."
            )
        return read_configuration(data, name)
    own, project = Path(folder) / _OWN_FILE, Path(folder) / _PROJECT_FILE
    if not own.is_file():
        return read_configuration(_toml(str(project)), str(project)) if project.is_file() else Configuration()
    beside: dict[str, Any] = {}
    with contextlib.suppress(UnreadableDocument):
        beside = _toml(str(project)) if project.is_file() else {}
    if has_table(beside):
        raise UsageError(
            f"{own} and the table [tool.backend-engineer] of {project} both configure the check.",
            hint="Keep one of them, or name the one that counts with --config.",
        )
    return read_configuration(_toml(str(own)), str(own))


def _toml(name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(read_text(name))
    except tomllib.TOMLDecodeError as error:
        raise UnreadableDocument(f"it is not TOML: {error}.", path=name) from None


def _need_folder(folder: str) -> None:
    if not Path(folder).is_dir():
        raise UsageError(f"{folder} is no folder.", hint="Check the path.")
