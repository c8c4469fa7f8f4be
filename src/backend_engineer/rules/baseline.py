"""The sins of the past: findings that were known before, so that a team can start with the new ones.

Owns: the baseline document, how one is made from a report, and which findings it knows.
Must never know: files, rules, verdicts.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, ValidationError

from backend_engineer.errors import InvalidDocument, UsageError
from backend_engineer.outputs import Finding, Report
from backend_engineer.outputs.value import Value
from backend_engineer.redaction import redact

__all__ = ["Baseline", "KnownFinding", "baseline_of", "read_baseline", "split_known"]


class KnownFinding(Value):
    """A finding as the baseline keeps it: no evidence, so that nothing secret can be in it."""

    fingerprint: str = Field(pattern=r"^[0-9a-f]{32}(?![\s\S])")
    code: str
    path: str
    title: str


class Baseline(Value):
    """What was known when it was made: one entry for each finding, by fingerprint."""

    format: Literal[1] = 1
    findings: tuple[KnownFinding, ...] = ()

    @property
    def fingerprints(self) -> frozenset[str]:
        """The fingerprints of all known findings."""
        return frozenset(item.fingerprint for item in self.findings)


def baseline_of(report: Report) -> Baseline:
    """The baseline that knows every finding of a report, those included that it had known already."""
    UsageError.unless(report, Report, "The report")
    known = {
        item.fingerprint: KnownFinding(
            fingerprint=item.fingerprint,
            code=item.code or "",
            path=_spelled(item.where.path),
            title=_spelled(item.title),
        )
        for item in (*report.findings, *report.suppressed)
        if item.fingerprint is not None
    }
    return Baseline(
        findings=tuple(sorted(known.values(), key=lambda item: (item.path, item.code, item.fingerprint)))
    )


def _spelled(text: str) -> str:
    """A text as a file in UTF-8 can hold it, without credentials."""
    return redact(text).encode("utf-8", "replace").decode("utf-8")


def read_baseline(text: str, path: str = "baseline") -> Baseline:
    """A baseline from its JSON text; `InvalidDocument` when it is not one."""
    UsageError.unless(text, (str, bytes), "The baseline's text")
    UsageError.unless(path, str, "The baseline's path")
    try:
        return Baseline.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        pointer = "".join(f"/{part}" for part in first["loc"])
        raise InvalidDocument(
            f"this is no baseline: {first['msg']}.",
            path=path,
            pointer=pointer,
            hint="Make it again with `--write-baseline`.",
        ) from None


def split_known(
    findings: tuple[Finding, ...], baseline: Baseline
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """The findings that are new, and those that the baseline knows."""
    known = baseline.fingerprints
    new = tuple(item for item in findings if item.fingerprint not in known)
    return new, tuple(item for item in findings if item.fingerprint in known)
