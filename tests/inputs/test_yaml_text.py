"""YAML is read by the core schema of version 1.2, strictly and with its lines."""

from __future__ import annotations

import contextlib
import json
import re
import sys
from typing import Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from backend_engineer.errors import MissingExtra, UnreadableDocument
from backend_engineer.inputs.reading.yaml_text import read_yaml


def _read(text: str) -> Any:
    return read_yaml(text, "doc.yaml").data


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"), ("no", "no"), ("on", "on"), ("off", "off"), ("NO", "NO"), ("y", "y"),
        ("true", True), ("True", True), ("FALSE", False), ("null", None), ("~", None), ("", None), ("Null", None),
        ("12", 12), ("-3", -3), ("0755", 755), ("0o17", 15), ("0x1F", 31), ("22:30", "22:30"), ("1_000", "1_000"),
        ("1.5", 1.5), (".5", 0.5), ("1e3", 1000.0), ("1.", 1.0), ("2026-11-23", "2026-11-23"),
        ("'12'", "12"), ('"true"', "true"), ("!!str 12", "12"), ("! 12", "12"), ("!!float 3", 3.0), ("!!int 3", 3),
        ("0b1", "0b1"), ("=", "="), ("+1", 1),
    ],
)  # fmt: skip
def test_a_scalar_reads_by_the_core_schema(text: str, value: Any) -> None:
    found = _read(f"a: {text}\n")["a"]
    assert found == value
    assert type(found) is type(value)


def test_integer_keys_become_text() -> None:
    assert _read("responses:\n  200: fine\n  '404': gone\n") == {"responses": {"200": "fine", "404": "gone"}}


def test_an_alias_stands_for_what_was_anchored() -> None:
    assert _read("a: &x [1, {b: 2}]\nc: *x\n") == {"a": [1, {"b": 2}], "c": [1, {"b": 2}]}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "stands twice"),
        ("200: x\n'200': y\n", 2, "stands twice"),
        ("a: [1\n", 2, "not YAML"),
        ("a: b: c\n", 1, "not YAML"),
        ("a: 1\n---\nb: 2\n", 2, "second document"),
        ("x: 1\na: !thing 1\n", 2, "tag"),
        ("a: !!timestamp 2026-01-01\n", 1, "tag"),
        ("a: !!int x\n", 1, "not of the type"),
        ("a: .inf\n", 1, "not a JSON number"),
        ("a: .nan\n", 1, "not a JSON number"),
        ("a: 1e999\n", 1, "too large"),
        ("a: *x\n", 1, "Nothing is anchored"),
        ("a: &x\n  b: *x\n", 2, "inside what it stands for"),
        ("a: 1\n<<: {b: 2}\n", 2, "1.2"),
        ("a: 1\n? [1, 2]\n: b\n", 2, "key"),
        ("true: 1\n", 1, "key"),
        ("a: 1\n\tb: 2\n", 2, "YAML"),
        ("a: \x01\n", 1, "character"),
        ("", 1, "empty"),
        ("# only a comment\n", 1, "empty"),
        ("a: " + "9" * 5000, 1, "digits"),
    ],
)
def test_what_is_not_strict_yaml_is_refused_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(UnreadableDocument, match=words) as caught:
        _read(text)
    assert (caught.value.path, caught.value.line) == ("doc.yaml", line)


def test_a_bomb_of_aliases_is_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    with pytest.raises(UnreadableDocument, match="aliases"):
        _read("\n".join(lines))


def test_a_chain_of_aliases_may_not_be_deeper_than_written_out_nesting() -> None:
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 200)]
    with pytest.raises(UnreadableDocument, match="levels deep"):
        _read("\n".join(lines))


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_deep_nesting_is_refused(opening: str) -> None:
    with pytest.raises(UnreadableDocument):
        _read(opening * 50_000)


def test_each_part_has_its_line() -> None:
    found = read_yaml("a:\n  b:\n    - 1\n    - c: 2\n", "doc.yaml")
    assert [found.line_of(place) for place in ("/a", "/a/b", "/a/b/1", "/a/b/1/c", "/nowhere")] == [
        2,
        3,
        4,
        4,
        None,
    ]


def test_yaml_without_its_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(MissingExtra, match="yaml"):
        _read("a: 1\n")


_NUMBER_SINCE_1_2 = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+"
)

_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=8),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(_JSON)
def test_data_written_as_json_reads_the_same_as_yaml(data: Any) -> None:
    text = json.dumps({"a": data}, ensure_ascii=False)
    assert _read(text) == {"a": data}


@settings(max_examples=60, deadline=None)
@given(_JSON)
def test_data_written_by_another_writer_reads_the_same(data: Any) -> None:
    # By YAML 1.1, which this writer follows, `0E0` is text; by 1.2, which is read here, it is a number.
    assume(not any(_NUMBER_SINCE_1_2.fullmatch(text) for text in _texts(data)))
    text = yaml.safe_dump({"a": data}, allow_unicode=True, default_flow_style=False)
    assert _read(text) == {"a": data}


def _texts(data: Any) -> list[str]:
    if isinstance(data, dict):
        return [text for item in (*data, *data.values()) for text in _texts(item)]
    if isinstance(data, list):
        return [text for item in data for text in _texts(item)]
    return [data] if isinstance(data, str) else []


@settings(max_examples=150, deadline=None)
@given(st.text(st.sampled_from("ab:-[]{}&*!|>'\"#,?% \n\t012.~<"), max_size=40))
def test_any_text_is_read_or_refused_by_name(text: str) -> None:
    with contextlib.suppress(UnreadableDocument):
        _read(text)
