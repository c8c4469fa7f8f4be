"""Whatever is given ends in inputs, in a question, or in an error of this project."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend_engineer.errors import BackendEngineerError
from backend_engineer.inputs import StageInputs, gather, merge_answers, partial
from backend_engineer.outputs import Clarification

Data = dict[str, Any]
_LEAF = (
    st.none()
    | st.booleans()
    | st.integers(-3, 10**20)
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["TBD", "User", "GET /users", "not_applicable", "\ud800", "cursor", "postgresql"])
)
_KEYS = (
    st.text(max_size=3)
    | st.sampled_from(["not_applicable", "name", "openapi", "$ref", "clause", "style"])
    | st.integers(0, 3)
)
_JUNK = st.recursive(
    _LEAF,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=10,
)
_SETTINGS = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def _with_junk(data: Data, seed: int, junk: Any) -> tuple[Data, str]:
    """The data with junk somewhere in it, and the pointer where."""
    pick, node, pointer = random.Random(seed), data, ""
    while True:
        key: Any = pick.choice(list(node) if isinstance(node, dict) else list(range(len(node))))
        pointer += "/" + str(key).replace("~", "~0").replace("/", "~1")
        if not isinstance(node[key], (dict, list)) or not node[key] or pick.random() < 0.2:
            node[key] = junk
            return data, pointer
        node = node[key]


def _judged(act: Callable[[], StageInputs | Clarification]) -> StageInputs | Clarification | None:
    try:
        found = act()
    except BackendEngineerError as error:
        str(error).encode("utf-8")
        return None
    assert isinstance(found, (StageInputs, Clarification))
    assert isinstance(found, StageInputs) or found.gaps
    return found


@_SETTINGS
@given(seed=st.integers(0, 10**6), junk=_JUNK)
def test_junk_anywhere_in_the_documents_is_asked_about_or_refused(
    fresh: Callable[[], Data], seed: int, junk: Any
) -> None:
    data, _ = _with_junk(fresh(), seed, junk)
    found = _judged(lambda: gather(data))
    if isinstance(found, StageInputs):
        assert gather(found) == found


@_SETTINGS
@given(seed=st.integers(0, 10**6), junk=_JUNK)
def test_junk_as_an_answer_is_asked_about_or_refused(fresh: Callable[[], Data], seed: int, junk: Any) -> None:
    data = fresh()
    _, pointer = _with_junk(fresh(), seed, None)
    _judged(lambda: merge_answers(data, {pointer: junk}))


@_SETTINGS
@given(seed=st.integers(0, 10**6), junk=_JUNK)
def test_partial_inputs_of_anything_can_be_looked_at(fresh: Callable[[], Data], seed: int, junk: Any) -> None:
    data, _ = _with_junk(fresh(), seed, junk)
    try:
        found = partial(data)
    except BackendEngineerError:
        return
    for name in (
        "tech_spec",
        "api_contract",
        "data_model",
        "security_policy",
        "perf_targets",
        "ops_guides",
        "request",
    ):
        getattr(found, name)
    assert len({gap.pointer for gap in found.gaps}) == len(found.gaps)
    assert (
        Clarification.model_validate_json(Clarification(gaps=found.gaps).model_dump_json()).gaps == found.gaps
    )


@_SETTINGS
@given(_JUNK)
def test_anything_at_all_is_asked_about_or_refused(junk: Any) -> None:
    _judged(lambda: gather(junk))
    _judged(lambda: gather({"openapi": junk, "tech_spec": junk, "request": junk}))
    _judged(
        lambda: gather({"openapi.json": str(junk), "tech_spec.md": str(junk), "data_model.yaml": str(junk)})
    )


_NAMES = (
    "tech_spec.json",
    "tech_spec.yaml",
    "tech_spec.md",
    "openapi.yaml",
    "schema.graphql",
    "upstream/a.txt",
)


@_SETTINGS
@given(
    st.sampled_from(_NAMES),
    st.binary(max_size=40),
    st.sampled_from([b"", b"{", b"a: ", b"## Stack\n|", b"\xef\xbb\xbf", b"type Query {"]),
)
def test_any_bytes_in_any_document_are_asked_about_or_refused(
    name: str, content: bytes, start: bytes
) -> None:
    _judged(lambda: gather({name: start + content}))
