"""What is known of migration tools: how one step is run forward and back, and in which order the steps come.

Owns: commands, bookkeeping tables, and reading the order out of a project's files.
Must never know: databases, runners, verdicts.

In commands these words are filled in: `{target}` the step, `{previous}` the step before it, `{app}` the
Django application, `{path}` the migration's file, `{folder}` its folder, `{schema}` Prisma's schema,
`{url}` the scratch database.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from backend_engineer.errors import UsageError
from backend_engineer.migrations import discover

__all__ = ["PRESETS", "Preset", "Target", "preset_of"]


@dataclass(frozen=True, slots=True)
class Target:
    """One step: its key in the report, its file, and the words that commands are filled with."""

    key: str
    path: str
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Preset:
    """How a tool runs one step; `ready` is run once on each empty database, before the first step."""

    name: str
    forward: tuple[str, ...]
    rollback: tuple[str, ...]
    targets: Callable[[Mapping[str, str]], list[Target]]
    ready: tuple[str, ...] = ()


_REVISION = re.compile(r"^revision(?:\s*:\s*[^=\n]+)?\s*=\s*['\"]([^'\"]+)['\"]", re.MULTILINE)
_DOWN_REVISION = re.compile(
    r"^down_revision(?:\s*:\s*[^=\n]+)?\s*=\s*(?:['\"]([^'\"]+)['\"]|None)", re.MULTILINE
)


def _alembic(files: Mapping[str, str]) -> list[Target]:
    found: dict[str, tuple[str, str | None]] = {}
    for path, text in files.items():
        revision, down = _REVISION.search(text), _DOWN_REVISION.search(text)
        if path.endswith(".py") and revision is not None and down is not None:
            found[revision.group(1)] = (path, down.group(1))
    ordered: list[Target] = []
    previous: str | None = None
    after = {down: revision for revision, (_, down) in found.items()}
    if len(after) < len(found):
        raise UsageError("The Alembic revisions branch.", hint="Merge the heads first: alembic merge heads.")
    while previous in after:
        following = after[previous]
        path = found[following][0]
        stem = path.rpartition("/")[2].removesuffix(".py")
        ordered.append(Target(stem, path, {"target": following, "previous": previous or "base"}))
        previous = following
    return ordered


_DJANGO_PATH = re.compile(r"(?:^|/)(?P<app>[A-Za-z_]\w*)/migrations/(?P<name>\d{4}_\w+)\.py\Z")
_DEPENDENCIES = re.compile(r"dependencies\s*=\s*\[(.*?)\]", re.DOTALL)
_DEPENDENCY = re.compile(r"\(\s*['\"](\w+)['\"]\s*,\s*['\"](\w+)['\"]\s*\)")


def _django(files: Mapping[str, str]) -> list[Target]:
    found: dict[tuple[str, str], tuple[str, set[tuple[str, str]]]] = {}
    for path, text in files.items():
        named = _DJANGO_PATH.search(path)
        if named is not None and "Migration" in text:
            listed = _DEPENDENCIES.search(text)
            needs = set(_DEPENDENCY.findall(listed.group(1))) if listed else set()
            found[named.group("app"), named.group("name")] = (path, needs)
    ordered: list[Target] = []
    last: dict[str, str] = {}
    waiting = sorted(found)
    while waiting:
        ready = [item for item in waiting if not (found[item][1] & set(waiting))]
        for app, name in ready[:1] or waiting[:1]:
            words = {"app": app, "target": name, "previous": last.get(app, "zero")}
            ordered.append(Target(f"{app}.{name}", found[app, name][0], words))
            last[app] = name
            waiting.remove((app, name))
    return ordered


def _files_named(files: Mapping[str, str], pattern: str) -> list[Target]:
    paths = sorted(path for path in files if re.search(pattern, path))
    targets = []
    for place, path in enumerate(paths):
        folder, _, name = path.rpartition("/")
        before = paths[place - 1].rpartition("/")[2] if place else ""
        targets.append(Target(name, path, {"target": name, "previous": before, "folder": folder}))
    return targets


def _knex(files: Mapping[str, str]) -> list[Target]:
    return _files_named(files, r"(?:^|/)migrations/\d+_[^/]+\.(?:js|cjs|mjs|ts)$")


def _prisma(files: Mapping[str, str]) -> list[Target]:
    targets = []
    for target in _files_named(files, r"(?:^|/)migrations/\d+_[^/]+/migration\.sql$"):
        folder = target.words["folder"]
        above = folder.rpartition("/")[0].rpartition("/")[0]
        schema = f"{above}/schema.prisma".lstrip("/")
        words = {**target.words, "target": folder.rpartition("/")[2], "schema": schema}
        targets.append(Target(words["target"], target.path, words))
    return targets


def _any(files: Mapping[str, str]) -> list[Target]:
    found = discover(files)
    steps = [(item.key, item.forward.path) for item in found]
    steps += [(path.rpartition("/")[2].rpartition(".")[0], path) for path, _ in found.foreign]
    previous = ""
    targets = []
    for key, path in steps:
        words = {"target": key, "previous": previous, "folder": path.rpartition("/")[0]}
        targets.append(Target(key, path, words))
        previous = key
    return targets


PRESETS: Mapping[str, Preset] = {
    "alembic": Preset(
        "alembic", ("alembic", "upgrade", "{target}"), ("alembic", "downgrade", "{previous}"), _alembic
    ),
    "django": Preset(
        "django",
        ("python", "manage.py", "migrate", "{app}", "{target}", "--no-input"),
        ("python", "manage.py", "migrate", "{app}", "{previous}", "--no-input"),
        _django,
    ),
    "knex": Preset(
        "knex", ("npx", "knex", "migrate:up", "{target}"), ("npx", "knex", "migrate:down", "{target}"), _knex
    ),
    # Prisma undoes failed migrations only; a hand-made down.sql beside migration.sql is what is run back. Since
    # version 7 the database stands in prisma.config.ts, and `--url` and `--schema` are refused.
    "prisma": Preset(
        "prisma",
        ("npx", "prisma", "db", "execute", "--file", "{path}"),
        ("npx", "prisma", "db", "execute", "--file", "{folder}/down.sql"),
        _prisma,
    ),
    "prisma6": Preset(
        "prisma6",
        ("npx", "prisma", "db", "execute", "--schema", "{schema}", "--file", "{path}"),
        ("npx", "prisma", "db", "execute", "--schema", "{schema}", "--file", "{folder}/down.sql"),
        _prisma,
    ),
}


def preset_of(commands: str | Mapping[str, object]) -> Preset:
    """A preset by its name, or one made of `forward`, `rollback` and optionally `preset` to take the order from."""
    if isinstance(commands, str):
        known = PRESETS.get(commands.lower())
        if known is None:
            raise UsageError(f"There is no preset {commands!r}.", hint=f"Known are: {', '.join(PRESETS)}.")
        return known
    start = PRESETS.get(str(commands.get("preset", "")))
    unknown = sorted(set(commands) - {"forward", "rollback", "ready", "preset"})
    if unknown:
        raise UsageError(
            f"`commands` has no key {unknown[0]!r}.", hint="Use forward, rollback, ready and preset."
        )
    return Preset(
        name=start.name if start else "own commands",
        forward=_argv(commands, "forward", start.forward if start else ()),
        rollback=_argv(commands, "rollback", start.rollback if start else ()),
        targets=start.targets if start else _any,
        ready=_argv(commands, "ready", ()),
    )


def _argv(commands: Mapping[str, object], name: str, default: tuple[str, ...]) -> tuple[str, ...]:
    value = commands.get(name, default)
    if isinstance(value, str) or not isinstance(value, (list, tuple)) or not (value or name == "ready"):
        raise UsageError(
            f"`{name}` is not a list of arguments.",
            hint='Write ["alembic", "upgrade", "{target}"], not one string.',
        )
    return tuple(str(part) for part in value)
