"""The roles that scripts speak of: a server of our own has them before the first script runs.

Owns: finding their names in SQL.
Must never know: connections, scripts' order, verdicts.

Rights and owners are part of a schema, and the roles that they name are part of the server that a script is
written for. Most scripts take them for granted, or make them only where they are not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["roles_named"]

_NAME = r'(?:"(?:[^"]|"")+"|[A-Za-z_][\w$]*)'
_LIST = rf"{_NAME}(?:\s*,\s*{_NAME})*"
_PLACES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\bCREATE\s+(?:ROLE|USER(?!\s+MAPPING)|GROUP)\s+(?:IF\s+NOT\s+EXISTS\s+)?({_NAME})",
        rf"\bOWNER\s+TO\s+({_NAME})",
        rf"\bAUTHORIZATION\s+({_NAME})",
        rf"\bFOR\s+(?:ROLE|USER)\s+({_LIST})",
        rf"\bSET\s+(?:LOCAL\s+|SESSION\s+)?ROLE\s+({_NAME})",
        rf"\b(?:GRANT|POLICY)\b[^;']*?\bTO\s+(?:GROUP\s+)?({_LIST})",
        rf"\bREVOKE\b[^;']*?\bFROM\s+(?:GROUP\s+)?({_LIST})",
    )
)
_LOOKED_UP = re.compile(r"\b(?:rolname|usename)\s*(?:=|IN\s*\()\s*'([^']+)'", re.IGNORECASE)
_COMMENTS = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_NAMES = re.compile(_NAME)
_NOBODYS = frozenset(
    {"public", "current_user", "current_role", "session_user", "none", "default", "user", "group"}
)


def roles_named(scripts: Iterable[str]) -> list[str]:
    """The names of roles in scripts, each once and in order; those that the server keeps for itself are left out."""
    found: dict[str, None] = {}
    for sql in scripts:
        low = sql.lower()
        if not any(
            word in low
            for word in ("role", "grant", "revoke", "owner", "policy", "authorization", "user", "usename")
        ):
            continue
        bare = _COMMENTS.sub(" ", sql)
        for place in _PLACES:
            for match in place.finditer(bare):
                found |= dict.fromkeys(map(_plain, _NAMES.findall(match[1])))
        found |= dict.fromkeys(_LOOKED_UP.findall(bare))
    return [
        name for name in found if name not in _NOBODYS and not name.startswith("pg_") and "\0" not in name
    ]


def _plain(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name.lower()
