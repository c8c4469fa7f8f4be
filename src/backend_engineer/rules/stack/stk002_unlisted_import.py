"""Source code imports nothing that TechSpec does not name.

Owns: this rule and its examples.
Must never know: other rules, languages' syntax.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.outputs import FileChange
from backend_engineer.paths import is_test_path
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence
from backend_engineer.rules.stack.allowed import Allowed, allowed
from backend_engineer.rules.stack.imports import UnreadableSource, computed_imports, imports, language_of
from backend_engineer.rules.stack.names import is_packaging

__all__ = ["RULE"]

_UNREAD = re.compile(r"\.(?:rb|rs|kt|kts|cs|php|scala|swift|exs?|c|cc|cpp|dart)\Z")


# The files that a Python build runs: what they import builds the package and does not run with it.
_BUILDS = re.compile(r"(?:^|/)(?:setup|hatch_build|setup_\w+|\w+_build)\.py\Z")


def _check(context: Context) -> Iterable[Hit | Silence]:
    files = [file for file in context.change if file.content is not None and language_of(file.path)]
    unread = [file.path for file in context.change if file.content is not None and _UNREAD.search(file.path)]
    if unread:
        yield Silence(
            Verdict.NEEDS_REVIEW, f"imports of `{unread[0]}` are not read; which packages does it use?"
        )
    elif not files:
        yield Silence(
            Verdict.NOT_APPLICABLE, "the change holds no source whose imports can be read.", ("CONS-01",)
        )
        return
    if not files:
        return
    names = allowed(context)
    if isinstance(names, Silence):
        yield names
        return
    go = next((file.path for file in files if language_of(file.path) == "go"), None)
    if go is not None and not names.knows_go_module:
        yield Silence(
            Verdict.NEEDS_REVIEW,
            f"no go.mod says which imports of `{go}` are the project's own; pass `base=`.",
        )
    for file in files:
        try:
            yield from _unlisted(file, names, _before(file, context))
            lines = [
                line for line in computed_imports(file.path, file.content or "") if file.is_changed(line)
            ]
            if lines:
                yield Silence(
                    Verdict.NEEDS_REVIEW,
                    f"line {lines[0]} of `{file.path}` imports by a name that is computed; which packages can it be?",
                )
        except UnreadableSource as error:
            yield Silence(Verdict.NOT_CHECKED, f"`{file.path}` cannot be read: {error}")


def _before(file: FileChange, context: Context) -> frozenset[str]:
    """What the file imported before the change."""
    text = context.base.get(file.previous_path or file.path) if context.base is not None else None
    if text is None:
        return frozenset()
    try:
        return frozenset(item.name for item in imports(file.path, text))
    except UnreadableSource:
        return frozenset()


def _unlisted(file: FileChange, names: Allowed, before: frozenset[str]) -> Iterable[Hit]:
    for item in imports(file.path, file.content or ""):
        if item.name in before or (_BUILDS.search(file.path) and is_packaging(item.name.partition(".")[0])):
            continue
        if not names.imported(item):
            aside = item.optional or is_test_path(file.path)
            yield Hit(
                file.path,
                f"`{item.name}` is not in TechSpec's stack" + (", and optional." if item.optional else "."),
                (item.line, item.line),
                severity=Severity.MINOR if aside else None,
            )


def _inputs(*names: str) -> dict[str, Any]:
    return {"tech_spec": {"stack": [{"name": name, "kind": "library"} for name in names]}}


_TEST = {"tests/test_users.py": "def test_users():\n    assert True\n"}
_DOCS = {"docs/users.md": "# Users\n"}

RULE = Rule(
    code="STK002",
    title="An import is not in the stack",
    clauses=("CONS-01", "ROLE-01"),
    severity=Severity.MAJOR,
    category=Category.ARCHITECTURE,
    reason="Code that imports what the stack does not name fails on deployment, or changes the stack by the way.",
    recommendation="Use what the stack has, or have TechSpec name it under `stack`.",
    check=_check,
    line_rule=True,
    valid=(
        Example(
            files={
                "src/services/users.py": "import logging\nfrom fastapi import Depends\nfrom src.models import User\n",
                "src/models.py": "class User:\n    pass\n",
                **_TEST,
                **_DOCS,
            },
            inputs=_inputs("FastAPI"),
            note="the language's own, the stack's, the project's",
        ),
        Example(
            files={
                "setup.py": "from distutils.core import Extension\nfrom setuptools import setup\nfrom Cython.Build import cythonize\n\n"
                'setup(ext_modules=cythonize([Extension("fast", ["fast.pyx"])]))\n',
                **_TEST,
                **_DOCS,
            },
            inputs=_inputs("FastAPI"),
            note="tools that build the package",
        ),
        Example(
            files={
                "src/services/users.ts": "import { Pool } from 'pg';\nimport fs from 'node:fs';\nimport { log } from './log';\n",
                "src/services/users.test.ts": "import './users';\n",
                **_DOCS,
            },
            inputs=_inputs("PostgreSQL"),
            note="TypeScript",
        ),
    ),
    invalid=(
        Example(
            files={"src/services/users.py": "import logging\n\nimport requests\n", **_TEST, **_DOCS},
            inputs=_inputs("FastAPI"),
            note="Python",
        ),
        Example(
            files={"src/services/users.py": "import setuptools\n", **_TEST, **_DOCS},
            inputs=_inputs("FastAPI"),
            note="a packaging tool in code that runs",
        ),
        Example(
            files={
                "internal/services/users.go": 'package services\n\nimport (\n\t"log/slog"\n\n\t"github.com/gin-gonic/gin"\n)\n',
                "internal/services/users_test.go": "package services\n",
                "go.mod": "module example.com/users\n",
                **_DOCS,
            },
            inputs=_inputs("chi"),
            note="Go",
        ),
    ),
)
