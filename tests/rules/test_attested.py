"""A quote stands where it stands word for word, indentation aside; anything else is said for what it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_engineer.outputs import Attestation, Change, FileChange
from backend_engineer.parsing import Reply
from backend_engineer.rules import Context
from backend_engineer.rules.attested import ClaimState, claims, quote_lines, stands_at, stripped_lines

TEXT = "def pay(user):\n    check(user)\n    if user.is_rich:\n        charge(user)\n    return done\n"


def state(**facts: str) -> ClaimState:
    given_facts = {"clause": "SECU-01", "path": "src/pay.py", "lines": "2", "quote": "check(user)", **facts}
    change = Change((FileChange("src/pay.py", TEXT),))
    reply = Reply(change=change, attestations=(Attestation.model_validate(given_facts),))
    (claim,) = claims(Context(change, reply=reply))
    return claim.state


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, ClaimState.STANDS),
        ({"lines": ""}, ClaimState.STANDS),
        ({"lines": "1-5"}, ClaimState.STANDS),
        ({"quote": "check(user)\nif user.is_rich:", "lines": "2-3"}, ClaimState.STANDS),
        ({"quote": "  check(user)\n  if user.is_rich:\n", "lines": "2-3"}, ClaimState.STANDS),
        ({"lines": "4"}, ClaimState.ELSEWHERE),
        ({"quote": "check(user)\nif user.is_rich:", "lines": "2"}, ClaimState.ELSEWHERE),
        ({"quote": "check(other)"}, ClaimState.ABSENT),
        ({"quote": "check(user)\ncharge(user)", "lines": "2-4"}, ClaimState.ABSENT),
        ({"path": "src/none.py"}, ClaimState.NO_FILE),
        ({"lines": "80"}, ClaimState.NO_LINES),
        ({"quote": ")"}, ClaimState.EMPTY),
        ({"quote": " "}, ClaimState.EMPTY),
        ({"clause": "SECU-99"}, ClaimState.NO_CLAUSE),
    ],
)
def test_a_claim_is_judged_by_what_stands_at_its_place(facts: dict[str, str], expected: ClaimState) -> None:
    assert state(**facts) is expected


LINES = st.lists(st.text(alphabet="ab() =x", min_size=1, max_size=8), min_size=1, max_size=8)


@given(LINES, st.data())
def test_every_run_of_lines_stands_where_it_was_taken_from(lines: list[str], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(lines) - 1))
    last = data.draw(st.integers(first, len(lines) - 1))
    quote = "\n".join(lines[first : last + 1])
    text = "\n".join(f"  {line}" for line in lines)
    if lines[first].strip() and lines[last].strip():
        assert stands_at(quote, text, (first + 1, last + 1))


@given(LINES, LINES)
def test_a_quote_is_found_only_where_its_lines_are(lines: list[str], quote: list[str]) -> None:
    stripped = stripped_lines("\n".join(lines))
    for first, last in quote_lines("\n".join(quote), stripped):
        assert stripped_lines("\n".join(quote).strip())[0] in stripped[first - 1]
        assert 1 <= first <= last <= len(stripped)
