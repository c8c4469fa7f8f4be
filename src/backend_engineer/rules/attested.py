"""Whether what a reply claims is true: the place of an attestation exists and its quote stands there.

Owns: how a quote is compared with a file, and the answer for each attestation.
Must never know: which rule reports a false claim, verdicts.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

from backend_engineer.contract import CLAUSES
from backend_engineer.outputs import Attestation
from backend_engineer.rules.rule import Context

__all__ = ["Claim", "ClaimState", "claims", "quote_lines", "stands_at"]


class ClaimState(StrEnum):
    """What became of a claim."""

    STANDS = "stands"
    ELSEWHERE = "elsewhere"
    ABSENT = "absent"
    NO_FILE = "no file"
    NO_LINES = "no lines"
    EMPTY = "empty"
    NO_CLAUSE = "no clause"


class Claim(NamedTuple):
    """An attestation with what was found: `lines` is where the quote really stands, if it stands at all."""

    attestation: Attestation
    state: ClaimState
    lines: tuple[int, int] | None = None


def claims(context: Context) -> tuple[Claim, ...]:
    """Every attestation of the reply, judged; made once for a call."""

    def make() -> tuple[Claim, ...]:
        if context.reply is None:
            return ()
        return tuple(_judge(item, context) for item in context.reply.attestations)

    judged: tuple[Claim, ...] = context.shared("attested.claims", make)
    return judged


def _judge(item: Attestation, context: Context) -> Claim:
    if item.clause not in CLAUSES:
        return Claim(item, ClaimState.NO_CLAUSE)
    if not re.search(r"\w{3}", item.quote):
        return Claim(item, ClaimState.EMPTY)
    text = context.text_of(item.path)
    if text is None:
        return Claim(item, ClaimState.NO_FILE)
    lines: list[str] = context.shared(f"attested.lines:{item.path}", lambda: stripped_lines(text))
    found = quote_lines(item.quote, lines)
    span = _span(item.lines)
    if span is not None and span[1] > len(lines):
        return Claim(item, ClaimState.NO_LINES, found[0] if found else None)
    if not found:
        return Claim(item, ClaimState.ABSENT)
    inside = next(
        (place for place in found if span is None or (span[0] <= place[0] and place[1] <= span[1])), None
    )
    return Claim(item, ClaimState.STANDS, inside) if inside else Claim(item, ClaimState.ELSEWHERE, found[0])


def stands_at(quote: str, text: str, span: tuple[int, int] | None) -> bool:
    """Whether a quote stands within the given lines of a text, indentation and line ends aside."""
    return any(
        span is None or (span[0] <= first and last <= span[1])
        for first, last in quote_lines(quote, stripped_lines(text))
    )


def stripped_lines(text: str) -> list[str]:
    """The lines of a text without their indentation and trailing blanks."""
    return [line.strip() for line in text.split("\n")]


def quote_lines(quote: str, lines: list[str]) -> list[tuple[int, int]]:
    """Every place, as 1-based inclusive lines, where a quote stands; a long quote may span lines."""
    wanted = stripped_lines(quote.strip())
    found: list[tuple[int, int]] = []
    for index in range(len(lines) - len(wanted) + 1):
        if wanted[0] not in lines[index]:
            continue
        if len(wanted) == 1 or _continues(wanted, lines, index):
            found.append((index + 1, index + len(wanted)))
    return found


def _continues(wanted: list[str], lines: list[str], index: int) -> bool:
    """Whether a quote of several lines goes on as it began: whole lines between, a beginning at the end."""
    return (
        lines[index].endswith(wanted[0])
        and lines[index + 1 : index + len(wanted) - 1] == wanted[1:-1]
        and lines[index + len(wanted) - 1].startswith(wanted[-1])
    )


def _span(lines: str) -> tuple[int, int] | None:
    if not lines:
        return None
    first, _, last = lines.partition("-")
    return int(first), int(last or first)
