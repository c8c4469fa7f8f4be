"""SEC401: a credential stands in a file, a finding or an attestation of the change.

Owns: this one rule. Must never know: the shapes of credentials (that is `redaction`); a secret's text.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator

from backend_engineer.contract import Category, Severity
from backend_engineer.outputs import FileChange
from backend_engineer.paths import is_test_path
from backend_engineer.redaction import Secret, find_secrets, fingerprint
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

# Lock files are made of hashes, and a hash is no credential.
LOCKS = (
    ".lock",
    "package-lock.json",
    "pnpm-lock.yaml",
    "go.sum",
    "Cargo.lock",
    "poetry.lock",
    ".svg",
    ".min.js",
)


# Material for tests and examples; and texts for people, where "password" is a word like any other.
_BESIDE = re.compile(
    r"(?:^|/)(?:test[\w-]*|\w*[-_]tests?|suites?|fixtures?|examples?|samples?|e2e|mocks?|__mocks__|docs?)/|(?:^|/)(?:e2e[_-]?)?tests?[_-]\w*\.\w+$|(?:^|/)(?:example|sample)s?\.\w+$|\.template\.|\.example\b|\.sample\b",
    re.IGNORECASE,
)
_SPOKEN = re.compile(
    r"(?:^|/)(?:locales?|i18n|lang|translations?|messages)/|\.(?:po|pot|arb)$", re.IGNORECASE
)
_JWT = "JSON Web Token"
_TEST_KINDS = frozenset({_JWT, "private key", "Stripe webhook secret"})
# The address of an account or a contract of a block chain is public.
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}\Z")
# A value that the line itself offers as an example: of a schema, or in a URL of a host reserved for examples.
_OFFERED = re.compile(
    r"\bexamples?[\"']?\s*[:=(]\s*[\[({\"']*$|//(?:[\w-]+\.)*example\.(?:com|org|net)\b[^\s\"'`<>]*$",
    re.IGNORECASE,
)
_LASTS = 86_400
"""Seconds from its issue to its end within which a token has ended before anybody reads the file."""


def _weight(secret: Secret, text: str, beside: bool) -> Severity:
    """How much a credential weighs: shapes that only credentials have most, words in a test least."""
    if secret.sure:
        if secret.kind == _JWT and _short_lived(text[secret.start : secret.end]):
            return Severity.INFO
        if _OFFERED.search(text[text.rfind("\n", 0, secret.start) + 1 : secret.start]):
            return Severity.MINOR
        # Tests are full of tokens and keys that were made for them; a vendor's key is one anywhere.
        return Severity.MINOR if beside and secret.kind in _TEST_KINDS else Severity.BLOCKER
    value = text[secret.start : secret.end]
    if _looks_random(value) and not beside and not _is_told(text, secret.start):
        return Severity.MAJOR
    # Seeds and documentation are full of made-up words behind such names; whether one is real is a question.
    return Severity.INFO


_TOLD = re.compile(r"\s*(?:#|//|\*|/\*|--|<!--)")


def _is_told(text: str, start: int) -> bool:
    """Whether a place stands in a comment or in a documentation string, where answers are shown as examples."""
    line = text[text.rfind("\n", 0, start) + 1 : start]
    return _TOLD.match(line) is not None or any(text.count(mark, 0, start) % 2 for mark in ('"""', "'''"))


def _short_lived(token: str) -> bool:
    """Whether a token says of itself that it holds for a day at most."""
    part = token.split(".")[1]
    # Anybody can write the claims; what stopped this would hide every credential of the change.
    try:
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        issued, ends = claims["iat"], claims["exp"]
        return 0 <= float(ends) - float(issued) <= _LASTS
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return False


def _looks_random(value: str) -> bool:
    """Whether a value is long and no row of words: a part of it mixes letters and digits at length."""
    if _ADDRESS.match(value):
        return False
    parts = re.split(r"[-_./:\s]", value)
    return len(value) >= 20 and any(
        len(part) >= 12 and re.search(r"[0-9]", part) and re.search(r"[A-Za-z]", part) for part in parts
    )


def _in_file(file: FileChange) -> Iterator[Hit]:
    text = file.content or ""
    beside = is_test_path(file.path) or bool(_BESIDE.search(file.path))
    guesses = not (beside or _SPOKEN.search(file.path) or file.path.endswith((".md", ".rst", ".txt")))
    for secret in find_secrets(text, assignments=guesses):
        shown = fingerprint(text[secret.start : secret.end])
        yield Hit(
            file.path,
            f"{secret.kind}: {shown}",
            (secret.line, secret.line),
            severity=_weight(secret, text, beside),
        )


def _check(context: Context) -> Iterator[Hit | Silence]:
    for file in context.change.files:
        if file.action in ("add", "rename"):
            for secret in find_secrets(file.path, assignments=False):
                shown = fingerprint(file.path[secret.start : secret.end])
                yield Hit(file.path, f"{secret.kind} in the file's own name: {shown}")
        if file.content and not file.path.endswith(LOCKS):
            yield from _in_file(file)
    reply = context.reply
    if reply is None:
        return
    spoken = [
        item.evidence + "\n" + item.recommendation
        for item in (reply.findings.findings if reply.findings else ())
    ]
    spoken += [item.quote for item in reply.attestations]
    for text in spoken:
        for secret in find_secrets(text, assignments=False):
            yield Hit(
                "",
                f"{secret.kind} in the reply's findings or attestations: {fingerprint(text[secret.start : secret.end])}",
            )


_KEY = (
    "ghp" + "_" + "k7Qm2vR9xT4wZ8bN5cL1sD6fG3hJ0pAyE2uB"
)  # made up; split so that scanners leave this file alone

RULE = Rule(
    code="SEC401",
    title="Credential in the change",
    clauses=("CONS-04", "SECU-02"),
    severity=Severity.BLOCKER,
    category=Category.SECURITY,
    reason="A credential in a file is known to everyone who can read the file, its history included.",
    recommendation="Take it out, fetch it from the secret store at run time, and revoke the one that stood here.",
    check=_check,
    exact=False,
    question="Do all credentials come from the secret store, and can none reach files, logs or findings?",
    look="configuration, clients of other services, fixtures and log calls",
    settles="each credential is read from the store at run time and never formatted into a text",
    line_rule=True,
    invalid=(
        Example({"src/config.py": f'TOKEN = "{_KEY}"\n'}),
        Example({"deploy/mail.md": f"Use the token {_KEY} for mail.\n"}),
    ),
    valid=(
        Example({"src/config.py": "TOKEN = store.fetch('mail-token')\n"}),
        Example({"src/config.py": 'API_KEY = "changeme"\n'}, note="a placeholder is no credential"),
    ),
)
