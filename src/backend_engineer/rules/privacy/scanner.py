"""The seam for another secret scanner, and the adapter for the one that the extra `secrets` names.

Owns: the `SecretScanner` protocol and how a scanner's failure is told.
Must never know: rules, findings; what the own patterns are (that is `redaction`).
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

__all__ = ["INSTALL", "ExtraScanner", "FoundSecret", "ScannerFailed", "SecretScanner"]

INSTALL = "the scanner extra did not run: install 'backend-engineer[secrets]'"


@dataclass(frozen=True, slots=True)
class FoundSecret:
    """A secret by kind, 1-based line and fingerprint; its text is never kept."""

    kind: str
    line: int
    fingerprint: str


class ScannerFailed(Exception):
    """The scanner is absent or broke; the message says which and what to do."""


class SecretScanner(Protocol):
    """Anything that finds secrets in a text."""

    def scan(self, text: str) -> Iterable[FoundSecret]:
        """The secrets in a text; `ScannerFailed` when it cannot look."""
        ...


class ExtraScanner:
    """The scanner of the extra `secrets`, reached when it is first used."""

    def scan(self, text: str) -> tuple[FoundSecret, ...]:
        """The secrets that the extra's own rules find, redacted before they leave this call."""
        from backend_engineer.redaction import fingerprint

        try:
            library: Any = importlib.import_module("betterleaks")
        except ImportError:
            raise ScannerFailed(INSTALL) from None
        try:
            # Its generic rules name every word beside "password"; the own patterns look there more quietly.
            found = library.scan_string(text)
            return tuple(
                FoundSecret(
                    str(item.rule_id), int(item.location.start_line), fingerprint(str(item.match.value))
                )
                for item in found
                if not str(item.rule_id).startswith("generic-")
            )
        except Exception as error:  # noqa: BLE001  a foreign runtime in a wrapper with one release: anything may break
            raise ScannerFailed(
                f"the scanner extra failed with {type(error).__name__}; only the own patterns ran"
            ) from None
