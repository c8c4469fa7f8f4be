"""A change of code ships with a way to see it work.

Owns: this rule and its examples.
Must never know: other rules, whether the signals are the right ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.rules.reading import has_order, sorted_files
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence
from backend_engineer.rules.shipping import product_code, severity_of_absence

__all__ = ["RULE"]

_SIGNAL = re.compile(
    r"\b(?:log(?:s|ger|ging|rus)?|slog|zap|zerolog|winston|pino|structlog|loguru|slf4j|metrics?|counter|histogram|gauge|timer"
    r"|trac(?:e|er|ing)|span|prometheus|statsd|otel|opentelemetry|micrometer|sentry|monitor(?:ing)?|health)\b"
    r"|console\.(?:log|info|warn|error)|_(?:total|seconds|count)\b|[a-z]Log(?:ger)?\b",
    re.IGNORECASE,
)


def _check(context: Context) -> Iterable[Hit | Silence]:
    code = product_code(context)
    if not code:
        yield Silence(Verdict.NOT_APPLICABLE, "the change holds no code of the product.")
        return
    if sorted_files(context).observability or any(_SIGNAL.search(file.content or "") for file in code):
        return
    first = code[0].path
    yield Hit(
        first,
        f"`{first}` changes; no file for observability is in the change, and no log, metric or trace in its code.",
        severity=severity_of_absence(context),
    )
    if not has_order(context):
        yield Silence(Verdict.NEEDS_REVIEW, "no signal stands in this range; is one in place already?")


_TEST = {"tests/test_fee.py": "def test_fee():\n    assert fee(100) == 1\n"}
_DOCS = {"docs/fees.md": "# Fees\n"}
_BLIND = "def fee(amount):\n    return amount // 100\n"

RULE = Rule(
    code="SHP003",
    title="The change ships without observability",
    clauses=("CONS-03",),
    severity=Severity.MAJOR,
    category=Category.OBSERVABILITY,
    reason="A change that sends no signal is first noticed by those whom it fails.",
    recommendation="Add a log line, a metric or a trace where the new behaviour happens, or the alert that watches it.",
    check=_check,
    valid=(
        Example(
            files={"src/services/fee.py": "import logging\n" + _BLIND, **_TEST, **_DOCS}, note="the code logs"
        ),
        Example(
            files={
                "src/services/fee.py": _BLIND,
                **_TEST,
                "observability/fees.yaml": "groups: []\n",
                **_DOCS,
            },
            note="an alert watches it",
        ),
    ),
    invalid=(
        Example(files={"src/services/fee.py": _BLIND, **_TEST, **_DOCS}, note="no signal at all"),
        Example(
            files={
                "src/services/Fee.java": "class Fee {}\n",
                "src/test/java/FeeTest.java": "class FeeTest {}\n",
                **_DOCS,
            },
            note="in Java",
        ),
    ),
)
