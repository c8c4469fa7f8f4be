"""The table that maps the headings of Markdown documents to fields.

Owns: which heading stands for which field, in which form, and the page section that shows it.
Must never know: how Markdown is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

__all__ = [
    "DOCUMENT_HEADINGS",
    "ENTITY_HEADINGS",
    "ENTITY_PREFIX",
    "Cell",
    "Form",
    "Heading",
    "heading_table",
]

Form = Literal["title", "text", "items", "rows", "facts", "data", "sdl"]
Kind = Literal["text", "list", "yes/no", "number", "command"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A column of a table or a line of a list of facts: its heading, the field, and how it reads."""

    title: str
    field: str
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading, the field it stands for, the form of what stands under it, and its cells if it has any."""

    title: str
    field: str
    form: Form = "text"
    cells: tuple[Cell, ...] = ()


ENTITY_PREFIX = "Entity: "
"""A heading of the data model that opens an entity, followed by its name."""

ENTITY_HEADINGS: tuple[Heading, ...] = (
    Heading("Table", "table"),
    Heading(
        "Fields",
        "fields",
        "rows",
        (
            Cell("Name", "name"),
            Cell("Type", "type"),
            Cell("Nullable", "nullable", "yes/no"),
            Cell("Default", "default"),
            Cell("Primary key", "primary_key", "yes/no"),
            Cell("Unique", "unique", "yes/no"),
            Cell("PII", "pii", "yes/no"),
        ),
    ),
    Heading(
        "Relations",
        "relations",
        "rows",
        (
            Cell("Columns", "columns", "list"),
            Cell("Entity", "entity"),
            Cell("References", "references", "list"),
            Cell("On delete", "on_delete"),
        ),
    ),
    Heading(
        "Indexes",
        "indexes",
        "rows",
        (Cell("Columns", "columns", "list"), Cell("Unique", "unique", "yes/no"), Cell("Name", "name")),
    ),
    Heading("Constraints", "constraints", "items"),
    Heading("Retention", "retention"),
)
"""The `###` headings under `## Entity: NAME`."""

DOCUMENT_HEADINGS: Mapping[str, tuple[Heading, ...]] = MappingProxyType(
    {
        "tech_spec": (
            Heading(
                "Stack",
                "stack",
                "rows",
                (
                    Cell("Name", "name"),
                    Cell("Kind", "kind"),
                    Cell("Version", "version"),
                    Cell("Packages", "packages", "list"),
                ),
            ),
            Heading(
                "Layout",
                "layout",
                "rows",
                (Cell("Path", "path"), Cell("Purpose", "purpose"), Cell("Section", "section")),
            ),
            Heading("Error handling", "error_handling"),
            Heading(
                "Database", "database", "facts", (Cell("Dialect", "dialect"), Cell("Version", "version"))
            ),
            Heading(
                "Migrations",
                "migrations",
                "facts",
                (
                    Cell("Folder", "folder"),
                    Cell("Tool", "tool"),
                    Cell("Transactional", "transactional", "yes/no"),
                ),
            ),
            Heading(
                "Commands",
                "commands",
                "facts",
                (
                    Cell("Tests", "tests", "command"),
                    Cell("Types", "types", "command"),
                    Cell("Lint", "lint", "command"),
                ),
            ),
            Heading("Entry points", "entry_points", "items"),
        ),
        "api_contract": (
            Heading("OpenAPI", "openapi", "data"),
            Heading("GraphQL", "graphql", "sdl"),
            Heading("Authorization", "authorization"),
            Heading("Rate limits", "rate_limits"),
            Heading(
                "Pagination",
                "pagination",
                "facts",
                (
                    Cell("Style", "style"),
                    Cell("Parameters", "parameters", "list"),
                    Cell("Next field", "next_field"),
                ),
            ),
            Heading(
                "Exceptions",
                "exceptions",
                "rows",
                (Cell("Clause", "clause"), Cell("Follows", "follows"), Cell("Reason", "reason")),
            ),
        ),
        "data_model": (Heading("Entities", "entities"),),
        "security_policy": (
            Heading("Authentication", "authentication"),
            Heading("Authorization", "authorization"),
            Heading("Crypto", "crypto"),
            Heading("Compliance", "compliance"),
            Heading("Logging", "logging"),
        ),
        "perf_targets": (
            Heading(
                "SLOs",
                "slos",
                "rows",
                (
                    Cell("Route", "route"),
                    Cell("Metric", "metric"),
                    Cell("Target", "target", "number"),
                    Cell("Unit", "unit"),
                ),
            ),
            Heading("Peak load", "peak_load"),
            Heading("Latency", "latency"),
            Heading("Caching", "caching"),
        ),
        "ops_guides": (
            Heading("Alerts", "alerts"),
            Heading("Runbooks", "runbooks"),
            Heading("Rollout", "rollout"),
            Heading("Rollback", "rollback"),
        ),
        "change_request": (
            Heading("(the `#` heading)", "title", "title"),
            Heading("Description", "description"),
            Heading("Acceptance", "acceptance", "items"),
        ),
    }
)
"""The `##` headings of each document."""

_FORMS: Mapping[str, str] = {
    "title": "the text of the first-level heading",
    "text": "text, taken as it stands",
    "items": "a list, one item a line",
    "rows": "a table",
    "facts": "a list of `Name: value` lines",
    "data": "one fenced block of JSON or YAML",
    "sdl": "one fenced block of SDL",
}


def heading_table() -> str:
    """The table of headings as Markdown, for the documentation."""
    lines = ["| Document | Heading | Field | Form |", "|---|---|---|---|"]
    for document, headings in DOCUMENT_HEADINGS.items():
        for heading in headings:
            mark = "" if heading.form == "title" else "## "
            lines.append(_row(f"{document}.md", f"{mark}{heading.title}", heading.field, heading))
        if document == "data_model":
            lines.append(
                f"| data_model.md | ## {ENTITY_PREFIX}NAME | entities/N/name | one section an entity |"
            )
            lines.extend(
                _row("data_model.md", f"### {heading.title}", f"entities/N/{heading.field}", heading)
                for heading in ENTITY_HEADINGS
            )
    return "\n".join(lines) + "\n"


def _row(document: str, title: str, field: str, heading: Heading) -> str:
    cells = "; ".join(_cells(heading))
    return f"| {document} | {title} | {field} | {_FORMS[heading.form]}{': ' if cells else ''}{cells} |"


def _cells(heading: Heading) -> Iterator[str]:
    for cell in heading.cells:
        kind = "" if cell.kind == "text" else f" ({cell.kind})"
        yield f"{cell.title}{kind}"
