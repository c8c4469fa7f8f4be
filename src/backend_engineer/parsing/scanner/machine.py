"""The scanner: text in, events out; prose and thinking, the short ways, and the end of a reply.

Owns: the order of steps, what stands between blocks, and what an ending does to whatever is open.
Must never know: bytes, limits on the whole reply, how events add up to a reply, what a file becomes.

How it works. `buf` holds what has not been settled yet; `pos` is where the next step begins, always at
the start of a line; `end` is where the last whole line ends. A step looks for the next place that can
matter with `str.find` (the block's own fence at full length, `file:`), settles everything before it and
moves `pos`. A place whose meaning hangs on a later line is left standing until that line is whole, so
that no event ever has to be taken back, and the same text gives the same events in any chunks. Each
needle's next hit is remembered until it is passed, so that no stretch of text is searched twice.
"""

from __future__ import annotations

import re
from typing import Final

from backend_engineer.contract import Ending
from backend_engineer.parsing.block import SPECIAL_WORDS, Opener, needle_search, read_opener
from backend_engineer.parsing.events import ParserEvent, TextRead
from backend_engineer.parsing.header import LONGEST_HEADER, MID_NEEDLE, Header
from backend_engineer.parsing.names import is_edit
from backend_engineer.parsing.resume import OpenFile
from backend_engineer.parsing.scanner.cursor import BLOCK, PROSE, STOPPED, THINKING
from backend_engineer.parsing.scanner.files import give_lines
from backend_engineer.parsing.scanner.inside import SOURCE_END, Inside
from backend_engineer.paths import PLAIN_PATH

__all__ = ["Scanner"]

_THINK: Final = re.compile(r"^[ \t]*<(think|thinking)>", re.MULTILINE)
_BARE_LINE: Final = re.compile(r"\n {0,3}```+[ \t\r]*(?:\n|\Z)")
_MOST_UNWRAPS: Final = 3
_SHORT: Final = 500
_SOURCE_TAG: Final = "<source>"
_SOURCE_LINE: Final = re.compile(r"<source>[a-zA-Z0-9+#_-]{0,20}\Z")
# A block in its plainest form, opener and header in one match.
_PLAIN_BLOCK: Final = re.compile(
    rf"(`{{3,}})([a-z0-9+#_-]*)\n(?://|--|\#|;|%) file: ({PLAIN_PATH})(?: ([^ \t\n()\"]+))?\n", re.IGNORECASE
)
# Compiled, a run of one character is found three times as fast as with `str.find`.
_TICKS: Final = re.compile("```").search


class Scanner(Inside):
    """Turns text into events; `push` takes text, `finish` says that no more will come."""

    def push(self, text: str) -> list[ParserEvent]:
        """Take more text."""
        if self.state == STOPPED or not text:
            return []
        if self._take_calm(text):
            return self.sink.take() if self.pieces else []
        self.buf = self.buf + text if self.buf else text
        self.end = self.buf.rfind("\n") + 1
        self._run()
        return self.sink.take()

    def finish(self, ending: Ending) -> list[ParserEvent]:
        """The text is over; whatever is open ends."""
        if self.state == STOPPED:
            return []
        self.final = True
        self.end = len(self.buf)
        if self.state == BLOCK and ending is not Ending.COMPLETE:
            self._drop_half_fence()
        self._run()
        if self.state != STOPPED:
            self._end(ending)
        return self.sink.take()

    @property
    def open_file(self) -> OpenFile | None:
        """The file whose block is open, None between blocks and in a block without a name."""
        block = self.block
        if self.state != BLOCK or block is None or block.content.path is None:
            return None
        return OpenFile(block.content.path, block.opener)

    def stop(self, code: str, message: str) -> list[ParserEvent]:
        """A limit was passed: settle the whole lines that came, say so, and take no more."""
        if self.state == STOPPED:
            return []
        self.buf = self.buf[: self.buf.rfind("\n") + 1]
        events = self.finish(Ending.TRUNCATED)
        self.sink.say(code, message, self.line)
        return events + self.sink.take()

    def _run(self) -> None:
        long_line = self._meet_long_line() if len(self.buf) - self.pos > self.limits.line else 0
        self._forget_hits()
        steps = (self._step_prose, self._step_thinking, self._step_opening, self._step_block)
        while steps[self.state]():
            pass
        if long_line:
            message = f"The line is longer than {self.limits.line} characters; reading stops here."
            self.sink.say("line-too-long", message, long_line)
            self._end(Ending.TRUNCATED)
        elif self.pos:
            self.buf = self.buf[self.pos :]
            self.offset += self.pos
            self.end -= self.pos
            self.pos = 0

    def _meet_long_line(self) -> int:
        """The number of a line that is longer than the limit, 0 if there is none; makes it the end."""
        at, limit = self.pos, self.limits.line
        while len(self.buf) - at > limit:
            following = self.buf.rfind("\n", at, at + limit + 1)
            if following < 0:
                number = self._line_at(at)
                self.buf = self.buf[:at]
                self.end, self.final = at, True
                return number
            at = following + 1
        return 0

    # -- the short way ------------------------------------------------------------------------

    def _take_calm(self, text: str) -> bool:
        """Take whole lines into an open file when none of them can matter; the streaming case."""
        block = self.block
        if self.buf or self.state != BLOCK or block is None or block.needle in text or MID_NEEDLE in text:
            return False
        content = block.content
        if block.unindent is not None or block.splitter or content.path is None or content.overflowed:
            return False
        if content.size + len(text) > self.limits.file or len(text) > self.limits.line or text[-1] != "\n":
            return False
        content.size += len(text)
        content.parts.append(text)
        count = text.count("\n")
        if self.pieces:
            if count == 1:
                self.sink.events.append(TextRead(text, self.line, self.offset))
            else:
                give_lines(self.sink.events, text, self.line, self.offset)
        self.line += count
        self.offset += len(text)
        return True

    def _take_plain(self, at: int) -> bool:
        """Take blocks of the plainest form, one after the other, as long as nothing else stands between them.

        Gives the same events as the long way, which takes over at whatever it does not know: another
        form of header, a nested or indented fence, Markdown, a diff, text to be compared with a base.
        """
        buf, end, seal, files, prose = self.buf, self.end, self.seal, self.files, self.prose
        find, count, match_block, out = buf.find, buf.count, _PLAIN_BLOCK.match, self.sink.events
        offset, taken, lenient = self.offset, False, self.lenient
        if self.keep_header or not files.takes_plain:
            return False
        prose.block_opens(out)
        while True:
            match = match_block(buf, at, end)
            if match is None:
                return taken
            fence, language, path, word = match.groups()
            begin = match.end()
            found = (_TICKS if fence == "```" else needle_search(fence))(buf, begin, end)
            if found is None:
                return taken
            close, after = found.span()
            if buf[close - 1] != "\n" or buf[after : after + 1] != "\n" or after >= end:
                return taken
            if word != seal or find(MID_NEEDLE, begin, close) >= 0 or language in SPECIAL_WORDS:
                return taken
            line = self.line + 2
            following = line + count("\n", begin, close)
            if not files.plain(
                path, language, buf[begin:close], offset + at, offset + begin, line, following
            ):
                return taken
            taken = True
            self.line = following + 1
            self.pos = at = after + 1
            if lenient:
                self.around.lines.clear()
                return True
            ticks = _TICKS(buf, at, end)
            if ticks is None or buf[ticks.start() - 1] != "\n":
                return True
            gap = buf[at : ticks.start()]
            # A single sign is looked for at the speed of memory; the words only where it occurs.
            if ("~" in gap and "~~~" in gap) or ("<" in gap and "<think" in gap):
                return True
            self.line += prose.read_text(gap, self.line, out)
            self.pos = at = ticks.start()

    # -- prose and thinking -------------------------------------------------------------------

    def _next_opener_line(self, start: int) -> int:
        """Index of the next line that begins with a fence, or `end`."""
        buf, end = self.buf, self.end
        while True:
            if self._tick < start:
                tick = _TICKS(buf, start, end)
                self._tick = end if tick is None else tick.start()
            at = self._tick
            if self._tilde < start:
                # Only as far as the next backticks: most replies hold no tildes at all.
                found = buf.find("~~~", start, at + 2)
                self._tilde = at if found < 0 else found
            at = min(at, self._tilde)
            if self.lenient:
                if self._tag < start:
                    found = buf.find(_SOURCE_TAG, start, end)
                    self._tag = end if found < 0 else found
                at = min(at, self._tag)
            if at >= end:
                return end
            if buf[at - 1 : at] == "\n":
                return at
            begin = max(buf.rfind("\n", 0, at) + 1, self.pos)
            before = buf[begin:at]
            if self.offset + begin == 0:
                before = before.lstrip("\ufeff")
            if not before.strip(" ") and (self.lenient or len(before) <= 3):
                return begin
            following = buf.find("\n", at, end)
            if following < 0:
                return end
            start = following + 1

    def _step_prose(self) -> bool:
        at = self._next_opener_line(self.pos)
        if self._think_before(at):
            return True
        self._read_prose(at)
        if at >= self.end:
            return False
        if self._take_plain(at):
            return True
        stop = self.buf.find("\n", at, self.end)
        line = self.buf[at : stop if stop >= 0 else self.end]
        if self.offset + at == 0:
            line = line.lstrip("\ufeff")
        margin = self._margin(line)
        opener = read_opener(line[margin:]) if self.offset + at != self._passed else None
        if opener is None:
            tagged = self._open_tag(line, at, stop)
            if tagged is None:
                return False
            if not tagged:
                self._read_prose(stop + 1 if stop >= 0 else self.end)
                return self.pos < self.end
        if opener is not None:
            self.prose.block_opens(self.sink.events)
            self._open_block(opener, at, margin)
        return True

    def _margin(self, line: str) -> int:
        """How much of an indented fence's indent belongs to the list item around it; with any names only."""
        indent = len(line) - len(line.lstrip(" "))
        column = self.around.column
        return column if indent > 3 and column <= indent <= column + 3 else 0

    def _read_prose(self, to: int) -> None:
        text = self.buf[self.pos : to]
        if not text:
            return
        if len(text) < _SHORT or self.prose.wants(text):
            self.line += self.prose.read_text(text, self.line, self.sink.events)
        else:
            self.line += text.count("\n")
        if self.lenient:
            self.around.take(text)
        self.pos = to

    def _open_tag(self, line: str, at: int, stop: int) -> bool | None:
        """Enter a `<source>` block, whose path stands on the line above it; None to wait for its first line."""
        path = self.around.tag_path() if self.lenient and _SOURCE_LINE.match(line.strip()) else None
        if path is None or stop < 0:
            return False
        first_end = self.buf.find("\n", stop + 1, self.end)
        if first_end < 0 and not self.final and len(self.buf) - stop <= LONGEST_HEADER:
            return None
        if is_edit(self.buf[stop + 1 : first_end if first_end >= 0 else len(self.buf)]):
            return False
        self.prose.block_opens(self.sink.events)
        self._open_block(Opener(0, "<", 1, ""), at)
        block = self._the_block()
        block.needle, block.is_tag = SOURCE_END, True
        self._begin_named(block, Header(path), stop + 1, stop + 1)
        return True

    def _think_before(self, at: int) -> bool:
        """Enter a thinking section that begins before `at`."""
        if self.buf.find("<think", self.pos, at) < 0:
            return False
        match = _THINK.search(self.buf, self.pos, at)
        if match is None:
            return False
        self._read_prose(match.start())
        self.think_end = f"</{match.group(1)}>"
        self.think_line = self.line
        self._move(match.end())
        self.state = THINKING
        return True

    def _step_thinking(self) -> bool:
        found = self.buf.find(self.think_end, self.pos, self.end)
        if found < 0:
            self._move(self.end)
            return False
        # What follows on the line is passed over: a fence begins at the start of a line, here as elsewhere.
        stop = self.buf.find("\n", found, self.end)
        self._move(stop + 1 if stop >= 0 else self.end)
        self.state = PROSE
        return True

    # -- the end, and replies inside a block --------------------------------------------------

    def _drop_half_fence(self) -> None:
        """Take a cut closing fence off the end: it is not content of the file that it was to close."""
        block = self._the_block()
        begin = max(self.buf.rfind("\n") + 1, self.pos)
        tail = self.buf[begin:]
        body = tail.lstrip(" ")
        short = 0 < len(body) < block.opener.size and len(tail) - len(body) <= 3
        if short and not body.strip(block.opener.char):
            self.buf = self.buf[:begin]
            self.end = begin

    def _end(self, ending: Ending) -> None:
        while self.state == BLOCK and self._unwrap():
            steps = (self._step_prose, self._step_thinking, self._step_opening, self._step_block)
            while steps[self.state]():
                pass
        if self.state == THINKING:
            message = "A thinking section never ends; nothing after it was read."
            self.sink.say("unclosed-thinking", message, self.think_line)
        if self.state == BLOCK:
            self._end_block(ending)
        self.documents.finish()
        self.prose.flush(self.sink.events)
        self.state = STOPPED

    def _rereads(self, begin: int) -> bool:
        if not self.lenient or not self._is_wrapper():
            return False
        self._passed = self.offset + begin
        self._reread(self.buf[begin:])
        return True

    def _unwrap(self) -> bool:
        """Read a block without a name that never ends, and holds fences, as the reply that it wraps."""
        block = self._the_block()
        content = block.content
        named = (
            content.path is not None or content.skipped or content.overflowed or block.unindent is not None
        )
        if not self.lenient or named or self._unwraps >= _MOST_UNWRAPS:
            return False
        if _BARE_LINE.search(content.text()) is None:
            return False
        self._reread("")
        return True

    def _is_wrapper(self) -> bool:
        """Whether a Markdown block without a name, the first of the reply, holds the reply's files."""
        block = self._the_block()
        content = block.content
        if content.path is not None or not block.is_markdown or self.files.any or self._unwraps:
            return False
        text = "" if content.overflowed or block.unindent is not None else content.text()
        if "```" not in text:
            return False
        inner = Scanner(
            lenient=True, seal=self.seal, base=None, limits=self.limits, pieces=False, keep_header=False
        )
        inner._unwraps = _MOST_UNWRAPS
        events = inner.push(text) + inner.finish(Ending.COMPLETE)
        return any(event.kind == "file-closed" for event in events)

    def _reread(self, rest: str) -> None:
        """Go back to the first line inside the open block, and read from there as if it were prose."""
        block = self._the_block()
        content = block.content
        self._unwraps += 1
        self.sink.say("unwrapped-block", "A block around files was read as part of the reply.", block.line)
        text = content.text()
        whole = len(rest) - (len(self.buf) - self.end)
        self.buf, self.offset, self.line = text + rest, content.content_start, content.first_line
        self.pos, self.end = 0, len(text) + (whole if rest else 0)
        self.block, self.state = None, PROSE
        self._forget_hits()

    def _end_block(self, ending: Ending) -> None:
        block = self._the_block()
        content = block.content
        complete = ending is Ending.COMPLETE
        if content.path is not None and complete:
            message = "The file's fence is never closed; its end was inferred."
            self.sink.say("unclosed-file", message, self.line, content.path)
        elif content.path is not None:
            lines = content.text().count("\n")
            message = (
                f"The reply stops inside the file, after {lines} whole lines and {content.size} characters."
            )
            self.sink.say("truncated-file", message, self.line, content.path)
        elif not content.skipped:
            self.sink.say("unclosed-block", "A block without a name is never closed.", block.line)
        self._close_block("implicit" if complete else "truncated", self.end)
