"""What stands before the paths is a part of every URL; which host serves them is not."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend_engineer.apis import compare_openapi, openapi_problems
from backend_engineer.apis.servers import base_paths

Data = dict[str, Any]


@pytest.fixture(params=["3.0", "3.1"])
def api(request: pytest.FixtureRequest, document: Data, newer: Data) -> Data:
    """The small API in both versions."""
    return document if request.param == "3.0" else newer


def served(api: Data, *urls: str | Data) -> Data:
    """A copy with these servers; without any, one that states none."""
    made = copy.deepcopy(api)
    made.pop("servers", None)
    if urls:
        made["servers"] = [{"url": url} if isinstance(url, str) else url for url in urls]
    return made


def prefixed(api: Data, prefix: str) -> Data:
    """A copy with a prefix before every path."""
    made = copy.deepcopy(api)
    made["paths"] = {prefix + path: item for path, item in made["paths"].items()}
    return made


def said(contract: Data, emitted: Data) -> list[tuple[str, str]]:
    return [(item.kind, item.pointer) for item in compare_openapi(contract, emitted)]


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("/", ""),
        ("/v1", "/v1"),
        ("/v1/", "/v1"),
        ("https://api.example.com", ""),
        ("https://api.example.com/", ""),
        ("https://api.example.com:8443/shop/v1", "/shop/v1"),
        ("//api.example.com/v1", "/v1"),
        ("http://localhost:3000/v1?x=1#y", "/v1"),
        ("/a/../v1/./", "/v1"),
        ("https://api.example.com/a//b", "/a/b"),
        ("/V1", "/V1"),
    ],
)
def test_a_base_path_is_what_follows_the_host(url: str, base: str) -> None:
    assert base_paths([{"url": url}]) == frozenset({base})


@pytest.mark.parametrize("url", ["v1", "./v1", "../v1", "", ".", "http://[bad/v1"])
def test_a_url_relative_to_the_documents_place_has_no_base_path_that_could_be_told(url: str) -> None:
    assert base_paths([{"url": url}]) is None


@pytest.mark.parametrize("servers", [None, [], {}, "https://x/v1", [None, 3], [{"description": "x"}]])
def test_no_server_at_all_stands_for_the_root(servers: Any) -> None:
    assert base_paths(servers) == frozenset({""})


def test_variables_take_their_defaults_wherever_they_stand() -> None:
    variables = {"scheme": {"default": "https"}, "region": {"default": "eu"}, "version": {"default": "v2", "enum": ["v1", "v2"]}}  # fmt: skip
    server = {"url": "{scheme}://{region}.example.com/{version}/{other}", "variables": variables}
    assert base_paths([server]) == frozenset({"/v2/{other}"})
    assert base_paths([{"url": "{base}", "variables": {"base": {"default": "/v3"}}}]) == frozenset({"/v3"})
    assert base_paths([{"url": "https://x.example/{version}", "variables": {"version": {"default": 2}}}]) == frozenset({"/{version}"})  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.text(max_size=12) | st.integers(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["url", "variables", "default", "x"]), inner, max_size=3)))  # fmt: skip
def test_any_value_in_the_place_of_servers_is_read_without_raising(value: Any) -> None:
    found = base_paths(value)
    assert found is None or all(
        base == "" or (base.startswith("/") and not base.endswith("/")) for base in found
    )


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (("https://api.example.com/v1",), ("http://localhost:3000/v1/",)),
        (("https://a.example/v1", "https://b.example/v1"), ("/v1",)),
        ((), ("/",)),
        ((), ("http://localhost:8000",)),
        (("v1",), ("https://api.example.com/v2",)),
    ],
)
def test_hosts_their_number_and_what_cannot_be_told_are_no_difference(
    api: Data, left: tuple[str, ...], right: tuple[str, ...]
) -> None:
    assert said(served(api, *left), served(api, *right)) == []
    assert said(served(api, *right), served(api, *left)) == []


def test_another_base_path_is_one_difference_and_names_both(api: Data) -> None:
    contract, emitted = served(api, "https://api.example.com/v1"), served(api, "https://api.example.com/v2")
    assert openapi_problems(contract) == []
    (found,) = compare_openapi(contract, emitted)
    assert (found.kind, found.pointer) == ("changed", "/servers/0/url")
    assert (
        found.message
        == "The API: the base path of its URLs is /v2; the contract says /v1: follow the contract."
    )


def test_a_default_of_a_variable_is_a_part_of_the_base_path(api: Data) -> None:
    def version(default: str) -> Data:
        return {"url": "https://{host}/{version}", "variables": {"host": {"default": default}, "version": {"default": default}}}  # fmt: skip

    assert said(served(api, version("v1")), served(api, version("v2"))) == [("changed", "/servers/0/url")]
    assert said(served(api, version("v1")), served(api, "/v1")) == []


def test_servers_that_one_document_leaves_out_are_not_compared(api: Data) -> None:
    assert said(served(api, "/v1"), served(api)) == []
    assert said(served(api), served(api, "/v1")) == []


def test_one_base_path_of_several_is_missing_or_extra(api: Data) -> None:
    both, one = (
        served(api, "https://x.example/v1", "https://x.example/v2"),
        served(api, "https://x.example/v1"),
    )
    assert said(both, one) == [("missing", "/servers/1/url")]
    assert said(one, both) == [("extra", "/servers/1/url")]


@pytest.mark.parametrize("url", ["/v1", "https://api.example.com/v1/"])
def test_a_base_path_written_into_the_paths_makes_the_same_urls(api: Data, url: str) -> None:
    assert said(served(api, url), prefixed(served(api), "/v1")) == []
    assert said(prefixed(served(api), "/v1"), served(api, url)) == []


def test_what_differs_inside_is_found_where_the_base_path_has_moved(api: Data) -> None:
    contract, emitted = served(api, "/v1"), prefixed(served(api), "/v1")
    del emitted["paths"]["/v1/users/{id}"]
    emitted["paths"]["/v1/users"]["get"]["operationId"] = "other"
    kinds = {pointer: kind for kind, pointer in said(contract, emitted)}
    assert kinds["/paths/~1users/get/operationId"] == "changed"
    assert all(kind == "missing" for pointer, kind in kinds.items() if "{id}" in pointer)
    assert len(kinds) == 1 + len(
        [key for key in contract["paths"]["/users/{id}"] if key in ("get", "delete")]
    )


@pytest.mark.parametrize("level", ["path", "operation"])
def test_an_operation_with_a_base_path_of_its_own_is_found(api: Data, level: str) -> None:
    contract, emitted = served(api, "/v1"), served(api, "/v1")
    item = emitted["paths"]["/users"]
    (item if level == "path" else item["get"])["servers"] = [{"url": "https://files.example.com/v9"}]
    assert openapi_problems(emitted) == []
    expected = ["get", "post"] if level == "path" else ["get"]
    assert said(contract, emitted) == [("changed", f"/paths/~1users/{method}") for method in expected]
    assert said(emitted, contract) == [("changed", f"/paths/~1users/{method}") for method in expected]
    assert said(emitted, emitted) == []


def test_a_difference_of_the_whole_api_is_not_told_again_for_each_operation(api: Data) -> None:
    contract, emitted = served(api, "/v1"), served(api, "/v2")
    contract["paths"]["/users"]["get"]["servers"] = [{"url": "/files"}]
    emitted["paths"]["/users"]["get"]["servers"] = [{"url": "/files"}]
    assert said(contract, emitted) == [("changed", "/servers/0/url")]


_SERVERS = st.lists(
    st.sampled_from(["/", "/v1", "/v2", "https://a.example/v1", "http://b.example", "v1"]), max_size=3
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(left=_SERVERS, right=_SERVERS, prefix=st.sampled_from(["", "/v1", "/v2"]))
def test_a_difference_of_base_paths_is_seen_from_both_sides(
    fresh: Callable[[], Data], left: list[str], right: list[str], prefix: str
) -> None:
    contract, emitted = served(fresh(), *left), prefixed(served(fresh(), *right), prefix)
    mirrored = {"missing": "extra", "extra": "missing", "changed": "changed"}
    there, back = compare_openapi(contract, emitted), compare_openapi(emitted, contract)
    assert sorted(item.kind for item in there) == sorted(mirrored[item.kind] for item in back)
    assert compare_openapi(emitted, emitted) == []
