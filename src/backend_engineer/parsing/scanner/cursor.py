"""What every part of the scanner stands on: the buffer, the place in it, and what is open there.

Owns: the state of a scanner, and moving through the buffer.
Must never know: what any line means.
"""

from __future__ import annotations

from typing import Final

from backend_engineer.parsing.block import Block
from backend_engineer.parsing.limits import Limits
from backend_engineer.parsing.lookahead import BareFence, OpenString
from backend_engineer.parsing.prose import ProseReader
from backend_engineer.parsing.scanner.documents import DocumentSlots
from backend_engineer.parsing.scanner.files import BaseText, FileRegister
from backend_engineer.parsing.scanner.lenient import Surroundings
from backend_engineer.parsing.scanner.sink import Sink

__all__ = ["BLOCK", "DONE", "OPENING", "PROSE", "STOPPED", "THINKING", "WAIT", "Cursor"]

PROSE, THINKING, OPENING, BLOCK, STOPPED = range(5)
DONE: Final = -1
"""A step's answer: something began or ended; look at the state again."""
WAIT: Final = -2
"""A step's answer: what it stands at cannot be decided before more text comes."""


class Cursor:
    """The state of a scanner."""

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
        self.state = PROSE
        self.sink = Sink(limits.diagnostics)
        self.prose = ProseReader(self.sink.say, limits.items)
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

    def _forget_hits(self) -> None:
        self._tick = self._tilde = self._tag = self._hit = self._fence = self._split = -1

    def _move(self, to: int) -> None:
        self.line += self.buf.count("\n", self.pos, to)
        self.pos = to

    def _line_at(self, index: int) -> int:
        return self.line + self.buf.count("\n", self.pos, index)

    def _the_block(self) -> Block:
        if self.block is None:
            raise AssertionError("no block is open in this state")
        return self.block
