"""Inside a block: hops from fence to fence and from header to header until the block ends.

Owns: which fence closes, which nests, which was forgotten; where the next file of a block begins.
Must never know: prose, the order of sections, how a reply ends.
"""

from __future__ import annotations

import re
from typing import Final

from backend_engineer.outputs import FileStatus
from backend_engineer.parsing.block import DIFF_WORDS, Block, Content, Opener, needle_search, read_opener
from backend_engineer.parsing.documents import ends_inside_string, looks_like_document
from backend_engineer.parsing.header import LONGEST_HEADER, MID_NEEDLE, Header, read_header
from backend_engineer.parsing.lookahead import BareFence, OpenString
from backend_engineer.parsing.scanner.cursor import DONE, PROSE, WAIT
from backend_engineer.parsing.scanner.lenient import forgets_closer, splits_at
from backend_engineer.parsing.scanner.opening import LONGEST_LEADER, Opening

__all__ = ["SOURCE_END", "Inside"]

SOURCE_END: Final = "</source>"
_END_WORD: Final = re.compile(r"end(?:[ \t]+of[ \t]+(?:file|block|code))?\W*\Z|eof\Z", re.IGNORECASE)
_MOST_BLANKS: Final = 4
_TRANSCRIPTS: Final = frozenset(
    ("console", "shell-session", "sh-session", "text", "txt", "plaintext", "output", "log", "bash", "sh", "shell", "zsh",
     "powershell", "mermaid")
)  # fmt: skip


class Inside(Opening):
    """Reads open blocks to their ends."""

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
                return scan == DONE

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
                return WAIT
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
        return DONE

    def _meet_header(self, block: Block, hit: int) -> int:
        """At `file:`: where to search on, or that the text ends here."""
        buf = self.buf
        begin = max(buf.rfind("\n", 0, hit) + 1, self.pos)
        if hit - begin > LONGEST_LEADER or block.is_tag:
            return hit + 1
        if block.language in DIFF_WORDS and self.seal is None:
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
        content = block.content
        kept = content.size or content.skipped or content.overflowed
        if kept and content.inside_inner_fence():
            return hit + 1
        if content.path is not None:
            self.files.close(content, "complete", line=self.line, end=self.offset + begin)
        else:
            self._tell_orphans(content)
        if stop < 0:
            self._cut_header(block, begin)
            return DONE
        self._next_file(block, header, begin, stop + 1)
        return stop + 1

    def _next_file(self, block: Block, header: Header, begin: int, after: int) -> None:
        """A header line in mid-block, buf[begin:after], starts the next file."""
        files, start = self.files, self.offset + begin
        if header.plain and not self.keep_header:
            content = files.next_plain(header, block.language, start, self.offset + after, self.line + 1)
        else:
            content = files.begin(header, block.language, start, self.line)
            content.first_line = self.line if self.keep_header else self.line + 1
            content.content_start = self.offset + (begin if self.keep_header else after)
            files.announce(content)
        content.ends_crlf = self.buf[after - 2] == "\r"
        block.hold(content)
        block.splitter = ""
        if block.nest:
            block.nest.clear()
        if self.keep_header:
            self._add(begin, after)
        self.line += 1
        self.pos = after

    def _tell_orphans(self, content: Content) -> None:
        if not content.skipped and content.size and (content.overflowed or content.text().strip()):
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
            return whole if buf[begin:whole].strip() != SOURCE_END else self._close_at(begin, whole)
        opener = read_opener(buf[begin:whole] if not block.margin else buf[hit:whole])
        if opener is None:
            return whole
        if not opener.info:
            return self._meet_bare(block, opener, begin, whole)
        if _END_WORD.match(opener.info):
            message = "A fence with text after it does not close the block."
            self._say_at(begin, "closer-with-text", message)
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
            return WAIT
        if inside:
            if isinstance(self.look, BareFence):
                block.nest.append(opener.size)
            return stop
        return self._close_at(begin, stop)

    def _close_at(self, begin: int, stop: int) -> int:
        self._add(self.pos, begin)
        self._move(begin)
        if self._rereads(begin):
            return DONE
        self._close_block("complete", begin)
        self._move(min(stop + 1, self.end))
        return DONE

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
            return WAIT
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
            self._say_at(begin, "nested-too-deep", f"Fences nest more than {self.limits.nesting} deep.")
        return stop

    def _say_at(self, begin: int, code: str, message: str) -> None:
        """Say something of the line at `begin`, after the events of the lines before it."""
        self._add(self.pos, begin)
        self._move(begin)
        self.sink.say(code, message, self.line, self._the_block().content.path)

    def _lines_before(self, block: Block, begin: int) -> list[str]:
        """The last lines of the content before `begin`."""
        tail = self.buf[max(self.pos, begin - 1000) : begin]
        if len(tail) < 1000:
            tail = block.content.tail() + tail
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
        return DONE

    def _close_block(self, status: FileStatus, at: int) -> None:
        content = self._the_block().content
        if content.path is not None:
            self.files.close(content, status, line=self.line, end=self.offset + at)
        elif not content.skipped:
            self.documents.take(content, self.offset + at)
            self._tell_unnamed(content)
        self.block = None
        self.around.lines.clear()
        self.state = PROSE

    def _tell_unnamed(self, content: Content) -> None:
        """Say that a block among the files is none; what was typed and seen in a terminal is no file's text."""
        section, block = self.prose.section, self._the_block()
        if self.lenient or section is None or content.language in _TRANSCRIPTS or not content.size:
            return
        if content.overflowed or not looks_like_document(content.text()):
            message = f"A block under `{section.value}` has no header; it is of no file."
            self.sink.say("unnamed-block", message, block.line)

    def _rereads(self, begin: int) -> bool:
        """Whether the block that closes at `begin` wraps a reply, and is read again as prose."""
        return False
