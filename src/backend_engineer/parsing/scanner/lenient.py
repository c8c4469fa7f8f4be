"""What the lenient mode adds to the scanner: names from around a block, and ends that no header shows.

Owns: the lines before a fence, the naming of a block by them, and signs of a forgotten closer.
Must never know: the buffer, events.
"""

from __future__ import annotations

import re
from collections import deque
from typing import Final

from backend_engineer.parsing.block import Block, Opener
from backend_engineer.parsing.names import (
    CONTEXT_LINES,
    Name,
    comment_path,
    info_path,
    name_before,
    name_block,
    path_line,
)

_MARKER: Final = re.compile(r"( *(?:[-*+•]|[0-9]{1,9}[.)]))( +)(?=\S)")

__all__ = ["Surroundings", "forgets_closer", "splits_at"]


class Surroundings:
    """The last lines of prose before the place where the scanner stands."""

    __slots__ = ("column", "lines")

    def __init__(self) -> None:
        self.lines: deque[str] = deque(maxlen=CONTEXT_LINES)
        self.column = 0

    def take(self, text: str) -> None:
        """Whole lines of prose went by."""
        pieces = text.split("\n")
        if not pieces[-1]:
            pieces.pop()
        self.lines.extend(pieces[-CONTEXT_LINES:])
        for line in pieces:
            self._follow_list(line)

    def _follow_list(self, line: str) -> None:
        """Keep the column at which the content of the list item in force begins; 0 outside of lists."""
        body = line.lstrip(" ")
        if not body.strip("\r"):
            return
        marker = _MARKER.match(line)
        if marker is not None:
            self.column = marker.end() if len(marker[2]) <= 4 else marker.end(1) + 1
        elif len(line) - len(body) < min(self.column, 2):
            self.column = 0

    def name(self, opener: Opener, first_line: str) -> Name | None:
        """The name of a block that begins here."""
        return name_block(opener.info, first_line, self.lines)

    def tag_path(self) -> str | None:
        """The path for a `<source>` tag: the line above it must be one."""
        return path_line(self.lines[-1]) if self.lines else None


def forgets_closer(block: Block, opener: Opener, next_line: str, before: list[str]) -> bool:
    """Whether a fence with an info string inside a block begins another file, not an inner example.

    Asked only outside of Markdown, where it is an example, and of inner fences. There a path in the info string, a path comment on the next line, or
    a line before it that is a path show that the block's closer was forgotten.
    """
    if info_path(opener.info) is not None or comment_path(next_line) is not None:
        return True
    found = name_before(before)
    return found is not None and found[1] == "line"


def splits_at(block: Block, line: str, previous: str) -> Name | None:
    """The next file of a block whose files each begin with a path comment, after a blank line."""
    if previous.strip() or block.nest:
        return None
    found = comment_path(line)
    if found is None or found[1] != block.splitter:
        return None
    path = block.content.path or ""
    if ("/" in found[0]) != ("/" in path):
        return None
    return Name(found[0], "comment", "", found[1])
