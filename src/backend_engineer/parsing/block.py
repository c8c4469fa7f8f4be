"""An open block and the content that gathers in it.

Owns: what is known of an open fence, of the file inside it, and of fences inside that file.
Must never know: where the text comes from, what closes a block.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from backend_engineer.contract import Section
from backend_engineer.parsing.header import Header

__all__ = [
    "DIFF_WORDS",
    "MARKDOWN_NAMES",
    "SPECIAL_WORDS",
    "Block",
    "Content",
    "Opener",
    "needle_search",
    "read_opener",
]

DIFF_WORDS: Final = frozenset(("diff", "patch"))
"""Info words of a block that holds a unified diff."""

_LANGUAGE: Final = re.compile(r"[^\s:{,=]*")
_TAIL: Final = 1000
_INNER: Final = re.compile(r"^ {0,3}(`{3,}|~{3,})([^\n]*)", re.MULTILINE)
_MARKDOWN_WORDS: Final = frozenset(("markdown", "md", "mdx"))
SPECIAL_WORDS: Final = DIFF_WORDS | _MARKDOWN_WORDS
"""Info words of blocks that have rules of their own."""

MARKDOWN_NAMES: Final = (".md", ".markdown", ".mdx")
"""Endings of files in which a bare fence may open as well as close."""


@lru_cache(maxsize=64)
def needle_search(needle: str) -> Callable[[str, int, int], re.Match[str] | None]:
    """A compiled search for a fence at its full length: buffer, start and end."""
    return re.compile(re.escape(needle)).search


@dataclass(slots=True)
class Opener:
    """A line that opens a fence: its indent, its character, how many of them, and the info string."""

    indent: int
    char: str
    size: int
    info: str

    @property
    def language(self) -> str:
        """The info string's first word, without attributes and without a path after a colon."""
        if self.info.isalnum():
            return self.info
        return _LANGUAGE.match(self.info)[0]  # type: ignore[index]


def read_opener(line: str) -> Opener | None:
    """The fence that a line opens under CommonMark's rule, or None."""
    body = line.lstrip(" ")
    indent = len(line) - len(body)
    char = body[:1]
    if indent > 3 or char not in ("`", "~"):
        return None
    rest = body.lstrip(char)
    size = len(body) - len(rest)
    if size < 3 or (char == "`" and "`" in rest):
        return None
    return Opener(indent, char, size, rest.strip(" \t\r"))


class Content:
    """Text that gathers in a block, whole lines at a time, for a file or for a block without a name.

    path: None for a block without a name. header: None where the name came from elsewhere.
    start, content_start: offsets of the block or header, and of the content. first_line: of the content.
    skipped: a refused file, whose text is not wanted. ends_crlf: the header line ended with CR LF.
    overflowed: it was longer than the limit, and what fitted was kept. fence: the block's own.
    """

    __slots__ = (
        "_dropped", "_inner", "_seen", "content_start", "ends_crlf", "fence", "first_line", "header", "language", "overflowed", "parts", "path", "section",
        "size", "skipped", "start",
    )  # fmt: skip

    def __init__(self, start: int = 0, language: str = "", header: Header | None = None) -> None:
        self.start = self.content_start = start
        self.language = language
        self.header = header
        self.path: str | None = None
        self.section: Section | None = None
        self.fence = ("`", 3)
        self.parts: list[str] = []
        self.size = self._seen = 0
        self.first_line = 1
        self.skipped = self.ends_crlf = self.overflowed = False
        self._inner: tuple[str, int] | None = None
        self._dropped = ""

    def add(self, text: str, limit: int) -> bool:
        """Take whole lines; False when the limit was passed, and then what fits was kept."""
        if self.skipped or self.overflowed:
            self._watch(text)
            return True
        if self.size + len(text) <= limit:
            self.size += len(text)
            self.parts.append(text)
            return True
        kept = text[: text.rfind("\n", 0, limit - self.size) + 1]
        self.size += len(kept)
        self.parts.append(kept)
        self.overflowed = True
        self._watch(text[len(kept) :])
        return False

    def _watch(self, text: str) -> None:
        """Follow text that is not kept, as far as later lines are judged by it."""
        self.inside_inner_fence()
        self._look_at(text)
        self._dropped = (self._dropped + text)[-_TAIL:]

    def text(self) -> str:
        """All that has gathered."""
        return self.parts[0] if len(self.parts) == 1 else "".join(self.parts)

    def tail(self) -> str:
        """The last 1,000 characters of everything that came, or all of it if it was less."""
        found: list[str] = []
        length = _TAIL - len(self._dropped)
        for part in reversed(self.parts):
            if length <= 0:
                break
            found.append(part[-length:])
            length -= len(part)
        return "".join(reversed(found)) + self._dropped

    def inside_inner_fence(self) -> bool:
        """Whether the end of the content lies in an inner fence that is shorter than, or of another
        character than, the block's own; looks only at what it has not looked at before."""
        if self._seen < len(self.parts):
            for part in self.parts[self._seen :]:
                self._look_at(part)
            self._seen = len(self.parts)
        return self._inner is not None

    def _look_at(self, text: str) -> None:
        if "```" in text or "~~~" in text:
            for match in _INNER.finditer(text):
                self._take_inner(match.group(1), match.group(2), *self.fence)

    def _take_inner(self, run: str, rest: str, char: str, size: int) -> None:
        bare = not rest.strip(" \t\r")
        if self._inner is not None:
            if bare and run[0] == self._inner[0] and len(run) >= self._inner[1]:
                self._inner = None
        elif (run[0] != char or len(run) < size) and not (run[0] == "`" and "`" in rest):
            self._inner = (run[0], len(run))


@dataclass(slots=True)
class Block:
    """An open fence: its opener, where it stands, what gathers in it, and the fences nested in it.

    margin: blanks before every line that belong to the list item in which the fence stands.
    splitter: the leader of the path comments that begin each file of the block, empty if none do.
    is_tag: a `<source>` tag stands in place of the fence.
    """

    opener: Opener
    needle: str
    start: int
    line: int
    content: Content
    language: str = ""
    nest: list[int] = field(default_factory=list)
    unindent: re.Pattern[str] | None = None
    margin: int = 0
    splitter: str = ""
    is_tag: bool = False

    def hold(self, content: Content) -> None:
        """From here on the text belongs to this content."""
        content.fence = (self.opener.char, self.opener.size)
        self.content = content

    @property
    def is_markdown(self) -> bool:
        """Whether the text inside is Markdown, where a bare fence may open as well as close."""
        path = self.content.path
        if path is not None and path.lower().endswith(MARKDOWN_NAMES):
            return True
        return self.opener.language.lower() in _MARKDOWN_WORDS and (path is None or "." not in path)
