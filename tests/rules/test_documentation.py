"""The page of the rules shows each rule with its facts and examples, and is the same each time."""

import pytest

from backend_engineer.outputs import Change, FileChange
from backend_engineer.redaction import find_secrets
from backend_engineer.rules import built_in_rules
from backend_engineer.rules.documentation import OWN_RULE, rules_page


@pytest.fixture(scope="module")
def page() -> str:
    return rules_page()


def test_every_rule_stands_on_the_page_once(page: str) -> None:
    for rule in built_in_rules():
        assert page.count(f"\n## {rule.code}: ") == 1


def test_the_page_is_the_same_each_time(page: str) -> None:
    assert rules_page() == page


def test_the_page_shows_no_credential(page: str) -> None:
    assert find_secrets(page, assignments=False) == ()


def test_every_fence_of_the_page_is_closed(page: str) -> None:
    opened = ""
    for line in page.split("\n"):
        if line.startswith("```"):
            fence = line[: len(line) - len(line.lstrip("`"))]
            if not opened:
                opened = fence
            elif line == opened:
                opened = ""
    assert opened == ""


def test_the_own_rule_of_the_page_runs_as_it_stands(page: str) -> None:
    assert OWN_RULE in page
    names = {"change": Change((FileChange("docs/a.md", "# A\n\nTODO: more\n"),))}
    exec(OWN_RULE, names)
    (finding,) = [item for item in names["report"].findings if item.code == "OWN001"]
    assert (finding.where.path, finding.where.lines, finding.violates) == ("docs/a.md", "3", True)
