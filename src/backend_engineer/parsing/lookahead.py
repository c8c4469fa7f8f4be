"""Whether a bare fence in a Markdown file closes the file or opens a block inside it.

Owns: the look ahead that decides, over at most 64 KiB, taking up where it stopped when more text comes.
Must never know: files, events.
"""

from __future__ import annotations

import re
from typing import Final

from backend_engineer.parsing.block import read_opener
from backend_engineer.parsing.documents import decodes
from backend_engineer.parsing.header import read_header
from backend_engineer.parsing.limits import HOLD
from backend_engineer.parsing.names import comment_path, info_path, path_line
from backend_engineer.parsing.prose import is_boundary_line

__all__ = ["BareFence", "OpenString"]

_BLANKS: Final = re.compile(r"[ \t\r\n]*")
_DOCUMENT: Final = re.compile(r'\s*\{\s*"(?:attestations|findings|tool)"')
_DOCUMENT_HEAD: Final = 256
_TRIES: Final = 8


class BareFence:
    """The decision on one bare fence; `decide` is asked again whenever more whole lines have come."""

    __slots__ = ("_at", "_bare", "_begun", "_lenient", "_open", "_start", "needle", "offset", "seal")

    def __init__(
        self, offset: int, start: int, needle: str, seal: str | None, *, lenient: bool = False
    ) -> None:
        """offset: of the fence, to know it again. start: where the next line begins. Both absolute.
        lenient: whether names without a header are boundaries, too.
        """
        self._lenient = lenient
        self.offset = offset
        self.needle = needle
        self.seal = seal
        self._start = start
        self._at = start
        self._bare = 0
        self._open = 0
        self._begun = False

    def decide(self, buf: str, base: int, end: int, final: bool) -> bool | None:
        """True: it opens a nested block. False: it closes. None: more text is needed.

        buf begins at the absolute offset base; whole lines reach to its index end.
        """
        limit = self._start + HOLD - base
        known = min(end, limit)
        over = final or len(buf) >= limit
        unended = final and end <= limit
        waiting = False if over else None
        if not self._begun:
            first = _line(buf, self._start - base, known, unended)
            if first is None:
                return waiting
            if not first.strip(" \t\r") or self._is_boundary(first):
                return False
            self._begun = True
        while True:
            found = buf.find(self.needle, self._at - base, known)
            if found < 0:
                # Every whole line was looked at; a cut one is looked at again when it is whole.
                self._at = max(self._at, base + buf.rfind("\n", 0, known) + 1)
                return waiting
            start = buf.rfind("\n", 0, found) + 1
            line = _line(buf, start, known, unended)
            if line is None:
                self._at = base + start
                return waiting
            opener = read_opener(line)
            if opener is not None and not opener.info and self._bare == 1 and not self._open:
                return True
            if opener is not None:
                ended = self._ends_at(buf, start + len(line) + 1, known, unended, over, opener.info)
                if ended is None:
                    self._at = base + start
                    return waiting
                if ended:
                    return False
                self._count(opener.info)
            self._at = base + start + len(line) + 1

    def _is_boundary(self, line: str) -> bool:
        return is_boundary_line(line) or (self._lenient and path_line(line) is not None)

    def _count(self, info: str) -> None:
        if info:
            self._open += 1
        elif self._open:
            self._open -= 1
        else:
            self._bare += 1

    def _ends_at(self, buf: str, after: int, known: int, unended: bool, over: bool, info: str) -> bool | None:
        """Whether a hard boundary stands at a fence whose next line begins at `after`; None: not known yet."""
        bare = not info
        if bare:
            following = _BLANKS.match(buf, after, max(known, after))
            after = buf.rfind("\n", after, following.end()) + 1 or after if following else after
        line = _line(buf, after, known, unended)
        if line is None:
            return False if over else None
        if bare:
            return self._is_boundary(line)
        header = read_header(line, first=True, seal=self.seal)
        if header is not None and (self.seal is None or header.sealed):
            return True
        if self._lenient and (info_path(info) is not None or comment_path(line) is not None):
            return True
        if known - after < _DOCUMENT_HEAD and not over:
            return None
        return _DOCUMENT.match(buf, after, min(known, after + _DOCUMENT_HEAD)) is not None


def _line(buf: str, start: int, known: int, unended: bool) -> str | None:
    """The line that begins at start, if it is known whole."""
    stop = buf.find("\n", start, known)
    if stop >= 0:
        return buf[start:stop]
    return buf[start:known] if unended and start < known else None


class OpenString:
    """Whether a bare fence in a JSON block stands inside a string that goes on after it.

    It does if the block decodes whole at one of the next bare fences; only few are tried.
    """

    __slots__ = ("_at", "_left", "_start", "_text", "needle", "offset")

    def __init__(self, offset: int, start: int, needle: str, text: str) -> None:
        """offset, start: as for `BareFence`. text: the block's content before the fence line."""
        self.offset = offset
        self.needle = needle
        self._start = start
        self._at = start
        self._text = text
        self._left = _TRIES

    def decide(self, buf: str, base: int, end: int, final: bool) -> bool | None:
        """True: the fence is part of a string. False: it closes. None: more text is needed."""
        limit = self._start + HOLD - base
        known = min(end, limit)
        over = final or len(buf) >= limit
        unended = final and end <= limit
        while self._left:
            found = buf.find(self.needle, self._at - base, known)
            if found < 0:
                self._at = max(self._at, base + buf.rfind("\n", 0, known) + 1)
                return False if over else None
            start = buf.rfind("\n", 0, found) + 1
            line = _line(buf, start, known, unended)
            if line is None:
                self._at = base + start
                return False if over else None
            opener = read_opener(line)
            if opener is not None and not opener.info:
                self._left -= 1
                if decodes(self._text + buf[self.offset - base : start]):
                    return True
            self._at = base + start + len(line) + 1
        return False
