"""The six verdicts, the severities, and the closed vocabularies of a finding.

Owns: these words and their order.
Must never know: which rule gives which verdict.
"""

from __future__ import annotations

from enum import StrEnum

__all__ = ["FAILING_SEVERITIES", "SEVERITIES", "Category", "FindingType", "Severity", "Status", "Verdict"]


class Verdict(StrEnum):
    """What is known about one clause after a check; earlier members are worse.

    `violated`: a finding of severity blocker, critical or major stands against it.
    `not checked`: something that the check needs was absent; the reason is given.
    `needs review`: only a person can say, or a heuristic found nothing.
    `attested`: the reply claims it and its quote really stands at the place it names.
    `held`: shown by an exact check or by running.
    `not applicable`: the change has nothing that the clause speaks of.
    """

    VIOLATED = "violated"
    NOT_CHECKED = "not checked"
    NEEDS_REVIEW = "needs review"
    ATTESTED = "attested"
    HELD = "held"
    NOT_APPLICABLE = "not applicable"

    @property
    def rank(self) -> int:
        """0 for the worst verdict, 5 for the mildest."""
        return _ORDER.index(self)

    @classmethod
    def worst(cls, verdicts: list[Verdict]) -> Verdict:
        """The worst of several verdicts; an empty list is `needs review`, since nothing was shown."""
        return min(verdicts, key=lambda verdict: verdict.rank, default=cls.NEEDS_REVIEW)


_ORDER = tuple(Verdict)


class Severity(StrEnum):
    """How much a finding weighs; blocker, critical and major violate a clause."""

    BLOCKER = "blocker"
    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"
    INFO = "info"


SEVERITIES: tuple[Severity, ...] = tuple(Severity)
FAILING_SEVERITIES: frozenset[Severity] = frozenset((Severity.BLOCKER, Severity.CRITICAL, Severity.MAJOR))


class FindingType(StrEnum):
    """`evidence`: a defect with proof; `risk`: a likely one; `question`: something to ask a person."""

    EVIDENCE = "evidence"
    RISK = "risk"
    QUESTION = "question"


class Category(StrEnum):
    """What part of the change a finding speaks of."""

    PLAN = "plan"
    ARCHITECTURE = "architecture"
    SECURITY = "security"
    DATA = "data"
    API = "api"
    PERFORMANCE = "performance"
    OBSERVABILITY = "observability"
    MIGRATIONS = "migrations"
    TESTING = "testing"
    DOCUMENTATION = "documentation"


class Status(StrEnum):
    """How a run ended: complete and open for review, waiting for answers, or stopped."""

    READY = "ready"
    NEEDS_CLARIFICATION = "needs_clarification"
    BLOCKED = "blocked"
