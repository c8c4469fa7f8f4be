"""The streaming scanner: hops from fence to fence and header to header, and never reads content by line.

Owns: the states of a reply (prose, thinking, opening, block), every move between them, and the buffer.
Must never know: bytes, limits on the whole reply, how events add up to a reply, folders.

How it works. `buf` holds what has not been settled yet; `pos` is where the next step begins, always at
the start of a line; `end` is where the last whole line ends. A step looks for the next place that can
matter with `str.find` (the block's own fence at full length, `file:`), settles everything before it and
moves `pos`. A place whose meaning hangs on a later line is left standing until that line is whole, so
that no event ever has to be taken back, and the same text gives the same events in any chunks.
"""

from __future__ import annotations

import re
from typing import Final, Protocol

from backend_engineer.contract import Ending
from backend_engineer.diffs import apply_patch, changed_ranges, parse_patch
from backend_engineer.errors import BadPatch
from backend_engineer.outputs import FileChange, text_hash
from backend_engineer.parsing.block import Block, Content, Opener, read_opener
from backend_engineer.parsing.documents import load_document, looks_like_document
from backend_engineer.parsing.events import (
    AttestationsRead,
    ClarificationRead,
    DiagnosticRaised,
    FileClosed,
    FileOpened,
    FindingsRead,
    ParserEvent,
    PlanRead,
    QuestionAsked,
    TextRead,
)
from backend_engineer.parsing.header import LONGEST_HEADER, MID_NEEDLE, Header, is_preamble, read_header
from backend_engineer.parsing.limits import Limits
from backend_engineer.parsing.lookahead import BareFence
from backend_engineer.parsing.prose import ProseReader
from backend_engineer.paths import PathIndex, check_path, classify, path_problem

__all__ = ["BaseText", "Scanner"]

_THINK: Final = re.compile(r"^[ \t]*<(think|thinking)>", re.MULTILINE)
_END_WORD: Final = re.compile(r"end(?:[ \t]+of[ \t]+(?:file|block|code))?\W*\Z|eof\Z", re.IGNORECASE)
_LONGEST_LEADER: Final = 12
_MOST_PREAMBLE: Final = 2
_DIFF_WORDS: Final = frozenset(("diff", "patch"))
_COMPARED: Final = 400_000
_PROSE, _THINKING, _OPENING, _BLOCK, _STOPPED = range(5)


class BaseText(Protocol):
    """Where the texts that a change starts from can be read: a source tree or a mapping."""

    def get(self, path: str, /) -> str | None:
        """The text of a file, None if there is none."""

    def __contains__(self, path: object, /) -> bool: ...


class Scanner:
    """Turns text into events; `push` takes text, `finish` says that no more will come."""

    def __init__(
        self, *, seal: str | None, base: BaseText | None, limits: Limits, pieces: bool, keep_header: bool
    ) -> None:
        self.seal = seal
        self.base_text = base
        self.limits = limits
        self.pieces = pieces
        self.keep_header = keep_header
        self.out: list[ParserEvent] = []
        self.buf = ""
        self.offset = 0
        self.pos = 0
        self.end = 0
        self.line = 1
        self.final = False
        self.state = _PROSE
        self.prose = ProseReader()
        self.block: Block | None = None
        self.look: BareFence | None = None
        self.think_tag = ""
        self.think_line = 0
        self._tick = self._tilde = self._hit = self._fence = -1
        self._index = PathIndex()
        self._lines_of: dict[str, int] = {}
        self._files = 0
        self._diagnostics = 0
        self._documents: set[str] = set()

    # -- text in, events out ------------------------------------------------------------------

    def push(self, text: str) -> list[ParserEvent]:
        """Take more text, which ends with a whole line or is all that there is."""
        if self.state == _STOPPED:
            return []
        self.buf = self.buf + text if self.buf else text
        self.end = self.buf.rfind("\n") + 1
        return self._run()

    def finish(self, ending: Ending) -> list[ParserEvent]:
        """The text is over; whatever is open ends."""
        if self.state == _STOPPED:
            return []
        self.final = True
        self.end = len(self.buf)
        if self.state == _BLOCK and ending is not Ending.COMPLETE:
            self._drop_half_fence()
        events = self._run(ending)
        self.state = _STOPPED
        return events

    def stop(self, code: str, message: str) -> list[ParserEvent]:
        """A limit was passed: settle the whole lines that came, say so, and take no more."""
        self.buf = self.buf[: self.buf.rfind("\n") + 1]
        events = self.finish(Ending.TRUNCATED)
        self.out = []
        self._say(code, message, self.line)
        return events + self.out

    def _run(self, ending: Ending | None = None) -> list[ParserEvent]:
        self.out = []
        self._tick = self._tilde = self._hit = self._fence = -1
        if len(self.buf) - self.pos > self.limits.line and self._meet_long_line():
            ending = Ending.TRUNCATED
        steps = (self._step_prose, self._step_thinking, self._step_opening, self._step_block)
        while steps[self.state]():
            pass
        if ending is not None:
            self._end(ending)
        if self.pos:
            self.buf = self.buf[self.pos :]
            self.offset += self.pos
            self.pos = 0
        if self.final:
            self.state = _STOPPED
        return self.out

    def _meet_long_line(self) -> bool:
        """If a line is longer than the limit, cut everything from it on and make this the end."""
        at, limit = self.pos, self.limits.line
        while len(self.buf) - at > limit:
            following = self.buf.rfind("\n", at, at + limit + 1)
            if following < 0:
                self.buf = self.buf[:at]
                self.end, self.final = at, True
                number = self.line + self.buf.count("\n", self.pos)
                self._say(
                    "line-too-long",
                    f"The line is longer than {limit} characters; reading stops here.",
                    number,
                )
                return True
            at = following + 1
        return False

    def _move(self, to: int) -> None:
        self.line += self.buf.count("\n", self.pos, to)
        self.pos = to

    def _say(self, code: str, message: str, line: int, path: str | None = None) -> None:
        self._diagnostics += 1
        if self._diagnostics <= self.limits.diagnostics:
            self.out.append(DiagnosticRaised(code, message, line, path))
        elif self._diagnostics == self.limits.diagnostics + 1:
            self.out.append(DiagnosticRaised("too-many-diagnostics", "More were left out.", line, None))

    # -- prose and thinking -------------------------------------------------------------------

    def _next_opener_line(self, start: int) -> int:
        """Index of the next line that begins with a fence, or `end`."""
        buf, end = self.buf, self.end
        while True:
            if self._tick < start:
                found = buf.find("```", start, end)
                self._tick = end if found < 0 else found
            if self._tilde < start:
                found = buf.find("~~~", start, end)
                self._tilde = end if found < 0 else found
            at = min(self._tick, self._tilde)
            if at >= end:
                return end
            begin = max(buf.rfind("\n", 0, at) + 1, self.pos)
            if at - begin <= 3 and buf[begin:at].strip(" ") == "":
                return begin
            if self.offset + begin == 0 and buf[begin:at].lstrip("\ufeff").strip(" ") == "":
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
        stop = self.buf.find("\n", at, self.end)
        line = self.buf[at : stop if stop >= 0 else self.end]
        opener = read_opener(line.lstrip("\ufeff") if self.offset + at == 0 else line)
        if opener is None:
            self._move(stop + 1 if stop >= 0 else self.end)
            return self.pos < self.end
        self.prose.block_opens(self.out)
        self._open_block(opener, at)
        return True

    def _read_prose(self, to: int) -> None:
        text = self.buf[self.pos : to]
        if text and self.prose.wants(text):
            number = self.line
            for line in text.split("\n"):
                if line:
                    self.prose.read(line, number, self.out)
                number += 1
        self._move(to)

    def _think_before(self, at: int) -> bool:
        """Enter a thinking section that begins before `at`."""
        if self.buf.find("<think", self.pos, at) < 0:
            return False
        match = _THINK.search(self.buf, self.pos, at)
        if match is None:
            return False
        self._read_prose(match.start())
        self.think_tag = f"</{match.group(1)}>"
        self.think_line = self.line
        self._move(match.end())
        self.state = _THINKING
        return True

    def _step_thinking(self) -> bool:
        found = self.buf.find(self.think_tag, self.pos, self.end)
        if found < 0:
            self._move(self.end)
            return False
        self._move(found + len(self.think_tag))
        self.state = _PROSE
        return True

    # -- opening a block ----------------------------------------------------------------------

    def _open_block(self, opener: Opener, at: int) -> None:
        content = Content(start=self.offset + at, language=opener.language, section=self.prose.section)
        block = Block(opener, opener.char * opener.size, self.offset + at, self.line, content)
        if opener.indent:
            block.unindent = re.compile(rf"^ {{1,{opener.indent}}}", re.MULTILINE)
        self.block = block
        self.state = _OPENING

    def _step_opening(self) -> bool:
        """At an opener's line: wait for what decides whether the block is a file, then enter it."""
        block = self._the_block()
        buf, end = self.buf, self.end
        stop = buf.find("\n", self.pos, end)
        if stop < 0:
            return self._enter(block, end, None, end) if self.final else False
        at = begin = stop + 1
        for _ in range(_MOST_PREAMBLE + 1):
            following = buf.find("\n", at, end)
            if following < 0 and not self.final and len(buf) - at <= LONGEST_HEADER:
                return False
            line = buf[at : following if following >= 0 else len(buf)]
            header = self._first_header(block, line)
            if header is not None:
                return self._enter_file(block, header, begin, at, following)
            if following < 0 or not is_preamble(line):
                break
            at = following + 1
        return self._enter(block, begin, None, begin)

    def _first_header(self, block: Block, line: str) -> Header | None:
        if MID_NEEDLE[-1] not in line[: _LONGEST_LEADER + 16]:
            return None
        return read_header(line.lstrip("\ufeff"), first=True, seal=self.seal)

    def _enter_file(self, block: Block, header: Header, begin: int, at: int, following: int) -> bool:
        if following < 0:
            self._move(at)
            self._say(
                "truncated-header", "The reply stops inside a file header; it names no file.", self.line
            )
            self._move(self.end)
            block.content.skipped = True
            self.state = _BLOCK
            return True
        preamble = self.buf[begin:at]
        self._move(begin)
        content = self._new_content(block, header, block.start, self.line + preamble.count("\n"))
        content.first_line = self.line if preamble else self.line + 1
        content.content_start = self.offset + (begin if preamble else following + 1)
        content.ends_crlf = self.buf[following - 1] == "\r"
        block.content = content
        self._announce(content, header)
        if preamble:
            self._add(begin, at)
        self._move(following + 1)
        self.state = _BLOCK
        return True

    def _enter(self, block: Block, begin: int, header: Header | None, to: int) -> bool:
        self._move(to)
        block.content.first_line = self.line
        block.content.content_start = self.offset + to
        self.state = _BLOCK
        return True

    def _new_content(self, block: Block, header: Header, start: int, line: int) -> Content:
        """Judge the header's path and start the file it names, or a skipped one."""
        content = Content(header=header, start=start, language=block.opener.language)
        for path in (header.path, header.previous_path):
            problem = None if path is None else path_problem(path)
            if problem is not None:
                self._say("refused-path", f"The path {path!r} is refused: {problem}.", line, header.path)
                content.skipped = True
                return content
        self._files += 1
        if self._files > self.limits.files:
            content.skipped = True
            if self._files == self.limits.files + 1:
                self._say("too-many-files", f"Only the first {self.limits.files} files are read.", line)
            return content
        content.path = check_path(header.path)
        content.section = self.prose.section or classify(content.path)
        if header.extra:
            self._say(
                "header-words",
                f"Words after the path are passed over: {header.extra[:80]!r}.",
                line,
                content.path,
            )
        elif self.seal is not None and not header.sealed:
            self._say("unsealed-header", "The header does not carry the request's seal.", line, content.path)
        return content

    def _announce(self, content: Content, header: Header) -> None:
        path = content.path
        if path is None:
            return
        line = content.first_line
        earlier = self._lines_of.get(path)
        if earlier is not None:
            self._say("duplicate-path", f"{path} was already given at line {earlier}.", line, path)
        self._lines_of[path] = line
        collision = self._index.add(path) if header.action != "delete" else None
        if collision is not None:
            self._say(
                "path-collision", f"{path} and {collision.other} collide ({collision.kind}).", line, path
            )
        self.out.append(
            FileOpened(
                path,
                content.section,
                content.language,
                header.action,
                header.previous_path,
                line,
                content.start,
                content.content_start,
            )
        )

    # -- inside a block -----------------------------------------------------------------------

    def _the_block(self) -> Block:
        assert self.block is not None
        return self.block

    def _add(self, start: int, stop: int) -> None:
        """Take buf[start:stop], whole lines beginning at line `self.line`, into the open content."""
        if start >= stop:
            return
        block = self._the_block()
        content = block.content
        text = self.buf[start:stop]
        if block.unindent is not None:
            text = block.unindent.sub("", text)
        if self.pieces and content.path is not None and not content.overflowed:
            self._give_lines(self.buf[start:stop], self.offset + start, block, content)
        limit = self.limits.file if content.path is not None else self.limits.document
        if not content.skipped and not content.add(text, limit) and content.path is not None:
            self._say(
                "file-too-large",
                f"The file is longer than {limit} characters; the rest is left out.",
                content.first_line,
                content.path,
            )

    def _give_lines(self, raw: str, offset: int, block: Block, content: Content) -> None:
        number, out, room = self.line, self.out, self.limits.file - content.size
        lines = raw.split("\n")
        last = lines.pop()
        for line in lines:
            text = line + "\n"
            shown = block.unindent.sub("", text) if block.unindent is not None else text
            room -= len(shown)
            if room < 0:
                return
            out.append(TextRead(shown, number, offset))
            number += 1
            offset += len(text)
        if last and room >= len(last):
            shown = block.unindent.sub("", last) if block.unindent is not None else last
            out.append(TextRead(shown, number, offset))

    def _step_block(self) -> bool:
        """The hot loop: hop from fence to fence and from `file:` to `file:` until something happens."""
        block = self._the_block()
        buf, end, needle = self.buf, self.end, block.needle
        self._fence = -1
        scan = self.pos
        while True:
            if self._fence < scan:
                found = buf.find(needle, scan, end)
                self._fence = end if found < 0 else found
            if self._hit < scan:
                found = buf.find(MID_NEEDLE, scan, end)
                self._hit = end if found < 0 else found
            if self._hit < self._fence:
                scan = self._meet_header(block, self._hit)
            elif self._fence >= end:
                self._add(self.pos, end)
                self._move(end)
                return False
            else:
                scan = self._meet_fence(block, self._fence)
            if scan < 0:
                return self.state != _BLOCK or scan == -1

    def _meet_header(self, block: Block, hit: int) -> int:
        """At `file:`: where to search on, -1 when a file began, -2 to wait for more text."""
        buf, end = self.buf, self.end
        begin = max(buf.rfind("\n", 0, hit) + 1, self.pos)
        if hit - begin > _LONGEST_LEADER or (block.opener.language in _DIFF_WORDS and self.seal is None):
            return hit + 1
        stop = buf.find("\n", hit, end)
        line = buf[begin : stop if stop >= 0 else end]
        if block.unindent is not None:
            line = block.unindent.sub("", line)
        header = read_header(line, first=False, seal=self.seal)
        if header is None:
            return hit + 1
        self._add(self.pos, begin)
        self._move(begin)
        if block.content.inside_inner_fence(block.opener.char, block.opener.size):
            return hit + 1
        self._end_before_header(block, begin)
        if stop < 0:
            self._say(
                "truncated-header", "The reply stops inside a file header; it names no file.", self.line
            )
            block.content = Content(skipped=True)
            self._move(end)
            return -1
        content = self._new_content(block, header, self.offset + begin, self.line)
        content.first_line = self.line + 1
        content.content_start = self.offset + stop + 1
        content.ends_crlf = buf[stop - 1] == "\r"
        block.content = content
        block.nest.clear()
        self._announce(content, header)
        self._move(stop + 1)
        return -1

    def _end_before_header(self, block: Block, at: int) -> None:
        content = block.content
        if content.path is not None:
            self._close_content("complete", at)
        elif not content.skipped and content.size and (content.overflowed or content.text().strip()):
            self._say(
                "orphan-lines",
                "Lines before the first header of a block belong to no file.",
                content.first_line,
            )

    def _meet_fence(self, block: Block, hit: int) -> int:
        """At the block's own fence: where to search on, -1 when the block ended, -2 to wait."""
        buf, end = self.buf, self.end
        begin = max(buf.rfind("\n", 0, hit) + 1, self.pos)
        stop = buf.find("\n", hit, end)
        whole = stop if stop >= 0 else end
        if hit - begin > 3 or buf[begin:hit].strip(" "):
            return whole
        opener = read_opener(buf[begin:whole])
        if opener is None:
            return whole
        if not opener.info:
            return self._meet_bare(block, opener, begin, whole)
        if _END_WORD.match(opener.info):
            line = self.line + buf.count("\n", self.pos, begin)
            self._say(
                "closer-with-text",
                "A fence with text after it does not close the block.",
                line,
                block.content.path,
            )
            return whole
        return self._meet_nested(block, opener, begin, whole)

    def _meet_bare(self, block: Block, opener: Opener, begin: int, stop: int) -> int:
        if block.nest:
            if opener.size >= block.nest[-1]:
                block.nest.pop()
            return stop
        if block.is_markdown:
            opens = self._bare_opens(block, begin, stop)
            if opens is None:
                self._add(self.pos, begin)
                self._move(begin)
                return -2
            if opens:
                block.nest.append(opener.size)
                return stop
        self._add(self.pos, begin)
        self._move(begin)
        self._close_block("complete", begin)
        self._move(min(stop + 1, self.end))
        return -1

    def _bare_opens(self, block: Block, begin: int, stop: int) -> bool | None:
        offset = self.offset + begin
        if self.look is None or self.look.offset != offset:
            self.look = BareFence(offset, self.offset + stop + 1, block.needle, self.seal)
        return self.look.decide(self.buf, self.offset, self.end, self.final)

    def _meet_nested(self, block: Block, opener: Opener, begin: int, stop: int) -> int:
        """A fence with an info string inside the block: it nests, unless a header shows a forgotten closer."""
        if block.nest and opener.size < block.nest[-1]:
            return stop
        buf, end = self.buf, self.end
        following = buf.find("\n", stop + 1, end)
        if following < 0 and not self.final and len(buf) - stop <= LONGEST_HEADER:
            self._add(self.pos, begin)
            self._move(begin)
            return -2
        header = read_header(
            buf[stop + 1 : following if following >= 0 else len(buf)], first=True, seal=self.seal
        )
        if header is not None and (self.seal is None or header.sealed):
            self._add(self.pos, begin)
            self._move(begin)
            self._say(
                "forgotten-closer",
                "A new file's fence begins inside an open block.",
                self.line,
                block.content.path,
            )
            self._close_block("implicit", begin)
            self._open_block(opener, begin)
            return -1
        if len(block.nest) < self.limits.nesting:
            block.nest.append(opener.size)
        elif len(block.nest) == self.limits.nesting:
            block.nest.append(opener.size)
            line = self.line + buf.count("\n", self.pos, begin)
            self._say("nested-too-deep", f"Fences nest more than {self.limits.nesting} deep.", line)
        return stop

    # -- closing ------------------------------------------------------------------------------

    def _close_block(self, status: str, at: int) -> None:
        block = self._the_block()
        if block.content.path is not None:
            self._close_content(status, at)
        elif not block.content.skipped:
            self._read_document(block, at)
        self.block = None
        self.state = _PROSE

    def _close_content(self, status: str, at: int) -> None:
        content = self._the_block().content
        path, header = content.path, content.header
        assert path is not None
        text = content.text()
        last = self.line if text and not text.endswith("\n") else self.line - 1
        if header is not None and header.no_final_newline and status != "truncated":
            text = text.removesuffix("\r\n" if content.ends_crlf else "\n")
        if content.overflowed:
            status = "truncated"
        self.prose.last_path = path
        file = self._file(content, path, text, status, last)
        if file is not None:
            self.out.append(FileClosed(file, self.line, content.content_start, self.offset + at))

    def _file(self, content: Content, path: str, text: str, status: str, last: int) -> FileChange | None:
        header = content.header
        base = self.base_text
        stated = header.action if header is not None else None
        previous = header.previous_path if header is not None else None
        source = previous if previous is not None else path
        old = base.get(source) if base is not None else None
        action = stated or ("modify" if base is not None and path in base else "add")
        body: str | None = text
        patch = None
        changed: tuple[tuple[int, int], ...] | None = None
        if action == "delete":
            if text.strip():
                self._say(
                    "body-ignored",
                    "A deleted file has no content; the block's text is passed over.",
                    content.first_line,
                    path,
                )
            body = None
        elif action == "rename" and not content.size:
            body = None
        elif content.language in _DIFF_WORDS:
            patch, body = text, None
            if base is not None:
                body = self._apply(content, path, text, old or "")
                if body is None:
                    return None
        if body is not None and old is not None and len(body) + len(old) <= _COMPARED:
            changed = changed_ranges(old, body)
        return FileChange(
            path,
            body,
            content.section,
            content.language,
            action,
            stated is not None,
            previous,
            status,  # type: ignore[arg-type]
            content.first_line,
            last,
            patch,
            text_hash(old) if old is not None and action != "add" else None,
            changed,
        )

    def _apply(self, content: Content, path: str, text: str, old: str) -> str | None:
        """The new text that a diff makes of the base, or None with a diagnostic where it is refused."""
        try:
            patches = parse_patch(text, path=path)
            if len(patches) != 1:
                raise BadPatch(
                    f"the block holds differences for {len(patches)} files, not for one.", path=path
                )
            return apply_patch(patches[0], old)
        except BadPatch as error:
            self._say("patch-refused", f"The diff is refused: {error}", content.first_line, path)
            return None

    def _read_document(self, block: Block, at: int) -> None:
        content = block.content
        if content.overflowed or not content.size:
            return
        text = content.text()
        if not looks_like_document(text):
            return
        document = load_document(text)
        if document is None:
            return
        line = content.first_line
        if document.root in self._documents:
            self._say(f"second-{document.root}", f"Only the first {document.root} block counts.", line)
            return
        for code, message in document.problems:
            self._say(code, message, line)
        if document.value is None:
            return
        self._documents.add(document.root)
        start, stop = content.content_start, self.offset + at
        if document.root == "plan":
            self.out.append(PlanRead(document.value, line, start, stop))
        elif document.root == "attestations":
            self.out.append(AttestationsRead(document.value, line, start, stop))
        elif document.root == "findings":
            self.out.append(FindingsRead(document.value, line, start, stop))
        elif document.root == "clarification":
            self.out.append(ClarificationRead(document.value, line, start, stop))
        else:
            for question in document.value:
                self.out.append(QuestionAsked(question._replace(line=line), line))

    def _drop_half_fence(self) -> None:
        """Take a cut closing fence off the end: it is not content of the file that it was to close."""
        block = self._the_block()
        begin = max(self.buf.rfind("\n") + 1, self.pos)
        tail = self.buf[begin:]
        body = tail.lstrip(" ")
        if (
            body
            and len(tail) - len(body) <= 3
            and len(body) < block.opener.size
            and not body.strip(block.opener.char)
        ):
            self.buf = self.buf[:begin]
            self.end = begin

    def _end(self, ending: Ending) -> None:
        if self.state == _THINKING:
            self._say(
                "unclosed-thinking",
                "A thinking section never ends; nothing after it was read.",
                self.think_line,
            )
        if self.state == _BLOCK:
            self._end_block(ending)
        self.prose.flush(self.out)

    def _end_block(self, ending: Ending) -> None:
        block = self._the_block()
        content = block.content
        complete = ending is Ending.COMPLETE
        if content.path is not None:
            lines = content.text().count("\n")
            if complete:
                self._say(
                    "unclosed-file",
                    "The file's fence is never closed; its end was inferred.",
                    self.line,
                    content.path,
                )
            else:
                message = f"The reply stops inside the file, after {lines} whole lines and {content.size} characters."
                self._say("truncated-file", message, self.line, content.path)
        elif not content.skipped:
            self._say("unclosed-block", "A block without a name is never closed.", block.line)
        self._close_block("implicit" if complete else "truncated", self.end)
