"""The findings document: pydantic and JSON Schema accept and refuse the same texts (FIND-01, FIND-02)."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from backend_engineer.contract import Category, FindingType, Severity, Status
from backend_engineer.outputs import Finding, ReviewFindings, Where
from backend_engineer.outputs.findings import SEVEN_KEYS

VALIDATOR = Draft202012Validator(ReviewFindings.model_json_schema())


def both(document: Any) -> tuple[bool, bool]:
    try:
        ReviewFindings.model_validate_json(json.dumps(document))
        ours = True
    except ValidationError:
        ours = False
    return ours, VALIDATOR.is_valid(document)


EXAMPLE: dict[str, Any] = {
    "tool": "backend-engineer",
    "version": "2025-08-13",
    "status": "ready",
    "findings": [
        {
            "type": "evidence",
            "category": "security",
            "severity": "major",
            "title": "PATCH /users/{id} has no guard",
            "where": {"path": "src/http/users.py", "lines": "88-129"},
            "evidence": "The handler writes before any role is looked at.",
            "recommendation": "Ask the policy before the write.",
        }
    ],
}

finding = st.fixed_dictionaries(
    {
        "type": st.sampled_from([*FindingType, "praise", ""]),
        "category": st.sampled_from([*Category, "style"]),
        "severity": st.sampled_from([*Severity, "MAJOR", "high"]),
        "title": st.text(max_size=20),
        "where": st.fixed_dictionaries(
            {"path": st.text(max_size=8)},
            optional={
                "lines": st.from_regex(r"[0-9\u0660-\u0669]{0,3}-?[0-9]{0,3}\n?"),
                "column": st.integers(),
            },
        ),
        "evidence": st.text(max_size=20),
        "recommendation": st.one_of(st.text(max_size=20), st.none(), st.integers()),
    },
    optional={
        "code": st.one_of(st.none(), st.text(max_size=5)),
        "clauses": st.lists(st.text(max_size=8), max_size=2),
        "fingerprint": st.one_of(st.none(), st.text(max_size=5)),
        "confidence": st.floats(allow_nan=False, allow_infinity=False),
    },
)
documents = st.fixed_dictionaries(
    {"status": st.sampled_from([*Status, "approved"]), "findings": st.lists(finding, max_size=3)},
    optional={"tool": st.text(max_size=8), "version": st.text(max_size=8), "extra": st.booleans()},
)


@settings(max_examples=300, deadline=None)
@given(documents)
def test_pydantic_and_json_schema_agree(document: dict[str, Any]) -> None:
    ours, schema = both(document)
    assert ours == schema


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_they_agree_when_one_part_of_a_good_document_is_broken(data: st.DataObject) -> None:
    document = copy.deepcopy(EXAMPLE)
    target: Any = data.draw(
        st.sampled_from([document, document["findings"][0], document["findings"][0]["where"]]), label="part"
    )
    key = data.draw(st.sampled_from(sorted(target)), label="key")
    if data.draw(st.booleans(), label="drop"):
        del target[key]
    else:
        target[key] = data.draw(
            st.one_of(
                st.none(), st.integers(), st.text(max_size=4), st.lists(st.none(), max_size=1), st.booleans()
            )
        )
    ours, schema = both(document)
    assert ours == schema


@pytest.mark.parametrize("lines", ["88-129", "88", "", "1-1"])
def test_documented_line_ranges_are_taken(lines: str) -> None:
    assert both(
        {**EXAMPLE, "findings": [{**EXAMPLE["findings"][0], "where": {"path": "a", "lines": lines}}]}
    ) == (
        True,
        True,
    )


@pytest.mark.parametrize("lines", ["88-129\n", "٣", "0", "3-", "-3", "a", "3 - 4"])
def test_other_line_ranges_are_refused_by_both(lines: str) -> None:
    assert both(
        {**EXAMPLE, "findings": [{**EXAMPLE["findings"][0], "where": {"path": "a", "lines": lines}}]}
    ) == (
        False,
        False,
    )


@pytest.mark.parametrize("key", ["tool", "version", "status", "findings"])
def test_none_of_the_four_keys_may_be_absent(key: str) -> None:
    assert both({name: value for name, value in EXAMPLE.items() if name != key}) == (False, False)


def test_the_strict_export_keeps_seven_keys_in_order() -> None:
    document = ReviewFindings.model_validate(EXAMPLE)
    named = document.findings[0].model_copy(update={"code": "X1", "clauses": ("SECU-01",)})
    strict = ReviewFindings.of(Status.READY, (named,)).strict()
    assert list(strict) == ["tool", "version", "status", "findings"]
    assert tuple(strict["findings"][0]) == SEVEN_KEYS


def test_a_fingerprint_survives_a_moved_line() -> None:
    one = Finding.model_validate(EXAMPLE["findings"][0])
    moved = one.model_copy(update={"where": Where(path=one.where.path, lines="90-131")})
    assert one.with_fingerprint().fingerprint == moved.with_fingerprint().fingerprint
    assert one.with_fingerprint().fingerprint != one.with_fingerprint(1).fingerprint
