"""The compiled yes says what the validator says, for every value and every part of the meta-schemas."""

from __future__ import annotations

import copy
import random
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from backend_engineer.apis import load_openapi, openapi_problems
from backend_engineer.apis.acceptance import Acceptance
from backend_engineer.apis.metaschema import _validator, flattened, violations

Data = dict[str, Any]
VERSIONS = ("3.0", "3.1", "3.2")
SCHEMAS = {version: flattened(version) for version in VERSIONS}
ACCEPTANCE = {version: Acceptance(schema) for version, schema in SCHEMAS.items()}
PLAIN: dict[str, Any] = {version: Draft202012Validator(schema) for version, schema in SCHEMAS.items()}
_LEAVES: tuple[Any, ...] = (None, True, False, 0, 1, -1, 1.0, 2.5, "", "x", "x-y", "200", "query", "^[", [], {}, ["a", "a"], [1, True], [{"name": "a"}, {"name": "a"}], {"$ref": "#/a"}, {"x-a": 1}, {"type": "string"})  # fmt: skip


def references(version: str) -> list[str]:
    """Each definition of a meta-schema, those inside of others too."""

    def below(node: Any, pointer: str) -> Iterator[str]:
        for holder in ("$defs", "definitions"):
            for name, part in node.get(holder, {}).items() if isinstance(node, dict) else ():
                yield f"{pointer}/{holder}/{name}"
                yield from below(part, f"{pointer}/{holder}/{name}")

    return list(below(SCHEMAS[version], "#"))


def parts(node: Any) -> list[Any]:
    """A value and all that it holds."""
    found = [node]
    for item in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        found += parts(item)
    return found


def altered(document: Data, pick: random.Random) -> Data:
    """A copy with a few parts taken out, replaced, renamed or moved."""
    made = copy.deepcopy(document)
    everything = parts(made)
    for _ in range(pick.randint(1, 3)):
        holder = pick.choice([item for item in everything if isinstance(item, (dict, list)) and item])
        key = pick.choice(list(holder) if isinstance(holder, dict) else list(range(len(holder))))
        kind = pick.randrange(4)
        if kind == 0:
            del holder[key]
        elif kind == 1 and isinstance(holder, dict):
            holder[pick.choice([f"{key}x", "x-new", "style", "in", "example", "default"])] = holder[key]
        else:
            holder[key] = copy.deepcopy(pick.choice(_LEAVES if kind == 2 else everything[:80]))
        everything = parts(made)
        if not any(isinstance(item, (dict, list)) and item for item in everything):
            break
    return made


def said_plainly(version: str, value: Any) -> list[tuple[str, str]]:
    return sorted((error.json_path, error.message) for error in PLAIN[version].iter_errors(value))


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 10**9), version=st.sampled_from(VERSIONS))
def test_an_altered_document_fits_exactly_when_the_validator_takes_it(
    fresh: Callable[[], Data], newer: Data, seed: int, version: str
) -> None:
    pick = random.Random(seed)
    whole = fresh() if version == "3.0" else {**copy.deepcopy(newer), "openapi": f"{version}.0"}
    made = altered(whole, pick)
    whole_schema = ACCEPTANCE[version].compiled(SCHEMAS[version])
    assert whole_schema(made) is PLAIN[version].is_valid(made)
    assert bool(list(violations(version, made))) is not PLAIN[version].is_valid(made)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 10**9), version=st.sampled_from(VERSIONS))
def test_any_part_of_a_document_fits_any_definition_exactly_when_the_validator_takes_it(
    document: Data, newer: Data, seed: int, version: str
) -> None:
    pick = random.Random(seed)
    values = [*_LEAVES, *parts(document if version == "3.0" else newer)]
    for reference in pick.sample(references(version), 12):
        value = pick.choice(values)
        plain = PLAIN[version].evolve(schema=_only(version, reference))
        assert ACCEPTANCE[version].of(reference)(value) is plain.is_valid(value), (reference, value)


def _only(version: str, reference: str) -> Data:
    """The meta-schema with nothing but a reference at its root."""
    kept: Data = {key: SCHEMAS[version][key] for key in ("$defs", "definitions") if key in SCHEMAS[version]}
    return {"$ref": reference, **kept}


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 10**9), version=st.sampled_from(VERSIONS))
def test_the_faults_are_those_that_the_validator_finds_by_itself(
    fresh: Callable[[], Data], newer: Data, seed: int, version: str
) -> None:
    whole = fresh() if version == "3.0" else {**copy.deepcopy(newer), "openapi": f"{version}.0"}
    made = altered(whole, random.Random(seed))
    ours = sorted((error.json_path, error.message) for error in _validator(version).iter_errors(made))
    assert ours == said_plainly(version, made)


def test_a_keyword_that_is_not_known_is_refused_and_not_passed_over() -> None:
    with pytest.raises(KeyError, match="multipleOf"):
        Acceptance({}).compiled({"multipleOf": 2})


def test_a_document_of_a_thousand_operations_is_known_to_be_valid_within_a_second(newer: Data) -> None:
    read = newer["paths"].pop("/users/{id}")
    for number in range(1000):
        copied = copy.deepcopy(read)
        copied["get"]["operationId"] = f"get{number}"
        newer["paths"][f"/things{number}/{{id}}"] = copied
    data = load_openapi(newer).data
    assert openapi_problems({**newer, "paths": {}}) is not None
    start = time.process_time()
    assert list(violations("3.1", data)) == []
    assert time.process_time() - start < 1
