"""The states of a reply, every move between them, and the buffer: hops, never a loop over lines.

Owns: prose, thinking, opening and block; where each begins and ends.
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
from backend_engineer.outputs import FileStatus
from backend_engineer.parsing.block import (
    DIFF_WORDS,
    SPECIAL_WORDS,
    Block,
    Content,
    Opener,
    needle_search,
    read_opener,
)
from backend_engineer.parsing.documents import ends_inside_string, looks_like_document
from backend_engineer.parsing.events import ParserEvent, TextRead
from backend_engineer.parsing.header import LONGEST_HEADER, MID_NEEDLE, Header, is_preamble, read_header
from backend_engineer.parsing.limits import Limits
from backend_engineer.parsing.lookahead import BareFence, OpenString
from backend_engineer.parsing.prose import ProseReader
from backend_engineer.parsing.resume import OpenFile
from backend_engineer.parsing.scanner.documents import DocumentSlots
from backend_engineer.parsing.scanner.files import BaseText, FileRegister, give_lines
from backend_engineer.parsing.scanner.lenient import Surroundings, forgets_closer, splits_at
from backend_engineer.parsing.scanner.sink import Sink
from backend_engineer.paths import PLAIN_PATH

__all__ = ["Scanner"]

_THINK: Final = re.compile(r"^[ \t]*<(think|thinking)>", re.MULTILINE)
_END_WORD: Final = re.compile(r"end(?:[ \t]+of[ \t]+(?:file|block|code))?\W*\Z|eof\Z", re.IGNORECASE)
_LONGEST_LEADER: Final = 12
_BARE_LINE: Final = re.compile(r"\n {0,3}```+[ \t\r]*(?:\n|\Z)")
_MOST_PREAMBLE: Final = 2
_MOST_BLANKS: Final = 4
_MOST_UNWRAPS: Final = 3
_SHORT: Final = 500
_SOURCE_TAG: Final = "<source>"
_SOURCE_END: Final = "</source>"
# A block in its plainest form, opener and header in one match.
_PLAIN_BLOCK: Final = re.compile(
    rf"(`{{3,}})([a-z0-9+#_-]*)\n(?://|--|\#|;|%) file: ({PLAIN_PATH})(?: ([^ \t\n()\"]+))?\n", re.IGNORECASE
)
# Compiled, a run of one character is found three times as fast as with `str.find`.
_TICKS: Final = re.compile("```").search
_PROSE, _THINKING, _OPENING, _BLOCK, _STOPPED = range(5)
_DONE: Final = -1
_WAIT: Final = -2


class Scanner:
    """Turns text into events; `push` takes text, `finish` says that no more will come."""

    def __init__(
        self,
        *,
        lenient: bool,
        seal: str | None,
        base: BaseText | None,
        limits: Limits,
        pieces: bool,
        keep_header: bool,
    ) -> None:
        self.lenient = lenient
        self.seal = seal
        self.limits = limits
        self.pieces = pieces
        self.keep_header = keep_header
        self.buf = ""
        self.offset = 0
        self.pos = 0
        self.end = 0
        self.line = 1
        self.final = False
        self.state = _PROSE
        self.sink = Sink(limits.diagnostics)
        self.prose = ProseReader()
        self.files = FileRegister(self.sink, self.prose, seal=seal, base=base, limits=limits, pieces=pieces)
        self.documents = DocumentSlots(self.sink, lenient=lenient)
        self.around = Surroundings()
        self.block: Block | None = None
        self.look: BareFence | OpenString | None = None
        self.think_end = ""
        self.think_line = 0
        self._unwraps = 0
        self._passed = -1
        self._tick = self._tilde = self._tag = self._hit = self._fence = self._split = -1

    # -- text in, events out ------------------------------------------------------------------

    def push(self, text: str) -> list[ParserEvent]:
        """Take more text."""
        if self.state == _STOPPED:
            return []
        if self._take_calm(text):
            return self.sink.take() if self.pieces else []
        self.buf = self.buf + text if self.buf else text
        self.end = self.buf.rfind("\n") + 1
        self._run()
        return self.sink.take()

    def finish(self, ending: Ending) -> list[ParserEvent]:
        """The text is over; whatever is open ends."""
        if self.state == _STOPPED:
            return []
        self.final = True
        self.end = len(self.buf)
        if self.state == _BLOCK and ending is not Ending.COMPLETE:
            self._drop_half_fence()
        self._run()
        if self.state != _STOPPED:
            self._end(ending)
        return self.sink.take()

    @property
    def open_file(self) -> OpenFile | None:
        """The file whose block is open, None between blocks and in a block without a name."""
        block = self.block
        if self.state != _BLOCK or block is None or block.content.path is None:
            return None
        return OpenFile(block.content.path, block.opener)

    def stop(self, code: str, message: str) -> list[ParserEvent]:
        """A limit was passed: settle the whole lines that came, say so, and take no more."""
        if self.state == _STOPPED:
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

    def _forget_hits(self) -> None:
        self._tick = self._tilde = self._tag = self._hit = self._fence = self._split = -1

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

    def _move(self, to: int) -> None:
        self.line += self.buf.count("\n", self.pos, to)
        self.pos = to

    def _line_at(self, index: int) -> int:
        return self.line + self.buf.count("\n", self.pos, index)

    # -- the short way ------------------------------------------------------------------------

    def _take_calm(self, text: str) -> bool:
        """Take whole lines into an open file when none of them can matter; the streaming case."""
        block = self.block
        if self.buf or self.state != _BLOCK or block is None or block.needle in text or MID_NEEDLE in text:
            return False
        content = block.content
        if block.unindent is not None or block.splitter or content.path is None:
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
            if "~~~" in gap or "<think" in gap:
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
        if opener is None and not self._open_tag(line, at, stop):
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

    def _open_tag(self, line: str, at: int, stop: int) -> bool:
        """Enter a `<source>` block, whose path stands on the line above it."""
        path = self.around.tag_path() if self.lenient and line.strip() == _SOURCE_TAG else None
        if path is None or stop < 0:
            return False
        self.prose.block_opens(self.sink.events)
        self._open_block(Opener(0, "<", 1, ""), at)
        block = self._the_block()
        block.needle, block.is_tag = _SOURCE_END, True
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
        self.state = _THINKING
        return True

    def _step_thinking(self) -> bool:
        found = self.buf.find(self.think_end, self.pos, self.end)
        if found < 0:
            self._move(self.end)
            return False
        self._move(found + len(self.think_end))
        self.state = _PROSE
        return True

    # -- opening a block ----------------------------------------------------------------------

    def _open_block(self, opener: Opener, at: int, margin: int = 0) -> None:
        content = Content(start=self.offset + at, language=opener.language, section=self.prose.section)
        needle = opener.char * opener.size
        block = Block(opener, needle, self.offset + at, self.line, content, content.language)
        block.margin = margin
        if opener.indent or margin:
            block.unindent = re.compile(rf"^ {{1,{opener.indent + margin}}}", re.MULTILINE)
        self.block = block
        self._fence = self._split = -1
        self.state = _OPENING

    def _the_block(self) -> Block:
        if self.block is None:
            raise AssertionError("no block is open in this state")
        return self.block

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
        if ":" not in line[: _LONGEST_LEADER + 16]:
            return None
        return read_header(line.lstrip("\ufeff"), first=True, seal=self.seal)

    def _enter_file(self, block: Block, header: Header, begin: int, at: int, following: int) -> bool:
        """A header was found at `at`, after a preamble that begins at `begin`."""
        if following < 0:
            self._cut_header(block, at)
            self.state = _BLOCK
            return True
        first = at if self.keep_header else following + 1
        if begin < at:
            first = begin
        line = self._line_at(first)
        content = self.files.begin(header, block.language, block.start, self._line_at(at))
        content.first_line, content.content_start = line, self.offset + first
        content.ends_crlf = self.buf[following - 1] == "\r"
        block.content = content
        self.files.announce(content)
        self._move(begin)
        if self.keep_header:
            self._add(begin, following + 1)
        elif begin < at:
            self._add(begin, at)
        self._move(following + 1)
        self.state = _BLOCK
        return True

    def _cut_header(self, block: Block, at: int) -> None:
        self._move(at)
        self.sink.say(
            "truncated-header", "The reply stops inside a file header; it names no file.", self.line
        )
        block.content = Content(skipped=True)
        self._move(self.end)

    def _enter(self, block: Block, begin: int, first_line: str | None) -> bool:
        """Enter a block that no header names; with any names, a convention may name it."""
        name = self.around.name(block.opener, first_line or "") if self.lenient else None
        if name is None:
            self._move(begin)
            block.content.first_line, block.content.content_start = self.line, self.offset + begin
            self.state = _BLOCK
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
        block.content = content
        self.files.announce(content)
        self.state = _BLOCK

    # -- inside a block -----------------------------------------------------------------------

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
        if not content.skipped and not content.add(text, limit) and content.path is not None:
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

    def _step_block(self) -> bool:
        """The hot loop: hop from fence to fence and from `file:` to `file:` until something happens."""
        block = self._the_block()
        buf, end, search = self.buf, self.end, needle_search(block.needle)
        scan = self.pos
        while True:
            if self._fence < scan:
                fence = search(buf, scan, end)
                self._fence = end if fence is None else fence.start()
            if self._hit < scan:
                found = buf.find(MID_NEEDLE, scan, end)
                self._hit = end if found < 0 else found
            nearest = min(self._fence, self._hit)
            if block.splitter and (split := self._next_split(block, scan)) < nearest:
                scan = self._meet_split(block, split)
            elif nearest >= end:
                self._settle(block, end)
                return False
            elif nearest == self._fence:
                scan = self._meet_fence(block, nearest)
            else:
                scan = self._meet_header(block, nearest)
            if scan < 0:
                return scan == _DONE

    def _settle(self, block: Block, to: int) -> None:
        """Nothing more can happen in the whole lines that are here."""
        if block.splitter and not self.final:
            to = self._before_blanks(to)
        self._add(self.pos, to)
        self._move(to)

    def _before_blanks(self, at: int) -> int:
        """Where the blank lines that end at `at`, four at most, begin; a split would leave them out."""
        for _ in range(_MOST_BLANKS):
            begin = self.buf.rfind("\n", self.pos, max(at - 1, self.pos)) + 1 or self.pos
            if begin >= at or self.buf[begin:at].strip():
                break
            at = begin
        return at

    def _next_split(self, block: Block, scan: int) -> int:
        if self._split < scan:
            found = self.buf.find("\n" + block.splitter, max(scan - 1, self.pos), self.end)
            self._split = self.end if found < 0 else found + 1
        return self._split

    def _meet_split(self, block: Block, begin: int) -> int:
        """At a comment in a block whose files begin with path comments."""
        buf, end = self.buf, self.end
        stop = buf.find("\n", begin, end)
        if stop < 0:
            if not self.final:
                self._settle(block, begin)
                return _WAIT
            return begin + 1
        previous = buf.rfind("\n", self.pos, begin - 1) + 1 or self.pos
        name = splits_at(block, buf[begin:stop], buf[previous : begin - 1])
        if name is None or block.content.path is None:
            return begin + 1
        last = self._before_blanks(begin)
        self._add(self.pos, last)
        self._move(last)
        self.files.close(block.content, "complete", line=self.line, end=self.offset + last)
        block.start = self.offset + begin
        self._begin_named(block, Header(name.path), begin, begin)
        self._add(begin, stop + 1)
        self._move(stop + 1)
        return _DONE

    def _meet_header(self, block: Block, hit: int) -> int:
        """At `file:`: where to search on, or that the text ends here."""
        buf = self.buf
        begin = max(buf.rfind("\n", 0, hit) + 1, self.pos)
        if hit - begin > _LONGEST_LEADER or block.is_tag:
            return hit + 1
        if self.seal is None and block.language in DIFF_WORDS:
            return hit + 1
        stop = buf.find("\n", hit, self.end)
        line = buf[begin : stop if stop >= 0 else self.end]
        if block.unindent is not None:
            line = block.unindent.sub("", line)
        header = read_header(line, first=False, seal=self.seal)
        if header is None:
            return hit + 1
        if begin > self.pos:
            self._add(self.pos, begin)
            self._move(begin)
        if block.content.inside_inner_fence(block.opener.char, block.opener.size):
            return hit + 1
        self._end_before_header(block, begin)
        if stop < 0:
            self._cut_header(block, begin)
            return _DONE
        self._next_file(block, header, begin, stop + 1)
        return stop + 1

    def _next_file(self, block: Block, header: Header, begin: int, after: int) -> None:
        """A header line in mid-block, buf[begin:after], starts the next file."""
        content = self.files.begin(header, block.language, self.offset + begin, self.line)
        content.first_line = self.line if self.keep_header else self.line + 1
        content.content_start = self.offset + (begin if self.keep_header else after)
        content.ends_crlf = self.buf[after - 2] == "\r"
        block.content, block.splitter = content, ""
        block.nest.clear()
        self.files.announce(content)
        if self.keep_header:
            self._add(begin, after)
        self.line += 1
        self.pos = after

    def _end_before_header(self, block: Block, at: int) -> None:
        content = block.content
        if content.path is not None:
            self.files.close(content, "complete", line=self.line, end=self.offset + at)
        elif not content.skipped and content.size and (content.overflowed or content.text().strip()):
            message = "Lines before the first header of a block belong to no file."
            self.sink.say("orphan-lines", message, content.first_line)

    def _meet_fence(self, block: Block, hit: int) -> int:
        """At the block's own fence: where to search on, that the block ended, or to wait."""
        buf, end = self.buf, self.end
        begin = max(buf.rfind("\n", 0, hit) + 1, self.pos)
        stop = buf.find("\n", hit, end)
        whole = stop if stop >= 0 else end
        if hit - begin > 3 + block.margin or buf[begin:hit].strip(" "):
            return whole
        if block.is_tag:
            return whole if buf[begin:whole].strip() != _SOURCE_END else self._close_at(begin, whole)
        opener = read_opener(buf[begin:whole] if not block.margin else buf[hit:whole])
        if opener is None:
            return whole
        if not opener.info:
            return self._meet_bare(block, opener, begin, whole)
        if _END_WORD.match(opener.info):
            message = "A fence with text after it does not close the block."
            self.sink.say("closer-with-text", message, self._line_at(begin), block.content.path)
            return whole
        return self._meet_nested(block, opener, begin, whole)

    def _meet_bare(self, block: Block, opener: Opener, begin: int, stop: int) -> int:
        if block.nest:
            if opener.size >= block.nest[-1]:
                block.nest.pop()
            return stop
        inside = self._goes_on(block, begin, stop)
        if inside is None:
            self._add(self.pos, begin)
            self._move(begin)
            return _WAIT
        if inside:
            if isinstance(self.look, BareFence):
                block.nest.append(opener.size)
            return stop
        return self._close_at(begin, stop)

    def _close_at(self, begin: int, stop: int) -> int:
        self._add(self.pos, begin)
        self._move(begin)
        if self.lenient and self._is_wrapper():
            self._passed = self.offset + begin
            self._reread(self.buf[begin:])
            return _DONE
        self._close_block("complete", begin)
        self._move(min(stop + 1, self.end))
        return _DONE

    def _goes_on(self, block: Block, begin: int, stop: int) -> bool | None:
        """Whether a bare fence belongs to the content: it opens an example, or stands inside a JSON string."""
        offset, after = self.offset + begin, self.offset + stop + 1
        if self.look is None or self.look.offset != offset:
            if block.is_markdown:
                self.look = BareFence(offset, after, block.needle, self.seal, lenient=self.lenient)
            elif block.content.path is None and not block.content.skipped:
                text = block.content.text() + self.buf[self.pos : begin]
                if self.documents.full or not looks_like_document(text) or not ends_inside_string(text):
                    return False
                self.look = OpenString(offset, after, block.needle, text)
            else:
                return False
        return self.look.decide(self.buf, self.offset, self.end, self.final)

    def _meet_nested(self, block: Block, opener: Opener, begin: int, stop: int) -> int:
        """A fence with an info string inside the block: it nests, unless a header shows a forgotten closer."""
        if block.nest and opener.size < block.nest[-1]:
            return stop
        buf, end = self.buf, self.end
        following = buf.find("\n", stop + 1, end)
        if following < 0 and not self.final and len(buf) - stop <= LONGEST_HEADER:
            self._settle(block, begin)
            return _WAIT
        next_line = buf[stop + 1 : following if following >= 0 else len(buf)]
        header = self._first_header(next_line)
        forgotten = header is not None and (self.seal is None or header.sealed)
        if self.lenient and not forgotten and not block.nest and not block.is_markdown:
            forgotten = forgets_closer(block, opener, next_line, self._lines_before(block, begin))
        if forgotten:
            return self._close_forgotten(block, opener, begin)
        depth = len(block.nest)
        if depth <= self.limits.nesting:
            block.nest.append(opener.size)
        if depth == self.limits.nesting:
            message = f"Fences nest more than {self.limits.nesting} deep."
            self.sink.say("nested-too-deep", message, self._line_at(begin))
        return stop

    def _lines_before(self, block: Block, begin: int) -> list[str]:
        """The last lines of the content before `begin`."""
        tail = self.buf[max(self.pos, begin - 1000) : begin]
        if len(tail) < 1000:
            tail = block.content.tail(1000) + tail
        return tail[-1000:].split("\n")[-6:-1]

    def _close_forgotten(self, block: Block, opener: Opener, begin: int) -> int:
        before = self._lines_before(block, begin)
        self._add(self.pos, begin)
        self._move(begin)
        message = "A new file's fence begins inside an open block."
        self.sink.say("forgotten-closer", message, self.line, block.content.path)
        self._close_block("implicit", begin)
        if self.lenient:
            self.around.lines.extend(before)
        self._open_block(opener, begin)
        return _DONE

    # -- closing ------------------------------------------------------------------------------

    def _close_block(self, status: FileStatus, at: int) -> None:
        content = self._the_block().content
        if content.path is not None:
            self.files.close(content, status, line=self.line, end=self.offset + at)
        elif not content.skipped:
            self.documents.take(content, self.offset + at)
        self.block = None
        self.around.lines.clear()
        self.state = _PROSE

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
        while self.state == _BLOCK and self._unwrap():
            steps = (self._step_prose, self._step_thinking, self._step_opening, self._step_block)
            while steps[self.state]():
                pass
        if self.state == _THINKING:
            message = "A thinking section never ends; nothing after it was read."
            self.sink.say("unclosed-thinking", message, self.think_line)
        if self.state == _BLOCK:
            self._end_block(ending)
        self.documents.finish()
        self.prose.flush(self.sink.events)
        self.state = _STOPPED

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
        self.block, self.state = None, _PROSE
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
