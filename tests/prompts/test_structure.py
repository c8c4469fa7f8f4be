"""Typed inputs as canonical JSON, with what JSON would escape standing apart."""

from __future__ import annotations

import copy
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_engineer.errors import InvalidDocument, UnencodableInput
from backend_engineer.prompts import parse_prompt, render, restored_inputs
from backend_engineer.prompts.sealing import name_of_pointer
from backend_engineer.prompts.structure import canonical_json, restore, structured

TEXT = st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=12)
KEYS = st.one_of(TEXT, st.sampled_from(["$document", "$$document", "$", "a/b", "a~b", 'q"']))
DATA = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**53), 2**53),
        st.floats(allow_nan=False, allow_infinity=False),
        TEXT,
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)


@given(DATA)
def test_any_json_data_is_put_together_again(data):
    text, lifted = structured("doc", copy.deepcopy(data))
    assert restore("doc", {"doc": text, **lifted}) == data


@given(st.dictionaries(KEYS, DATA, max_size=5))
def test_no_string_value_is_left_escaped(data):
    text, _ = structured("doc", copy.deepcopy(data))

    def values(item):
        if isinstance(item, dict):
            for inner in item.values():
                yield from values(inner)
        elif isinstance(item, list):
            for inner in item:
                yield from values(inner)
        elif isinstance(item, str):
            yield item

    for value in values(json.loads(text)):
        assert "\\" not in json.dumps(value, ensure_ascii=False) or value.startswith("/doc")


@given(st.dictionaries(TEXT, DATA, min_size=2, max_size=6), st.randoms())
def test_the_order_of_keys_does_not_matter(data, rng):
    keys = list(data)
    rng.shuffle(keys)
    shuffled = {key: copy.deepcopy(data[key]) for key in keys}
    assert structured("doc", copy.deepcopy(data)) == structured("doc", shuffled)


def test_the_outermost_fields_stand_on_lines_of_their_own():
    assert (
        canonical_json({"b": [1, 2], "a": {"y": 1, "x": 2}}, "doc") == '{\n"a":{"x":2,"y":1},\n"b":[1,2]\n}'
    )
    assert canonical_json([{"b": 1}, 2], "doc") == '[\n{"b":1},\n2\n]'
    assert canonical_json({}, "doc") == "{}"


def test_a_text_with_lines_becomes_a_document_named_by_its_pointer():
    text, lifted = structured("doc", {"a/b": ["x", 'say "hi"\n']})
    assert json.loads(text) == {"a/b": ["x", {"$document": "/doc/a~1b/1"}]}
    assert lifted == {"/doc/a~1b/1": 'say "hi"\n'}


def test_data_without_such_texts_is_plain_canonical_json():
    text, lifted = structured("doc", {"a": "x", "k\n": {"$document": "kept as it is"}})
    assert lifted == {}
    assert json.loads(text) == {"a": "x", "k\n": {"$document": "kept as it is"}}


@pytest.mark.parametrize("value", [math.nan, math.inf, object(), {1, 2}])
def test_what_json_cannot_say_is_refused_with_the_document(value):
    with pytest.raises(InvalidDocument, match="/doc"):
        canonical_json({"a": value}, "doc")


def test_nesting_without_end_is_refused(prompts):
    loop: dict = {"openapi": "3.1.0"}
    loop["again"] = loop
    contract = prompts.make_inputs().api_contract.model_copy(update={"document": loop})
    with pytest.raises(InvalidDocument, match="api_contract"):
        render(prompts.make_inputs(api_contract=contract), phase="plan")


def test_shuffling_every_mapping_of_the_inputs_changes_no_byte(prompts):
    def reverse(value):
        if isinstance(value, dict):
            return {key: reverse(value[key]) for key in reversed(value)}
        return [reverse(item) for item in value] if isinstance(value, list) else value

    plain = prompts.make_inputs()
    contract = plain.api_contract.model_copy(update={"document": reverse(prompts.openapi)})
    one = prompts.make_inputs(upstream={"a": "1", "b": "2"})
    two = prompts.make_inputs(upstream={"b": "2", "a": "1"}, api_contract=contract)
    assert render(one, phase="plan") == render(two, phase="plan")


def test_a_sdl_contract_stands_as_a_document_of_its_own(prompts):
    sdl = 'type Query {\n  "one note"\n  note(id: ID!): String\n}\n'
    contract = prompts.make_inputs().api_contract.model_copy(update={"kind": "graphql", "document": sdl})
    prompt = render(prompts.make_inputs(api_contract=contract), phase="plan")
    texts = {row.name: row.text for row in parse_prompt(prompt)}
    assert texts["/api_contract/document"] == sdl


def test_a_pointer_cannot_be_made_to_have_the_name_of_a_longer_one():
    """A key is chosen so that its pointer would be the shortened name of another pointer."""
    for length in range(200, 260):
        long = name_of_pointer("/api/" + "A" * length)
        forged = long.removeprefix("/api/").replace("~1", "/").replace("~0", "~")
        data = {"A" * length: 'one "x"', forged: 'two "y"'}
        text, lifted = structured("api", dict(data))
        assert len(lifted) == 2
        assert restore("api", {"api": text, **lifted}) == data


@pytest.mark.parametrize("key", ["\ud800", "a\udfffb", "\ud800" + "A" * 300])
@pytest.mark.parametrize("value", ["plain", 'to "lift"', 1, {}])
def test_a_lone_surrogate_in_a_key_is_refused_and_not_repaired(prompts, key, value):
    """At every depth that can be serialized."""
    for depth in (0, 3, 230):
        inner = {key: value}
        for _ in range(depth):
            inner = {"deeper": inner}
        contract = prompts.make_inputs().api_contract.model_copy(
            update={"document": {**prompts.openapi, "x": inner}}
        )
        with pytest.raises(UnencodableInput) as caught:
            prompts.render_phase("all", prompts.make_inputs(api_contract=contract))
        assert caught.value.document.startswith("/api_contract/document/x")
        assert caught.value.offset == key.index(next(c for c in key if "\ud800" <= c <= "\udfff"))


def test_a_key_that_holds_the_replacement_character_itself_is_kept(prompts):
    contract = prompts.make_inputs().api_contract.model_copy(
        update={"document": {**prompts.openapi, "x-\ufffd": "\ufffd"}}
    )
    prompt = prompts.render_phase("all", prompts.make_inputs(api_contract=contract))
    read = restored_inputs(parse_prompt(prompt), ["api_contract"])["api_contract"]
    assert read["document"]["x-\ufffd"] == "\ufffd"


def test_data_that_holds_itself_twice_ends_at_once_in_the_named_error(prompts):
    circular: dict[str, object] = {}
    circular.update(a=circular, b=circular)
    contract = prompts.make_inputs().api_contract.model_copy(update={"document": circular})
    with pytest.raises(InvalidDocument):
        prompts.render_phase("all", prompts.make_inputs(api_contract=contract))


@pytest.mark.parametrize("key", ["$document", "$$document", "$$$document"])
def test_data_that_looks_like_a_reference_is_told_from_one(key):
    data = {"a": {key: "/doc/b"}, "b": 'a "text" to lift', "c": [{key: {key: 'another "one"'}}]}
    text, lifted = structured("doc", copy.deepcopy(data))
    assert len(lifted) == 2
    assert restore("doc", {"doc": text, **lifted}) == data
