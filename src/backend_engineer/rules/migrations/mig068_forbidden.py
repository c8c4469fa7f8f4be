"""A migration stays inside its database.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_engineer.contract import Category, Severity
from backend_engineer.rules.migrations.pairs import examine, no_pairs
from backend_engineer.rules.migrations.samples import BASE, DOWN, POSTGRESQL, UP, ran, scripts
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

__all__ = ["RULE"]


def _check(context: Context) -> Iterator[Hit | Silence]:
    silence = no_pairs(context)
    if silence is not None:
        yield silence
        return
    for pair in examine(context):
        if pair.outcome is not None and pair.outcome.refused:
            words = f"`{pair.migration.key}`: {'; '.join(pair.outcome.refused)}"
            # A role, triggers of the server, and an extension for superusers only are questions for whoever runs the server.
            harmless = all(_only_asks(item) for item in pair.outcome.refused)
            yield Hit(pair.path, words, severity=Severity.INFO if harmless else None)


_EXTENSION = re.compile(r'permission denied to create extension "([^"]+)"')
_REACHES_OUT = re.compile(r"dblink|\w*_fdw|adminpack|\w+u|pg_read_\w+|xml2|sslinfo")


def _only_asks(words: str) -> bool:
    """Whether a role was refused, or an extension that reads no files, opens no connections and runs no programs."""
    if "permission denied to create role" in words or "is a system trigger" in words:
        return True
    found = _EXTENSION.search(words)
    return found is not None and _REACHES_OUT.fullmatch(found[1]) is None


RULE = Rule(
    code="MIG068",
    title="A script tries what a scratch database forbids",
    clauses=("FLOW-03",),
    severity=Severity.CRITICAL,
    category=Category.MIGRATIONS,
    reason="A migration that reads files, starts programs or attaches databases can do anything.",
    recommendation="Take the statement out; give what needs a superuser to whoever runs the server.",
    check=_check,
    valid=(
        Example(files={"docs/a.md": "# A\n"}, inputs=POSTGRESQL, base=BASE, note="no migration"),
        Example(
            files=scripts(UP, DOWN),
            inputs=POSTGRESQL,
            base=BASE,
            verified=ran(scripts(UP, DOWN)),
            note="nothing refused",
        ),
    ),
    invalid=(
        Example(
            files=scripts(UP, DOWN),
            inputs=POSTGRESQL,
            base=BASE,
            verified=ran(scripts(UP, DOWN), verdict="not-run", refused=("ATTACH x.db",)),
            note="a file is attached",
        ),
        Example(
            files=scripts(UP, DOWN),
            inputs=POSTGRESQL,
            base=BASE,
            verified=ran(
                scripts(UP, DOWN), refused=("permission denied to COPY to or from an external program",)
            ),
            note="a program is started",
        ),
    ),
)
