"""JSON is read strictly and with its lines."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_engineer.apis.pointers import follow, split
from backend_engineer.errors import UnreadableDocument
from backend_engineer.inputs.reading.json_text import read_json

_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=15,
)


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ('{"a": 1,\n "b": 2,\n "a": 3}', 3, 7, "stands twice"),
        ('{"a": [{"x": 1, "x": 2}]}', 1, 22, "stands twice"),
        ('{"a": NaN}', 1, 7, "NaN"),
        ('[1,\n -Infinity]', 2, 2, "Infinity"),
        ('{"a": 1e999}', 1, 7, "too large"),
        ('{"a": 1,}', 1, 9, "not JSON"),
        ("{'a': 1}", 1, 2, "not JSON"),
        ('{"a": "x\ny"}', 1, 9, "not JSON"),
        ('{"a": 1}\n{"b": 2}', 2, 1, "not JSON"),
        ("", 1, 1, "empty"),
        ("  \n", 2, 1, "empty"),
        ('{"a": 1', 1, 8, "not JSON"),
    ],
)  # fmt: skip
def test_what_is_not_strict_json_is_refused_with_its_place(
    text: str, line: int, column: int, words: str
) -> None:
    with pytest.raises(UnreadableDocument, match=words) as caught:
        read_json(text, "doc.json")
    assert (caught.value.path, caught.value.line, caught.value.column) == ("doc.json", line, column)


@pytest.mark.parametrize("text", ["[" * 200_000, '{"a":' * 200_000, "9" * 5000])
def test_what_would_exhaust_the_reader_is_refused(text: str) -> None:
    with pytest.raises(UnreadableDocument):
        read_json(text, "doc.json")


@settings(max_examples=60, deadline=None)
@given(_JSON, st.sampled_from([None, 1]))
def test_data_survives_being_written_and_read(data: Any, indent: int | None) -> None:
    assert read_json(json.dumps(data, indent=indent), "doc.json").data == data


@settings(max_examples=60, deadline=None)
@given(_JSON)
def test_every_part_has_a_line_on_which_it_starts(data: Any) -> None:
    text = json.dumps(data, indent=1)
    found = read_json(text, "doc.json")
    lines = text.split("\n")
    for pointer in _pointers(data):
        line = found.line_of(pointer)
        assert line is not None
        value = follow(data, split(pointer))
        start = "[" if isinstance(value, list) else "{" if isinstance(value, dict) else json.dumps(value)
        assert start in lines[line - 1]


def _pointers(data: Any, pointer: str = "") -> list[str]:
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    found = [pointer]
    for key, value in items:
        found += _pointers(value, f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}")
    return found


@settings(max_examples=150, deadline=None)
@given(st.text(st.sampled_from('ab:,[]{}"\\ \n019.eE+-tN'), max_size=30))
def test_any_text_is_read_as_the_standard_reader_does_or_refused_by_name(text: str) -> None:
    try:
        found = read_json(text, "doc.json").data
    except UnreadableDocument:
        return
    assert found == json.loads(text)
