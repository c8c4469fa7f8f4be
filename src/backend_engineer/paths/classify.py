"""The section that a path belongs to, for a change whose source has no section headings.

Owns: the order in which a path's parts are looked at, and what counts as a test or a migration.
Must never know: replies, folders, which sections a contract wants filled.

A project's own layout wins (its longest matching folder that has a section). Then, in this order:
tests, migrations, the role word in the file's name, the file's whole name, the nearest folder that the
table knows, the last word of the name's stem, the ending. What nothing tells is a service when it is
code, and documentation when it is not (configuration is part of "Docs & Ops").
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple, Protocol

from backend_engineer.contract import Section
from backend_engineer.paths.layouts import LAYOUTS

__all__ = ["LayoutEntry", "classify", "is_migration_path", "is_rollback_path", "is_test_path"]


class LayoutEntry(Protocol):
    """A folder of a project's own layout and the section that its files belong to, if any."""

    @property
    def path(self) -> str:
        """POSIX path of the folder."""

    @property
    def section(self) -> Section | None:
        """The section of its files; None leaves it to the table."""


def _words(how: str) -> dict[str, Section]:
    return {word: row.section for row in LAYOUTS if row.how == how for word in row.words}


_FOLDER: Final = _words("folder")
_FOLDERS: Final = _words("folders")
_NAME: Final = _words("name")
_ROLE: Final = _words("role")
_SUFFIX: Final = _words("suffix")
_STEM: Final = _words("stem")

_TEST_NAME: Final = re.compile(
    r"(?:^test_[^/]*\.(?:py|rb|exs|php)|[^/]*_test\.(?:go|py|rb|exs|dart|cc|cpp)|[^/]*_spec\.rb"
    r"|[^/]*\.(?:test|spec|e2e|cy|e2e-spec|int-spec)\.[cm]?[jt]sx?|[^/]*[a-z0-9](?:Test|Tests|IT|Spec)\.(?:java|kt|cs|scala|groovy))\Z"
)
_MIGRATION_NAME: Final = re.compile(
    r"(?:[0-9][^/]*\.(?:up|down)\.(?:sql|js|ts)|[VUR][0-9._]*__[^/]*\.sql|[0-9]{4,}[-_][^/]*\.sql)\Z"
)
# Rows to begin with: their scripts are numbered like migrations and change no schema.
_SEED_FOLDERS: Final = frozenset(("seed", "seeds"))
_SQITCH_FOLDERS: Final = ("deploy", "revert", "verify")
_ROLLBACK_NAME: Final = re.compile(
    r"(?:[^/]*[._-](?:down|rollback|undo|revert)\.[a-z]+|U[0-9._]*__[^/]*\.sql|down\.sql|rollback\.sql)\Z"
)
_PROSE: Final = (".md", ".markdown", ".rst", ".adoc")
# What a browser shows is no migration, in whatever folder it stands.
_SHOWN: Final = (".tsx", ".jsx", ".vue", ".svelte", ".css", ".scss", ".html")
# A folder that is a part of an address (Next.js): all below it is what a browser shows.
_ROUTED: Final = re.compile(r"(?:^|/)(?:\([^/]+\)|\[[^/]+\])(?:/|\Z)")
_CODE: Final = frozenset(
    re.findall(
        r"\w+", "py ts tsx js jsx mjs cjs mts go java kt rb rs cs php scala swift ex exs c h cc cpp lua"
    )
)
_LAST_LETTERS: Final = frozenset(word[-2:] for known in _SUFFIX for word in (known, known + "s"))
_LAST_WORD: Final = re.compile(r"(?:[A-Z]+|[A-Z]?[a-z]+)[0-9]*\Z")


class _Folders(NamedTuple):
    """What the folders of a path tell, whatever the file's name."""

    tests: bool
    migrations: bool
    sqitch: bool
    seeds: bool
    section: Section | None


@lru_cache(maxsize=2048)
def _told_by(folders: str) -> _Folders:
    names = folders.lower().split("/") if folders else []
    known = [_FOLDER[name] for name in names if name in _FOLDER]
    if _ROUTED.search(folders):
        known = [section for section in known if section is not Section.MIGRATIONS]
        names = []
    paired = any(_FOLDERS.get(f"{one}/{two}") is Section.MIGRATIONS for one, two in pairwise(names))
    return _Folders(
        tests=Section.TESTS in known,
        migrations=paired or Section.MIGRATIONS in known,
        sqitch=bool(names) and names[-1] in _SQITCH_FOLDERS,
        seeds=not _SEED_FOLDERS.isdisjoint(names),
        section=known[-1] if known else None,
    )


def is_test_path(path: str) -> bool:
    """Whether a path is that of a test, by its folders or its file name."""
    folders, _, name = path.rpartition("/")
    return _told_by(folders).tests or _is_test_name(name)


def _is_test_name(name: str) -> bool:
    if _NAME.get(name) is Section.TESTS or name.endswith(".feature"):
        return True
    # A quick look first: most names hold none of the words that the pattern can match.
    maybe = "est" in name or "pec" in name or "IT." in name or ".cy." in name or "e2e" in name
    return maybe and _TEST_NAME.match(name) is not None


def is_migration_path(path: str) -> bool:
    """Whether a path is that of a migration script, forward or back, of any known tool."""
    folders, _, name = path.rpartition("/")
    if is_test_path(path) or name in ("__init__.py", "env.py", "migration_lock.toml", "README.md"):
        return False
    return _in_migrations(_told_by(folders), name) and not name.lower().endswith(
        (*_PROSE, *_SHOWN, ".txt", ".toml", ".ini", ".mako")
    )


def is_rollback_path(path: str) -> bool:
    """Whether a migration's path says that it leads back: `.down.sql`, `U1__x.sql`, `revert/x.sql`."""
    folders, _, name = path.rpartition("/")
    if folders.rpartition("/")[2] == "revert" and name.endswith(".sql"):
        return True
    return is_migration_path(path) and _ROLLBACK_NAME.match(name) is not None


def _in_migrations(told: _Folders, name: str) -> bool:
    if told.migrations or _NAME.get(name) is Section.MIGRATIONS:
        return True
    if told.seeds or (not name.endswith(".sql") and ".up." not in name and ".down." not in name):
        return False
    return (told.sqitch and name.endswith(".sql")) or _MIGRATION_NAME.match(name) is not None


def classify(path: str, content: str | None = None, layout: Iterable[LayoutEntry] | None = None) -> Section:
    """The section of a file.

    path: POSIX, relative. content: its text, used only where the path tells nothing (an OpenAPI
    document under any name is documentation). layout: the project's own folders, which win.
    """
    if layout is not None and (own := _own_section(path, layout)) is not None:
        return own
    told = _by_path(path)
    if told is not None:
        return told
    if content is not None and content[:200].lstrip()[:12].lower().startswith(
        ("openapi:", '{"openapi"', "swagger:")
    ):
        return Section.DOCS
    return Section.SERVICES if path.rpartition(".")[2].lower() in _CODE else Section.DOCS


def _own_section(path: str, layout: Iterable[LayoutEntry]) -> Section | None:
    best, depth = None, -1
    for entry in layout:
        folder = entry.path.strip("/")
        inside = folder in ("", ".") or path == folder or path.startswith(folder + "/")
        if entry.section is not None and inside and len(folder) > depth:
            best, depth = entry.section, len(folder)
    return best


def _by_path(path: str) -> Section | None:
    folders, _, name = path.rpartition("/")
    told, lower = _told_by(folders), name.lower()
    tests, migrations, sqitch, seeds, section = told
    if tests or migrations or "." not in name:
        if "." not in name and not tests and not migrations:
            return _STEM.get(lower) or section
        if tests:
            return Section.TESTS
    if _is_test_name(name):
        return Section.TESTS
    if (migrations or sqitch) and lower.endswith(_PROSE):
        # Notes beside the scripts are no scripts.
        return Section.DOCS
    if seeds and lower.endswith(".sql"):
        return Section.MIGRATIONS
    if (migrations or _in_migrations(told, name)) and not lower.endswith(_SHOWN):
        return Section.MIGRATIONS
    stem, _, ending = lower.partition(".")
    role, _, kind = ending.rpartition(".")
    found = (_ROLE.get(role) if role else None) or _NAME.get(lower) or _STEM.get(stem)
    if found is not None:
        return found
    # A quick look first: most stems end with two letters that no known word ends with.
    if kind in _CODE and stem[-2:] in _LAST_LETTERS:
        match = _LAST_WORD.search(name.partition(".")[0])
        word = match[0].lower() if match is not None else ""
        by_stem = _SUFFIX.get(word) or _SUFFIX.get(word.removesuffix("s"))
        if by_stem is not None:
            return by_stem
    if section is not None and section is not Section.MIGRATIONS:
        return section
    return Section.DOCS if kind in ("md", "rst", "adoc") else None
