"""Folders and mappings: which files are read, and what is refused by name."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from backend_engineer.errors import InvalidDocument, UnencodableInput, UnreadableDocument, UnsafePath
from backend_engineer.inputs import StageInputs, gather
from backend_engineer.inputs.reading import MAX_BYTES
from backend_engineer.outputs import Clarification

Data = dict[str, Any]


def _pointers(found: Any) -> list[str]:
    assert isinstance(found, Clarification)
    return [gap.pointer for gap in found.gaps]


def test_yaml_documents_are_read(spec: Path, complete: Data) -> None:
    for name in ("tech_spec", "data_model", "api_contract"):
        (spec / f"{name}.json").unlink()
        (spec / f"{name}.yaml").write_text(yaml.safe_dump(complete[name]), "utf-8")
    assert gather(spec) == gather(complete)


def test_an_openapi_file_is_the_contracts_document(spec: Path, complete: Data) -> None:
    contract = complete["api_contract"]
    document = contract.pop("document")
    del contract["kind"]
    (spec / "api_contract.json").write_text(json.dumps(contract), "utf-8")
    text = yaml.safe_dump(document).replace("'200':", "200:").replace("'201':", "201:")
    assert "200:" in text
    (spec / "openapi.yml").write_text(text, "utf-8")
    contract |= {"kind": "openapi", "document": document}
    assert gather(spec) == gather(complete)


def test_a_gap_in_an_openapi_file_names_that_file_and_its_line(spec: Path, complete: Data) -> None:
    contract = complete["api_contract"]
    document = contract.pop("document")
    del contract["kind"]
    document["paths"]["/users"]["get"]["security"] = [{"bearer": []}]
    (spec / "api_contract.json").write_text(json.dumps(contract), "utf-8")
    (spec / "openapi.yaml").write_text(yaml.safe_dump(document), "utf-8")
    document["components"]["schemas"]["User"]["properties"]["id"] = {"$ref": "#/nowhere"}
    (spec / "openapi.yaml").write_text(text := yaml.safe_dump(document), "utf-8")
    found = gather(spec)
    assert isinstance(found, Clarification)
    line = next(number for number, part in enumerate(text.split("\n"), 1) if "#/nowhere" in part)
    assert any(f"openapi.yaml:{line})" in gap.reason for gap in found.gaps)


def test_a_contract_file_that_is_an_openapi_document_is_read_as_one(spec: Path, complete: Data) -> None:
    (spec / "api_contract.json").write_text(json.dumps(complete["api_contract"]["document"]), "utf-8")
    assert _pointers(gather(spec)) == [
        f"/api_contract/{name}" for name in ("authorization", "rate_limits", "pagination")
    ]


def test_extensions_of_the_openapi_info_state_fields_of_the_contract(spec: Path, complete: Data) -> None:
    contract = complete["api_contract"]
    document = contract["document"]
    document["info"] |= {
        "x-authorization": contract["authorization"],
        "x-rate-limits": contract["rate_limits"],
        "x-pagination": contract["pagination"],
    }
    (spec / "api_contract.json").unlink()
    (spec / "openapi.json").write_text(json.dumps(document), "utf-8")
    assert StageInputs.load(spec).api_contract == StageInputs.load(complete).api_contract


def test_an_extension_that_says_otherwise_than_the_contract_is_refused(complete: Data) -> None:
    complete["api_contract"]["document"]["info"]["x-authorization"] = "Everyone."
    with pytest.raises(InvalidDocument, match="x-authorization"):
        gather(complete)


def test_a_graphql_schema_is_the_contracts_document(spec: Path) -> None:
    (spec / "api_contract.json").unlink()
    (spec / "schema.graphql").write_text("type Query { me: ID }\n", "utf-8")
    (spec / "api_contract.md").write_text(
        "# API\n\n## Authorization\nOwners.\n\n## Rate limits\n60 a minute.\n\n## Pagination\nNot applicable: no lists\n",
        "utf-8",
    )
    found = StageInputs.load(spec).api_contract
    assert (found.kind, found.document) == ("graphql", "type Query { me: ID }\n")


def test_documents_of_earlier_stages_pass_through(spec: Path) -> None:
    (spec / "upstream" / "ux").mkdir()
    (spec / "upstream" / "ux" / "flows.md").write_text("# Flows\n", "utf-8")
    assert StageInputs.load(spec).upstream == {
        "prd.md": "# Product\n\nWhat is wanted.\n",
        "ux/flows.md": "# Flows\n",
    }


def test_a_mapping_may_hold_texts_under_file_names(spec: Path, complete: Data) -> None:
    files = {
        str(path.relative_to(spec)): path.read_text("utf-8") for path in spec.rglob("*") if path.is_file()
    }
    assert gather(files) == gather(complete)


def test_other_files_in_the_folder_are_left_alone(spec: Path, complete: Data) -> None:
    for name in ("README.md", "notes.txt", "picture.png", "schema.json", ".hidden"):
        (spec / name).write_bytes(b"\xff\x00")
    assert gather(spec) == gather(complete)


def test_a_byte_order_mark_is_taken_off(spec: Path, complete: Data) -> None:
    path = spec / "tech_spec.json"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert gather(spec) == gather(complete)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidDocument, match="none of the documents"):
        gather(tmp_path)


def test_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocument, match="cannot be read"):
        gather(tmp_path / "nowhere")


def test_a_file_in_place_of_the_folder_is_refused(spec: Path) -> None:
    with pytest.raises(UnreadableDocument, match="cannot be read"):
        gather(spec / "tech_spec.json")


@pytest.mark.parametrize("name", ["a\x00b", "\ud800"])
def test_what_can_be_no_folders_name_is_refused(name: str) -> None:
    with pytest.raises(UnreadableDocument, match="folder") as caught:
        gather(name)
    str(caught.value).encode("utf-8")


def test_a_file_name_that_is_no_text_is_refused(spec: Path) -> None:
    try:
        (spec / "upstream" / "a\udcff.md").write_text("x", "utf-8")
    except OSError:
        pytest.skip("this file system refuses such a name itself")
    with pytest.raises(UnencodableInput) as caught:
        gather(spec)
    str(caught.value).encode("utf-8")


@pytest.mark.parametrize("value", [None, 3, ["spec"], object()])
def test_what_is_neither_folder_nor_mapping_is_refused(value: Any) -> None:
    with pytest.raises(InvalidDocument):
        gather(value)


@pytest.mark.parametrize("name", ["tech_spec.yaml", "tech_spec.md", "tech_spec.yml"])
def test_a_document_in_two_forms_is_refused(spec: Path, name: str) -> None:
    (spec / name).write_text("# x\n" if name.endswith("md") else "stack: []\n", "utf-8")
    with pytest.raises(InvalidDocument, match="given twice"):
        gather(spec)


def test_an_api_described_twice_is_refused(spec: Path, complete: Data) -> None:
    (spec / "openapi.json").write_text(json.dumps(complete["api_contract"]["document"]), "utf-8")
    with pytest.raises(InvalidDocument, match="more than once"):
        gather(spec)


def test_two_kinds_of_api_are_refused(spec: Path) -> None:
    (spec / "api_contract.json").unlink()
    (spec / "openapi.json").write_text("{}", "utf-8")
    (spec / "schema.graphql").write_text("type Query { me: ID }\n", "utf-8")
    with pytest.raises(InvalidDocument, match="more than once"):
        gather(spec)


@pytest.mark.parametrize(
    "name", ["TechSpec.json", "tech-spec.json", "tech spec.md", "TECH_SPEC.yaml", "techspec.json"]
)
def test_a_name_that_is_almost_a_documents_is_refused(spec: Path, name: str) -> None:
    (spec / "tech_spec.json").rename(spec / name)
    with pytest.raises(InvalidDocument, match="Rename it to tech_spec"):
        gather(spec)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b'{"stack": [],\n "x": "\xff"}', 2),
        (b"\xff\xfe{\x00", 1),
        (b'{"a": 1,}', 1),
        (b"", 1),
        (b'{"a": 1, "a": 2}', 1),
        (b"\x80", 1),
    ],
)
def test_a_broken_json_document_is_refused_with_file_and_line(spec: Path, content: bytes, line: int) -> None:
    path = spec / "tech_spec.json"
    path.write_bytes(content)
    with pytest.raises(UnreadableDocument) as caught:
        gather(spec)
    assert (caught.value.path, caught.value.line) == (str(path), line)


def test_a_broken_yaml_document_is_refused_with_file_and_line(spec: Path) -> None:
    (spec / "ops_guides.json").unlink()
    (spec / "ops_guides.yaml").write_text("alerts: x\nrollout: [\n", "utf-8")
    with pytest.raises(UnreadableDocument) as caught:
        gather(spec)
    assert caught.value.path == str(spec / "ops_guides.yaml")
    assert caught.value.line in (2, 3)


@pytest.mark.parametrize("text", ["[]", "3", '"text"', "null", "true"])
def test_a_document_that_is_no_object_is_refused(spec: Path, text: str) -> None:
    (spec / "ops_guides.json").write_text(text, "utf-8")
    with pytest.raises(InvalidDocument, match="no object") as caught:
        gather(spec)
    assert caught.value.path == str(spec / "ops_guides.json")


def test_an_unknown_field_is_refused_with_file_and_line(spec: Path) -> None:
    (spec / "ops_guides.json").write_text('{\n "alerts": "x",\n "roll_out": "y"\n}', "utf-8")
    with pytest.raises(InvalidDocument, match="Did you mean `rollout`") as caught:
        gather(spec)
    assert (caught.value.line, caught.value.pointer) == (3, "/ops_guides/roll_out")


def test_a_document_of_fifty_megabytes_is_refused_unread(spec: Path) -> None:
    path = spec / "tech_spec.json"
    with path.open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    with pytest.raises(UnreadableDocument, match=str(MAX_BYTES)):
        gather(spec)


def test_a_text_that_is_too_large_is_refused() -> None:
    with pytest.raises(UnreadableDocument, match=str(MAX_BYTES)):
        gather({"tech_spec.json": " " * (MAX_BYTES + 1)})


@pytest.mark.parametrize("name", ["tech_spec.json", "upstream"])
def test_a_symbolic_link_is_refused(spec: Path, tmp_path: Path, name: str) -> None:
    moved = tmp_path / name
    (spec / name).rename(moved)
    (spec / name).symlink_to(moved)
    with pytest.raises(UnsafePath, match="symbolic link"):
        gather(spec)


def test_a_folder_named_like_a_document_is_refused(spec: Path) -> None:
    (spec / "tech_spec.json").unlink()
    (spec / "tech_spec.json").mkdir()
    with pytest.raises(UnreadableDocument, match="not a file"):
        gather(spec)


def test_a_pipe_named_like_a_document_is_refused_and_not_waited_for(spec: Path) -> None:
    (spec / "tech_spec.json").unlink()
    os.mkfifo(spec / "tech_spec.json")
    with pytest.raises(UnreadableDocument, match="not a file"):
        gather(spec)


def test_a_file_named_upstream_is_refused(spec: Path) -> None:
    (spec / "upstream" / "prd.md").unlink()
    (spec / "upstream").rmdir()
    (spec / "upstream").write_text("x", "utf-8")
    with pytest.raises(InvalidDocument, match="folder"):
        gather(spec)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: d["ops_guides"].update({"alerts": "x\udc80y"}),
        lambda d: d["api_contract"]["document"].update({"x-\ud800": 1}),
        lambda d: d["upstream"].update({"b.md": "\udfff"}),
        lambda d: d.update({"ops_guides.json": '{"alerts": "\ud800"}'}) or d.pop("ops_guides"),
        lambda d: d.update({"ops_guides.json": '{"alerts": "\\ud800"}'}) or d.pop("ops_guides"),
    ],
)
def test_a_lone_surrogate_is_refused_with_its_place(complete: Data, spoil: Any) -> None:
    spoil(complete)
    with pytest.raises(UnencodableInput) as caught:
        gather(complete)
    str(caught.value).encode("utf-8")
    assert caught.value.offset >= 0


@pytest.mark.parametrize(
    "value",
    [
        object(),
        {1.5: "x"},
        {None: 1},
        {"a": {1, 2}},
        float("nan"),
        float("inf"),
        b"bytes",
        {"x": 1, 1: 2, "1": 3},
    ],
)
def test_a_mapping_with_what_is_not_json_is_refused(complete: Data, value: Any) -> None:
    complete["api_contract"]["document"]["x-thing"] = value
    with pytest.raises(InvalidDocument):
        gather(complete)


def test_data_that_contains_itself_is_refused(complete: Data) -> None:
    complete["api_contract"]["document"]["x-loop"] = complete["api_contract"]["document"]
    with pytest.raises(InvalidDocument, match="levels deep"):
        gather(complete)


def test_an_unknown_key_of_the_mapping_is_refused_with_the_nearest() -> None:
    with pytest.raises(InvalidDocument, match="Did you mean tech_spec"):
        gather({"techspec": {}})


@pytest.mark.parametrize("upstream", ["text", {"a": 1}, ["x"]])
def test_upstream_that_is_no_mapping_of_texts_is_refused(complete: Data, upstream: Any) -> None:
    with pytest.raises(InvalidDocument, match="upstream"):
        gather({**complete, "upstream": upstream})
