"""Gaps inside a document: placeholders, empty and misshapen values, and their schemas."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from backend_engineer.apis.pointers import follow, split
from backend_engineer.contract import CLAUSES
from backend_engineer.errors import InvalidDocument
from backend_engineer.inputs import StageInputs, gather, partial
from backend_engineer.inputs.fields import FIELDS, PROSE
from backend_engineer.inputs.gaps import MODELS, is_placeholder
from backend_engineer.inputs.sources import collect
from backend_engineer.outputs import Clarification, Gap

Data = dict[str, Any]


def _put(data: Data, pointer: str, value: Any) -> Data:
    *above, last = split(pointer)
    holder = follow(data, above)
    if isinstance(holder, list):
        holder[int(last)] = value
    else:
        holder[last] = value
    return data


def _only(data: Data) -> Gap:
    found = gather(data)
    assert isinstance(found, Clarification), "no gap was found"
    assert len(found.gaps) == 1, [gap.pointer for gap in found.gaps]
    return found.gaps[0]


@pytest.mark.parametrize(
    "text",
    ["TBD", "tbd", "TBD.", "<TBD>", "[todo]", "TODO", "todo:", "To do", "?", "???", "n/a", "N/A", "NA", "...", "…", "-", "--",
     "unknown", "to be defined", "TBD: ask the security team", "TODO\nwrite this", "Latency is TBD", "p95 of ??? ms", "{placeholder}", "*TBC*"],
)  # fmt: skip
def test_a_placeholder_in_prose_is_a_gap(complete: Data, text: str) -> None:
    gap = _only(_put(complete, "/security_policy/crypto", text))
    assert (gap.pointer, gap.kind) == ("/security_policy/crypto", "placeholder")


@pytest.mark.parametrize(
    "text",
    ["None.", "none", "Nothing is cached.", "Todo lists are kept for a year.", "The todo table is encrypted.", "Who may call? Owners.", "Pending orders are retried.", "GET /users?cursor=x"],
)  # fmt: skip
def test_prose_that_says_something_is_no_gap(complete: Data, text: str) -> None:
    assert isinstance(gather(_put(complete, "/security_policy/crypto", text)), StageInputs)


def test_an_entity_may_be_named_as_a_placeholder_word(complete: Data) -> None:
    assert complete["data_model"]["entities"][1]["name"] == "Todo"
    assert isinstance(gather(complete), StageInputs)


@pytest.mark.parametrize("text", ["TBD", "?", "n/a", "...", "<tbd>"])
def test_a_name_that_nothing_can_have_is_a_gap(complete: Data, text: str) -> None:
    gap = _only(_put(complete, "/tech_spec/migrations/tool", text))
    assert (gap.pointer, gap.kind) == ("/tech_spec/migrations/tool", "placeholder")


@given(
    st.sampled_from(["tbd", "todo", "n/a", "unknown", "?"]),
    st.sampled_from(["", " ", "\n", "\t "]),
    st.booleans(),
)
def test_blanks_and_case_do_not_hide_a_placeholder(word: str, blank: str, upper: bool) -> None:
    text = blank + (word.upper() if upper else word.title()) + blank
    assert is_placeholder(text, prose=True)


@given(st.text(max_size=200))
def test_judging_a_text_never_raises(text: str) -> None:
    assert is_placeholder(text, prose=True) in (True, False)
    assert is_placeholder(text, prose=False) in (True, False)


@pytest.mark.parametrize(
    ("pointer", "value", "kind"),
    [
        ("/tech_spec/stack", [], "empty"),
        ("/tech_spec/stack", "TBD", "placeholder"),
        ("/tech_spec/stack", "python", "invalid"),
        ("/tech_spec/stack", None, "empty"),
        ("/tech_spec/stack/0", "TBD", "placeholder"),
        ("/tech_spec/stack/0/kind", "magic", "invalid"),
        ("/tech_spec/stack/0/version", 3.11, "invalid"),
        ("/tech_spec/layout/0/section", "Nowhere", "invalid"),
        ("/tech_spec/database/dialect", "oracle", "invalid"),
        ("/tech_spec/migrations/transactional", "yes", "invalid"),
        ("/tech_spec/commands/tests", [], "empty"),
        ("/tech_spec/commands/tests", "make test", "invalid"),
        ("/tech_spec/error_handling", "", "empty"),
        ("/tech_spec/error_handling", " \n", "empty"),
        ("/tech_spec/error_handling", {"not_applicable": ""}, "placeholder"),
        ("/tech_spec/error_handling", {"not_applicable": "TBD"}, "placeholder"),
        ("/tech_spec/error_handling", {"not_applicable": 3}, "invalid"),
        ("/tech_spec/migrations/tool", {"not_applicable": "there is none"}, "invalid"),
        ("/api_contract/document", {}, "empty"),
        ("/api_contract/document", "TBD", "placeholder"),
        ("/api_contract/pagination/style", "infinite", "invalid"),
        ("/data_model/entities/0/fields", [], "empty"),
        ("/data_model/entities/0/fields/0/nullable", "no", "invalid"),
        ("/data_model/entities/0/fields/0/pii", 1, "invalid"),
        ("/data_model/entities/0/indexes/0/columns", [], "empty"),
        ("/perf_targets/slos/0/target", "300", "invalid"),
        ("/perf_targets/slos/0/target", True, "invalid"),
        ("/request/acceptance", [], "empty"),
        ("/request/acceptance/0", "TODO", "placeholder"),
    ],
)
def test_a_value_that_says_nothing_usable_is_one_gap(
    complete: Data, pointer: str, value: Any, kind: str
) -> None:
    gap = _only(_put(complete, pointer, value))
    assert (gap.pointer, gap.kind) == (pointer, kind)


def test_an_empty_object_lacks_each_of_its_required_fields(complete: Data) -> None:
    gap = _only(_put(complete, "/tech_spec/database", {}))
    assert (gap.pointer, gap.kind) == ("/tech_spec/database/dialect", "missing")


@pytest.mark.parametrize("field", ["relations", "indexes", "constraints"])
def test_an_empty_list_says_that_an_entity_has_none(complete: Data, field: str) -> None:
    assert isinstance(gather(_put(complete, f"/data_model/entities/0/{field}", [])), StageInputs)


def test_a_field_that_no_document_has_is_refused_with_the_nearest_name(complete: Data) -> None:
    complete["tech_spec"]["stak"] = []
    with pytest.raises(InvalidDocument, match="Did you mean `stack`") as caught:
        gather(complete)
    assert caught.value.pointer == "/tech_spec/stak"


def test_a_gap_says_the_file_and_the_line(spec: Any, complete: Data) -> None:
    path = spec / "ops_guides.json"
    path.write_text('{\n "alerts": "x y",\n "runbooks": "here",\n "rollout": "TBD",\n "rollback": "back"\n}')
    found = gather(spec)
    assert isinstance(found, Clarification)
    assert f"{path}:4" in found.gaps[0].reason


def _inner(annotation: Any, listed: str = "") -> list[tuple[Any, str]]:
    """The models inside an annotation, each with `/*` where it stands in a list."""
    if hasattr(annotation, "model_fields"):
        return [] if annotation.__name__ == "NotApplicable" else [(annotation, listed)]
    listed = "/*" if get_origin(annotation) is tuple else listed
    return [found for part in get_args(annotation) for found in _inner(part, listed)]


def _required_patterns(model: Any, pattern: str) -> list[str]:
    found = []
    for name, field in model.model_fields.items():
        place = f"{pattern}/{name}"
        found += [place] if field.is_required() else []
        for inner, listed in _inner(field.annotation):
            found += _required_patterns(inner, place + listed)
    return found


def test_every_required_field_has_its_own_words() -> None:
    patterns = [place for name, model in MODELS.items() for place in _required_patterns(model, name)]
    assert "data_model/entities/*/fields/*/type" in patterns
    assert [place for place in patterns if place not in FIELDS and "/exceptions/" not in place] == []


def test_the_table_names_only_clauses_that_exist_and_fields_that_are_prose_or_known() -> None:
    known = {item.id if hasattr(item, "id") else item for item in CLAUSES}
    assert {facts.clause for facts in FIELDS.values()} <= known
    assert all(name in FIELDS or name.rpartition("/")[0] in FIELDS or "exceptions" in name for name in PROSE)


def test_every_field_offers_two_or_three_options() -> None:
    assert {len(facts.options) for facts in FIELDS.values()} <= {2, 3}


def test_the_schema_of_an_answer_refuses_an_answer_that_says_nothing(complete: Data) -> None:
    for pointer in ("/tech_spec/stack", "/security_policy/crypto", "/data_model/entities"):
        *above, last = split(pointer)
        data = collect(complete).data
        del follow(data, above)[last]
        gap = _only(data)
        validator = Draft202012Validator(gap.answer_schema)
        assert not validator.is_valid([])
        assert not validator.is_valid("")
        assert validator.is_valid({"not_applicable": "it does not apply"})


@pytest.mark.parametrize("name", ["packages", "version"])
def test_null_where_a_field_may_be_left_out_is_the_field_left_out(
    fresh: Callable[[], Data], name: str
) -> None:
    given = fresh()
    given["tech_spec"]["stack"][1].pop(name, None)
    plain = gather(copy.deepcopy(given))
    given["tech_spec"]["stack"][1][name] = None
    assert isinstance(plain, StageInputs)
    assert gather(given) == plain
    assert partial(given).tech_spec == plain.tech_spec
