"""An estimate of tokens from the shapes of words, without a vocabulary.

Owns: the pattern, the weights of scripts, and the bounds of the estimate's error.
Must never know: any provider's tokenizer.

Byte-pair vocabularies cut text much alike: a word of up to eight letters is mostly one token with the
blank before it, an identifier is cut where its case changes, numbers go in threes, symbols in small
groups, a line feed takes its indent along. One pattern counts these; what it misjudges is corrected by
the script of the characters and for long runs without a break (hashes, keys, encoded bytes).
"""

from __future__ import annotations

import re

__all__ = ["DEFAULT_COUNTER", "ESTIMATE_BOUNDS", "Estimator"]

_TOKEN = re.compile(
    r"[A-Z]?[a-z]{1,8}|[A-Z]{1,4}|[0-9]{1,3}|\n[ \t]*"
    r"|[^\sA-Za-z0-9\x80-\U0010ffff]{1,3}|[ \t]{2,16}|[\r\f\v]|[\x80-\U0010ffff]"
)
_RUN = re.compile(r"[A-Za-z0-9+/]{32,}")
# Tenths of a token to add for each character of a script, on top of the one that the pattern counts.
_SCRIPTS: tuple[tuple[re.Pattern[str], int], ...] = (
    (re.compile("[\u00c0-\u024f]"), 20),
    (re.compile("[\u0400-\u052f]"), -4),
    (re.compile("[\u0370-\u03ff\u0530-\u1fff]"), 3),
    (re.compile("[\u3130-\u318f\uac00-\ud7af]"), 5),
    (re.compile("[\U00010000-\U0010ffff]"), 30),
)

ESTIMATE_BOUNDS: dict[str, tuple[float, float]] = {
    "code": (0.95, 1.30),
    "prose": (0.90, 1.45),
    "data": (0.90, 1.35),
    "other-scripts": (0.85, 4.00),
}
"""Least and greatest ratio of the estimate to recorded counts of real vocabularies, by kind of text.

The counts are those of cl100k_base, o200k_base and the vocabulary published for Claude 2; they stand with
the samples in the tests. Texts in other scripts are over-counted most against o200k_base, which
spends a third of the tokens that the others spend on them."""


class Estimator:
    """Counts tokens by a pattern; never less than 0.85 times the recorded counts, mostly a tenth more."""

    def count(self, text: str, /) -> int:
        """The estimate for a text, 0 for the empty text; time is linear in its length."""
        tenths = 10 * len(_TOKEN.findall(text))
        if not text.isascii():
            tenths += sum(weight * len(pattern.findall(text)) for pattern, weight in _SCRIPTS)
        tenths += sum(2 * len(run) for run in _RUN.findall(text))
        return (tenths + 9) // 10


DEFAULT_COUNTER = Estimator()
"""The counter that budgets use unless another is passed."""
