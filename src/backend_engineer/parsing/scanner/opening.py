"""From a fence to its block: what decides whether it is a file, and how its text is taken in.

Owns: the first lines of a block, the file or unnamed content that they begin, and adding text to it.
Must never know: how a block ends, prose.
"""

from __future__ import annotations

import re
from typing import Final

from backend_engineer.parsing.block import Block, Content, Opener
from backend_engineer.parsing.events import TextRead
from backend_engineer.parsing.header import LONGEST_HEADER, Header, is_preamble, read_header
from backend_engineer.parsing.scanner.cursor import BLOCK, OPENING, Cursor

__all__ = ["LONGEST_LEADER", "Opening"]

LONGEST_LEADER: Final = 12
"""Characters that may stand before a header's key."""
_MOST_PREAMBLE: Final = 2


class Opening(Cursor):
    """Opens blocks and takes their text in."""

    def _open_block(self, opener: Opener, at: int, margin: int = 0) -> None:
        content = Content(self.offset + at, opener.language)
        needle = opener.char * opener.size
        block = Block(opener, needle, self.offset + at, self.line, content, content.language)
        block.hold(content)
        block.margin = margin
        if opener.indent or margin:
            block.unindent = re.compile(rf"^ {{1,{opener.indent + margin}}}", re.MULTILINE)
        self.block = block
        self._fence = self._split = -1
        self.state = OPENING

    def _step_opening(self) -> bool:
        """At an opener's line: wait for what decides whether the block is a file, then enter it."""
        block = self._the_block()
        buf, end = self.buf, self.end
        stop = buf.find("\n", self.pos, end)
        if stop < 0:
            return self._enter(block, end, None) if self.final else False
        at = begin = stop + 1
        line: str | None = None
        for _ in range(_MOST_PREAMBLE + 1):
            following = buf.find("\n", at, end)
            if following < 0 and not self.final and len(buf) - at <= LONGEST_HEADER:
                return False
            line = buf[at : following if following >= 0 else len(buf)]
            header = self._first_header(line)
            if header is not None:
                return self._enter_file(block, header, begin, at, following)
            if following < 0 or not is_preamble(line):
                break
            at = following + 1
        return self._enter(block, begin, line)

    def _first_header(self, line: str) -> Header | None:
        if ":" not in line[: LONGEST_LEADER + 16]:
            return None
        return read_header(line.lstrip("\ufeff"), first=True, seal=self.seal)

    def _enter_file(self, block: Block, header: Header, begin: int, at: int, following: int) -> bool:
        """A header was found at `at`, after a preamble that begins at `begin`."""
        if following < 0:
            self._cut_header(block, at)
            self.state = BLOCK
            return True
        first = at if self.keep_header else following + 1
        if begin < at:
            first = begin
        line = self._line_at(first)
        content = self.files.begin(header, block.language, block.start, self._line_at(at))
        content.first_line, content.content_start = line, self.offset + first
        content.ends_crlf = self.buf[following - 1] == "\r"
        block.hold(content)
        self.files.announce(content)
        self._move(begin)
        if self.keep_header:
            self._add(begin, following + 1)
        elif begin < at:
            self._add(begin, at)
        self._move(following + 1)
        self.state = BLOCK
        return True

    def _cut_header(self, block: Block, at: int) -> None:
        self._move(at)
        self.sink.say(
            "truncated-header", "The reply stops inside a file header; it names no file.", self.line
        )
        block.hold(Content())
        block.content.skipped = True
        self._move(self.end)

    def _enter(self, block: Block, begin: int, first_line: str | None) -> bool:
        """Enter a block that no header names; with any names, a convention may name it."""
        name = self.around.name(block.opener, first_line or "") if self.lenient else None
        if name is None:
            self._move(begin)
            block.content.first_line, block.content.content_start = self.line, self.offset + begin
            self.state = BLOCK
            return True
        if name.leader:
            block.splitter = name.leader
        if name.other:
            message = f"Two names for one block: {name.path!r} is taken, {name.other!r} is not."
            self.sink.say("names-disagree", message, self.line)
        self._begin_named(block, Header(name.path), begin, begin)
        return True

    def _begin_named(self, block: Block, header: Header, begin: int, first: int) -> None:
        self._move(begin)
        content = self.files.begin(header, block.language, block.start, self.line, named=True)
        content.first_line, content.content_start = self.line, self.offset + first
        block.hold(content)
        self.files.announce(content)
        self.state = BLOCK

    def _add(self, start: int, stop: int) -> None:
        """Take buf[start:stop], whole lines beginning at line `self.line`, into the open content."""
        if start >= stop:
            return
        block = self._the_block()
        content = block.content
        raw = text = self.buf[start:stop]
        if block.unindent is not None:
            text = block.unindent.sub("", text)
        if self.pieces and content.path is not None and not content.overflowed:
            self._give_lines(raw, self.offset + start, block, content)
        limit = self.limits.file if content.path is not None else self.limits.document
        if not content.add(text, limit) and content.path is not None:
            message = f"The file is longer than {limit} characters; the rest is left out."
            self.sink.say("file-too-large", message, content.first_line, content.path)

    def _give_lines(self, raw: str, offset: int, block: Block, content: Content) -> None:
        """One event for each line, as far as the file's limit goes."""
        number, out, room = self.line, self.sink.events, self.limits.file - content.size
        lines = raw.split("\n")
        last = lines.pop()
        texts = [line + "\n" for line in lines]
        if last:
            texts.append(last)
        for text in texts:
            shown = block.unindent.sub("", text) if block.unindent is not None else text
            room -= len(shown)
            if room < 0:
                return
            out.append(TextRead(shown, number, offset))
            number += 1
            offset += len(text)
