"""A change of code ships with its documentation.

Owns: this rule and its examples.
Must never know: other rules, what the documentation should say.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.rules.reading import has_order, sorted_files
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence
from backend_engineer.rules.shipping import product_code, severity_of_absence

__all__ = ["RULE"]


def _check(context: Context) -> Iterable[Hit | Silence]:
    code = product_code(context)
    files = sorted_files(context)
    if not code and not files.migrations:
        yield Silence(Verdict.NOT_APPLICABLE, "the change holds neither code nor migrations.")
    elif not files.docs:
        first = (*code, *files.migrations)[0].path
        yield Hit(
            first,
            f"`{first}` changes, and no file of the change is documentation.",
            severity=severity_of_absence(context),
        )
        if not has_order(context):
            yield Silence(
                Verdict.NEEDS_REVIEW, "no documentation stands in this range; is it in another commit?"
            )


_CODE = {"src/services/fee.py": "import logging\n\n\ndef fee(amount):\n    return amount // 100\n"}
_TEST = {"tests/test_fee.py": "def test_fee():\n    assert fee(100) == 1\n"}
_DOCS = {"docs/fees.md": "# Fees\n"}

RULE = Rule(
    code="SHP002",
    title="The change ships without documentation",
    clauses=("CONS-03", "PROT-04"),
    severity=Severity.MAJOR,
    category=Category.DOCUMENTATION,
    reason="What is not written down is asked of whoever is on call.",
    recommendation="Add or update the API description, the runbook or the page that this change makes untrue.",
    check=_check,
    valid=(
        Example(files={**_CODE, **_TEST, **_DOCS}, note="code with its page"),
        Example(files=_TEST, note="tests only"),
    ),
    invalid=(
        Example(files={**_CODE, **_TEST}, note="code without a page"),
        Example(
            files={
                "src/controllers/fee.go": "package fee\n\nvar log = slog.Default()\n",
                "src/controllers/fee_test.go": "package fee\n",
            },
            note="in Go",
        ),
    ),
)
