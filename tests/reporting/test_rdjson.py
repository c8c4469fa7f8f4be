"""rdjson and rdjsonl, held against a strict model of reviewdog's documented fields."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from backend_engineer.outputs import Finding, Report, Where
from backend_engineer.reporting import to_rdjson, to_rdjsonl


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Position(Strict):
    line: int = Field(ge=1)


class Range(Strict):
    start: Position
    end: Position


class Location(Strict):
    path: str = Field(min_length=1)
    range: Range | None = None


class Source(Strict):
    name: Literal["backend-engineer"]


class Code(Strict):
    value: str = Field(min_length=1)


class Diagnostic(Strict):
    message: str = Field(min_length=1)
    location: Location
    severity: Literal["ERROR", "WARNING", "INFO"]
    source: Source
    code: Code
    original_output: str


class Document(Strict):
    source: Source
    severity: Literal["ERROR", "WARNING", "INFO"]
    diagnostics: list[Diagnostic]


def test_the_document_has_the_documented_fields_and_no_others(full_report: Report) -> None:
    document = Document.model_validate_json(to_rdjson(full_report))
    assert document.severity == "ERROR"
    assert len(document.diagnostics) == len(full_report.findings)


def test_lines_come_without_columns_so_that_the_last_one_is_included(
    make_finding: Callable[..., Finding], make_report: Callable[..., Report]
) -> None:
    document = Document.model_validate_json(to_rdjson(make_report(make_finding())))
    found = document.diagnostics[0].location.range
    assert found is not None
    assert (found.start.line, found.end.line) == (88, 129)


def test_the_original_finding_comes_back_out_of_each_diagnostic(full_report: Report) -> None:
    rows = Document.model_validate_json(to_rdjson(full_report)).diagnostics
    originals = [Finding.model_validate_json(row.original_output) for row in rows]
    assert [item.title for item in originals] == [item.title for item in full_report.findings]


def test_each_line_of_rdjsonl_is_one_diagnostic(full_report: Report) -> None:
    lines = to_rdjsonl(full_report).split("\n")
    assert lines.pop() == ""
    assert [Diagnostic.model_validate_json(line).location.path for line in lines] == [
        item.where.path or "src/users.py" for item in full_report.findings
    ]


def test_a_clean_report_has_no_diagnostics(clean_report: Report) -> None:
    assert json.loads(to_rdjson(clean_report)) == {
        "source": {"name": "backend-engineer"},
        "severity": "INFO",
        "diagnostics": [],
    }
    assert to_rdjsonl(clean_report) == ""


def test_a_finding_without_any_path_points_at_the_root(
    make_finding: Callable[..., Finding], make_report: Callable[..., Report]
) -> None:
    document = Document.model_validate_json(to_rdjson(make_report(make_finding(where=Where(path="")))))
    assert document.diagnostics[0].location.path == "."
