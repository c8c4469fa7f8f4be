"""The cycle collector rests during a check and comes back after it."""

from __future__ import annotations

import gc
from collections.abc import Iterable

import pytest

from backend_engineer.contract import Category, Severity
from backend_engineer.outputs import Change, FileChange
from backend_engineer.rules import Context, Hit, Rule, check
from backend_engineer.rules.collector import collector_at_rest

CHANGE = Change((FileChange("a.py", "A = 1\n"),))


def _asking(seen: list[bool], *, breaks: bool = False) -> Rule:
    def look(context: Context) -> Iterable[Hit]:
        seen.append(gc.isenabled())
        if breaks:
            raise ValueError("a rule that breaks down")
        return ()

    return Rule(
        code="OWN001",
        title="A rule of the test",
        clauses=("CONS-01",),
        severity=Severity.MINOR,
        category=Category.PLAN,
        reason="It looks at the collector.",
        recommendation="Nothing is to be done.",
        check=look,
    )


@pytest.mark.parametrize("breaks", [False, True])
def test_the_collector_rests_while_rules_are_asked_and_works_afterwards(breaks: bool) -> None:
    seen: list[bool] = []
    check(CHANGE, rules=[_asking(seen, breaks=breaks)])
    assert (seen, gc.isenabled()) == ([False], True)


def test_a_collector_that_was_at_rest_stays_so() -> None:
    gc.disable()
    try:
        with collector_at_rest():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_one_that_ends_inside_another_leaves_it_to_the_outer_one() -> None:
    with collector_at_rest():
        with collector_at_rest():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_values_that_the_caller_has_frozen_stay_frozen() -> None:
    gc.freeze()
    try:
        with collector_at_rest():
            pass
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()


def test_cycles_made_meanwhile_are_collected_later() -> None:
    seen: list[str] = []

    class Noted(list["Noted"]):
        def __del__(self) -> None:
            seen.append("gone")

    with collector_at_rest():
        ring = Noted()
        ring.append(ring)
        del ring
    gc.collect()
    assert seen == ["gone"]
