"""Reports in every form that people and tools read, each a pure function of the report.

Owns: the exporters, their escaping, the published JSON Schemas, and the generated pages.
Must never know: files, terminals, networks, how a report came about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_engineer.first_use import names_on_first_use

if TYPE_CHECKING:
    from backend_engineer.reporting.documents import to_json
    from backend_engineer.reporting.github import to_github
    from backend_engineer.reporting.gitlab import to_gitlab
    from backend_engineer.reporting.html import to_html
    from backend_engineer.reporting.junit import to_junit
    from backend_engineer.reporting.markdown import to_markdown
    from backend_engineer.reporting.rdjson import to_rdjson, to_rdjsonl
    from backend_engineer.reporting.sarif import to_sarif
    from backend_engineer.reporting.schemas import SCHEMA_NAMES, schema, schema_file
    from backend_engineer.reporting.text import to_text

__all__ = [
    "SCHEMA_NAMES",
    "schema",
    "schema_file",
    "to_github",
    "to_gitlab",
    "to_html",
    "to_json",
    "to_junit",
    "to_markdown",
    "to_rdjson",
    "to_rdjsonl",
    "to_sarif",
    "to_text",
]

__getattr__, __dir__ = names_on_first_use(
    __name__,
    {
        "documents": ("to_json",),
        "github": ("to_github",),
        "gitlab": ("to_gitlab",),
        "html": ("to_html",),
        "junit": ("to_junit",),
        "markdown": ("to_markdown",),
        "rdjson": ("to_rdjson", "to_rdjsonl"),
        "sarif": ("to_sarif",),
        "schemas": ("SCHEMA_NAMES", "schema", "schema_file"),
        "text": ("to_text",),
    },
)
