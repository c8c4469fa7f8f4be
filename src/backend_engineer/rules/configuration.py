"""What a project decides about its own checks, read from the table of a TOML file.

Owns: the keys of `[tool.backend-engineer]` and of `backend-engineer.toml`, and their meaning.
Must never know: where the file stands (the command line reads it), what rules find.

    select = ["CONS", "SQL001"]         # codes, clauses, or beginnings of them
    ignore = ["OBS002"]                 # their clauses are then not checked
    [severities]
    SQL001 = "minor"
    [waive]
    CONS-05 = "our schema is checked nightly"
    [[suppress]]
    code = "SEC401"
    path = "tests/fixtures/**"
    reason = "keys of a throw-away account"
    until = 2027-01-31
    [path-ignores]                      # for folders of generated or foreign code
    "vendor/**" = "not our code"
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import PurePath
from types import MappingProxyType
from typing import Any

from backend_engineer.contract import SEVERITIES, Severity
from backend_engineer.errors import InvalidDocument, UsageError
from backend_engineer.rules.rule import ANY, Suppression

__all__ = ["Configuration", "has_table", "read_configuration"]

_TABLE = "backend-engineer"
_EMPTY: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Configuration:
    """A project's decisions.

    select, ignore: as in `check`. severities: rule code -> severity in place of the rule's own.
    waive: clause -> reason. suppressions: findings to live with; those of `path-ignores` stand for
    every code.
    """

    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    severities: Mapping[str, Severity] = field(default_factory=lambda: _EMPTY)
    waive: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    suppressions: tuple[Suppression, ...] = ()

    def __post_init__(self) -> None:
        if self.select is not None:
            UsageError.each(self.select, str, "The configuration's `select`")
        UsageError.each(self.ignore, str, "The configuration's `ignore`")
        UsageError.each(self.suppressions, Suppression, "The configuration's `suppressions`")
        for name in ("severities", "waive"):
            UsageError.unless(getattr(self, name), Mapping, f"The configuration's `{name}`")
        for code, word in self.severities.items():
            if word not in tuple(Severity):
                raise UsageError(
                    f"The severity of {code!r} is {word!r}.", hint=f"Use {', '.join(SEVERITIES)}."
                )


def read_configuration(data: Mapping[str, Any], path: str = "backend-engineer.toml") -> Configuration:
    """The configuration from the data of a TOML file.

    data: the whole file; its table `tool.backend-engineer` is taken where it has a `tool` table, else the
    file itself. path: for messages, and `pyproject.toml` is never taken for a table itself. Raises `InvalidDocument`
    with the key that is wrong.
    """
    UsageError.unless(data, Mapping, "The configuration's data")
    readers: Mapping[str, Callable[[Any, str, str], Any]] = {
        "select": _words,
        "ignore": _words,
        "severities": _severities,
        "waive": _reasons,
        "suppress": _suppressions,
        "path-ignores": _ignored_paths,
    }
    table = _table(data, path, readers)
    facts: dict[str, Any] = {"suppressions": ()}
    for key, value in table.items():
        if key not in readers:
            raise _wrong(path, f"/{key}", f"there is no such key; the keys are {', '.join(readers)}")
        read = readers[key](value, path, f"/{key}")
        if key in ("suppress", "path-ignores"):
            facts["suppressions"] += read
        else:
            facts[key] = read
    return Configuration(**facts)


def has_table(data: Mapping[str, Any]) -> bool:
    """Whether a TOML file's data hold the table `[tool.backend-engineer]`."""
    tools = data.get("tool")
    return isinstance(tools, Mapping) and _TABLE in tools


def _table(data: Mapping[str, Any], path: str, keys: Iterable[str]) -> Mapping[str, Any]:
    """The table of a TOML file that is ours; what only looks like it is refused, since it would be passed over."""
    tools = data.get("tool")
    project = PurePath(path).name == "pyproject.toml"
    if tools is None:
        return _EMPTY if project else data
    if not isinstance(tools, Mapping):
        raise _wrong(path, "/tool", "it is no table")
    for name in tools:
        if name != _TABLE and re.sub(r"[\W_]", "", str(name)).lower() == _TABLE.replace("-", ""):
            raise _wrong(path, f"/tool/{name}", f"the table is called [tool.{_TABLE}]")
    beside = [] if project else [key for key in keys if key in data]
    if beside:
        raise _wrong(
            path, f"/{beside[0]}", f"it stands outside the table [tool.{_TABLE}], which the file has too"
        )
    table = tools.get(_TABLE, _EMPTY)
    if not isinstance(table, Mapping):
        raise _wrong(path, "", "it is no table")
    return table


def _wrong(path: str, pointer: str, what: str) -> InvalidDocument:
    return InvalidDocument(f"{what}.", path=path, pointer=pointer)


def _words(value: Any, path: str, pointer: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise _wrong(path, pointer, "it must be a list of codes, clauses, or beginnings of them")
    return tuple(value)


def _severities(value: Any, path: str, pointer: str) -> Mapping[str, Severity]:
    table = _reasons(value, path, pointer)
    for code, word in table.items():
        if word not in SEVERITIES:
            raise _wrong(path, f"{pointer}/{code}", f"{word!r} is none of {', '.join(SEVERITIES)}")
    return {code: Severity(word) for code, word in table.items()}


def _reasons(value: Any, path: str, pointer: str) -> Mapping[str, str]:
    if not isinstance(value, Mapping):
        raise _wrong(path, pointer, "it must be a table")
    for key, word in value.items():
        if not isinstance(word, str) or not word.strip():
            raise _wrong(path, f"{pointer}/{key}", "it must be a text that is not empty")
    return dict(value)


def _suppressions(value: Any, path: str, pointer: str) -> tuple[Suppression, ...]:
    if not isinstance(value, list):
        raise _wrong(path, pointer, "it must be an array of tables: [[suppress]]")
    return tuple(_suppression(item, path, f"{pointer}/{index}") for index, item in enumerate(value))


def _ignored_paths(value: Any, path: str, pointer: str) -> tuple[Suppression, ...]:
    table = _reasons(value, path, pointer)
    for glob in table:
        _need_glob(glob, path, f"{pointer}/{glob}")
    return tuple(Suppression(ANY, glob, reason, source=f"{path}{pointer}") for glob, reason in table.items())


def _suppression(item: Any, path: str, pointer: str) -> Suppression:
    if not isinstance(item, Mapping):
        raise _wrong(path, pointer, "it must be a table")
    unknown = sorted(set(item) - {"code", "path", "reason", "until"})
    if unknown:
        raise _wrong(
            path, f"{pointer}/{unknown[0]}", "there is no such key; the keys are code, path, reason, until"
        )
    for key in ("code", "path", "reason"):
        if not isinstance(item.get(key), str) or not item[key].strip():
            raise _wrong(path, f"{pointer}/{key}", "it must be a text that is not empty")
    _need_glob(item["path"], path, f"{pointer}/path")
    return Suppression(
        code=item["code"],
        path=item["path"],
        reason=item["reason"],
        until=_day(item.get("until"), path, f"{pointer}/until"),
        source=f"{path}{pointer}",
    )


def _need_glob(glob: str, path: str, pointer: str) -> None:
    """Refuse a pattern that no path of a change can fit."""
    fits = glob.strip() and not glob.startswith(("/", "./")) and not glob.endswith("/") and "\\" not in glob
    if not fits or ".." in glob.split("/"):
        raise _wrong(
            path, pointer, "it fits no file; write it from the root, as in `vendor/**` or `**/*.gen.go`"
        )


def _day(value: Any, path: str, pointer: str) -> date | None:
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise _wrong(path, pointer, "it must be a date such as 2027-01-31")
