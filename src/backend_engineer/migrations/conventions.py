"""How migration tools name their files, as one table.

Owns: the patterns of file names, which part is the version, and each tool's transaction default.
Must never know: file contents, folders on disk, databases.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

__all__ = [
    "BOOKKEEPING",
    "CONVENTIONS",
    "Convention",
    "Named",
    "Role",
    "dialect_of_path",
    "is_ignored",
    "is_migration_folder",
    "marked_file",
    "order_of",
    "read_name",
]

BOOKKEEPING = frozenset(
    {
        "schema_migrations",
        "schemaversion",
        "play_evolutions",
        "play_evolutions_lock",
        "pgmigrations",
        "__diesel_schema_migrations",
        "goose_db_version",
        "gorp_migrations",
        "alembic_version",
        "django_migrations",
        "knex_migrations",
        "knex_migrations_lock",
        "_prisma_migrations",
        "_sqlx_migrations",
        "flyway_schema_history",
        "databasechangelog",
        "databasechangeloglock",
    }
)
"""Tables in which tools note what ran: no script makes them, and they are no part of the schema."""

Role = Literal["forward", "rollback", "verify", "single"]


@dataclass(frozen=True, slots=True)
class Convention:
    """One way of naming files.

    tool: whose it is. pattern: matched against the whole path; the groups are `dir`, `key`, `ver`,
    `name`, `role`, and `flags`. roles: what the `role` group says -> role; without that group the
    file plays `role`. version: `number` (digits compared as numbers), `text` (compared as text after
    hyphens are taken out, as diesel does), `dotted` (parts split at `.` and `_`), `none`.
    transactional: what the tool does when no marker says otherwise; None: it sends the file as it is.
    ends: how every path ends that the pattern matches, which is quicker to see.
    """

    tool: str
    pattern: re.Pattern[str]
    roles: tuple[tuple[str, Role], ...] = ()
    role: Role = "forward"
    version: Literal["number", "text", "dotted", "none"] = "number"
    transactional: bool | None = None
    ends: tuple[str, ...] = (".sql",)


def _path(pattern: str) -> re.Pattern[str]:
    return re.compile(r"(?P<dir>(?:[^/]+/)*)" + pattern + r"\Z")


_UP_DOWN: tuple[tuple[str, Role], ...] = (("up", "forward"), ("down", "rollback"), ("verify", "verify"))

# The order matters: the first that matches wins, so the more particular stands first.
CONVENTIONS: tuple[Convention, ...] = (
    Convention(
        "sqitch",
        _path(r"(?P<role>deploy|revert|verify)/(?P<key>(?P<name>[^@]+?)(?:@[^/]+)?\.sql)"),
        roles=(("deploy", "forward"), ("revert", "rollback"), ("verify", "verify")),
        version="none",
        transactional=False,
    ),
    Convention(
        "prisma",
        _path(r"(?P<key>(?P<ver>\d+)_(?P<name>[^/]+))/(?P<role>migration|down)\.sql"),
        roles=(("migration", "forward"), ("down", "rollback")),
        ends=("/migration.sql", "/down.sql"),
    ),
    # Its versions are moments in milliseconds; diesel's are dates.
    Convention(
        "hasura",
        _path(r"(?P<key>(?P<ver>\d{13})(?:_(?P<name>[^/]+))?)/(?P<role>up|down)\.sql"),
        roles=_UP_DOWN,
        transactional=True,
        ends=("/up.sql", "/down.sql"),
    ),
    Convention(
        "diesel",
        _path(r"(?P<key>(?P<ver>\d[^/_]*)(?:_(?P<name>[^/]+))?)/(?P<role>up|down|verify)\.sql"),
        roles=_UP_DOWN,
        version="text",
        transactional=True,
        ends=("/up.sql", "/down.sql", "/verify.sql"),
    ),
    Convention(
        "authelia",
        _path(r"(?P<key>V(?P<ver>\d+)\.(?P<name>[^/]+?))\.(?P<role>up|down)\.sql"),
        roles=_UP_DOWN,
    ),
    Convention(
        "pop",
        _path(
            r"(?P<key>(?P<ver>\d{14}\d*)_(?P<name>[^/.]+)"
            r"(?P<flags>(?:\.(?:postgres(?:ql)?|pg|sqlite3?|mysql|mariadb|cockroach(?:db)?|autocommit))+))"
            r"\.(?P<role>up|down)\.sql"
        ),
        roles=_UP_DOWN,
        version="text",
        transactional=True,
    ),
    Convention(
        "pop",
        _path(
            r"(?P<key>(?P<ver>\d{14}\d*)_(?P<name>[^/.]+)(?P<flags>(?:\.[a-z0-9]+)*))\.(?P<role>up|down)\.fizz"
        ),
        roles=_UP_DOWN,
        version="text",
        transactional=True,
        ends=(".fizz",),
    ),
    Convention(
        "golang-migrate",
        _path(r"(?P<key>(?P<ver>\d+)(?:[_.-](?P<name>[^/]*?))?)\.(?P<role>up|down|verify)\.(?:sql|go)"),
        roles=_UP_DOWN,
        ends=(".sql", ".go"),
    ),
    Convention(
        "postgrator",
        _path(r"(?P<key>(?P<ver>\d+)\.(?P<role>do|undo)(?:\.(?P<name>[^/]+))?\.sql)"),
        roles=(("do", "forward"), ("undo", "rollback")),
    ),
    Convention(
        "suffix pair",
        _path(r"(?P<key>(?P<ver>\d+)[_.-](?P<name>[^/]*?))[_-](?P<role>up|down)\.sql"),
        roles=_UP_DOWN,
    ),
    Convention(
        "flyway",
        _path(r"(?P<role>V|U)(?P<ver>\d+(?:[._]\d+)*)__(?P<name>[^/]+)\.sql"),
        roles=(("V", "forward"), ("U", "rollback")),
        version="dotted",
        transactional=True,
    ),
    Convention("flyway", _path(r"(?P<key>R__(?P<name>[^/]+)\.sql)"), version="none", transactional=True),
    Convention(
        "yoyo",
        _path(r"(?P<key>(?P<ver>\d[\d_-]*?)?[_.-]?(?P<name>[^/]+?))\.(?P<role>rollback|undo|revert)\.sql"),
        roles=(("rollback", "rollback"), ("undo", "rollback"), ("revert", "rollback")),
        transactional=True,
    ),
    Convention(
        "single file",
        _path(r"(?P<key>(?P<ver>\d[\d]*)(?:[_.-](?P<name>[^/]+?))?)\.sql"),
        role="single",
    ),
)
# Version control and editors leave these behind; no runner reads them.
_IGNORED = re.compile(r"(?:^|/)(?:\.[^/]+|node_modules|vendor|testdata)/")

_MIGRATION_FOLDER = re.compile(
    r"(?:^|/)(?:[^/]*migrat[^/]*|changesets?|changelogs?|schema_versions?|evolutions)(?:/|$)", re.IGNORECASE
)

_ENGINES: dict[str, str] = {
    "mysql": "mysql",
    "mariadb": "mysql",
    "postgres": "postgresql",
    "postgresql": "postgresql",
    "pg": "postgresql",
    "sqlite": "sqlite",
    "sqlite3": "sqlite",
    "cockroach": "cockroach",
    "cockroachdb": "cockroach",
    "mssql": "mssql",
    "sqlserver": "mssql",
    "oracle": "oracle",
}


@dataclass(frozen=True, slots=True)
class Named:
    """What a path says: convention, role, key, version as written, descriptive name, folder, and flags."""

    convention: Convention
    path: str
    role: Role
    key: str
    version: str
    name: str
    folder: str
    flags: tuple[str, ...] = ()


def read_name(path: str, *, everywhere: bool = False) -> Named | None:
    """What a path says as a migration, or None; single files count in a migrations folder only, unless `everywhere`."""
    if not path.endswith((".sql", ".go", ".fizz")) or _IGNORED.search(path):
        return None
    for convention in CONVENTIONS:
        found = convention.pattern.match(path) if path.endswith(convention.ends) else None
        if found is None:
            continue
        groups = found.groupdict()
        folder = groups["dir"].rstrip("/")
        loose = convention.tool in ("single file", "sqitch", "yoyo") or path.endswith(".go")
        if loose and not everywhere and convention.tool != "sqitch" and not is_migration_folder(folder):
            return None
        word = groups.get("role")
        role = dict(convention.roles)[word] if word and convention.roles else convention.role
        version = groups.get("ver") or ""
        name = groups.get("name") or ""
        key = groups.get("key") or f"V{version}__{name}.sql"
        if convention.tool == "single file":
            key += ".sql"
        flags = tuple(flag for flag in (groups.get("flags") or "").split(".") if flag)
        return Named(convention, path, role, key, version, name, folder, flags)
    return None


def is_ignored(path: str) -> bool:
    """Whether a path lies where no runner looks: hidden folders, packages, test data."""
    return _IGNORED.search(path) is not None


def marked_file(path: str) -> Named | None:
    """A single file without a version, which its own markers make a migration; None where no runner looks."""
    if _IGNORED.search(path):
        return None
    folder, _, key = path.rpartition("/")
    return Named(CONVENTIONS[-1], path, "single", key, "", key.removesuffix(".sql"), folder)


# The paths of one call are asked about several times.
@lru_cache(maxsize=1024)
def is_migration_folder(folder: str) -> bool:
    """Whether a folder's name says that migrations stand in it."""
    return _MIGRATION_FOLDER.search(folder + "/") is not None


def order_of(convention: Convention, version: str, name: str) -> tuple[tuple[int, int, str], ...]:
    """A version parsed for sorting: numbers by value, diesel's as text, dotted ones part by part."""
    if convention.version == "text":
        return ((1, 0, version.replace("-", "")),)
    if convention.version == "dotted":
        parts = [int(part) for part in re.split(r"[._]", version) if part]
        while len(parts) > 1 and parts[-1] == 0:
            parts.pop()
        return tuple((0, part, "") for part in parts)
    digits = re.sub(r"[^0-9]", "", version)
    if convention.version == "none" or not digits:
        # Scripts without a version run after the versioned ones, by name.
        return ((2, 0, name),)
    return ((0, int(digits), ""),)


@lru_cache(maxsize=4096)
def dialect_of_path(path: str) -> str | None:
    """The engine that a folder or a flag of a path names, or None."""
    parts = path.lower().split("/")
    for part in reversed(parts[:-1]):
        if part in _ENGINES:
            return _ENGINES[part]
    for flag in parts[-1].split(".")[1:-1]:
        if flag in _ENGINES:
            return _ENGINES[flag]
    return None
