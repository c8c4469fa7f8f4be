"""Which lines of two texts differ, found in a time that large generated files do not blow up.

Owns: the comparison of two lists of lines.
Must never know: how a diff is written, file systems, git.

An exact comparison costs the product of both lengths, which a generated file of 30,000 lines cannot
afford. So equal heads and tails are taken off, and a long rest is cut at lines that stand once in the old
and once in the new text (the idea of the patience diff), or else at runs of two, four and eight lines that
do, or else at lines paired by their count: the third `}` with the third. What is left between the cuts is
short and compared exactly. The cuts can make a diff longer than the shortest one; it stays a true one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Final

__all__ = ["EXACT", "Block", "differences"]

Block = tuple[int, int, int, int]
"""Old and new index ranges that differ: old start, old end, new start, new end; ends are exclusive."""

EXACT: Final = 250_000
"""The product of two lengths up to which pieces are compared exactly."""
_RUNS: Final = (1, 2, 4, 8)
"""How many lines in a row may serve as a place to cut."""
_ROUNDS: Final = 24
"""How often a piece may be cut again; one that is still long then counts as changed as a whole."""


def differences(old: Sequence[str], new: Sequence[str], *, exact: int = EXACT) -> list[Block]:
    """The ranges that differ, in order, no two of them touching.

    exact: the product of two lengths up to which pieces are compared exactly, without cuts.
    """
    # Small numbers compare and hash in less time than lines do.
    numbers: dict[str, int] = {}
    a = [numbers.setdefault(line, len(numbers)) for line in old]
    b = [numbers.setdefault(line, len(numbers)) for line in new]
    blocks: list[Block] = []
    for block in _pieces(a, b, exact):
        if blocks and blocks[-1][1] == block[0] and blocks[-1][3] == block[2]:
            block = (blocks[-1][0], block[1], blocks[-1][2], block[3])
            blocks.pop()
        blocks.append(block)
    return blocks


def _pieces(a: list[int], b: list[int], exact: int) -> Iterator[Block]:
    waiting: list[tuple[Block, int]] = [((0, len(a), 0, len(b)), 0)]
    while waiting:
        whole, rounds = waiting.pop()
        piece = _trimmed(a, b, whole)
        a1, a2, b1, b2 = piece
        if a1 == a2 or b1 == b2:
            if a1 != a2 or b1 != b2:
                yield piece
        elif (a2 - a1) * (b2 - b1) <= exact:
            matcher = SequenceMatcher(None, a[a1:a2], b[b1:b2], autojunk=False)
            for tag, i1, i2, j1, j2 in matcher.get_opcodes():
                if tag != "equal":
                    yield a1 + i1, a1 + i2, b1 + j1, b1 + j2
        elif rounds < _ROUNDS and (cuts := _cuts(a, b, piece)):
            waiting += ((part, rounds + 1) for part in reversed(_between(piece, cuts)))
        else:
            yield piece


def _trimmed(a: list[int], b: list[int], piece: Block) -> Block:
    """The piece without the lines that its two sides begin and end with alike."""
    a1, a2, b1, b2 = piece
    while a1 < a2 and b1 < b2 and a[a1] == b[b1]:
        a1, b1 = a1 + 1, b1 + 1
    while a1 < a2 and b1 < b2 and a[a2 - 1] == b[b2 - 1]:
        a2, b2 = a2 - 1, b2 - 1
    return a1, a2, b1, b2


def _cuts(a: list[int], b: list[int], piece: Block) -> list[tuple[int, int]]:
    """Places of equal lines that rise on both sides; none when no line stands on both sides."""
    a1, a2, b1, b2 = piece
    mine, theirs = a[a1:a2], b[b1:b2]
    for run in _RUNS:
        pairs = _pairs(_once(mine, run), _once(theirs, run))
        if pairs:
            break
    else:
        pairs = _pairs(_counted(mine), _counted(theirs))
    return [(a1 + i, b1 + j) for i, j in _rising(pairs)] if pairs else []


def _pairs(
    mine: Mapping[tuple[int, ...], int], theirs: Mapping[tuple[int, ...], int]
) -> list[tuple[int, int]]:
    return [(at, theirs[key]) for key, at in mine.items() if key in theirs]


def _counted(lines: list[int]) -> dict[tuple[int, ...], int]:
    """Each line with how often it stood before -> its place, in order."""
    seen: Counter[int] = Counter()
    places: dict[tuple[int, ...], int] = {}
    for at, line in enumerate(lines):
        places[line, seen[line]] = at
        seen[line] += 1
    return places


def _once(lines: list[int], run: int) -> dict[tuple[int, ...], int]:
    """Each run of so many lines that stands once -> where it begins, in order."""
    runs = list(zip(*(lines[offset:] for offset in range(run)), strict=False))
    counts = Counter(runs)
    return {key: at for at, key in enumerate(runs) if counts[key] == 1}


def _rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest choice of pairs that rises on the second side too; they come in order of the first."""
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for index, (_, second) in enumerate(pairs):
        place = bisect_left(ends, second)
        before.append(last[place - 1] if place else -1)
        if place == len(ends):
            ends.append(second)
            last.append(index)
        else:
            ends[place], last[place] = second, index
    chosen: list[tuple[int, int]] = []
    index = last[-1]
    while index >= 0:
        chosen.append(pairs[index])
        index = before[index]
    return chosen[::-1]


def _between(piece: Block, cuts: list[tuple[int, int]]) -> list[Block]:
    """What lies between the cuts; the lines at the cuts are equal and belong to no piece."""
    a1, a2, b1, b2 = piece
    pieces: list[Block] = []
    for i, j in cuts:
        pieces.append((a1, i, b1, j))
        a1, b1 = i + 1, j + 1
    return [*pieces, (a1, a2, b1, b2)]
