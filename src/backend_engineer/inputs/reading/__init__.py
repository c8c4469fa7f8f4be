"""Texts of documents become data: JSON, YAML, Markdown, each strict and each with its lines.

Owns: `read_document`, which picks the format by the file's name and by nothing else.
Must never know: files and folders, which fields are needed, gaps.
"""

from __future__ import annotations

from backend_engineer.errors import InvalidDocument, UnreadableDocument
from backend_engineer.inputs.reading.json_text import read_json
from backend_engineer.inputs.reading.markdown import read_markdown
from backend_engineer.inputs.reading.parsed import MAX_BYTES, MAX_DEPTH, Parsed, plain_data, text_of
from backend_engineer.inputs.reading.yaml_text import read_yaml

__all__ = [
    "FORMATS",
    "MAX_BYTES",
    "MAX_DEPTH",
    "Parsed",
    "format_of",
    "plain_data",
    "read_document",
    "text_of",
]

FORMATS = {
    ".json": "json",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".md": "markdown",
    ".markdown": "markdown",
    ".graphql": "graphql",
    ".graphqls": "graphql",
    ".gql": "graphql",
}
"""What a file name's ending says about the format."""


def format_of(name: str) -> str | None:
    """`json`, `yaml`, `markdown`, `graphql`, or None for an ending that is not read."""
    dot = name.rfind(".")
    return FORMATS.get(name[dot:].lower()) if dot > 0 else None


def read_document(name: str, content: bytes | str, document: str | None = None) -> Parsed:
    """Read one document's text; `name` gives the format by its ending, `document` the table for Markdown.

    Raises UnreadableDocument for bytes that are not that format (with line and column),
    InvalidDocument for text that says something other than the format's table allows, and
    MissingExtra for YAML without the extra `yaml`.
    """
    text = text_of(name, content)
    kind = format_of(name)
    if kind == "json":
        return read_json(text, name)
    if kind == "yaml":
        return read_yaml(text, name)
    if kind == "graphql":
        return Parsed(text, name, lambda pointer: None)
    if kind == "markdown" and document is not None:
        return read_markdown(text, name, document)
    if kind == "markdown":
        raise InvalidDocument("Markdown is read for the named documents only.", path=name)
    raise UnreadableDocument(
        "The ending says no format that is read.", path=name, hint=f"Use one of {', '.join(FORMATS)}."
    )
