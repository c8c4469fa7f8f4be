"""Markdown documents say what the table of headings lets them say, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_engineer.errors import InvalidDocument
from backend_engineer.inputs import gather, heading_table
from backend_engineer.inputs.gaps import MODELS
from backend_engineer.inputs.reading.headings import DOCUMENT_HEADINGS, ENTITY_HEADINGS, Cell, Heading
from backend_engineer.inputs.reading.markdown import read_markdown

Data = dict[str, Any]


def _read(text: str, document: str = "ops_guides") -> Any:
    return read_markdown(text, "doc.md", document).data


# Writing ---------------------------------------------------------------------------------------


def _cell(value: Any, cell: Cell) -> str:
    if isinstance(value, dict):
        return f"Not applicable: {value['not_applicable']}"
    if cell.kind == "list":
        return ", ".join(f"`{item}`" for item in value)
    if cell.kind == "command":
        return f"`{' '.join(value)}`"
    if cell.kind == "yes/no":
        return "yes" if value else "no"
    return str(value).replace("|", "\\|")


def _under(value: Any, heading: Heading) -> str:
    if isinstance(value, dict) and set(value) == {"not_applicable"}:
        return f"Not applicable: {value['not_applicable']}"
    if heading.form == "items":
        return "\n".join(f"- {item}" for item in value)
    if heading.form == "facts":
        return "\n".join(
            f"- {cell.title}: {_cell(value[cell.field], cell)}"
            for cell in heading.cells
            if cell.field in value
        )
    if heading.form == "rows":
        head = "| " + " | ".join(cell.title for cell in heading.cells) + " |"
        rows = [
            "| " + " | ".join(_cell(row[c.field], c) if c.field in row else "" for c in heading.cells) + " |"
            for row in value
        ]
        return "\n".join([head, "|" + "---|" * len(heading.cells), *rows])
    if heading.form == "data":
        return "```json\n" + json.dumps(value, indent=1) + "\n```"
    return str(value)


def _section(mark: str, title: str, text: str) -> str:
    return f"{mark} {title}\n\n{text}\n\n"


def _write(document: str, data: Data) -> str:
    text = "# A document\n\nAn introduction that is not read.\n\n"
    if document == "change_request":
        text = f"# {data['title']}\n\n"
    if document == "api_contract":
        data = {**data, "openapi": data["document"]}
    for heading in DOCUMENT_HEADINGS[document]:
        value = data.get(heading.field)
        if heading.form == "title" or value is None:
            continue
        if document == "data_model" and isinstance(value, list):
            for entity in value:
                text += f"## Entity: {entity['name']}\n\n"
                text += "".join(
                    _section("###", inner.title, _under(entity[inner.field], inner))
                    for inner in ENTITY_HEADINGS
                    if entity[inner.field] != []
                )
        else:
            text += _section("##", heading.title, _under(value, heading))
    return text


# Reading ---------------------------------------------------------------------------------------


def test_every_document_written_as_markdown_reads_as_the_same_inputs(complete: Data) -> None:
    entity = complete["data_model"]["entities"][0]
    entity["relations"] = {"not_applicable": "it stands alone"}
    names = {**dict.fromkeys(MODELS, ""), "request": "change_request"}
    files = {f"{stem or name}.md": _write(stem or name, complete[name]) for name, stem in names.items()}
    assert gather({**files, "upstream": complete["upstream"]}) == gather(complete)


_WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N")), min_size=1, max_size=8)
_PROSE = st.lists(_WORDS, min_size=1, max_size=5).map(" ".join)
_GUIDES = st.fixed_dictionaries(dict.fromkeys(("alerts", "runbooks", "rollout", "rollback"), _PROSE))


@settings(max_examples=50, deadline=None)
@given(_GUIDES, st.randoms(use_true_random=False))
def test_headings_may_come_in_any_order(data: Data, random: Any) -> None:
    sections = [f"## {heading.title}\n{data[heading.field]}\n" for heading in DOCUMENT_HEADINGS["ops_guides"]]
    random.shuffle(sections)
    assert _read("".join(sections)) == data


_ROW = st.fixed_dictionaries(
    {"name": _WORDS, "kind": st.sampled_from(["library", "tool"])},
    optional={"version": _WORDS, "packages": st.lists(_WORDS, min_size=1, max_size=3)},
)


@settings(max_examples=50, deadline=None)
@given(st.lists(_ROW, min_size=1, max_size=4))
def test_a_table_reads_as_it_was_written(rows: list[Data]) -> None:
    heading = DOCUMENT_HEADINGS["tech_spec"][0]
    assert _read(f"## Stack\n{_under(rows, heading)}\n", "tech_spec") == {"stack": rows}


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "# T",
                "## Alerts",
                "## Stack",
                "### X",
                "|a|",
                "|-|",
                "| Name | Kind |",
                "- x",
                "```",
                "text",
                "",
                "~~~",
                "## Nope",
                "TBD",
            ]
        ),
        max_size=10,
    ),
    st.sampled_from(sorted(DOCUMENT_HEADINGS)),
)
def test_any_text_is_read_or_refused_by_name(lines: list[str], document: str) -> None:
    try:
        found = _read("\n".join(lines), document)
    except InvalidDocument:
        return
    assert isinstance(found, dict)


def test_headings_are_known_in_any_case_and_spacing() -> None:
    assert _read("##  aLeRtS  ##\nOn errors.\n") == {"alerts": "On errors."}


def test_a_text_keeps_its_lines_its_fences_and_its_deeper_headings() -> None:
    text = "First.\n\n### Part\n\n```sh\n## not a heading\nmake\n```\n\nLast."
    assert _read(f"## Runbooks\n{text}\n\n## Alerts\nx\n") == {"runbooks": text, "alerts": "x"}


def test_an_unclosed_fence_swallows_the_headings_after_it_as_markdown_says() -> None:
    assert _read("## Alerts\n```\n## Rollout\n") == {"alerts": "```\n## Rollout"}


def test_line_ends_of_other_systems_are_read() -> None:
    assert _read("## Alerts\r\nOn errors.\r\n") == {"alerts": "On errors."}


@pytest.mark.parametrize(
    ("text", "document", "line", "words"),
    [
        ("# Ops\n\n## Alarms\nx\n", "ops_guides", 3, "stands for no field"),
        ("## Alerts\nx\n## alerts\ny\n", "ops_guides", 3, "twice"),
        ("# One\n# Two\n", "ops_guides", 2, "second first-level"),
        ("## Stack\n| Name | Colour |\n|---|---|\n| a | b |\n", "tech_spec", 2, "column `Colour`"),
        ("## Stack\n| Name | Name |\n|---|---|\n", "tech_spec", 2, "twice"),
        ("## Stack\n| Name | Kind |\n|---|---|\n| a |\n", "tech_spec", 4, "1 cells"),
        ("## Stack\n| Name | Kind |\n| a | b |\n", "tech_spec", 2, "dashes"),
        ("## Stack\nWe use python and sqlite, and some more things besides.\n", "tech_spec", 2, "no row"),
        ("## Database\n- Dialect: sqlite\n- Colour: red\n", "tech_spec", 3, "none of the facts"),
        ("## Database\n- Dialect: sqlite\n- Dialect: mysql\n", "tech_spec", 3, "twice"),
        ("## Acceptance\n- one\ntwo\n", "change_request", 3, "no item"),
        ("## OpenAPI\nsee below\n- x\n", "api_contract", 1, "fenced block"),
        ("## OpenAPI\n```\n{}\n```\n", "api_contract", 1, "JSON or YAML"),
        ('## OpenAPI\n\n```json\n{\n"a": 1,}\n```\n', "api_contract", 5, "not JSON"),
        ("### Table\nusers\n", "data_model", 1, "stands under no"),
        ("## Entity: User\nStray text.\n", "data_model", 2, "not read"),
        ("## Entities\nNot applicable: no data\n## Entity: User\n", "data_model", 3, "beside"),
        ("## Entity: User\n### Colour\nred\n", "data_model", 2, "stands for no field"),
    ],
)  # fmt: skip
def test_what_the_table_does_not_allow_is_refused_with_its_line(
    text: str, document: str, line: int, words: str
) -> None:
    with pytest.raises(InvalidDocument, match=words) as caught:
        _read(text, document)
    assert (caught.value.path, caught.value.line) == ("doc.md", line)


def test_a_heading_that_is_almost_known_is_answered_with_the_nearest() -> None:
    with pytest.raises(InvalidDocument, match="Did you mean `Rollback`"):
        _read("## Rolback\nx\n")


def test_not_applicable_is_said_in_words() -> None:
    assert _read("## Alerts\nnot applicable: nobody is on call\n") == {
        "alerts": {"not_applicable": "nobody is on call"}
    }


@pytest.mark.parametrize("form", ["TBD", "?", "todo"])
def test_a_placeholder_under_any_heading_is_kept_to_be_asked_about(form: str) -> None:
    text = "".join(f"## {heading.title}\n{form}\n" for heading in DOCUMENT_HEADINGS["tech_spec"])
    assert set(_read(text, "tech_spec").values()) == {form}


def test_an_empty_heading_is_an_empty_field() -> None:
    assert _read("## Alerts\n\n## Rollout\nx\n") == {"alerts": "", "rollout": "x"}


def test_cells_lose_their_code_marks_and_keep_their_pipes() -> None:
    text = "## Stack\n| Name | Kind |\n|:--|--:|\n| `a` | x \\| y |\n"
    assert _read(text, "tech_spec") == {"stack": [{"name": "a", "kind": "x | y"}]}


def test_a_cell_that_does_not_read_as_its_kind_stays_text() -> None:
    text = "## Entity: A\n### Fields\n| Name | Nullable |\n|---|---|\n| id | perhaps |\n"
    assert _read(text, "data_model")["entities"][0]["fields"] == [{"name": "id", "nullable": "perhaps"}]


def test_a_part_has_the_line_of_its_row_or_heading() -> None:
    text = "## Stack\n| Name | Kind |\n|---|---|\n| a | b |\n| c | d |\n\n## Database\n- Dialect: sqlite\n"
    found = read_markdown(text, "doc.md", "tech_spec")
    places = ("/stack", "/stack/1", "/stack/1/kind", "/database/dialect", "/layout")
    assert [found.line_of(place) for place in places] == [1, 5, 5, 8, 1]


def test_every_field_of_every_document_has_a_heading() -> None:
    for name, model in MODELS.items():
        headings = {
            heading.field for heading in DOCUMENT_HEADINGS["change_request" if name == "request" else name]
        }
        fields = set(model.model_fields)
        if name == "api_contract":
            fields = fields - {"kind", "document"} | {"openapi", "graphql"}
        assert headings == fields


def test_the_documentation_shows_the_table_as_the_code_has_it(pytestconfig: pytest.Config) -> None:
    page = (pytestconfig.rootpath / "docs" / "inputs.md").read_text("utf-8")
    assert heading_table() in page
