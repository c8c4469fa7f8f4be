"""Findings and the document that carries them (FIND-01, FIND-02).

Owns: the shape of a finding, of its place, and of the ReviewFindings JSON.
Must never know: rules, exporters, models.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

from pydantic import Field

from backend_engineer.contract import FAILING_SEVERITIES, IDENTITY, Category, FindingType, Severity, Status
from backend_engineer.outputs.value import Value

__all__ = ["SEVEN_KEYS", "Finding", "ReviewFindings", "Where"]

SEVEN_KEYS = ("type", "category", "severity", "title", "where", "evidence", "recommendation")
"""The keys of a finding in the strict export, in their order."""

# `[0-9]` and a look-ahead for the end: `\d` takes other scripts' digits and `$` a trailing newline.
LineRange = Annotated[str, Field(pattern=r"^([1-9][0-9]{0,8}(-[1-9][0-9]{0,8})?)?(?![\s\S])")]
Text = Annotated[str, Field(min_length=1)]


class Where(Value):
    """A place in the change: path and 1-based inclusive lines, `"88-129"`, `"88"`, or empty for the file."""

    path: str = Field(description="POSIX path relative to the root; empty when the finding has no place.")
    lines: LineRange = Field(default="", description='"88-129", "88", or empty for the whole file.')

    @property
    def span(self) -> tuple[int, int] | None:
        """First and last line, or None for the whole file."""
        if not self.lines:
            return None
        first, _, last = self.lines.partition("-")
        return int(first), int(last or first)


class Finding(Value):
    """What a rule or a reviewer reports.

    type: `evidence` (a defect with proof), `risk` or `question`.
    severity: blocker, critical and major violate the clauses they name; minor and info are reported.
    where: the place. evidence: what was seen there; secrets are redacted before they get here.
    recommendation: what to do, in one sentence that suits a person and a model alike.
    code: the rule's stable code, or empty for a reviewer's finding.
    clauses: ids of the clauses it speaks of.
    fingerprint: stable over edits that move lines; see `with_fingerprint`.
    """

    type: FindingType
    category: Category
    severity: Severity
    title: Text
    where: Where
    evidence: str
    recommendation: str
    code: str | None = None
    clauses: tuple[str, ...] = ()
    fingerprint: str | None = None

    @property
    def violates(self) -> bool:
        """Whether the severity is one that violates a clause."""
        return self.severity in FAILING_SEVERITIES

    def with_fingerprint(self, ordinal: int = 0) -> Finding:
        """The finding with its fingerprint: code, path, title and evidence hashed, never line numbers."""
        digest = fingerprint_of(self.code, self.where.path, self.title, self.evidence, ordinal)
        return self.model_copy(update={"fingerprint": digest})


def fingerprint_of(code: str | None, path: str, title: str, evidence: str, ordinal: int = 0) -> str:
    """The fingerprint of a finding with these parts; `ordinal` tells equal ones apart."""
    text = "\0".join((code or "", path, title, evidence)) + (f"\0{ordinal}" if ordinal else "")
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


class ReviewFindings(Value):
    """The findings document: `tool`, `version`, `status` and `findings`, none of them optional (FIND-01)."""

    tool: str
    version: str
    status: Status
    findings: tuple[Finding, ...]

    @classmethod
    def of(cls, status: Status, findings: tuple[Finding, ...] = ()) -> ReviewFindings:
        """A document of this stage, with its own tool and version."""
        return cls(tool=IDENTITY.id, version=IDENTITY.version, status=status, findings=findings)

    def strict(self) -> dict[str, Any]:
        """The document as plain JSON data with exactly seven keys to a finding."""
        document = self.model_dump(mode="json")
        document["findings"] = [{key: item[key] for key in SEVEN_KEYS} for item in document["findings"]]
        return document
