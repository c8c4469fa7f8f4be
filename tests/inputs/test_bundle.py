"""Gather and merge: what is complete, what is asked, and what answers do."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from backend_engineer.apis.pointers import follow, join, split
from backend_engineer.errors import IncompleteInputs, InvalidDocument, UsageError
from backend_engineer.inputs import (
    ChangeRequest,
    NotApplicable,
    PartialInputs,
    StageInputs,
    TechSpec,
    gather,
    merge_answers,
    partial,
    request_gap,
)
from backend_engineer.inputs.documents import Document
from backend_engineer.inputs.gaps import MODELS
from backend_engineer.outputs import Clarification

Data = dict[str, Any]
_PROPERTY = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def _gaps(found: StageInputs | Clarification) -> dict[str, str]:
    assert isinstance(found, Clarification), "no gap was found"
    return {gap.pointer: gap.kind for gap in found.gaps}


def _removable(data: Data) -> list[str]:
    """Pointers of every required field that is given, at any depth of the typed documents."""
    found: list[str] = []

    def visit(model: type[Document], value: Any, pointer: str) -> None:
        for name, field in model.model_fields.items():
            if name not in value or set(value) == {"not_applicable"}:
                continue
            place = join(pointer, name)
            if field.is_required():
                found.append(place)
            for inner in _models(field.annotation):
                items = value[name] if isinstance(value[name], list) else [value[name]]
                for index, item in enumerate(items):
                    if isinstance(item, dict) and name != "document":
                        visit(inner, item, join(place, index) if isinstance(value[name], list) else place)

    for name, model in MODELS.items():
        visit(model, data[name], f"/{name}")
    return found


def _models(annotation: Any) -> list[type[Document]]:
    args = getattr(annotation, "__args__", ())
    if args:
        return [model for part in args for model in _models(part)]
    is_model = isinstance(annotation, type) and issubclass(annotation, Document)
    return [annotation] if is_model and annotation is not NotApplicable else []


def _without(data: Data, pointers: list[str]) -> Data:
    data = copy.deepcopy(data)
    for pointer in pointers:
        *above, last = split(pointer)
        holder = follow(data, above)
        if isinstance(holder, dict):
            holder.pop(last, None)
    return data


def _outermost(pointers: list[str]) -> set[str]:
    return {item for item in pointers if not any(item.startswith(other + "/") for other in pointers)}


def test_complete_documents_give_stage_inputs(complete: Data) -> None:
    assert isinstance(gather(complete), StageInputs)


def test_a_folder_and_a_mapping_of_the_same_documents_give_the_same_inputs(
    spec: Path, complete: Data
) -> None:
    assert gather(spec) == gather(complete) == gather(str(spec))


def test_stage_inputs_are_gathered_from_themselves(complete: Data) -> None:
    inputs = StageInputs.load(complete)
    assert gather(inputs) == inputs


def test_models_may_stand_where_data_does(complete: Data) -> None:
    inputs = StageInputs.load(complete)
    assert gather({**complete, "tech_spec": inputs.tech_spec, "data_model": inputs.data_model}) == inputs


def test_nothing_at_all_gives_every_field_of_every_document() -> None:
    found = _gaps(gather({}))
    assert set(found.values()) == {"missing"}
    assert {pointer.split("/")[1] for pointer in found} == set(MODELS) - {"request"}


@_PROPERTY
@given(data=st.data())
def test_removing_fields_gives_exactly_their_gaps(data: st.DataObject, fresh: Callable[[], Data]) -> None:
    complete = fresh()
    removed = data.draw(st.lists(st.sampled_from(_removable(complete)), unique=True, min_size=1, max_size=12))
    assert set(_gaps(gather(_without(complete, removed)))) == _outermost(removed)


@_PROPERTY
@given(data=st.data())
def test_merging_the_removed_values_in_any_order_gives_the_inputs_back(
    data: st.DataObject, fresh: Callable[[], Data]
) -> None:
    complete = fresh()
    removed = data.draw(st.lists(st.sampled_from(_removable(complete)), unique=True, min_size=1, max_size=12))
    lacking = _without(complete, removed)
    order = data.draw(st.permutations(sorted(_outermost(removed))))
    answers = {pointer: follow(complete, split(pointer)) for pointer in order}
    assert merge_answers(lacking, answers) == gather(complete)


@_PROPERTY
@given(data=st.data())
def test_some_answers_leave_exactly_the_other_gaps(data: st.DataObject, fresh: Callable[[], Data]) -> None:
    complete = fresh()
    removed = data.draw(st.lists(st.sampled_from(_removable(complete)), unique=True, min_size=2, max_size=12))
    lacking, gaps = _without(complete, removed), sorted(_outermost(removed))
    kept = data.draw(st.sets(st.sampled_from(gaps), min_size=1))
    answers = {pointer: follow(complete, split(pointer)) for pointer in gaps if pointer not in kept}
    assert set(_gaps(merge_answers(lacking, answers))) == kept


@settings(_PROPERTY, max_examples=12)
@given(data=st.data())
def test_every_gap_offers_answers_that_its_schema_takes(
    data: st.DataObject, fresh: Callable[[], Data]
) -> None:
    complete = fresh()
    removed = data.draw(st.lists(st.sampled_from(_removable(complete)), unique=True, min_size=1, max_size=6))
    found = gather(_without(complete, removed))
    assert isinstance(found, Clarification)
    for gap in found.gaps:
        Draft202012Validator.check_schema(gap.answer_schema)
        assert 2 <= len(gap.options) <= 3
        for option in gap.options:
            if option.value is not None:
                Draft202012Validator(gap.answer_schema).validate(option.value)
                assert gap.pointer not in {
                    item.pointer
                    for item in partial(_merged(complete, removed, gap.pointer, option.value)).structural
                }


def _merged(complete: Data, removed: list[str], pointer: str, value: Any) -> PartialInputs:
    from backend_engineer.inputs.answers import answered
    from backend_engineer.inputs.sources import collect

    raw = answered(collect(_without(complete, removed)), {pointer: value})
    return partial(raw.data)


def test_merging_leaves_what_was_given_untouched(complete: Data) -> None:
    del complete["tech_spec"]["stack"]
    before = copy.deepcopy(complete)
    merge_answers(complete, {"/tech_spec/stack": [{"name": "python", "kind": "language"}]})
    assert complete == before


def test_an_answer_to_a_part_goes_into_the_answer_to_the_whole(complete: Data) -> None:
    del complete["tech_spec"]["database"]
    answers = {"/tech_spec/database/version": "15", "/tech_spec/database": {"dialect": "postgresql"}}
    merged = merge_answers(complete, answers)
    assert isinstance(merged, StageInputs)
    assert (
        merged.tech_spec.database
        == TechSpec.model_validate(
            complete["tech_spec"] | {"database": {"dialect": "postgresql", "version": "15"}}
        ).database
    )


def test_an_empty_answer_remains_a_gap(complete: Data) -> None:
    assert _gaps(merge_answers(complete, {"/ops_guides/alerts": "  "})) == {"/ops_guides/alerts": "empty"}


def test_answers_to_partial_inputs_complete_them(complete: Data) -> None:
    del complete["ops_guides"]
    found = partial(complete)
    answers = {gap.pointer: {"not_applicable": "nobody runs it yet"} for gap in found.gaps}
    assert isinstance(merge_answers(found, answers), StageInputs)


@pytest.mark.parametrize(
    "pointer",
    [
        "",
        "tech_spec",
        "/nowhere/x",
        "/upstream/prd.md",
        "/data_model/entities/7/name",
        "/data_model/entities/x",
    ],
)
def test_an_answer_that_belongs_nowhere_is_refused(complete: Data, pointer: str) -> None:
    with pytest.raises((UsageError, InvalidDocument)):
        merge_answers(complete, {pointer: "anything"})


def test_a_document_that_does_not_apply_as_a_whole_is_a_full_answer(complete: Data) -> None:
    complete["data_model"] = {"not_applicable": "the service keeps no data"}
    found = gather(complete)
    assert isinstance(found, StageInputs)
    assert found.data_model.entities == NotApplicable("the service keeps no data")


def test_not_applicable_is_a_full_answer_to_every_field_that_allows_it(complete: Data) -> None:
    reason = {"not_applicable": "it truly does not apply"}
    for name, model in MODELS.items():
        for field, info in model.model_fields.items():
            if info.is_required() and "NotApplicable" in str(info.annotation):
                complete[name][field] = reason
    assert isinstance(gather(complete), StageInputs)


def test_the_request_that_is_passed_wins_over_the_one_that_was_found(complete: Data) -> None:
    request = ChangeRequest(title="Another", description="Something else.", acceptance=("it works",))
    assert StageInputs.load(complete, request=request).request == request


@pytest.mark.parametrize("request_", ["Show the last login", ["x"], 3, b"x", object()])
def test_a_request_that_is_no_object_is_refused(complete: Data, request_: Any) -> None:
    with pytest.raises(InvalidDocument, match="request"):
        gather(complete, request_)


def test_a_request_with_a_placeholder_is_asked_about(complete: Data) -> None:
    request = {"title": "Show it", "description": "TBD", "acceptance": ["it is shown"]}
    assert _gaps(gather(complete, request)) == {"/request/description": "placeholder"}


def test_inputs_without_a_request_are_complete(complete: Data) -> None:
    del complete["request"]
    assert StageInputs.load(complete).request is None


def test_the_gap_of_a_missing_request_takes_a_request(complete: Data) -> None:
    gap = request_gap()
    assert gap.pointer == "/request"
    Draft202012Validator(gap.answer_schema).validate(complete["request"])


def test_load_raises_with_the_clarification(complete: Data) -> None:
    del complete["ops_guides"]["alerts"]
    with pytest.raises(IncompleteInputs) as caught:
        StageInputs.load(complete)
    assert [gap.pointer for gap in caught.value.clarification.gaps] == ["/ops_guides/alerts"]


def test_partial_inputs_have_none_for_what_was_not_given(complete: Data) -> None:
    found = partial({"data_model": complete["data_model"]})
    assert found.data_model is not None
    assert (found.tech_spec, found.api_contract, found.request) == (None, None, None)


def test_a_document_given_in_part_has_its_usable_fields(complete: Data) -> None:
    found = partial({"openapi": complete["api_contract"]["document"]})
    assert found.api_contract is not None
    assert found.api_contract.kind == "openapi"
    assert found.api_contract.authorization is None
    assert found.api_contract.exceptions == ()


def test_partial_inputs_that_lack_nothing_equal_the_complete_ones(complete: Data) -> None:
    inputs, found = StageInputs.load(complete), partial(complete)
    assert all(getattr(found, name) == getattr(inputs, name) for name in (*MODELS, "upstream"))
    assert found.gaps == ()


def test_the_data_of_partial_inputs_can_be_gathered_again(complete: Data) -> None:
    assert gather(partial(complete).data) == gather(complete)
