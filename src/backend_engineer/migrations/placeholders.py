"""What a tool fills in before a server sees a script.

Owns: each tool's own way of writing such places.
Must never know: files, databases, what a statement does.
"""

from __future__ import annotations

import re

__all__ = ["placeholder_of"]

_BRACED = re.compile(r"\$\{[^}\s]+\}")
_TEMPLATE = re.compile(r"\{\{[^}\n]*\}\}")
_QUOTED = re.compile(r"--[^\n]*|/\*.*?\*/|(\$\w*\$).*?\1|(?<!:)'(?:[^']|'')*'", re.DOTALL)
_LITERAL = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)
_PSQL_LINE = re.compile(r"^[ \t]*\\[a-z!]+", re.MULTILINE)
_PSQL_VARIABLE = re.compile(r"(?<![\w:\])\"]):(?:[A-Za-z_]\w*|'\w+'|\"\w+\")")
_ENVSUB = re.compile(
    r"^--[\s-]*\+goose\s+ENVSUB ON[\s-]*$(?P<text>.*?)(?:^--[\s-]*\+goose\s+ENVSUB OFF|\Z)",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
_ENVIRONMENT = re.compile(r"\$\{[^}\n]+\}|\$[A-Za-z_]\w*")


def placeholder_of(tool: str, sql: str) -> str:
    """The first place of a script that its tool fills in, as it is written; empty where there is none."""
    if tool in ("flyway", "liquibase"):
        return _first(_BRACED, sql) if "${" in sql else ""
    if tool == "sqitch":
        return _psql(sql) if "\\" in sql or ":" in sql else ""
    if tool == "goose" and "$" in sql:
        return next(
            (word for part in _ENVSUB.finditer(sql) if (word := _first(_ENVIRONMENT, part["text"]))), ""
        )
    # Braces in pairs are no SQL but inside literals: pop and programs of one's own fill in templates.
    return _first(_TEMPLATE, _LITERAL.sub(" ", sql)) if "{{" in sql else ""


def _first(pattern: re.Pattern[str], sql: str) -> str:
    found = pattern.search(sql)
    return "" if found is None else found[0]


def _psql(sql: str) -> str:
    bare = _QUOTED.sub(" ", sql)
    return (_first(_PSQL_LINE, bare) or _first(_PSQL_VARIABLE, bare)).strip()
