"""The estimator against recorded counts of real vocabularies; nothing here needs a network."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_engineer.tokens import DEFAULT_COUNTER, ESTIMATE_BOUNDS, TokenCounter

HERE = Path(__file__).parent
RECORDED = json.loads((HERE / "counts.json").read_text(encoding="utf-8"))
CASES = [
    (name, vocabulary)
    for name, row in sorted(RECORDED.items())
    for vocabulary in ("cl100k_base", "o200k_base", "claude-2")
]


def sample(name: str) -> str:
    return (HERE / "samples" / f"{name}.txt").read_bytes().decode("utf-8")


def test_every_sample_has_recorded_counts_and_every_count_a_sample():
    assert {path.stem for path in (HERE / "samples").glob("*.txt")} == set(RECORDED)


@pytest.mark.parametrize(("name", "vocabulary"), CASES)
def test_the_estimate_stays_within_the_documented_bounds_of_its_kind(name, vocabulary):
    least, greatest = ESTIMATE_BOUNDS[RECORDED[name]["kind"]]
    ratio = DEFAULT_COUNTER.count(sample(name)) / RECORDED[name]["counts"][vocabulary]
    assert least <= ratio <= greatest


@pytest.mark.parametrize("kind", sorted(ESTIMATE_BOUNDS))
def test_no_kind_is_under_counted_by_more_than_fifteen_percent(kind):
    names = [name for name, row in RECORDED.items() if row["kind"] == kind]
    estimate = sum(DEFAULT_COUNTER.count(sample(name)) for name in names)
    for vocabulary in ("cl100k_base", "o200k_base", "claude-2"):
        reference = sum(RECORDED[name]["counts"][vocabulary] for name in names)
        assert estimate >= 0.85 * reference


def test_the_bounds_are_tight_enough_to_mean_something():
    """A quarter of the characters is the usual rule of thumb; it breaks the bounds that the estimator keeps."""
    broken = 0
    for name, vocabulary in CASES:
        least, greatest = ESTIMATE_BOUNDS[RECORDED[name]["kind"]]
        ratio = (len(sample(name)) / 4) / RECORDED[name]["counts"][vocabulary]
        broken += not least <= ratio <= greatest
    assert broken >= 15


def test_the_estimator_is_a_token_counter_and_counts_nothing_in_nothing():
    assert isinstance(DEFAULT_COUNTER, TokenCounter)
    assert DEFAULT_COUNTER.count("") == 0


@given(st.text(max_size=200), st.text(max_size=20))
def test_more_text_never_has_fewer_tokens(text, more):
    assert DEFAULT_COUNTER.count(text + more) >= DEFAULT_COUNTER.count(text)


@given(st.lists(st.text(alphabet='abcXYZ019_ .,:{}"é中\t', max_size=40), max_size=8))
def test_a_text_has_as_many_tokens_as_its_lines_together_give_or_take_one_each(lines):
    whole = DEFAULT_COUNTER.count("".join(line + "\n" for line in lines))
    apart = sum(DEFAULT_COUNTER.count(line + "\n") for line in lines)
    assert abs(whole - apart) <= len(lines)


@pytest.mark.parametrize("unit", ["x", " ", "\n", "Aa", "é", "0", '":{', "a1+/" * 8 + " "])
def test_counting_is_linear_on_hostile_repetition(unit):
    texts = {size: unit * (size // len(unit)) for size in (100_000, 400_000)}
    best = dict.fromkeys(texts, float("inf"))
    for _ in range(4):
        for size, text in texts.items():
            start = time.process_time()
            DEFAULT_COUNTER.count(text)
            best[size] = min(best[size], time.process_time() - start)
    assert best[400_000] <= 4 * 2.6 * max(best[100_000], 0.0005)
