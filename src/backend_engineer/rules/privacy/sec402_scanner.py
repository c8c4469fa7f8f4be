"""SEC402: the scanner of the extra `secrets` finds a credential that the own patterns do not know.

Owns: this one rule. Must never know: which scanner it is; a secret's text.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_engineer.contract import Category, FindingType, Severity, Verdict
from backend_engineer.outputs import FileChange
from backend_engineer.paths import is_test_path
from backend_engineer.redaction import find_secrets, fingerprint
from backend_engineer.rules.privacy.scanner import ExtraScanner, ScannerFailed
from backend_engineer.rules.privacy.sec401_secret import LOCKS
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

_SCANNER = ExtraScanner()


def _check(context: Context) -> Iterator[Hit | Silence]:
    for file in context.change.files:
        text = file.content
        if not text or file.path.endswith((*LOCKS, ".md")) or is_test_path(file.path):
            continue
        try:
            found = _SCANNER.scan(_near_changes(file))
        except ScannerFailed as error:
            yield Silence(Verdict.NEEDS_REVIEW, str(error))
            return
        known = {fingerprint(text[item.start : item.end]) for item in find_secrets(text)} if found else set()
        for secret in found:
            if secret.fingerprint not in known:
                line = max(secret.line, 1)
                yield Hit(file.path, f"{secret.kind}: {secret.fingerprint}", (line, line))


_AROUND = 40
"""Lines around a changed one that are scanned with it: a key may span several."""


def _near_changes(file: FileChange) -> str:
    """The text with lines far from every change left empty, which keeps the line numbers."""
    text = file.content or ""
    if file.changed_lines is None:
        return text
    lines = text.split("\n")
    kept = [""] * len(lines)
    for first, last in file.changed_lines:
        start, end = max(first - 1 - _AROUND, 0), last + _AROUND
        kept[start:end] = lines[start:end]
    return "\n".join(kept)


# Made-up values in the vendors' shapes, split so that scanners leave this file alone.
_HEROKU = "7d1f2a3b-4c5d-" + "6e7f-8a9b-0c1d2e3f4a5b"
_DATADOG = "a1b2c3d4e5f60718" + "293a4b5c6d7e8f90"

RULE = Rule(
    code="SEC402",
    title="Possible credential, by the scanner",
    clauses=("CONS-04", "SECU-02"),
    severity=Severity.INFO,
    category=Category.SECURITY,
    type=FindingType.RISK,
    reason="Vendors' keys have more shapes than one table knows.",
    recommendation="Look at the line; if it is a credential, take it out, revoke it and read it from the secret store.",
    check=_check,
    exact=False,
    question="Is any of the long random strings of this change a credential?",
    look="the lines that the scanner names",
    settles="each is a public identifier, or comes from the secret store",
    line_rule=True,
    invalid=(
        Example({"src/config.py": f"HEROKU = '{_HEROKU}'\n"}),
        Example({"src/config.ts": f"export const datadog_id = '{_DATADOG}';\n"}),
    ),
    valid=(
        Example({"src/config.py": "TOKEN = store.fetch('mail-token')\n"}),
        Example({"src/users.py": "NAME = 'users'\n"}),
    ),
)
