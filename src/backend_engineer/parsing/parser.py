"""The parser that callers use: chunks of text or bytes in, events out; and a whole reply at once.

Owns: decoding, gathering chunks into whole lines, the limit on the whole, and adding events up to a reply.
Must never know: what the lines mean.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from backend_engineer.contract import Ending
from backend_engineer.errors import ReplyUnusable, UsageError
from backend_engineer.outputs import Change, FileChange
from backend_engineer.parsing.events import Diagnostic, ParserEvent, Question, Validation
from backend_engineer.parsing.limits import DEFAULT_LIMITS, Limits
from backend_engineer.parsing.reply import Reply
from backend_engineer.parsing.resume import Seam
from backend_engineer.parsing.scanner import BaseText, Scanner

if TYPE_CHECKING:  # a reply without JSON blocks never needs the models
    from backend_engineer.outputs import Attestation, Clarification, Plan, ReviewFindings

__all__ = ["Duplicates", "Names", "ReplyParser", "parse_reply", "reply_from_events"]

Names: TypeAlias = Literal["header", "any"]
Duplicates: TypeAlias = Literal["last", "first", "error"]
_NAMES: Final = ("header", "any")
_DUPLICATES: Final = ("last", "first", "error")


class ReplyParser:
    """Reads a reply as it streams in; no event is ever taken back, and no input makes it raise.

    names: `header` reads files by their header line (replies to this stage's own prompt); `any` also
    takes names from info strings, path comments, the line before a fence and the like.
    seal: the word that headers of this request carry; None if none is in force.
    base: the texts that the change starts from, by which diffs are applied and actions told apart.
    limits: upper bounds. pieces: whether each line of content is an event of its own.
    keep_header: whether the header line stays in the content.
    resume_from: a reply that was cut, or its text; what is fed then continues it, and what it repeats of
    the end is joined once. Only events that the continuation adds are given.
    """

    def __init__(
        self,
        *,
        names: Names = "header",
        seal: str | None = None,
        base: BaseText | None = None,
        limits: Limits = DEFAULT_LIMITS,
        pieces: bool = True,
        keep_header: bool = False,
        resume_from: Reply | str | None = None,
    ) -> None:
        if names not in _NAMES:
            raise UsageError(f"names must be one of {', '.join(_NAMES)}, not {names!r}.")
        UsageError.unless(seal, (str, type(None)), "seal")
        if seal is not None and (not seal or any(sign.isspace() for sign in seal)):
            raise UsageError("A seal is one word without blanks.")
        if base is not None and not callable(getattr(base, "get", None)):
            raise UsageError(
                f"base is a {type(base).__name__}.", hint="Pass a SourceTree, or a mapping of path to text."
            )
        self._scanner = Scanner(
            lenient=names == "any",
            seal=seal,
            base=base,
            limits=limits,
            pieces=pieces,
            keep_header=keep_header,
        )
        self._pending: list[str] = []
        self._waiting = 0
        self._room = limits.total
        self._line_limit = limits.line
        self._decoder: codecs.IncrementalDecoder | None = None
        self._closed = False
        self._seam: Seam | None = None
        self.joined: list[str] = []
        if resume_from is not None:
            self._resume(resume_from.text if isinstance(resume_from, Reply) else resume_from, seal)

    def _resume(self, text: str, seal: str | None) -> None:
        """Read the text that was cut up to where it stops, and stand ready for what continues it."""
        self.feed(text)
        self._seam = Seam(text, self._scanner.open_file, seal)

    def feed(self, chunk: str | bytes) -> list[ParserEvent]:
        """Take the next piece of the reply, cut anywhere, and give what it settles.

        Bytes are UTF-8; what is not becomes U+FFFD. Raises UsageError after `close`.
        """
        if type(chunk) is not str:
            chunk = self._decoded(chunk)
        if self._seam is not None:
            chunk = self._seam.feed(chunk)
            self.joined.append(chunk)
        if "\n" not in chunk and (waiting := self._waiting + len(chunk)) <= self._line_limit:
            self._pending.append(chunk)
            self._waiting = waiting
            return []
        return self._push(chunk)

    def _decoded(self, chunk: str | bytes) -> str:
        if isinstance(chunk, str):
            return str(chunk)
        UsageError.unless(chunk, (str, bytes, bytearray), "A piece of the reply")
        if self._decoder is None:
            self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        return self._decoder.decode(chunk)

    def _push(self, chunk: str) -> list[ParserEvent]:
        if self._closed:
            raise UsageError("The parser was closed; make a new one for another reply.")
        cut = chunk.rfind("\n") + 1 or len(chunk)
        text = "".join((*self._pending, chunk[:cut])) if self._pending else chunk[:cut]
        rest = chunk[cut:]
        self._pending = [rest] if rest else []
        self._waiting = len(rest)
        self._room -= len(text)
        if self._room >= 0:
            return self._scanner.push(text)
        events = self._scanner.push(text[: self._room])
        return events + self._scanner.stop(
            "reply-too-long", "The reply is longer than the limit; the rest is not read."
        )

    def close(self, ending: Ending | str = Ending.COMPLETE) -> list[ParserEvent]:
        """Say that no more text comes and how it ended; gives what was still open.

        Raises UsageError for an unknown ending, or when it was closed before.
        """
        if self._closed:
            raise UsageError("The parser was closed before.")
        ending = _ending(ending)
        rest = self._decoder.decode(b"", True) if self._decoder is not None else ""
        events = self.feed(rest) if rest else []
        if self._seam is not None:
            rest, self._seam = self._seam.finish(), None
            self.joined.append(rest)
            events += self.feed(rest)
        self._closed, self._line_limit = True, -1
        if self._pending:
            events += self._scanner.push("".join(self._pending))
            self._pending = []
        return events + self._scanner.finish(ending)


def _ending(ending: Ending | str) -> Ending:
    try:
        return Ending(ending)
    except ValueError:
        words = ", ".join(item.value for item in Ending)
        raise UsageError(f"An ending is one of {words}, not {ending!r}.") from None


def parse_reply(
    text: str | bytes,
    names: Names = "header",
    ending: Ending | str = Ending.COMPLETE,
    seal: str | None = None,
    base: BaseText | None = None,
    *,
    duplicates: Duplicates = "last",
    limits: Limits = DEFAULT_LIMITS,
    keep_header: bool = False,
    resume_from: Reply | str | None = None,
) -> Reply:
    """Read a whole reply.

    names, seal, base, limits, keep_header: as for `ReplyParser`. ending: how the text ended; with
    anything but `complete` a file that is still open counts as truncated. resume_from: a reply that was
    cut, or its text, which this text continues; the answer is then the whole. duplicates: which of two
    files with one path stands in `reply.change`: the `last`, the `first`, or neither, with an error.
    No text makes it raise, but UsageError tells of arguments that are out of range, and ReplyUnusable
    of a path that was given twice under the policy `error`.
    """
    if duplicates not in _DUPLICATES:
        raise UsageError(f"duplicates must be one of {', '.join(_DUPLICATES)}, not {duplicates!r}.")
    if resume_from is not None:
        text = _joined(text, resume_from, names, seal)
    parser = ReplyParser(
        names=names, seal=seal, base=base, limits=limits, pieces=False, keep_header=keep_header
    )
    events = parser.feed(text)
    events += parser.close(ending)
    shown = text if isinstance(text, str) else text.decode("utf-8", "replace")
    return reply_from_events(events, text=shown, ending=_ending(ending), duplicates=duplicates)


def _joined(text: str | bytes, before: Reply | str, names: Names, seal: str | None) -> str:
    """The text that was cut and its continuation, without what the continuation repeats."""
    parser = ReplyParser(names=names, seal=seal, pieces=False, resume_from=before)
    parser.feed(text)
    parser.close()
    return (before.text if isinstance(before, Reply) else before) + "".join(parser.joined)


def reply_from_events(
    events: Iterable[ParserEvent],
    *,
    text: str = "",
    ending: Ending = Ending.COMPLETE,
    duplicates: Duplicates = "last",
) -> Reply:
    """Add the events of a whole stream up to a reply."""
    files: list[FileChange] = []
    checklist: list[str] = []
    validations: list[Validation] = []
    questions: list[Question] = []
    diagnostics: list[Diagnostic] = []
    attestations: tuple[Attestation, ...] = ()
    plan: Plan | None = None
    findings: ReviewFindings | None = None
    clarification: Clarification | None = None
    for event in events:
        if event.kind == "file-closed":
            files.append(event.file)
        elif event.kind == "validation":
            validations.append(Validation(event.path, event.text, event.line))
        elif event.kind == "file-opened" or event.kind == "section" or event.kind == "text":
            continue
        elif event.kind == "diagnostic":
            diagnostics.append(Diagnostic(event.code, event.message, event.line))
        elif event.kind == "checklist":
            checklist.append(event.text)
        elif event.kind == "plan":
            plan = event.plan
        elif event.kind == "attestations":
            attestations = event.attestations
        elif event.kind == "findings":
            findings = event.findings
        elif event.kind == "clarification":
            clarification = event.clarification
        else:
            questions.append(event.question)
    return Reply(
        text=text,
        files=tuple(files),
        change=_change(files, duplicates),
        checklist=tuple(checklist),
        plan=plan,
        validations=tuple(validations),
        attestations=attestations,
        findings=findings,
        clarification=clarification,
        questions=tuple(questions),
        diagnostics=tuple(diagnostics),
        ending=ending,
    )


def _change(files: list[FileChange], duplicates: Duplicates) -> Change:
    """One file for each path, at the place of its first mention, by the policy."""
    chosen: dict[str, FileChange] = {}
    for file in files:
        if file.path in chosen and duplicates == "error":
            raise ReplyUnusable(
                f"{file.path} is given twice, at lines {chosen[file.path].start_line} and {file.start_line}.",
                hint="Ask for the file again, or take the policy 'last' or 'first'.",
            )
        if duplicates != "first" or file.path not in chosen:
            chosen[file.path] = file
    return Change(tuple(chosen.values()), origin="reply")
