"""Each part of an operation that differs is told once, at its place, with both values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from backend_engineer.apis import ApiDifference, compare_openapi

Data = dict[str, Any]
POST = "/paths/~1users/post"
GET = "/paths/~1users/get"
ANSWER = {"description": "x"}


def compared(contract: Data, emitted: Data) -> list[ApiDifference]:
    return compare_openapi(contract, emitted)


def told(found: list[ApiDifference]) -> list[tuple[str, str]]:
    return [(item.kind, item.pointer) for item in found]


def post(document: Data) -> Data:
    found: Data = document["paths"]["/users"]["post"]
    return found


def limit(document: Data) -> Data:
    found: Data = document["components"]["parameters"]["Limit"]
    return found


def header(document: Data) -> Data:
    found: Data = document["paths"]["/users"]["get"]["responses"]["200"]["headers"]["X-Total"]
    return found


def form(document: Data, **encoding: Any) -> None:
    post(document)["requestBody"]["content"] = {
        "multipart/form-data": {"schema": {"type": "object"}, "encoding": encoding}
    }


# What is done to one document -> where it is told, and the words with what stands there instead.
CHANGES: dict[str, tuple[Callable[[Data], Any], str, str]] = {
    "a header that is required": (lambda d: header(d).update(required=True), f"{GET}/responses/200/headers/X-Total", "it is required; the contract says optional:"),
    "a parameter that is required": (lambda d: limit(d).update(required=True), "/components/parameters/Limit", "GET /users, query parameter `limit`: it is required; the contract says optional:"),
    "a body that is optional": (lambda d: post(d)["requestBody"].pop("required"), f"{POST}/requestBody", "POST /users, body: it is optional; the contract says required:"),
    "content in place of a schema": (lambda d: limit(d).update(content={"application/json": {"schema": limit(d).pop("schema")}}), "/components/parameters/Limit", "it is content; the contract says a schema:"),
    "a style": (lambda d: limit(d).update(style="spaceDelimited", explode=True), "/components/parameters/Limit", "`style` is spaceDelimited; the contract says form:"),
    "reserved characters": (lambda d: limit(d).update(allowReserved=True), "/components/parameters/Limit", "`allowReserved` is true; the contract says false:"),
    "empty values": (lambda d: limit(d).update(allowEmptyValue=True), "/components/parameters/Limit", "`allowEmptyValue` is true; the contract says false:"),
    "a parameter's end": (lambda d: limit(d).update(deprecated=True), "/components/parameters/Limit", "`deprecated` is true; the contract says false:"),
    "an operation's end": (lambda d: post(d).update(deprecated=True), POST, "POST /users: `deprecated` is true; the contract says false:"),
    "an operation's id": (lambda d: post(d).pop("operationId"), f"{POST}/operationId", "the operationId is absent; the contract says createUser:"),
    "a type": (lambda d: limit(d)["schema"].update(type="string"), "/components/parameters/Limit/schema", "GET /users, query parameter `limit`: the type is string; the contract says integer:"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_told_at_its_place_with_both_values(document: Data, fresh: Any, name: str) -> None:
    change, pointer, words = CHANGES[name]
    emitted = fresh()
    change(emitted)
    (found,) = compared(document, emitted)
    assert (found.kind, found.pointer) == ("changed", pointer)
    assert words in found.message


def test_the_schema_of_a_header_is_told_at_its_place(document: Data, fresh: Any) -> None:
    emitted = fresh()
    header(emitted)["schema"]["type"] = "string"
    place = f"{GET}/responses/200/headers/X-Total/schema"
    assert told(compared(document, emitted)) == [("changed", place)]


def test_a_required_header_of_the_contract_is_told_when_it_is_optional(document: Data, fresh: Any) -> None:
    header(document)["required"] = True
    (found,) = compared(document, fresh())
    assert "it is optional; the contract says required:" in found.message


# What is put into one document -> where it is told in that document, and how it is named.
ADDED: dict[str, tuple[Callable[[Data], Any], str, str]] = {
    "a header": (lambda d: d["paths"]["/users"]["get"]["responses"]["200"]["headers"].update({"X-Page": {"schema": {}}}), f"{GET}/responses/200", "GET /users, answer 200 has the header `x-page`"),
    "a media type": (lambda d: post(d)["requestBody"]["content"].update({"text/csv": {}}), f"{POST}/requestBody/content/text~1csv", "POST /users, body has the media type text/csv"),
    "an answer": (lambda d: post(d)["responses"].update({"409": ANSWER}), f"{POST}/responses/409", "POST /users has the answer 409"),
    "a parameter": (lambda d: post(d)["parameters"].append({"name": "q", "in": "query", "schema": {}}), f"{POST}/parameters/1", "POST /users has the query parameter `q`"),
    "a body": (lambda d: d["paths"]["/users"]["get"].update(requestBody={"content": {"text/csv": {}}}), f"{GET}/requestBody", "GET /users has a request body"),
    "an operation": (lambda d: d["paths"]["/users"].update(put={"responses": {"200": ANSWER}}), "/paths/~1users/put", "The API has the operation PUT /users"),
    "a way to sign in": (lambda d: post(d)["security"].append({"bearer": [], "key": []}), f"{POST}/security", "POST /users has the security requirement `bearer` and `key`"),
    "a callback": (lambda d: post(d).update(callbacks={"made": {"{$url}": {"post": {"responses": {"200": ANSWER}}}}}), f"{POST}/callbacks/made", "POST /users has the callback `made`"),
}  # fmt: skip


@pytest.mark.parametrize("name", ADDED)
def test_what_only_the_emitted_document_has_is_told_at_its_place_there(
    document: Data, fresh: Any, name: str
) -> None:
    add, pointer, words = ADDED[name]
    emitted = fresh()
    add(emitted)
    (found,) = compared(document, emitted)
    assert (found.kind, found.pointer) == ("extra", pointer)
    assert found.message.startswith(f"{words}, which the contract does not have:")


@pytest.mark.parametrize("name", ADDED)
def test_what_only_the_contract_has_is_missing_at_its_place_there(
    document: Data, fresh: Any, name: str
) -> None:
    ADDED[name][0](document)
    (found,) = compared(document, fresh())
    assert (found.kind, found.pointer) == ("missing", ADDED[name][1])


def test_an_encoding_of_a_part_is_compared(document: Data, fresh: Any) -> None:
    emitted = fresh()
    form(document, photo={"contentType": "image/png"})
    form(emitted, photo={"contentType": "image/jpeg"})
    (found,) = compared(document, emitted)
    assert found.pointer == f"{POST}/requestBody/content/multipart~1form-data/encoding/photo"
    assert "encoding of `photo`: `contentType` is image/jpeg; the contract says image/png:" in found.message


def test_what_is_inside_a_callback_is_told_there(document: Data, fresh: Any) -> None:
    emitted = fresh()
    for made, status in ((document, "200"), (emitted, "204")):
        post(made)["callbacks"] = {"made": {"{$url}": {"post": {"responses": {status: ANSWER}}}}}
    inside = f"{POST}/callbacks/made/{{$url}}/post/responses"
    assert told(compared(document, emitted)) == [("missing", f"{inside}/200"), ("extra", f"{inside}/204")]


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"x-note": "n"}, True),
        ({"description": "d"}, True),
        ({"in": "header", "name": "x-key"}, True),
        ({"in": "query", "name": "X-Key"}, False),
        ({"in": "header", "name": "X-Other"}, False),
    ],
)
def test_a_security_scheme_is_known_by_what_is_sent(
    document: Data, fresh: Any, change: Data, same: bool
) -> None:
    emitted = fresh()
    emitted["components"]["securitySchemes"]["key"].update(change)
    assert (compared(document, emitted) == []) is same


@pytest.mark.parametrize("place", ["query", "cookie"])
def test_the_name_of_a_key_outside_a_header_keeps_its_case(document: Data, fresh: Any, place: str) -> None:
    emitted = fresh()
    document["components"]["securitySchemes"]["key"].update({"in": place, "name": "Key"})
    emitted["components"]["securitySchemes"]["key"].update({"in": place, "name": "key"})
    assert compared(document, emitted)


def test_the_scheme_of_http_is_read_in_any_case(document: Data, fresh: Any) -> None:
    emitted = fresh()
    emitted["components"]["securitySchemes"]["bearer"]["scheme"] = "Bearer"
    assert compared(document, emitted) == []


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [(["a", "b"], ["b", "a"], True), (["a"], ["a", "b"], False), ([], ["a"], False)],
)
def test_scopes_are_compared_in_any_order(
    document: Data, fresh: Any, left: list[str], right: list[str], same: bool
) -> None:
    emitted = fresh()
    for made, scopes in ((document, left), (emitted, right)):
        made["components"]["securitySchemes"]["bearer"] = {"type": "openIdConnect", "openIdConnectUrl": "u"}
        made["security"] = [{"bearer": scopes}]
    assert (compared(document, emitted) == []) is same


def test_path_parameters_are_paired_by_their_position(document: Data, fresh: Any) -> None:
    emitted = fresh()
    for made, first, second in ((document, "a", "b"), (emitted, "b", "a")):
        made["paths"] = {
            f"/x/{{{first}}}/{{{second}}}": {
                "get": {
                    "parameters": [
                        {"name": first, "in": "path", "required": True, "schema": {"type": "string"}},
                        {"name": second, "in": "path", "required": True, "schema": {"type": "integer"}},
                    ],
                    "responses": {"200": ANSWER},
                }
            }
        }
    assert compared(document, emitted) == []
    emitted["paths"]["/x/{b}/{a}"]["get"]["parameters"][0]["schema"]["type"] = "boolean"
    assert [item.kind for item in compared(document, emitted)] == ["changed"]
