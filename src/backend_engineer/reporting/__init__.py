"""Reports in every form that people and tools read, each a pure function of the report.

Owns: the exporters, their escaping, the published JSON Schemas, and the generated pages.
Must never know: files, terminals, networks, how a report came about.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

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

_MODULES = {
    "SCHEMA_NAMES": "schemas",
    "schema": "schemas",
    "schema_file": "schemas",
    "to_github": "github",
    "to_gitlab": "gitlab",
    "to_html": "html",
    "to_json": "documents",
    "to_junit": "junit",
    "to_markdown": "markdown",
    "to_rdjson": "rdjson",
    "to_rdjsonl": "rdjson",
    "to_sarif": "sarif",
    "to_text": "text",
}

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


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
