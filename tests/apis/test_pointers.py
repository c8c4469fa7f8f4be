"""JSON pointers survive being made and split, and lead where they should."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_engineer.apis.pointers import MISSING, follow, join, local_pointer, split


@given(st.lists(st.text(max_size=6), min_size=1, max_size=5))
def test_tokens_survive_being_joined_and_split(tokens: list[str]) -> None:
    assert split(join("", *tokens)) == tuple(tokens)


@pytest.mark.parametrize(
    ("tokens", "value"),
    [
        ((), {"a": [10, 20], "": 1}),
        (("a", "1"), 20),
        (("",), 1),
        (("a", "2"), MISSING),
        (("a", "-"), MISSING),
        (("a", "01"), MISSING),
        (("a", "-1"), MISSING),
        (("a", "٣"), MISSING),
        (("a", "9" * 6000), MISSING),
        (("b",), MISSING),
        (("a", "0", "x"), MISSING),
    ],
)
def test_a_pointer_leads_to_its_value_or_to_nothing(tokens: tuple[str, ...], value: Any) -> None:
    assert follow({"a": [10, 20], "": 1}, tokens) == value


@pytest.mark.parametrize(
    ("reference", "pointer"),
    [
        ("#", ""),
        ("#/a/b", "/a/b"),
        ("#/a%20b", "/a b"),
        ("#/a~1b", "/a~1b"),
        ("#anchor", None),
        ("other.yaml#/a", None),
        ("", None),
    ],
)
def test_only_a_reference_into_its_own_document_has_a_pointer(reference: str, pointer: str | None) -> None:
    assert local_pointer(reference) == pointer
