"""A change of code ships with tests.

Owns: this rule and its examples.
Must never know: other rules, which kinds of tests there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.rules.reading import has_order, sorted_files
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence
from backend_engineer.rules.shipping import product_code, severity_of_absence

__all__ = ["RULE"]

# Some languages keep the tests of a file in the file.
_INSIDE = re.compile(r"^\s*#\[(?:cfg\(test\)|test|tokio::test|actix_web::test)", re.MULTILINE)


def _check(context: Context) -> Iterable[Hit | Silence]:
    code = product_code(context)
    files = sorted_files(context)
    if not code and not files.migrations:
        yield Silence(Verdict.NOT_APPLICABLE, "the change holds neither code nor migrations.")
    elif not files.tests and not any(_INSIDE.search(file.content or "") for file in code):
        first = (*code, *files.migrations)[0].path
        yield Hit(
            first,
            f"`{first}` changes, and no file of the change is a test.",
            severity=severity_of_absence(context),
        )
        if not has_order(context):
            yield Silence(Verdict.NEEDS_REVIEW, "no test stands in this range; are they in another commit?")


_CODE = {"src/services/fee.py": "import logging\n\n\ndef fee(amount):\n    return amount // 100\n"}
_TEST = {"tests/test_fee.py": "def test_fee():\n    assert fee(100) == 1\n"}
_DOCS = {"docs/fees.md": "# Fees\n"}

RULE = Rule(
    code="SHP001",
    title="The change ships without tests",
    clauses=("CONS-03", "PROT-04"),
    severity=Severity.MAJOR,
    category=Category.TESTING,
    reason="Untested code is a promise that nobody has looked at.",
    recommendation="Add the tests that fail without this change, in the same change.",
    check=_check,
    valid=(
        Example(files={**_CODE, **_TEST, **_DOCS}, note="code with its test"),
        Example(files=_DOCS, note="documentation only"),
        Example(
            files={"src/services/fee.rs": "use log::info;\n\n#[cfg(test)]\nmod tests {}\n", **_DOCS},
            note="tests that stand in the file itself",
        ),
    ),
    invalid=(
        Example(files={**_CODE, **_DOCS}, note="code without a test"),
        Example(
            files={"src/controllers/fee.ts": "logger.info('fee');\nexport const fee = 1;\n", **_DOCS},
            note="in TypeScript",
        ),
    ),
)
