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
from typing import Final, Protocol

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
_SQITCH_FOLDERS: Final = ("deploy", "revert", "verify")
_ROLLBACK_NAME: Final = re.compile(
    r"(?:[^/]*[._-](?:down|rollback|undo|revert)\.[a-z]+|U[0-9._]*__[^/]*\.sql|down\.sql|rollback\.sql)\Z"
)
_CODE: Final = frozenset(
    re.findall(
        r"\w+", "py ts tsx js jsx mjs cjs mts go java kt rb rs cs php scala swift ex exs c h cc cpp lua"
    )
)
_SPLIT_WORDS: Final = re.compile(r"[_\-. ]+|(?<=[a-z0-9])(?=[A-Z])")


def is_test_path(path: str) -> bool:
    """Whether a path is that of a test, by its folders or its file name."""
    *folders, name = path.split("/")
    if _TEST_NAME.match(name) or _NAME.get(name) is Section.TESTS:
        return True
    return any(_FOLDER.get(folder.lower()) is Section.TESTS for folder in folders)


def is_migration_path(path: str) -> bool:
    """Whether a path is that of a migration script, forward or back, of any known tool."""
    *folders, name = path.split("/")
    if is_test_path(path) or name in ("__init__.py", "env.py", "migration_lock.toml", "README.md"):
        return False
    return _in_migrations(folders, name) and not name.lower().endswith(
        (".md", ".txt", ".toml", ".ini", ".mako")
    )


def is_rollback_path(path: str) -> bool:
    """Whether a migration's path says that it leads back: `.down.sql`, `U1__x.sql`, `revert/x.sql`."""
    *folders, name = path.split("/")
    if folders and folders[-1] == "revert" and name.endswith(".sql"):
        return True
    return is_migration_path(path) and _ROLLBACK_NAME.match(name) is not None


def _in_migrations(folders: list[str], name: str) -> bool:
    lowered = [folder.lower() for folder in folders]
    if any(_FOLDER.get(folder) is Section.MIGRATIONS for folder in lowered):
        return True
    pairs = pairwise(lowered)
    if any(_FOLDERS.get(f"{first}/{second}") is Section.MIGRATIONS for first, second in pairs):
        return True
    if name.endswith(".sql") and lowered[-1:] and lowered[-1] in _SQITCH_FOLDERS:
        return True
    return _NAME.get(name) is Section.MIGRATIONS or _MIGRATION_NAME.match(name) is not None


def classify(path: str, content: str | None = None, layout: Iterable[LayoutEntry] | None = None) -> Section:
    """The section of a file.

    path: POSIX, relative. content: its text, used only where the path tells nothing (an OpenAPI
    document under any name is documentation). layout: the project's own folders, which win.
    """
    own = _own_section(path, layout) if layout is not None else None
    if own is not None:
        return own
    told = _by_path(path)
    if told is not None:
        return told
    if content is not None and content.lstrip()[:12].lower().startswith(
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


@lru_cache(maxsize=4096)
def _by_path(path: str) -> Section | None:
    *folders, name = path.split("/")
    if is_test_path(path):
        return Section.TESTS
    if _in_migrations(folders, name):
        return Section.MIGRATIONS
    stem, _, ending = name.partition(".")
    role = ending.rpartition(".")[0].lower()
    found = _ROLE.get(role) or _NAME.get(name.lower()) or _STEM.get(stem.lower())
    if found is not None:
        return found
    words = _SPLIT_WORDS.split(stem)
    by_stem = _SUFFIX.get(words[-1].lower()) or _SUFFIX.get(words[-1].lower().removesuffix("s"))
    is_code = ending.rpartition(".")[2].lower() in _CODE
    if by_stem is not None and is_code:
        return by_stem
    by_folder = next(
        (_FOLDER[folder] for folder in reversed([f.lower() for f in folders]) if folder in _FOLDER), None
    )
    if by_folder is not None:
        return by_folder
    if name.lower().endswith((".md", ".rst", ".adoc")):
        return Section.DOCS
    return None
