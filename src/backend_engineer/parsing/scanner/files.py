"""Files as they open and close: judged paths, sections, actions, diffs applied to the base.

Owns: what becomes of a header and the content under it.
Must never know: fences, where one file's text ends, how a name was found.
"""

from __future__ import annotations

from typing import Final, Protocol

from backend_engineer.diffs import apply_patch, changed_ranges, parse_patch
from backend_engineer.errors import BadPatch
from backend_engineer.outputs import FileChange, FileStatus, text_hash
from backend_engineer.parsing.block import DIFF_WORDS, MARKDOWN_NAMES, Content
from backend_engineer.parsing.events import FileClosed, FileOpened, ParserEvent, TextRead
from backend_engineer.parsing.header import Header
from backend_engineer.parsing.limits import Limits
from backend_engineer.parsing.prose import ProseReader
from backend_engineer.parsing.scanner.sink import Sink
from backend_engineer.paths import PathIndex, check_path, classify, path_problem

__all__ = ["BaseText", "FileRegister", "give_lines"]

# Named tuples made without their own `__new__`, which costs as much as all the rest of an event.
_new: Final = tuple.__new__
_LONGEST_PLAIN: Final = 200
_COMPARED: Final = 400_000
"""Characters of both texts up to which changed lines are looked for; beyond, every line counts as new."""


class BaseText(Protocol):
    """Where the texts that a change starts from can be read: a source tree or a mapping."""

    def get(self, path: str, /) -> str | None:
        """The text of a file, None if there is none."""

    def __contains__(self, path: object, /) -> bool: ...


def give_lines(out: list[ParserEvent], text: str, line: int, offset: int) -> None:
    """One event for each line of content."""
    lines = text.split("\n")
    last = lines.pop()
    for piece in lines:
        out.append(TextRead(piece + "\n", line, offset))
        line += 1
        offset += len(piece) + 1
    if last:
        out.append(TextRead(last, line, offset))


class FileRegister:
    """Opens and closes the files of one reply, and remembers their paths."""

    def __init__(
        self,
        sink: Sink,
        prose: ProseReader,
        *,
        seal: str | None,
        base: BaseText | None,
        limits: Limits,
        pieces: bool,
    ) -> None:
        self.pieces = pieces
        self._sink = sink
        self._prose = prose
        self._seal = seal
        self._base = base
        self._limits = limits
        self._index = PathIndex()
        self._lines_of: dict[str, int] = {}
        self._count = 0
        self._most, self._longest = limits.files, limits.file

    def begin(self, header: Header, language: str, start: int, line: int, *, named: bool = False) -> Content:
        """Start the file that a header names, or a skipped one where its path is refused.

        named: the name comes from elsewhere than a header line, so that no seal is asked of it.
        """
        content = Content(start, language, header)
        if not header.plain and self._refuses(header, line):
            content.skipped = True
            return content
        self._count += 1
        if self._count > self._limits.files:
            content.skipped = True
            if self._count == self._limits.files + 1:
                self._sink.say("too-many-files", f"Only the first {self._limits.files} files are read.", line)
            return content
        content.path = header.path if header.plain else check_path(header.path)
        content.section = self._prose.section or classify(content.path)
        if header.extra:
            message = f"Words after the path are passed over: {header.extra[:80]!r}."
            self._sink.say("header-words", message, line, content.path)
        elif self._seal is not None and not header.sealed and not named:
            self._sink.say(
                "unsealed-header", "The header does not carry the request's seal.", line, content.path
            )
        return content

    def _refuses(self, header: Header, line: int) -> bool:
        """Whether the policy refuses the path or the path it was renamed from, and then say so."""
        for path in (header.path, header.previous_path):
            problem = None if path is None else path_problem(path)
            if problem is not None:
                message = f"The path {path!r} is refused: {problem}."
                self._sink.say("refused-path", message, line, header.path)
                return True
        return False

    def announce(self, content: Content) -> None:
        """Say that the file opened, and what its path clashes with."""
        path, header = content.path, content.header
        if path is None or header is None:
            return
        line = content.first_line
        self.note(path, line, deleted=header.action == "delete")
        self._sink.events.append(
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

    def note(self, path: str, line: int, *, deleted: bool = False) -> None:
        """Remember a path, and say what it clashes with."""
        earlier = self._lines_of.get(path)
        if earlier is not None:
            self._sink.say("duplicate-path", f"{path} was already given at line {earlier}.", line, path)
        self._lines_of[path] = line
        collision = self._index.add(path) if not deleted else None
        if collision is not None:
            message = f"{path} and {collision.other} collide ({collision.kind})."
            self._sink.say("path-collision", message, line, path)

    @property
    def any(self) -> bool:
        """Whether a file was begun."""
        return self._count > 0

    @property
    def takes_plain(self) -> bool:
        """Whether files may take the short way: nothing is to be compared with a base."""
        return self._base is None

    def plain(
        self, path: str, language: str, text: str, start: int, content_start: int, line: int, following: int
    ) -> bool:
        """Open and close at once a file whose header is nothing but a harmless path; False if it is not that simple.

        text: the content. start, content_start: offsets. line: where the content begins. following: the
        line after it.
        """
        folded = path.lower()
        if self._count >= self._most or len(text) > self._longest or len(path) > _LONGEST_PLAIN:
            return False
        if folded.endswith(MARKDOWN_NAMES):
            return False
        self._count += 1
        if path in self._lines_of or self._index.meets(path, folded) is not None:
            self.note(path, line)
        self._lines_of[path] = line
        section = self._prose.section or classify(path)
        self._prose.last_path = path
        out = self._sink.events
        out.append(
            _new(FileOpened, (path, section, language, None, None, line, start, content_start, "file-opened"))
        )
        if self.pieces:
            give_lines(out, text, line, content_start)
        file = FileChange(path, text, section, language, "add", False, None, "complete", line, following - 1)
        out.append(
            _new(FileClosed, (file, following, content_start, content_start + len(text), "file-closed"))
        )
        return True

    def next_plain(self, header: Header, language: str, start: int, content_start: int, line: int) -> Content:
        """`begin` and `announce` at once for a header in mid-block whose path is harmless.

        line: where the content begins.
        """
        content = Content(start, language, header)
        self._count += 1
        if self._count > self._most:
            self._count -= 1
            return self.begin(header, language, start, line - 1)
        path = header.path
        content.path, content.first_line, content.content_start = path, line, content_start
        content.section = section = self._prose.section or classify(path)
        if path in self._lines_of or self._index.meets(path, path.lower()) is not None:
            self.note(path, line)
        self._lines_of[path] = line
        self._sink.events.append(
            _new(FileOpened, (path, section, language, None, None, line, start, content_start, "file-opened"))
        )
        return content

    def close(self, content: Content, status: FileStatus, *, line: int, end: int) -> None:
        """End a file. line: of what follows its content. end: the offset where the content ends."""
        path, header = content.path, content.header
        if path is None:
            return
        text = content.text() if content.size else ""
        last = line if text and not text.endswith("\n") else line - 1
        if header is not None and header.no_final_newline and status != "truncated":
            text = text.removesuffix("\r\n" if content.ends_crlf else "\n")
        self._prose.last_path = path
        if content.overflowed:
            status = "truncated"
        file: FileChange | None
        if self._base is None and header is not None and header.plain and content.language not in DIFF_WORDS:
            first = content.first_line
            file = FileChange(
                path, text, content.section, content.language, "add", False, None, status, first, last
            )
        else:
            file = self._file(content, path, text, status, last)
        if file is not None:
            self._sink.events.append(
                _new(FileClosed, (file, line, content.content_start, end, "file-closed"))
            )

    def _file(
        self, content: Content, path: str, text: str, status: FileStatus, last: int
    ) -> FileChange | None:
        header, base = content.header, self._base
        stated = header.action if header is not None else None
        previous = header.previous_path if header is not None else None
        old = base.get(path if previous is None else previous) if base is not None else None
        action = stated or ("modify" if base is not None and path in base else "add")
        body: str | None = text
        patch = None
        if action == "delete":
            body = None
            self._note_body(content, path, text)
        elif action == "rename" and not content.size:
            body = None
        elif content.language in DIFF_WORDS:
            patch = text
            body = self._apply(content, path, text, old or "") if base is not None else None
            if body is None and base is not None:
                return None
        changed = None
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
            status,
            content.first_line,
            last,
            patch,
            text_hash(old) if old is not None and action != "add" else None,
            changed,
        )

    def _note_body(self, content: Content, path: str, text: str) -> None:
        if text.strip():
            message = "A deleted file has no content; the block's text is passed over."
            self._sink.say("body-ignored", message, content.first_line, path)

    def _apply(self, content: Content, path: str, text: str, old: str) -> str | None:
        """The new text that a diff makes of the base, or None with a diagnostic where it is refused."""
        try:
            patches = parse_patch(text, path=path)
            if len(patches) != 1:
                message = f"the block holds differences for {len(patches)} files, not for one."
                raise BadPatch(message, path=path)
            return apply_patch(patches[0], old)
        except BadPatch as error:
            self._sink.say("patch-refused", f"The diff is refused: {error}", content.first_line, path)
            return None
