"""How much a credential weighs by what the line says of it."""

import base64
import json

import pytest

from backend_engineer.contract import Severity
from backend_engineer.outputs import Action, Change, FileChange
from backend_engineer.rules import check

HOOK = "whsec" + "_" + "ovyN6cPrTv56AApvzCaJno08SSmGJmgbWilb33N2JuK"


def part(data: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")


def token(claims: dict[str, object]) -> str:
    return ".".join(
        (part({"alg": "HS256", "typ": "JWT"}), part(claims), "q3Zk9vLx7mWb2nRt5yUc8oPa1sDf4gHj6kTqVwXe")
    )


def weight(line: str, path: str = "src/hooks.py") -> Severity:
    found = check(Change((FileChange(path, line + "\n"),)), rules=["SEC401"]).findings
    assert len(found) == 1
    return found[0].severity


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f'SECRET = "{HOOK}"', Severity.BLOCKER),
        (f'    examples=["{HOOK}"],', Severity.MINOR),
        (f'  "example": "{HOOK}",', Severity.MINOR),
        (f'  example_secret = "{HOOK}"', Severity.BLOCKER),
        (f'URL = "https://hooks.example.com/go?key={HOOK}"', Severity.MINOR),
        (f'send("https://hooks.example.com/go", "{HOOK}")', Severity.BLOCKER),
    ],
)
def test_a_value_that_is_offered_as_an_example_weighs_less(line: str, expected: Severity) -> None:
    assert weight(line) is expected


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"sub": "1", "iat": 1727638007, "exp": 1727641607}, Severity.INFO),
        ({"sub": "1", "iat": 1727638007, "exp": 1827641607}, Severity.BLOCKER),
        ({"sub": "1", "iat": "then", "exp": "soon"}, Severity.BLOCKER),
        ({"sub": "1"}, Severity.BLOCKER),
    ],
)
def test_a_token_that_has_ended_by_its_own_words_is_a_question(
    claims: dict[str, object], expected: Severity
) -> None:
    assert weight(f'TOKEN = "{token(claims)}"') is expected


@pytest.mark.parametrize(
    "claims",
    ['{"a":' + "[" * 100_000, '{"iat": 1.5, "exp": ' + "9" * 400 + "}", '{"iat": NaN, "exp": Infinity}'],
)
def test_claims_that_no_one_can_read_do_not_stop_the_search(claims: str) -> None:
    body = base64.urlsafe_b64encode(claims.encode()).decode().rstrip("=")
    head, _, seal = token({}).split(".")
    assert weight(f'TOKEN = "{head}.{body}.{seal}"') is Severity.BLOCKER


@pytest.mark.parametrize(
    ("path", "line", "expected"),
    [
        ("hooks/hook_test.go", f'var secret = "{HOOK}"', Severity.MINOR),
        ("src/coin.ts", "const beeToken" + " = '0x36435796Ca9be2bf150CE0dECc2D8Fab5C4d6E13'", Severity.INFO),
        ("src/mail.ts", "const mailToken" + " = 'k36435796Ca9be2bf150CE0dECc2D8Fab5C4d6E13'", Severity.MAJOR),
    ],
)
def test_what_was_made_for_a_test_or_is_public_weighs_less(path: str, line: str, expected: Severity) -> None:
    assert weight(line, path) is expected


@pytest.mark.parametrize(
    ("action", "found"), [("add", True), ("rename", True), ("modify", False), ("delete", False)]
)
def test_a_credential_in_the_name_of_a_new_file_is_one(action: Action, found: bool) -> None:
    key = "AKIA" + "Q7ZJ4TR5WX2MB3NK"
    text = None if action == "delete" else "a: 1\n"
    report = check(Change((FileChange(f"config/{key}.yaml", text, action=action),)), rules=["SEC401"])
    assert [item.severity for item in report.findings] == [Severity.BLOCKER] * found
    assert all(key not in item.evidence for item in report.findings)
