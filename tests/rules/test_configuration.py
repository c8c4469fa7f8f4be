"""The configuration table: what it may hold, and which key is named when it holds something else."""

import tomllib
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_engineer.contract import Severity
from backend_engineer.errors import InvalidDocument, UsageError
from backend_engineer.outputs import Change, FileChange
from backend_engineer.rules import Configuration, check, read_configuration

TEXT = """
select = ["CONS", "CAP001"]
ignore = ["CONS-05"]

[severities]
CAP001 = "minor"

[waive]
CONS-01 = "checked elsewhere"

[[suppress]]
code = "SEC401"
path = "tests/fixtures/**"
reason = "keys of a throw-away account"
until = 2027-01-31

[path-ignores]
"vendor/**" = "not our code"
"""


def test_a_whole_table_is_read() -> None:
    read = read_configuration(tomllib.loads(TEXT))
    assert read.select == ("CONS", "CAP001")
    assert read.ignore == ("CONS-05",)
    assert read.severities == {"CAP001": Severity.MINOR}
    assert read.waive == {"CONS-01": "checked elsewhere"}
    assert [(item.code, item.path, item.until) for item in read.suppressions] == [
        ("SEC401", "tests/fixtures/**", date(2027, 1, 31)),
        ("*", "vendor/**", None),
    ]


def test_the_table_may_stand_in_a_project_file() -> None:
    read = read_configuration(
        tomllib.loads('[project]\nname = "x"\n[tool.backend-engineer]\nignore = ["CAP001"]\n')
    )
    assert read.ignore == ("CAP001",)


def test_a_project_file_without_the_table_configures_nothing() -> None:
    assert read_configuration(tomllib.loads("[tool.other]\nx = 1\n")) == Configuration()


def test_a_project_file_without_any_tool_configures_nothing() -> None:
    text = '[project]\nname = "x"\n'
    assert read_configuration(tomllib.loads(text), "service/pyproject.toml") == Configuration()


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        ("colour = true", "/colour"),
        ('select = "CONS"', "/select"),
        ("ignore = [1]", "/ignore"),
        ('[severities]\nCAP001 = "loud"', "/severities/CAP001"),
        ('[waive]\nCONS-01 = ""', "/waive/CONS-01"),
        ('[suppress]\ncode = "X"', "/suppress"),
        ('[[suppress]]\ncode = "X"\npath = "a"', "/suppress/0/reason"),
        ('[[suppress]]\ncode = "X"\npath = "a"\nreason = "r"\nuntil = "soon"', "/suppress/0/until"),
        ('[[suppress]]\ncode = "X"\npath = "a"\nreason = "r"\nlines = 3', "/suppress/0/lines"),
        ('path-ignores = ["vendor"]', "/path-ignores"),
    ],
)
def test_a_wrong_key_is_named_with_its_place(text: str, pointer: str) -> None:
    with pytest.raises(InvalidDocument) as caught:
        read_configuration(tomllib.loads(text), "backend-engineer.toml")
    assert caught.value.path == "backend-engineer.toml"
    assert caught.value.pointer == pointer


def test_the_call_wins_over_the_selection_of_the_configuration() -> None:
    made = Change((FileChange("a.md", "a\n"),))
    report = check(made, select=["CONS-02"], configuration=Configuration(select=("CONS-06",)))
    assert list(report.clauses) == ["CONS-02"]


@pytest.mark.parametrize(
    "text",
    [
        '[severities]\nNOPE1 = "minor"\n',
        '[[suppress]]\ncode = "NOPE1"\npath = "a/**"\nreason = "it is old"\n',
    ],
)
def test_a_rule_that_does_not_exist_is_named(text: str) -> None:
    with pytest.raises(UsageError, match="NOPE1"):
        check(Change(), configuration=read_configuration(tomllib.loads(text)))


def test_waivers_of_the_configuration_and_of_the_call_add_up() -> None:
    made = Change((FileChange("a.md", "a\n"),))
    report = check(
        made, waive={"APID-01": "no API"}, configuration=Configuration(waive={"CONS-01": "no stack"})
    )
    assert {row.clause for row in report.verdicts if row.waived} == {"APID-01", "CONS-01"}


VALUES = st.recursive(
    st.one_of(st.booleans(), st.integers(), st.text(max_size=8), st.dates()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
KEYS = st.sampled_from(
    ["select", "ignore", "severities", "waive", "suppress", "path-ignores", "tool", "other"]
)


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_any_table_is_read_or_refused_by_name(data: dict[str, object]) -> None:
    # Any other error than this one fails the test.
    with suppress(InvalidDocument):
        assert isinstance(read_configuration(data), Configuration)


@pytest.mark.parametrize(
    "name", ["backend_engineer", "Backend-Engineer", "backendengineer", "backend engineer"]
)
def test_a_table_whose_name_is_nearly_ours_is_refused(name: str) -> None:
    with pytest.raises(InvalidDocument, match="backend-engineer"):
        read_configuration({"tool": {name: {"ignore": ["CONS-02"]}}}, "pyproject.toml")


def test_keys_beside_the_table_of_an_own_file_are_refused() -> None:
    data = {"ignore": ["CONS-02"], "tool": {"backend-engineer": {"ignore": ["CONS-01"]}}}
    with pytest.raises(InvalidDocument, match="/ignore"):
        read_configuration(data)
    assert read_configuration({"project": {"name": "a"}, "tool": {}}, "pyproject.toml") == Configuration()


@pytest.mark.parametrize(
    "glob", ["", " ", "/vendor/**", "./vendor/**", "vendor/", "..", "a/../b", "vendor\\**"]
)
def test_a_path_that_fits_no_file_is_refused(glob: str) -> None:
    with pytest.raises(InvalidDocument):
        read_configuration({"path-ignores": {glob: "not our code"}})
    with pytest.raises(InvalidDocument):
        read_configuration({"suppress": [{"code": "SEC401", "path": glob, "reason": "not our code"}]})


@pytest.mark.parametrize("glob", ["vendor/**", "**", "*.py", "a b/[id]/page.tsx", ".github/**"])
def test_a_path_that_may_fit_is_taken(glob: str) -> None:
    assert read_configuration({"path-ignores": {glob: "not our code"}}).suppressions[0].path == glob
