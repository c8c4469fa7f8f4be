"""The clause table is whole and consistent with itself."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from backend_engineer.contract import CLAUSES, SECTIONS, EvidenceKind, Subject, clause, clauses_about
from backend_engineer.errors import UsageError


def test_there_are_77_clauses() -> None:
    assert len(CLAUSES) == 77


def test_every_id_has_the_documented_shape() -> None:
    assert all(re.fullmatch(r"[A-Z]{4}-[0-9]{2}", clause_id) for clause_id in CLAUSES)


def test_every_clause_states_something_of_its_own() -> None:
    repeated = [
        text for text, times in Counter(row.statement for row in CLAUSES.values()).items() if times > 1
    ]
    assert repeated == []
    assert all(len(row.statement) > 15 and row.statement.endswith(".") for row in CLAUSES.values())


def test_derived_clauses_derive_from_clauses_that_exist() -> None:
    for row in CLAUSES.values():
        assert set(row.derived_from) <= set(CLAUSES), row.id
        assert row.id not in row.derived_from


def test_library_clauses_and_only_they_name_the_test_that_shows_them() -> None:
    for row in CLAUSES.values():
        assert bool(row.shown_by) is (row.subject is Subject.LIBRARY), row.id


def test_judgement_clauses_and_only_they_give_a_reason() -> None:
    for row in CLAUSES.values():
        assert bool(row.judgement) is (EvidenceKind.JUDGEMENT in row.evidence), row.id


def test_the_ten_sections_stand_in_order() -> None:
    assert [str(section) for section in SECTIONS] == [
        "Migrations", "Schema/Models", "Ports/Adapters", "Services/Use-Cases", "Controllers/Resolvers",
        "Validation & Auth", "Jobs/Workers", "Tests", "Observability", "Docs",
    ]  # fmt: skip
    assert [section.position for section in SECTIONS] == list(range(1, 11))


def test_subjects_split_the_table_without_remainder() -> None:
    assert sum(len(clauses_about(subject)) for subject in Subject) == len(CLAUSES)


def test_an_unknown_clause_is_a_named_error() -> None:
    with pytest.raises(UsageError, match="XXXX-99"):
        clause("XXXX-99")
