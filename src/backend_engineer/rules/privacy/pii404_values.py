"""PII404: a value that reads like a real person's data stands in a file: mail address, card, IBAN, social security number.

Owns: this one rule and its checks of digits. Must never know: whose data it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_engineer.contract import Category, FindingType, Severity
from backend_engineer.redaction import fingerprint
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

# The look back stands behind the first character: a search that begins with a class of characters skips ahead
# to the next one, which one that begins with a condition cannot.
_MAIL = re.compile(
    r"[A-Za-z0-9](?<![\w.+-].)[\w.+-]*@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,})(?![\w@-])"
)
_CARD = re.compile(
    r"[0-9](?<![\w.-].)(?:[0-9]{3}[ -](?:[0-9]{4}[ -]){2}[0-9]{4}"
    r"|(?:(?<=4)[0-9]{15}|(?<=5)[1-5][0-9]{14}|(?<=3)[47][0-9]{13}))(?![\w.-])"
)
_IBAN = re.compile(r"[A-Z](?<!\w.)[A-Z][0-9]{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?(?!\w)")
_SSN = re.compile(r"[0-8](?<![\w.-].)[0-9]{2}(?<!000)(?<!666)-(?!00)[0-9]{2}-(?!0000)[0-9]{4}(?![\w.-])")
_RESERVED = re.compile(
    r"(?:^|\.)(?:example(?:\.\w+)?|test|invalid|localhost|local|internal)$|^(?:acme|foo|bar|domain|company|email|test|mail|user|corp|\w{1,2})\.\w+$"
    r"|(?:^|\.)[\w-]*(?:example|sample|dummy|fake|some-?domain|some-?where|no-?where)[\w-]*\.\w+$|(?:^|\.)(?:googlegroups|lists?|noreply\.github)\.",
    re.IGNORECASE,
)
# Before the host of an address stands who asks for it, not a mailbox.
_IN_ADDRESS = re.compile(r"//[^\s'\"/]*\Z")
_ROLE = re.compile(
    r"^(?:git|noreply|no-reply|support|info|admin|security|root|hello|team|sales|contact|dev|ops|postmaster|test\w*|user\w*|me|you|foo|bar|a|b|x|alice|bob|jane|john|name|someone|email)@",
    re.IGNORECASE,
)
# Published test numbers of payment providers are nobody's card.
_TEST_CARDS = frozenset(
    {
        "4111111111111111",
        "4242424242424242",
        "5555555555554444",
        "378282246310005",
        "4000000000000002",
        "5105105105105100",
    }
)
_DATA = re.compile(
    r"(?:^|/)(?:fixtures?|seeds?|testdata|factories|mocks?|samples?|__mocks__|tests?|spec)/|\.(?:sql|csv|jsonl?|ya?ml)$|(?:^|/)test_|[._-](?:test|spec)\."
)
_SKIP = re.compile(
    r"(?:^|/)(?:CODEOWNERS|AUTHORS|LICENSE\w*|package(?:-lock)?\.json|pyproject\.toml|pom\.xml|Cargo\.toml|openapi\.\w+|setup\.\w+|[^/]*lock[^/]*|MAINTAINERS\w*)$|sbom|cyclonedx|\.md$"
)


def luhn(digits: str) -> bool:
    """Whether the last digit checks the others, as on payment cards."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def iban_valid(text: str) -> bool:
    """Whether the check digits of an IBAN fit (ISO 7064, modulus 97)."""
    compact = text.replace(" ", "")
    if not 15 <= len(compact) <= 34:
        return False
    turned = compact[4:] + compact[:4]
    return int("".join(str(int(char, 36)) for char in turned)) % 97 == 1


def _mails(text: str) -> Iterator[re.Match[str]]:
    """Mail addresses, looked for only in lines that hold the sign of one."""
    place = text.find("@")
    while place >= 0:
        end = text.find("\n", place)
        end = len(text) if end < 0 else end
        yield from _MAIL.finditer(text, text.rfind("\n", 0, place) + 1, end)
        place = text.find("@", end)


def _values(text: str) -> Iterator[tuple[str, str, int]]:
    """Kind, value and offset of what may be a person's data; a made-up value looks no different."""
    for match in _mails(text):
        if (
            not _RESERVED.search(match[1])
            and not _ROLE.match(match[0])
            and not _IN_ADDRESS.search(text, max(0, match.start() - 100), match.start())
        ):
            yield "mail address", match[0], match.start()
    for match in _CARD.finditer(text):
        digits = re.sub(r"[ -]", "", match[0])
        if luhn(digits) and digits not in _TEST_CARDS and len(set(digits)) > 3:
            yield "card number", match[0], match.start()
    for match in _IBAN.finditer(text):
        if iban_valid(match[0]):
            yield "IBAN", match[0], match.start()
    for match in _SSN.finditer(text):
        yield "social security number", match[0], match.start()


def _check(context: Context) -> Iterator[Hit | Silence]:
    for file in context.change.files:
        if not file.content or not _DATA.search(file.path) or _SKIP.search(file.path):
            continue
        for kind, value, offset in _values(file.content):
            line = file.content.count("\n", 0, offset) + 1
            yield Hit(file.path, f"{kind}: {fingerprint(value)}", (line, line))


RULE = Rule(
    code="PII404",
    title="Value that reads like personal data",
    clauses=("CONS-04",),
    severity=Severity.INFO,
    category=Category.SECURITY,
    type=FindingType.RISK,
    reason="Fixtures travel further than databases, and real people's data has no place in them.",
    recommendation="Use made-up values: the domains example.com and .test, and the published test numbers.",
    check=_check,
    exact=False,
    question="Is all data in fixtures, seeds and examples made up?",
    look="fixtures, seeds, examples and test data",
    settles="no value belongs to a person",
    line_rule=True,
    invalid=(
        Example({"tests/fixtures/users.json": '[{"email": "maria.keller' + '@gmx.net"}]\n'}),
        Example({"db/seeds/cards.csv": "card\n4539 5787 " + "6362 1486\n"}),
    ),
    valid=(
        Example({"tests/fixtures/users.json": '[{"email": "maria@example.com"}]\n'}),
        Example(
            {
                "tests/urls.json": '["https://maria.keller'
                + '@gmx.net/", "maria@examplectf.com", "maria@t.com", "maria@lists.shop.org"]\n'
            },
            note="an address of a page, made-up hosts and a mailing list",
        ),
        Example({"db/seeds/cards.csv": "card\n4242 4242 4242 4242\n"}),
    ),
)
