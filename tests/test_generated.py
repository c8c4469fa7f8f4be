"""What is generated stands in the checkout as the code makes it, and no clause is left alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from backend_engineer.contract import CLAUSES, Subject
from backend_engineer.reporting.pages import clause_gaps, generated_files
from backend_engineer.reporting.schemas import SCHEMA_NAMES, schema

ROOT = Path(__file__).resolve().parent.parent


def test_every_generated_file_is_up_to_date() -> None:
    stale = [
        name
        for name, text in generated_files().items()
        if not (ROOT / name).is_file() or (ROOT / name).read_text(encoding="utf-8") != text
    ]
    assert stale == [], "run `make generate`"


def test_every_clause_is_stated_and_checked_or_marked_as_judgement() -> None:
    assert clause_gaps() == ()


def test_every_library_clause_names_a_test_file_that_stands() -> None:
    missing = [
        (row.id, row.shown_by)
        for row in CLAUSES.values()
        if row.subject is Subject.LIBRARY and not (ROOT / row.shown_by).is_file()
    ]
    assert missing == []


@pytest.mark.parametrize("name", SCHEMA_NAMES)
def test_a_schema_is_valid_and_names_itself(name: str) -> None:
    document = schema(name)
    Draft202012Validator.check_schema(document)
    assert document["$id"] == f"urn:backend-engineer:schema:{name}:1"
    json.dumps(document)
