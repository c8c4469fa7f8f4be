"""Finds credentials in text and takes them out, leaving a fingerprint by which two can be compared.

Owns: the search, what counts as a placeholder, and how a redacted secret reads.
Must never know: rules, findings, logs, or what a caller does with a text afterwards.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from backend_engineer.redaction.patterns import TOKEN_SHAPES, TokenShape

__all__ = ["Secret", "find_secrets", "fingerprint", "redact", "without_credentials"]


class Secret(NamedTuple):
    """A credential in a text: what kind, its offsets (`end` exclusive), its 1-based line, how sure we are.

    `sure` is True for shapes that only credentials have, False where a name or a place suggests one.
    """

    kind: str
    start: int
    end: int
    line: int
    sure: bool


def fingerprint(secret: str) -> str:
    """How a secret reads after redaction: the start of its SHA-256 and its length, never its text."""
    digest = hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"[redacted sha256:{digest}, {len(secret)} characters]"


def redact(text: str) -> str:
    """The text with every credential that is found in it replaced by its fingerprint."""
    # One that touched another is a word of its own only once the other is gone.
    for _ in range(_ROUNDS):
        secrets = find_secrets(text)
        if not secrets:
            break
        text = _without(text, secrets)
    return text


def without_credentials(text: str, credentials: Iterable[str]) -> str:
    """The text with these credentials replaced by their fingerprints, and so is the beginning or the end of one.

    A fragment of eight characters or more is taken out, since a quotation that was cut shows no more than that.
    """
    for credential in credentials:
        for size in (len(credential), *range(len(credential) - 1, _FRAGMENT - 1, -1)):
            if credential[:_FRAGMENT] not in text and credential[-_FRAGMENT:] not in text:
                break
            for part in {credential[:size], credential[-size:]}:
                text = text.replace(part, fingerprint(credential))
    return text


_FRAGMENT = 8
_ROUNDS = 8


def _without(text: str, secrets: tuple[Secret, ...]) -> str:
    parts: list[str] = []
    place = 0
    for secret in secrets:
        parts += (text[place : secret.start], fingerprint(text[secret.start : secret.end]))
        place = secret.end
    return "".join((*parts, text[place:]))


def find_secrets(text: str, *, assignments: bool = True) -> tuple[Secret, ...]:
    """All credentials in a text, in order and without overlap.

    assignments: also look at names that promise a secret and are given a literal (`password = "..."`) and
    at passwords inside addresses; without it only the sure shapes are looked for.
    """
    spans = [(match.start(), match.end(), kind, True) for kind, match in _tokens(text)]
    if assignments:
        spans += [(match.start("value"), match.end("value"), kind, False) for kind, match in _named(text)]
    found: list[Secret] = []
    for start, end, kind, sure in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not found or start >= found[-1].end:
            line = text.count("\n", 0, start) + 1
            found.append(Secret(kind, start, end, line, sure))
    return tuple(found)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


_IN_A_WORD = [(at, shape.needle) for at, shape in enumerate(TOKEN_SHAPES) if " " not in shape.needle]
_ACROSS_WORDS = [(at, shape.needle) for at, shape in enumerate(TOKEN_SHAPES) if " " in shape.needle]
# No token is shorter, or made of other characters.
_LONG_WORD = re.compile(r"[A-Za-z0-9_.~+/=:-]{20,}")


def _tokens(text: str) -> list[tuple[str, re.Match[str]]]:
    # The needle keeps nearly every pattern from running at all: `in` scans memory, a regex steps. Needles are
    # looked for in long words alone, which are a small part of a text; one with a blank stands in no word.
    words = "\n".join(_LONG_WORD.findall(text))
    likely = [place for place, needle in _IN_A_WORD if needle in words] if words else []
    likely += [place for place, needle in _ACROSS_WORDS if needle in text]
    return [
        (TOKEN_SHAPES[place].kind, match)
        for place in sorted(likely)
        for match in _matches(TOKEN_SHAPES[place], text)
        if not _is_placeholder(match.group())
    ]


def _matches(shape: TokenShape, text: str) -> Iterator[re.Match[str]]:
    """What `finditer` gives; where a match has its needle at a fixed place, only those places are tried."""
    pattern = _compiled(shape.pattern)
    if shape.before is None:
        yield from pattern.finditer(text)
        return
    end = 0
    place = text.find(shape.needle)
    while place >= 0:
        start = place - shape.before
        match = pattern.match(text, start) if start >= end else None
        if match is not None:
            yield match
            end = match.end()
        place = text.find(shape.needle, place + 1)


# The name may stand in an object, an environment file, YAML or code; the value must be a literal.
_NAME = (
    r"(?:pass(?:word|wd|phrase)|pwd|secret|token|credential|api_?key|access_?key|private_?key|auth_?key"
    r"|client_?secret|signing_?key|encryption_?key)"
)
_ASSIGNED = (
    # No prefix before the name: what stands before it does not matter, and trying each start costs most.
    rf"(?i)(?P<name>{_NAME}[A-Za-z0-9_]{{0,20}})[\"'`]?\]?\s{{0,4}}"
    r"(?::\s{0,4}(?:str|string|&str|String)?\s{0,4}=|:=|=>|=|:)\s{0,4}"
    r"(?P<quote>[\"'`])(?P<value>[^\"'`\s\\]{8,200})(?P=quote)"
)
_ENVIRONMENT = (
    rf"(?im)^[ \t]*(?:export[ \t]+|-[ \t]+)?(?P<name>[A-Z0-9_]{{0,40}}{_NAME}[A-Z0-9_]{{0,20}})"
    r"(?:=|:[ \t]+)(?P<value>(?=[^\s0-9]*[0-9])[A-Za-z0-9+/_!@%^&*.-]{12,200}={0,2})[ \t]*\r?$"
)
_ADDRESS = (
    r"(?i)(?<![A-Za-z0-9+.-])(?P<scheme>[a-z][a-z0-9+.-]{1,20})://"
    r"(?P<user>[^\s:/@\"'`<>{}$]{0,64}):(?P<value>[^\s:/@\"'`<>{}$]{3,120})@(?P<host>[A-Za-z0-9.-]{1,120})"
)
# A name that ends so holds something about a secret, not the secret.
_ABOUT = re.compile(
    r"(?i)(?:url|uri|path|file|name|field|header|hash|hashed|digest|id|ids|type|kind|length|min|max|ttl|expiry"
    r"|expires|expiration|policy|regex|pattern|label|prefix|suffix|endpoint|placeholder|message|error|hint|help"
    r"|title|text|description|param|params|count|limit|algorithm|alg|scheme|strategy|provider|service|column|key_?name"
    r"|budget|usage|ref|arn|env|var|variable|format|schema|version|required|enabled|supported|methods?|bearer)$"
)
# Every name above holds one of these; they are looked for first, because most lines hold none.
_NEEDLES = ("pass", "pwd", "secret", "token", "credential", "key")


def _lines_with(text: str, needles: tuple[str, ...]) -> list[tuple[int, int]]:
    """Start and end of each line that holds one of the needles, in order."""
    spans: set[tuple[int, int]] = set()
    for needle in needles:
        place = text.find(needle)
        while place >= 0:
            end = text.find("\n", place)
            end = len(text) if end < 0 else end
            spans.add((text.rfind("\n", 0, place) + 1, end))
            place = text.find(needle, end)
    return sorted(spans)


def _named(text: str) -> list[tuple[str, re.Match[str]]]:
    found: list[tuple[str, re.Match[str]]] = []
    lowered = text.lower()
    # Lower case may be longer than the text (a dotted capital I); the offsets would then be wrong.
    searched = lowered if len(lowered) == len(text) else text
    for start, end in _lines_with(searched, _NEEDLES):
        if not any(sign in text[start:end] for sign in "=:"):
            continue
        for pattern in (_ASSIGNED, _ENVIRONMENT):
            found += [
                ("assigned literal", match)
                for match in _compiled(pattern).finditer(text, start, end)
                if _promises(text, match) and _looks_secret(match["value"])
            ]
    for start, end in _lines_with(text, ("://",)):
        found += [
            ("password in an address", match)
            for match in _compiled(_ADDRESS).finditer(text, start, end)
            if not _is_weak_address(match)
        ]
    return found


def _promises(text: str, match: re.Match[str]) -> bool:
    """Whether the name speaks of a secret itself: not of something about it, and not of a public key."""
    before = text[max(0, match.start("name") - 12) : match.start("name")].lower()
    return _ABOUT.search(match["name"]) is None and "public" not in before + match["name"].lower()


_PLACEHOLDER = re.compile(
    r"(?i)example|placeholder|redacted|dummy|your[-_]|[-_]here|changeme|change[-_]me|replace|todo|fixme"
    r"|x{4}|\*{3}|\.{3}|<|>|\$\{|\{\{|%\(|^\$|^%[A-Z]|insert[-_]|sample|not[-_]?a[-_]?(?:real|secret)|fake"
)
# The token that the JWT documentation itself prints; it opens nothing.
_KNOWN_HARMLESS = ("SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",)


def _is_placeholder(value: str) -> bool:
    return (
        _PLACEHOLDER.search(value) is not None
        or len(set(value)) < 7
        or any(known in value for known in _KNOWN_HARMLESS)
    )


_UUID = re.compile(r"(?i)^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
_WORDS = re.compile(r"^[A-Za-z]+(?:[-_.:/ ][A-Za-z]+)*$")
_REFERENCE = re.compile(
    r"(?i)^(?:env|vault|secret|secrets|file|ssm|arn|projects|op|kms|data|https?)[:/.]|^[a-z_]+\(|^/|^\.{1,2}/"
    r"|process\.env|os\.environ|getenv|^#/"
)
_CONSTANT = re.compile(r"[A-Z]+[0-9]{0,2}\Z|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\Z")


def _looks_secret(value: str) -> bool:
    """Whether a literal that stands after a telling name may be the secret itself: words and references are not."""
    if _is_placeholder(value) or _UUID.match(value) or _REFERENCE.search(value):
        return False
    if _WORDS.match(value) or _CONSTANT.match(value):
        return False
    classes = sum(bool(re.search(kind, value)) for kind in ("[a-z]", "[A-Z]", "[0-9]", "[^A-Za-z0-9]"))
    return classes >= 3 or (classes == 2 and len(value) >= 12 and bool(re.search("[0-9]", value)))


_WEAK = frozenset(
    [
        "pass",
        "password",
        "passwd",
        "pw",
        "pwd",
        "secret",
        "postgres",
        "root",
        "admin",
        "user",
        "username",
        "test",
        "guest",
        "dev",
        "local",
        "mysql",
        "redis",
        "mongo",
        "changeme",
        "app",
        "token",
        "key",
        "rabbitmq",
        "1234",
        "12345",
        "123456",
        "foo",
        "bar",
        "baz",
        "db",
    ]
)
_OWN_HOST = re.compile(
    r"(?i)^(?:localhost|127\.|0\.0\.0\.0|host|hostname|server|(?:.*\.)?example(?:\.(?:com|org|net))?$)"
)


_SHORTEST = 6


def _is_weak_address(match: re.Match[str]) -> bool:
    """A password that documentation and local set-ups print: it protects nothing outside the machine."""
    value = match["value"].lower()
    if len(value) < _SHORTEST or value in _WEAK or value == match["user"].lower():
        return True
    if _PLACEHOLDER.search(value) or "secret" in value or "passw" in value:
        return True
    return _OWN_HOST.match(match["host"]) is not None and not _looks_secret(match["value"])
