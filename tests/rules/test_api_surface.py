"""Which API description is held against the contract, and what is said when there is none to hold."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from backend_engineer.contract import Verdict
from backend_engineer.outputs import Change, FileChange, Report
from backend_engineer.rules import Context, check
from backend_engineer.rules.api.samples import DOCUMENT, changed, inputs_of, shipped, without
from backend_engineer.rules.contracts import emitted_openapi, emitted_sdl
from backend_engineer.rules.examples import ExampleTree, bundle

CONTROLLER = {"src/controllers/users.py": "import logging\n"}


def judged(
    files: dict[str, str], inputs: dict[str, Any] | None = None, base: dict[str, str] | None = None
) -> Report:
    made = Change(tuple(FileChange(path, text) for path, text in files.items()))
    tree = ExampleTree(base) if base is not None else None
    given = bundle(inputs) if inputs is not None else None
    return check(made, inputs=given, base=tree, select=["API0"])


def chosen(*paths: str, base: tuple[str, ...] = ()) -> str | None:
    text = json.dumps(DOCUMENT)
    change = Change(tuple(FileChange(path, text) for path in paths))
    found = emitted_openapi(Context(change, base=ExampleTree(dict.fromkeys(base, text))))
    return found.path if found else None


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (("openapi.json",), "openapi.json"),
        (("docs/openapi.json",), "docs/openapi.json"),
        (("docs/users.openapi.json",), "docs/users.openapi.json"),
        (("swagger.json",), "swagger.json"),
        (("src/a/openapi.json", "docs/openapi.json"), "docs/openapi.json"),
        (("tests/fixtures/openapi.json", "src/openapi.json"), "src/openapi.json"),
        (("docs/openapi.md", "src/openapi.py", "docs/api.json"), None),
    ],
)
def test_the_description_is_found_by_its_name(paths: tuple[str, ...], expected: str | None) -> None:
    assert chosen(*paths) == expected


def test_the_change_wins_over_the_base() -> None:
    assert chosen("services/a/openapi.json", base=("openapi.json",)) == "services/a/openapi.json"


def test_a_schema_is_found_by_its_name() -> None:
    change = Change((FileChange("api/schema.graphql", "type Query { a: Int }\n"),))
    found = emitted_sdl(Context(change))
    assert found is not None
    assert found.path == "api/schema.graphql"


def test_a_description_in_yaml_is_read() -> None:
    import yaml

    report = judged({"docs/openapi.yaml": yaml.safe_dump(DOCUMENT)}, inputs_of(DOCUMENT))
    assert report.clauses["APID-01"] is Verdict.HELD


def test_a_change_that_touches_no_api_has_nothing_to_compare() -> None:
    report = judged({"src/jobs/clean.py": "x = 1\n"}, inputs_of(DOCUMENT))
    assert report.clauses["APID-01"] is Verdict.NOT_APPLICABLE


def test_a_controller_without_any_description_is_not_checked() -> None:
    report = judged(CONTROLLER, inputs_of(DOCUMENT))
    assert "holds no OpenAPI document" in report.unchecked["APID-01"]


def test_a_controller_is_judged_by_the_description_of_the_base() -> None:
    report = judged(CONTROLLER, inputs_of(DOCUMENT), shipped(without("/paths/~1users~1{id}")))
    assert report.clauses["APID-01"] is Verdict.VIOLATED


def test_without_a_contract_nothing_is_compared() -> None:
    assert "no APIContract" in judged(shipped(DOCUMENT), {"tech_spec": {}}).unchecked["APID-01"]


def test_a_contract_with_a_fault_of_its_own_is_no_measure() -> None:
    faulty = changed(("/components/schemas/UserPage/properties/items/items", {"$ref": "#/none"}))
    report = judged(shipped(DOCUMENT), inputs_of(faulty))
    assert "the contract itself has a fault" in report.unchecked["APID-01"]


def test_a_difference_names_the_line_of_the_shipped_document() -> None:
    extra = changed(("/paths/~1users/get/responses/418", {"description": "A teapot."}))
    (finding,) = judged(shipped(extra), inputs_of(DOCUMENT)).findings
    line = int(finding.where.lines)
    assert '"418"' in shipped(extra)["docs/openapi.json"].split("\n")[line - 1]


def test_a_default_that_the_contract_breaks_as_well_is_a_question() -> None:
    bare = without("/paths/~1users/post/parameters")
    report = judged(shipped(bare), inputs_of(bare))
    assert report.findings == ()
    assert report.clauses["APID-02"] is Verdict.NEEDS_REVIEW


@pytest.mark.parametrize(
    ("pointer", "value", "code"),
    [
        ("/components/schemas/Error/properties/error/properties/code", {"enum": ["not_found"]}, "API004"),
        (
            "/components/schemas/Error/properties/error/properties/correlation_id",
            {"type": "string"},
            "API004",
        ),
        (
            "/components/schemas/Error/properties/error/properties/details",
            {"type": "array", "items": {}},
            "API004",
        ),
        ("/paths/~1users/get/parameters/1/name", "size", "API005"),
        ("/paths/~1users/post/security", [], "API007"),
        ("/paths/~1users~1{id}/get/responses", {"200": {"description": "One."}}, "API004"),
    ],
)
def test_each_default_has_its_finding(pointer: str, value: Any, code: str) -> None:
    found = {item.code for item in judged(shipped(changed((pointer, value))), inputs_of(DOCUMENT)).findings}
    assert code in found


def test_a_list_behind_a_link_header_needs_no_field_for_the_next_page() -> None:
    linked = changed(
        ("/paths/~1users/get/responses/200/headers", {"Link": {"schema": {"type": "string"}}}),
        ("/paths/~1users/get/responses/200/content/application~1json/schema", {"type": "array", "items": {}}),
    )
    report = judged(shipped(linked), inputs_of(linked))
    assert report.clauses["APID-04"] is Verdict.HELD


def test_the_extra_for_graphql_is_named_when_it_is_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    import builtins

    real: Callable[..., Any] = builtins.__import__

    def without_graphql(name: str, *rest: Any, **more: Any) -> Any:
        if name.split(".")[0] == "graphql":
            raise ImportError(name)
        return real(name, *rest, **more)

    sdl = "type Query { a: Int }\n"
    monkeypatch.setattr(builtins, "__import__", without_graphql)
    report = judged({"schema.graphql": sdl}, {"api_contract": {"kind": "graphql", "document": sdl}})
    assert "graphql-core" in report.unchecked["APID-01"]
