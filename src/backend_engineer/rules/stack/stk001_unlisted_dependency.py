"""A manifest brings in no dependency that TechSpec does not name.

Owns: this rule and its examples.
Must never know: other rules, manifests' syntax.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.outputs import FileChange
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence
from backend_engineer.rules.stack.allowed import allowed
from backend_engineer.rules.stack.manifests import (
    Dependency,
    UnreadableManifest,
    dependencies,
    is_manifest,
)
from backend_engineer.rules.stack.names import is_packaging

__all__ = ["RULE"]

_UNREAD = re.compile(
    r"(?:^|/)(?:Pipfile|setup\.(?:py|cfg)|composer\.json|mix\.exs|build\.sbt|Package\.swift|environment\.ya?ml"
    r"|[\w.-]+\.(?:csproj|gemspec))\Z"
)


def _check(context: Context) -> Iterable[Hit | Silence]:
    files = [file for file in context.change if file.content is not None and is_manifest(file.path)]
    unread = [file.path for file in context.change if file.content is not None and _UNREAD.search(file.path)]
    if unread:
        yield Silence(Verdict.NEEDS_REVIEW, f"`{unread[0]}` is not read; which packages does it bring in?")
    elif not files:
        yield Silence(Verdict.NOT_APPLICABLE, "the change touches no dependency manifest.", ("CONS-01",))
    if not files:
        return
    names = allowed(context)
    if isinstance(names, Silence):
        yield names
        return
    for file in files:
        try:
            found = dependencies(file.path, file.content or "")
        except UnreadableManifest as error:
            yield Hit(file.path, f"It cannot be read: {error}.", title="A manifest cannot be read")
            continue
        lines = (file.content or "").split("\n")
        python = file.path.endswith((".txt", ".in", "pyproject.toml"))
        for item in found:
            if (
                not item.transitive
                and not (python and is_packaging(item.name))
                and not names.dependency(item.name)
            ):
                yield Hit(
                    file.path,
                    f"`{item.name}` is not in TechSpec's stack"
                    + (", and is for development." if item.development else "."),
                    (line := _line(item, file, lines), line),
                    severity=Severity.MINOR if item.development else None,
                )
            elif item.fetched and file.is_changed(item.line):
                yield Silence(
                    Verdict.NEEDS_REVIEW,
                    f"`{item.name}` in `{file.path}` is taken from {item.fetched[:120]}; is it the package that is meant?",
                )


def _line(item: Dependency, file: FileChange, lines: Sequence[str]) -> int:
    """The line of a dependency: a new one that holds its name, since the name may stand in older lines too."""
    word = re.compile(rf"(?<![\w-]){re.escape(item.name.rpartition(':')[2])}(?![\w-])")
    spans = file.changed_lines or ()
    # Its own line first: most are right, and a search through all lines for each would cost their square.
    own = (item.line for first, last in spans if first <= item.line <= last)
    new = chain(own, (number for first, last in spans for number in range(first, last + 1)))
    return next((at for at in new if at <= len(lines) and word.search(lines[at - 1])), item.line)


def _inputs(*names: str) -> dict[str, Any]:
    return {"tech_spec": {"stack": [{"name": name, "kind": "library"} for name in names]}}


RULE = Rule(
    code="STK001",
    title="A dependency is not in the stack",
    clauses=("CONS-01", "ROLE-01"),
    severity=Severity.MAJOR,
    category=Category.ARCHITECTURE,
    reason="Every new dependency is a decision about the architecture, and that was made elsewhere.",
    recommendation="Do without it, or have TechSpec name it under `stack`.",
    check=_check,
    line_rule=True,
    valid=(
        Example(
            files={"package.json": '{"dependencies": {"express": "^5", "pg": "^8"}}\n'},
            inputs=_inputs("Express", "PostgreSQL"),
            note="a framework and the driver of a named database",
        ),
        Example(
            files={"requirements.txt": "fastapi==0.110\nhttpx>=0.27\n"},
            base={"requirements.txt": "httpx>=0.27\n"},
            inputs=_inputs("FastAPI"),
            note="the base used it already",
        ),
        Example(
            files={
                "requirements.txt": "anyio==4.8.0\n    # via\n    #   fastapi\n    #   httpx\nfastapi==0.110\n    # via -r requirements.in\n"
                "httpx==0.27 \\\n    --hash=sha256:00\n    # via app (pyproject.toml)\nidna==3.7  # via anyio, httpx\nsetuptools==75.1\n"
            },
            inputs=_inputs("FastAPI", "httpx"),
            note="a compiled file: what other packages need, and the packaging tools",
        ),
    ),
    invalid=(
        Example(
            files={"package.json": '{"dependencies": {\n "express": "^5",\n "left-pad": "1.3.0"\n}}\n'},
            inputs=_inputs("Express"),
            note="npm",
        ),
        Example(
            files={"go.mod": "module example.com/users\n\nrequire github.com/gin-gonic/gin v1.9.1\n"},
            inputs=_inputs("chi"),
            note="Go",
        ),
        Example(
            files={
                "requirements.txt": "attrs==25.3\n    # via\n    #   -r requirements.in\n    #   fastapi\nfastapi==0.110\n    # via -r requirements.in\n"
            },
            inputs=_inputs("FastAPI"),
            note="asked for by the input file, and by another package too",
        ),
    ),
)
