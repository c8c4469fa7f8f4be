"""The search for characters that a reader does not see or that a model may take for control.

Owns: the table of suspicious passages, `Warning`s with their offsets, and the policy for them.
Must never know: what the texts mean, or where they stand in a prompt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal, get_args

from backend_engineer.errors import PromptRefused, UnencodableInput, UsageError

__all__ = ["HIDDEN", "CharacterPolicy", "Suspicion", "apply_policy", "require_encodable", "suspicions"]

CharacterPolicy = Literal["allow", "warn", "refuse"]

MOST_PER_DOCUMENT = 100
"""Suspicions listed for one document and code; the last one says how many more there are."""

MOST_COUNTED = 10_000
"""Further suspicions of one code that are counted; a flood of more is given as this number."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A passage of a document that deserves a look.

    document: its name in the prompt. offset: characters from its start. code: the kind of passage.
    passage: the passage, escaped. more: further passages of this code that are not listed, 10,000 at most.
    """

    document: str
    offset: int
    code: str
    passage: str
    more: int = 0

    def __str__(self) -> str:
        rest = f" (and {self.more} more)" if self.more else ""
        return f"{self.document} at character {self.offset}: {self.code} {self.passage}{rest}"


# Written with escapes only, so that no editor or reviewer meets these characters unseen.
_BEYOND_ASCII: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("bidirectional-control", re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+")),
    ("zero-width", re.compile("[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2060-\u2065\u206a-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\U000e0100-\U000e01ef]+")),
    ("tag-character", re.compile("[\U000e0000-\U000e007f]+")),
    ("line-separator", re.compile("[\u0085\u2028\u2029]+")),
    ("c1-control", re.compile("[\u0080-\u0084\u0086-\u009f]+")),
)  # fmt: skip
# One class of all of them: an alternation of classes would be tried one after the other at each character.
_ANY_BEYOND_ASCII = re.compile("[" + "".join(pattern.pattern[1:-2] for _, pattern in _BEYOND_ASCII) + "]")
# For names: the same, other format controls, private characters and noncharacters. A fixed list, because the
# categories of `unicodedata` differ between versions of Python, and a prompt must not.
HIDDEN = re.compile(
    _ANY_BEYOND_ASCII.pattern[:-1]
    + "\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\ufff9-\ufffb\ufffe\uffff\ufdd0-\ufdef\ue000-\uf8ff"
    + "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    + "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(1, 15))
    + "\U000f0000-\U0010ffff\ud800-\udfff]"
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]+")
# Deleting these bytes is many times faster than a search for the class; in UTF-8 they stand for themselves only.
_CONTROL_BYTES = bytes((*range(0x09), *range(0x0E, 0x20), 0x7F))
# A plain word that has to occur before the dearer pattern is tried.
_TOKENS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("<|", re.compile(r"<\|[A-Za-z0-9_:./-]{1,64}\|>")),
    ("<\uff5c", re.compile("<\uff5c[^\uff5c\n]{1,64}\uff5c>")),
    ("[INST]", re.compile(r"\[INST\]")),
    ("[/INST]", re.compile(r"\[/INST\]")),
    ("<<SYS>>", re.compile(r"<<SYS>>")),
    ("<</SYS>>", re.compile(r"<</SYS>>")),
    ("<start_of_turn>", re.compile(r"<start_of_turn>")),
    ("<end_of_turn>", re.compile(r"<end_of_turn>")),
    ("<s>", re.compile(r"<s>")),
    ("</s>", re.compile(r"</s>")),
    ("\n\nHuman:", re.compile(r"\n\nHuman:")),
    ("\n\nAssistant:", re.compile(r"\n\nAssistant:")),
    ("\n\nSystem:", re.compile(r"\n\nSystem:")),
    ("antml:", re.compile(r"</?antml:[a-z_]{1,40}")),
)
# Each of the words above holds one of these.
_HINTS = (
    "<|",
    "<\uff5c",
    "INST]",
    "SYS>>",
    "_of_turn>",
    "s>",
    "\n\nHuman:",
    "\n\nAssistant:",
    "\n\nSystem:",
    "antml:",
)
_FENCE = re.compile(r"^</?document[ >][^\n]*", re.MULTILINE)


def suspicions(name: str, text: str) -> tuple[Suspicion, ...]:
    """Every suspicious passage of a text, by offset; at most 100 listed for each code.

    Characters of one kind that stand together are one passage.
    """
    found: list[Suspicion] = []
    for code, hits in _hits(text):
        listed = list(islice(hits, MOST_PER_DOCUMENT))
        more = sum(1 for _ in islice(hits, MOST_COUNTED))
        for index, hit in enumerate(listed):
            last = index == len(listed) - 1
            passage = ascii(text[hit.start() : min(hit.end(), hit.start() + 80)])
            found.append(Suspicion(name, hit.start(), code, passage, more if last else 0))
    return tuple(sorted(found, key=lambda item: (item.offset, item.code)))


def _hits(text: str) -> Iterator[tuple[str, Iterator[re.Match[str]]]]:
    """Lazy searches by code; cheap tests first, since most texts hold nothing of the kind."""
    if not text.isascii() and (first := _ANY_BEYOND_ASCII.search(text)) is not None:
        for code, pattern in _BEYOND_ASCII:
            yield code, pattern.finditer(text, first.start())
    data = text.encode("utf-8")
    if len(data.translate(None, _CONTROL_BYTES)) != len(data):
        yield "control-character", _CONTROL.finditer(text)
    if any(map(text.__contains__, _HINTS)):
        for word, pattern in _TOKENS:
            if word in text:
                yield "chat-control-token", pattern.finditer(text)
    if "<document" in text or "</document" in text:
        yield "forged-fence", _FENCE.finditer(text)


def require_encodable(name: str, text: str) -> None:
    """Raise `UnencodableInput` with document and offset when the text holds a lone surrogate."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UnencodableInput(name, error.start) from None


def apply_policy(policy: CharacterPolicy, found: Iterable[Suspicion]) -> tuple[Suspicion, ...]:
    """What to report under a policy; `refuse` raises `PromptRefused` when anything was found.

    Raises `UsageError` for a policy that is none.
    """
    if policy not in get_args(CharacterPolicy):
        raise UsageError(f"There is no policy {policy!r} for characters.", hint="Use allow, warn or refuse.")
    listed = tuple(found)
    if policy == "refuse" and listed:
        raise PromptRefused(listed)
    return () if policy == "allow" else listed
