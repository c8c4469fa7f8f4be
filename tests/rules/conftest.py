"""Builders that the tests of the engine share."""

from collections.abc import Callable

import pytest

from backend_engineer.contract import Category, Severity
from backend_engineer.outputs import Change, FileChange
from backend_engineer.parsing import Reply, parse_reply
from backend_engineer.rules import Hit, Rule, Silence


@pytest.fixture
def change() -> Callable[..., Change]:
    """A change of some files: path -> text, with an origin."""

    def make(files: dict[str, str] | None = None, origin: str = "caller") -> Change:
        texts = files if files is not None else {"docs/a.md": "# A\n"}
        return Change(tuple(FileChange(path, text) for path, text in texts.items()), origin=origin)

    return make


@pytest.fixture
def reply() -> Callable[[str], Reply]:
    """A parsed reply."""
    return parse_reply


@pytest.fixture
def rule() -> Callable[..., Rule]:
    """A rule that answers what it is told to; `raises` makes it break down."""

    def make(
        code: str = "OWN001",
        clauses: tuple[str, ...] = ("CONS-02",),
        answers: tuple[Hit | Silence, ...] = (),
        raises: BaseException | None = None,
        **facts: object,
    ) -> Rule:
        def check(context: object) -> tuple[Hit | Silence, ...]:
            if raises is not None:
                raise raises
            return answers

        if facts.get("exact") is False:
            facts = {"question": "Is it so?", "look": "everywhere", "settles": "a look", **facts}
        return Rule(
            code=code,
            title="Something is wrong",
            clauses=clauses,
            severity=facts.pop("severity", Severity.MAJOR),
            category=Category.PLAN,
            reason="It matters.",
            recommendation="Mend it.",
            check=check,
            **facts,
        )

    return make
