"""What reads like personal data is found by patterns written for speed; plain ones tell the same."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from backend_engineer.rules.privacy import pii404_values as quick

# The same patterns as one would write them down.
_MAIL = r"(?<![\w.+-])[A-Za-z0-9][\w.+-]*@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,})(?![\w@-])"
_CARD = (
    r"(?<![\w.-])(?:[0-9]{4}[ -]){3}[0-9]{4}(?![\w.-])"
    r"|(?<![\w.-])(?:4[0-9]{15}|5[1-5][0-9]{14}|3[47][0-9]{13})(?![\w.-])"
)
_IBAN = r"(?<![\w])[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?(?![\w])"
_SSN = r"(?<![\w.-])(?!000|666|9[0-9]{2})[0-9]{3}-(?!00)[0-9]{2}-(?!0000)[0-9]{4}(?![\w.-])"

_PIECES = (
    *("4", "5", "3", "7", "0", "666", "000", "9", "12", "1234", "4539", "5787", "123-45-6789", "444"),
    *("5555555555554", "34343434343434", "DE89", "3704 0044", "0532 0130 00", "GB", "AB12", "a", "Z"),
    *("é", "_", "+", " ", "-", ".", "@", "\n", "gmx.net", "maria@", "x@y.org"),
)
_TEXT = st.lists(st.sampled_from(_PIECES), max_size=16).map("".join)


def told(matches: list[re.Match[str]]) -> list[tuple[int, str, tuple[str, ...]]]:
    return [(match.start(), match[0], match.groups()) for match in matches]


@settings(max_examples=400, deadline=None)
@given(_TEXT)
def test_the_quick_patterns_match_where_the_plain_ones_do(text: str) -> None:
    for plain, pattern in ((_CARD, quick._CARD), (_IBAN, quick._IBAN), (_SSN, quick._SSN)):
        assert told(list(pattern.finditer(text))) == told(list(re.finditer(plain, text)))
    assert told(list(quick._mails(text))) == told(list(re.finditer(_MAIL, text)))
