"""Which API description is held against the contract, and what is said when there is none to hold."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from backend_engineer.contract import Verdict
from backend_engineer.inputs import partial
from backend_engineer.outputs import Change, FileChange, Report
from backend_engineer.rules import Context, Hit, Silence, check
from backend_engineer.rules.api.api002_document_faulty import RULE as API002
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


BARE = without("/paths/~1users/post/parameters")
OFFSET = changed(("/paths/~1users/get/parameters/0/name", "offset"))
BY_OFFSET = {"style": "offset", "parameters": ["offset", "limit"]}


def exception(clause: str, follows: str) -> dict[str, str]:
    return {"clause": clause, "follows": follows, "reason": "Older clients."}


def problems(media: str = "application/problem+json") -> dict[str, Any]:
    """The document with another type and shape of every error answer."""
    text = json.dumps(DOCUMENT)
    document: dict[str, Any] = json.loads(text)
    for path in document["paths"].values():
        for operation in path.values():
            for status, answer in operation["responses"].items():
                if status[0] in "45d":
                    operation["responses"][status] = {
                        "description": "No.",
                        "content": {media: {"schema": {}}},
                    }
                    assert answer
    return document


def codes(report: Report) -> set[str]:
    return {item.code or "" for item in report.findings} - {"API001"}


def test_an_exception_excuses_what_the_contract_itself_lacks() -> None:
    given = inputs_of(BARE, exception("APID-02", "none"))
    assert codes(judged(shipped(BARE), given)) == set()


def test_an_exception_does_not_excuse_what_the_contract_has() -> None:
    given = inputs_of(DOCUMENT, exception("APID-02", "key on some operations"))
    assert codes(judged(shipped(BARE), given)) == {"API003"}


@pytest.mark.parametrize("follows", ["rfc9457", "RFC 9457", "application/problem+json"])
def test_a_contract_of_problem_documents_is_followed(follows: str) -> None:
    given = inputs_of(problems(), exception("APID-03", follows))
    assert codes(judged(shipped(problems()), given)) == set()
    assert codes(judged(shipped(problems("application/json")), given)) == {"API004"}
    assert codes(judged(shipped(DOCUMENT), given)) == {"API004"}


def test_a_contract_that_pages_by_offset_is_followed() -> None:
    given = inputs_of(OFFSET, exception("APID-04", "offset"), pagination=BY_OFFSET)
    assert codes(judged(shipped(OFFSET), given)) == set()
    assert codes(judged(shipped(DOCUMENT), given)) == {"API005"}


def test_paging_by_offset_without_an_exception_is_a_question() -> None:
    report = judged(shipped(OFFSET), inputs_of(OFFSET, pagination=BY_OFFSET))
    assert report.clauses["APID-04"] is Verdict.NEEDS_REVIEW


def test_a_contract_that_says_nothing_of_paging_is_held_against_the_default() -> None:
    silent = inputs_of(DOCUMENT)
    del silent["api_contract"]["pagination"]
    report = check(Change((FileChange(*next(iter(shipped(OFFSET).items()))),)), inputs=partial(silent))
    assert codes(report) >= {"API005"}


SPAN = changed(
    (
        "/paths/~1users/get/parameters",
        [{"name": name, "in": "query", "schema": {"type": "string"}} for name in ("from", "to")],
    )
)


def test_a_list_over_a_span_is_a_question_and_never_held() -> None:
    assert judged(shipped(SPAN), inputs_of(SPAN)).clauses["APID-04"] is Verdict.NEEDS_REVIEW


def test_a_span_in_place_of_the_contracts_cursor_is_found() -> None:
    assert "API005" in codes(judged(shipped(SPAN), inputs_of(DOCUMENT)))


def _replaced(kind: str) -> dict[str, Any]:
    """Users without a cursor, and a PUT that takes a body of some type."""
    answers = DOCUMENT["paths"]["/users"]["post"]["responses"]
    body = {"content": {"application/json": {"schema": {"type": kind}}}}
    return changed(
        ("/paths/~1users/get/parameters", []),
        ("/paths/~1users/put", {"requestBody": body, "responses": answers}),
    )


def test_a_setting_that_is_replaced_as_a_whole_is_a_question() -> None:
    report = judged(shipped(_replaced("array")), inputs_of(_replaced("array")))
    assert report.clauses["APID-04"] is Verdict.NEEDS_REVIEW
    assert "API005" not in codes(report)


def test_a_list_beside_another_put_or_with_the_contracts_cursor_is_found() -> None:
    without_get = changed(("/paths/~1users", {}))
    assert "API005" in codes(judged(shipped(_replaced("object")), inputs_of(without_get)))
    assert "API005" not in codes(judged(shipped(_replaced("array")), inputs_of(without_get)))
    assert "API005" in codes(judged(shipped(_replaced("array")), inputs_of(DOCUMENT)))


def test_a_description_in_several_files_is_not_compared() -> None:
    item = "/components/schemas/UserPage/properties/items/items"
    report = judged(shipped(changed((item, {"$ref": "./user.json#/User"}))), inputs_of(DOCUMENT))
    assert codes(report) == set()
    assert "bundle it" in report.unchecked["APID-01"]


def test_a_contract_without_lists_to_page_asks_for_no_cursor() -> None:
    given = inputs_of(OFFSET, pagination={"not_applicable": "lists are short"})
    assert judged(shipped(OFFSET), given).clauses["APID-04"] is Verdict.NOT_APPLICABLE


def test_a_precondition_serves_for_a_key_on_a_patch() -> None:
    patch = {
        "parameters": [{"name": "if-match", "in": "header", "schema": {"type": "string"}}],
        "responses": DOCUMENT["paths"]["/users"]["post"]["responses"],
    }
    made = changed(("/paths/~1users/patch", patch))
    assert codes(judged(shipped(made), inputs_of(made))) == set()


@pytest.mark.parametrize("name", ["openapi.json", "docs/swagger.yaml", "schema.graphql"])
def test_a_description_that_is_deleted_is_not_passed_over(name: str) -> None:
    given = bundle(inputs_of(DOCUMENT))
    gone = Change((FileChange(name, None, action="delete"),))
    report = check(gone, inputs=given, base=ExampleTree({name: json.dumps(DOCUMENT)}), select=["APID-01"])
    assert name in report.unchecked["APID-01"]


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


@pytest.mark.parametrize(
    ("contract", "asked"),
    [(without("/security"), True), (DOCUMENT, False), (changed(("/security", [])), False)],
    ids=["nothing is said", "closed", "opened on purpose"],
)
def test_a_contract_that_says_nothing_of_security_asks_whether_anyone_may_call(
    contract: dict[str, Any], asked: bool
) -> None:
    change = Change(tuple(FileChange(path, text) for path, text in shipped(contract).items()))
    (row,) = check(change, inputs=bundle(inputs_of(contract)), select=["SECU-01"]).verdicts
    assert (row.verdict, "says nothing of the security" in row.reason) == (Verdict.NEEDS_REVIEW, asked)


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


QUERY = "type Query {\n  users: [ID!]!\n}\n"
PART = "extend type Query {\n  posts: [ID!]!\n}\n"


def schema_verdict(files: dict[str, str], sdl: str, base: dict[str, str] | None = None) -> Verdict:
    report = judged(files, {"api_contract": {"kind": "graphql", "document": sdl}}, base)
    return next(row.verdict for row in report.verdicts if row.clause == "APID-01")


def test_a_changed_part_of_a_schema_is_read_with_the_files_around_it() -> None:
    assert schema_verdict(
        {"api/parts/posts.graphqls": PART}, QUERY + PART, {"api/schema.graphql": QUERY}
    ) is (Verdict.HELD)


def test_a_whole_schema_beside_its_parts_stands_alone() -> None:
    files = {"schema.graphql": QUERY, "parts/users.graphqls": QUERY}
    assert schema_verdict(files, QUERY) is Verdict.HELD


def test_parts_that_make_no_schema_are_for_a_reviewer() -> None:
    files = {"schema.graphql": PART, "parts/users.graphqls": "type User {\n  id: Absent\n}\n"}
    assert schema_verdict(files, QUERY) is Verdict.NEEDS_REVIEW


def test_a_part_in_a_deleted_file_or_another_folder_is_left_out() -> None:
    assert schema_verdict({"api/schema.graphql": QUERY}, QUERY, {"other/more.graphqls": PART}) is Verdict.HELD


ELSEWHERE = {"$ref": "./user.json#/User"}


@pytest.mark.parametrize(
    ("steps", "places"),
    [
        ((), []),
        (
            (("/paths/~1users/get/parameters/1/schema/type", "int"),),
            ["/paths/~1users/get/parameters/1/schema/type"],
        ),
        (
            (("/paths/~1users/get/parameters/0", {"$ref": "#/components/none"}),),
            ["/paths/~1users/get/parameters/0/$ref"],
        ),
        ((("/components/schemas", {"$ref": "./schemas.json"}),), []),
        ((("/components", {"$ref": "./components.json"}),), []),
        ((("/paths/~1users~1{id}/get/parameters", [ELSEWHERE]),), []),
        ((("/paths/~1users~1{id}/get/parameters", []), ("/paths/~1users~1{id}/parameters", [ELSEWHERE])), []),
        ((("/paths/~1users~1{id}/get/parameters", []),), ["/paths/~1users~1{id}/get"]),
        ((("/components/schemas/User/properties", ELSEWHERE),), []),
    ],
)
def test_of_a_description_in_several_files_the_faults_that_no_other_file_can_mend_are_told(
    steps: tuple[tuple[str, Any], ...], places: list[str]
) -> None:
    document = changed(("/paths/~1users/post/requestBody", ELSEWHERE), *steps)
    made = Change(tuple(FileChange(path, text) for path, text in shipped(document).items()))
    hits = [item for item in API002.check(Context(made)) if isinstance(item, Hit)]
    (silence,) = (item for item in API002.check(Context(made)) if isinstance(item, Silence))
    assert silence.verdict is Verdict.NEEDS_REVIEW
    assert [hit.evidence.rpartition(" (")[2] for hit in hits] == [f"{place})" for place in places]
