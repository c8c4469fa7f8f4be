"""A sample of the seeded defects of benchmarks/seeded_migrations.py: each operator, by the run and by the rules."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

PATH = Path(__file__).parents[2] / "benchmarks" / "seeded_migrations.py"


@pytest.fixture(scope="module")
def seeded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("seeded_migrations", PATH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["seeded_migrations"] = module
    spec.loader.exec_module(module)
    return module


def sample(seeded: ModuleType, dialect: str) -> list:
    """The first two mutants of each operator and harm."""
    taken: dict[tuple[str, str], int] = {}
    chosen = []
    for operator, harm, mutant in seeded.mutants_of(dialect):
        taken[operator, harm] = taken.get((operator, harm), 0) + 1
        if taken[operator, harm] <= 2:
            chosen.append((operator, harm, mutant))
    return chosen


def missed_by_the_run(seeded: ModuleType, dialect: str) -> list[str]:
    chosen = sample(seeded, dialect)
    outcomes = seeded.run_all([mutant for _, _, mutant in chosen], dialect)
    return [
        f"{operator} on {mutant.name}"
        for (operator, harm, mutant), outcome in zip(chosen, outcomes, strict=True)
        if not seeded.found_by_run(outcome, harm)
    ]


def test_there_are_enough_operators_and_pairs(seeded: ModuleType) -> None:
    for dialect in ("sqlite", "postgresql"):
        assert len({operator for operator, _, _ in seeded.mutants_of(dialect)}) >= 12
        assert len(seeded.pairs_of(dialect)) >= 20


def test_the_run_finds_each_kind_of_defect_on_sqlite(seeded: ModuleType) -> None:
    assert missed_by_the_run(seeded, "sqlite") == []


@pytest.mark.postgres
def test_the_run_finds_each_kind_of_defect_on_postgresql(seeded: ModuleType, postgres: None) -> None:
    assert missed_by_the_run(seeded, "postgresql") == []


def test_the_run_says_nothing_against_clean_pairs_on_sqlite(seeded: ModuleType) -> None:
    clean = seeded.pairs_of("sqlite")
    assert [words for outcome in seeded.run_all(clean, "sqlite") if (words := seeded.alarms(outcome))] == []


@pytest.mark.postgres
def test_the_run_says_nothing_against_clean_pairs_on_postgresql(seeded: ModuleType, postgres: None) -> None:
    clean = seeded.pairs_of("postgresql")
    assert [
        words for outcome in seeded.run_all(clean, "postgresql") if (words := seeded.alarms(outcome))
    ] == []


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_the_rules_alone_find_most_and_say_nothing_against_clean_pairs(
    seeded: ModuleType, dialect: str
) -> None:
    chosen = sample(seeded, dialect)
    found = [seeded.found_statically(mutant, dialect) for _, _, mutant in chosen]
    assert sum(found) / len(found) >= 0.85
    assert [pair.name for pair in seeded.pairs_of(dialect) if seeded.found_statically(pair, dialect)] == []
