"""TST315: which kinds of test the change brings, and which it does not.

Owns: this one rule. Must never know: whether tests pass (the command report says).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_engineer.contract import Category, FindingType, Severity, Verdict
from backend_engineer.paths import is_migration_path, is_test_path
from backend_engineer.rules.code.source import language_of
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

_KINDS: dict[str, re.Pattern[str]] = {
    "unit": re.compile(r"unit|\btest_|\b(?:describe|it|test)\(|func Test|@Test\b|TestCase", re.IGNORECASE),
    "integration": re.compile(
        r"integration|TestClient|supertest|testcontainers|sqlite3\.connect|httptest|@SpringBootTest|http\.client|database",
        re.IGNORECASE,
    ),
    "property": re.compile(
        r"hypothesis|@given|fast-check|fc\.assert|jqwik|@Property|testing/quick|rapid\.Check|property|random\.",
        re.IGNORECASE,
    ),
    "migration": re.compile(r"migrat|\.up\.sql|\.down\.sql|rollback|upgrade\(|downgrade\(", re.IGNORECASE),
    "end-to-end": re.compile(
        r"e2e|end[-_ ]to[-_ ]end|playwright|cypress|urllib\.request|requests\.(?:get|post|patch)|fetch\(|http\.client|RestAssured",
        re.IGNORECASE,
    ),
}


def _check(context: Context) -> Iterator[Hit | Silence]:
    tests = [file for file in context.change.files if file.content and is_test_path(file.path)]
    code = [
        file for file in context.change.files if file.content and language_of(file.path) and file not in tests
    ]
    if not tests and not code:
        yield Silence(Verdict.NOT_APPLICABLE, "the change holds no code")
        return
    if not tests:
        yield Silence(Verdict.NEEDS_REVIEW, "the change holds no test file")
        return
    schema = any(is_migration_path(file.path) for file in context.change.files)
    text = "\n".join(f"{file.path}\n{file.content}" for file in tests)
    missing = [
        kind for kind, seen in _KINDS.items() if not seen.search(text) and (kind != "migration" or schema)
    ]
    if missing and context.change.origin not in ("reply", "caller"):
        # Somebody's commit stands beside the tests that the project already has.
        yield Silence(Verdict.NEEDS_REVIEW, f"no {', '.join(missing)} test is visible in the change itself")
    elif missing:
        yield Hit(tests[0].path, f"no {', '.join(missing)} test is visible among {len(tests)} test file(s)")


RULE = Rule(
    code="TST315",
    title="A kind of test is not visible",
    clauses=("FLOW-10",),
    severity=Severity.INFO,
    category=Category.TESTING,
    type=FindingType.QUESTION,
    reason="Each kind of test finds what the others miss: units logic, integration seams, properties edges, migrations data, end-to-end wiring.",
    recommendation="Add the kind that is missing, or say why this change has nothing for it to find.",
    check=_check,
    exact=False,
    question="Are there unit, integration, property, migration and end-to-end tests for what the change does?",
    look="the Tests section",
    settles="each kind is there or its absence has a reason",
    invalid=(
        Example({"tests/test_users.py": "def test_name():\n    assert name() == 'a'\n"}),
        Example(
            {
                "src/users.test.ts": "describe('users', () => { it('names', () => expect(name()).toBe('a')); });\n"
            }
        ),
    ),
    valid=(
        Example(
            {
                "tests/test_users.py": "# unit, integration and end-to-end in one\nfrom hypothesis import given\n\n\ndef test_name():\n    assert name() == 'a'\n"
            }
        ),
        Example({"docs/notes.md": "Nothing to test.\n"}),
    ),
)
