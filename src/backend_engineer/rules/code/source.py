"""One neutral view of a source file: its calls, strings, functions and routes, whatever the language.

Owns: the records that code rules read, and which reader serves which file.
Must never know: any rule; what a call means.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from backend_engineer.outputs import FileChange
from backend_engineer.paths import is_test_path
from backend_engineer.rules.rule import Context

__all__ = [
    "LANGUAGES",
    "Argument",
    "Call",
    "Function",
    "SourceView",
    "Text",
    "Unreadable",
    "filled",
    "language_of",
    "sources",
    "unread",
]

LANGUAGES: dict[str, str] = {
    ".py": "python",
    ".ts": "typescript",
    ".tsx": "tsx",
    ".mts": "typescript",
    ".cts": "typescript",
    ".js": "javascript",
    ".jsx": "javascript",
    ".mjs": "javascript",
    ".cjs": "javascript",
    ".go": "go",
    ".java": "java",
}
"""File suffix -> grammar. Other languages are not read, and rules say so."""

ArgumentKind = Literal["string", "format", "concat", "name", "call", "object", "spread", "other"]


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a call.

    text: as written. kind: what it is. value: a plain string's value. name: the keyword it is passed by.
    keys: an object literal's keys; holes: what is interpolated into a formatted or concatenated string.
    """

    text: str
    kind: ArgumentKind
    value: str | None = None
    name: str | None = None
    keys: tuple[str, ...] = ()
    holes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """One call: dotted callee as written (`res.status(400).json` keeps its inner calls), arguments, 1-based lines."""

    callee: str
    arguments: tuple[Argument, ...]
    line: int
    end_line: int
    function: str = ""
    in_loop: bool = False

    @property
    def name(self) -> str:
        """The last part of the callee: `json` of `res.status(400).json`."""
        return self.callee.rsplit(".", 1)[-1]

    def keyword(self, name: str) -> Argument | None:
        """The argument passed by this keyword, or None."""
        return next((item for item in self.arguments if item.name == name), None)


@dataclass(frozen=True, slots=True)
class Text:
    """A string in the source: `value` with each interpolation as `{}`; `holes` holds the interpolated code."""

    value: str
    line: int
    end_line: int
    holes: tuple[str, ...] = ()
    docstring: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """A function or method with its decorators or annotations (as calls), parameters, and class's decorators."""

    name: str
    line: int
    end_line: int
    decorators: tuple[Call, ...] = ()
    parameters: str = ""
    owner_decorators: tuple[Call, ...] = ()
    body: str = ""


@dataclass(frozen=True, slots=True)
class SourceView:
    """What could be read of one file."""

    file: FileChange
    language: str
    calls: tuple[Call, ...] = ()
    texts: tuple[Text, ...] = ()
    functions: tuple[Function, ...] = ()
    test: bool = field(default=False)

    @property
    def path(self) -> str:
        """The file's path."""
        return self.file.path

    @property
    def content(self) -> str:
        """The file's text."""
        return self.file.content or ""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A source file that could not be read, and why."""

    path: str
    reason: str


# `%s`, `%-5s`, `%(name)s`, Go's `%[1]s`, Java's `%1$s`.
_VERB = re.compile(
    r"%(?:\((?P<name>[^()]*)\)|\[(?P<go>\d+)\]|(?P<java>\d+)\$)?[-+ #0,]*(?:\d+|\*)?(?:\.(?:\d+|\*)?)?(?P<verb>[a-zA-Z%])"
)
_TEXT_VERBS = frozenset("svqSra")


def filled(text: str, given: Mapping[str, str], whole: str) -> tuple[str, tuple[str, ...]]:
    """A format of `%` verbs with each verb as `{}`, and what each is filled with.

    given: the source of each value by its name or by its position from 0. whole: the source of all of them,
    for a verb that has none. A verb that writes a number gives `int(value)`, which is what it does.
    """
    holes: list[str] = []
    count = 0

    def hole(match: re.Match[str]) -> str:
        nonlocal count
        if match["verb"] == "%":
            return "%"
        number = match["go"] or match["java"]
        if match["name"] is not None:
            key = match["name"]
        elif number:
            key = str(int(number) - 1)
            count = int(number) if match["go"] else count
        else:
            key, count = str(count), count + 1
        value = given.get(key, whole)
        holes.append(value if match["verb"] in _TEXT_VERBS else f"int({value})")
        return "{}"

    return _VERB.sub(hole, text), tuple(holes)


def language_of(path: str) -> str | None:
    """The language of a path by its suffix, or None where no reader knows it."""
    dot = path.rfind(".")
    return LANGUAGES.get(path[dot:].lower()) if dot >= 0 else None


def _read(context: Context) -> tuple[tuple[SourceView, ...], tuple[Unreadable, ...]]:
    from backend_engineer.rules.code.python_source import read_python
    from backend_engineer.rules.code.tree_source import read_tree

    views: list[SourceView] = []
    failed: list[Unreadable] = []
    for file in context.change.files:
        language = language_of(file.path)
        # A file that was only moved has no line that could count.
        if language is None or file.content is None or file.changed_lines == ():
            continue
        read = read_python if language == "python" else read_tree
        view = read(file, language, is_test_path(file.path))
        (views if isinstance(view, SourceView) else failed).append(view)  # type: ignore[arg-type]
    return tuple(views), tuple(failed)


def sources(context: Context) -> tuple[SourceView, ...]:
    """Every readable source file of the change; made once for a check."""
    views: tuple[SourceView, ...] = context.shared("code.sources", lambda: _read(context))[0]
    return views


def unread(context: Context) -> tuple[Unreadable, ...]:
    """Every source file of the change that could not be read, with the reason."""
    failed: tuple[Unreadable, ...] = context.shared("code.sources", lambda: _read(context))[1]
    return failed
