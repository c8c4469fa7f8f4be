"""Which paths a change may name, and which two paths cannot stand side by side.

Owns: the path policy, its reasons, and collisions between paths.
Must never know: replies, folders, what a file holds.

A path is judged for every machine at once: what only one platform refuses is refused everywhere, so
that a change made on one can be checked out on another.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple

from backend_engineer.errors import UnsafePath

__all__ = ["PLAIN_PATH", "Collision", "PathIndex", "check_path", "path_problem"]

_RESERVED: Final = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$", "clock$"]
    + [f"{port}{digit}" for port in ("com", "lpt") for digit in "123456789¹²³"]
)
# Line and paragraph separators, and the marks that reorder text on a screen: a reader would see another path.
_DECEIVING: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
# Code points that HFS+ leaves out when it compares names, so that `.g<ZWNJ>it` is `.git` there.
_IGNORED_BY_HFS: Final = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")


def _in_any_case(word: str) -> str:
    return "".join(f"[{letter}{letter.upper()}]" for letter in word)


# A word is possessive: what it took is never tried shorter. The groups around it must not be: up to 3.11.4 the regular
# expressions of Python passed over a lookahead inside a possessive group, and let the names of devices through.
_WORD: Final = r"[A-Za-z0-9_@+\[\]()-]{1,60}+"
_DEVICES: Final = "|".join(
    _in_any_case(word) + digit
    for word, digit in (
        ("con", ""),
        ("prn", ""),
        ("aux", ""),
        ("nul", ""),
        ("com", "[0-9]"),
        ("lpt", "[0-9]"),
    )
)
_PLAIN_NAME: Final = (
    rf"(?!(?:{_DEVICES})(?:[./\s]|\Z))(?:\.(?!{_in_any_case('git')}(?:[/\s]|\Z)))?"
    rf"{_WORD}(?:\.{_WORD}){{0,3}}"
)
PLAIN_PATH: Final = rf"(?-i:(?:{_PLAIN_NAME}/){{0,10}}{_PLAIN_NAME})"
"""A pattern of paths that need no further look, whatever flags surround it; short of 2,700 characters."""
_PLAIN: Final = re.compile(PLAIN_PATH + r"\Z")
_LONGEST_NAME: Final = 255
_LONGEST_PATH: Final = 1024


def path_problem(path: str) -> str | None:
    """Why a path is refused, as a short phrase, or None if it may be used."""
    if len(path) < 200 and _PLAIN.match(path):
        return None
    normal = _normal(path)
    return (
        _whole_problem(path)
        or next((problem for name in path.split("/") if (problem := _name_problem(name))), None)
        or (_whole_problem(normal) if normal != path else None)
    )


def _normal(path: str) -> str:
    return "/".join(part for part in path.split("/") if part not in ("", "."))


def _whole_problem(path: str) -> str | None:
    if not path.strip("."):
        return "it names no file"
    found = _DECEIVING.search(path)
    if found:
        return f"it holds the control character U+{ord(found.group()):04X}"
    if path.startswith(("\\\\", "//")):
        return "it is a network path"
    if path.startswith(("/", "\\")):
        return "it is absolute"
    if path.startswith("~"):
        return "it starts at a home folder"
    if "\\" in path:
        return "it holds a backslash; separate folders with '/'"
    if path[1:2] == ":":
        return "it names a drive"
    if ":" in path:
        return "it holds a colon, which opens a second stream on some file systems"
    if path.endswith(("/", "/.")):
        return "it names a folder"
    if len(path.encode()) > _LONGEST_PATH:
        return f"it is longer than {_LONGEST_PATH} bytes"
    return None


def _name_problem(name: str) -> str | None:
    if name == "..":
        return "it leaves the folder with '..'"
    if name in ("", "."):
        return None
    if name[-1] == "." or name[-1].isspace():
        return f"the name {name!r} ends with a dot or a blank"
    folded = _IGNORED_BY_HFS.sub("", name).casefold()
    if folded in (".git", "git~1"):
        return "it reaches into git's own folder"
    if folded.split(".", 1)[0].rstrip() in _RESERVED:
        return f"the name {name!r} is reserved on Windows"
    if len(name.encode()) > _LONGEST_NAME:
        return f"a name in it is longer than {_LONGEST_NAME} bytes"
    return None


def check_path(path: str) -> str:
    """A path in its normal form: POSIX, relative, without `.` and empty parts.

    Raises UnsafePath, with the reason, for a path that is absolute, names a drive or a network share,
    starts with `~`, holds `..`, a control character, a backslash or a colon, has a name that ends with
    a dot or a blank or that Windows reserves, lies in `.git`, or is too long.
    """
    problem = path_problem(path)
    if problem is not None:
        raise UnsafePath(path, problem)
    return _normal(path) if "//" in path or "./" in path else path


class Collision(NamedTuple):
    """Two paths that some file system cannot keep apart.

    kind: `case` (they differ in upper and lower case only), `unicode` (they differ in composition
    only), or `folder` (one is a file where the other needs a folder).
    """

    path: str
    other: str
    kind: str


class PathIndex:
    """Remembers paths and tells which of them collide with a new one."""

    __slots__ = ("_files", "_folders")

    def __init__(self) -> None:
        self._files: dict[str, str] = {}
        self._folders: dict[str, str] = {}

    def add(self, path: str) -> Collision | None:
        """Take one more path; the collision with an earlier, different path, if there is one."""
        return self.meets(path, _folded(path))

    def meets(self, path: str, key: str) -> Collision | None:
        """`add` for a path whose folded form is known, which for ASCII is its lower case."""
        other = self._files.setdefault(key, path)
        if other != path:
            same_case = unicodedata.normalize("NFC", other) == unicodedata.normalize("NFC", path)
            return Collision(path, other, "unicode" if same_case else "case")
        if key in self._folders:
            return Collision(path, self._folders[key], "folder")
        at = key.rfind("/")
        while at > 0:
            folder = key[:at]
            if folder in self._folders:
                break
            if folder in self._files:
                return Collision(path, self._files[folder], "folder")
            self._folders[folder] = path
            at = key.rfind("/", 0, at)
        return None


def _folded(path: str) -> str:
    return path.lower() if path.isascii() else unicodedata.normalize("NFC", path.casefold())
