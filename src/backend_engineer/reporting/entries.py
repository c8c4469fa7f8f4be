"""The findings of a report in the form that every exporter reads: code, place, unique fingerprint, message.

Owns: `Entry`, `RuleCard`, and what stands in for a rule or a place that a finding does not name.
Must never know: any export format.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from backend_engineer.contract import IDENTITY, SEVERITIES, Category, Severity
from backend_engineer.errors import UsageError
from backend_engineer.outputs import Finding, Report
from backend_engineer.reporting.shown import shown_path
from backend_engineer.rules.registry import built_in_rules
from backend_engineer.rules.rule import Rule

__all__ = ["PROJECT", "Entry", "RuleCard", "entries", "rule_cards", "worst_severity"]

PROJECT = IDENTITY.id
"""The name under which every export speaks."""


@dataclass(frozen=True, slots=True)
class RuleCard:
    """What an exporter says about the source of a finding: a built-in rule, the caller's own, or a reviewer."""

    code: str
    title: str
    reason: str
    recommendation: str
    category: Category
    severity: Severity
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One finding, ready for export.

    code: the rule's, or `model.<category>.<type>` for a reviewer's. path: where it is shown; `placed` is
    False when the finding itself named none and another file stands in. fingerprint: unique in the report.
    """

    finding: Finding
    code: str
    path: str
    placed: bool
    fingerprint: str

    @property
    def message(self) -> str:
        """Title, evidence and recommendation as paragraphs."""
        place = (
            "" if self.placed else "This finding names no place; it is shown here because a place is needed."
        )
        parts = (self.finding.title, self.finding.evidence, self.finding.recommendation, place)
        return "\n".join(part for part in parts if part)


def entries(report: Report, anchor: str = "") -> tuple[Entry, ...]:
    """The report's findings in order; `anchor` is the path shown for those that name none.

    Without an anchor the first path that any finding names stands in, and an empty path when there is none.
    """
    stand_in = shown_path(anchor) or next(
        (item.where.path for item in report.findings if item.where.path), ""
    )
    taken: set[str] = set()
    made = []
    for finding in report.findings:
        fingerprint = _unique(finding, taken)
        code = finding.code or f"model.{finding.category}.{finding.type}"
        path = finding.where.path
        made.append(Entry(finding, code, path or stand_in, bool(path), fingerprint))
    return tuple(made)


def _unique(finding: Finding, taken: set[str]) -> str:
    """The finding's fingerprint, or one with an ordinal when an equal finding came before it."""
    chosen = finding.fingerprint or finding.with_fingerprint().fingerprint or ""
    ordinal = 0
    while chosen in taken:
        ordinal += 1
        chosen = finding.with_fingerprint(ordinal).fingerprint or ""
    taken.add(chosen)
    return chosen


def rule_cards(report: Report, rules: Iterable[Rule] | None = None) -> dict[str, RuleCard]:
    """A card for every code in the report, in order of first mention: rules that served, then findings' own."""
    given = built_in_rules() if rules is None else UsageError.each(rules, Rule, "rules")
    known = {rule.code: rule for rule in given}
    cards: dict[str, RuleCard] = {}
    for code in dict.fromkeys(code for row in report.verdicts for code in row.rules):
        if code in known:
            cards[code] = _card(known[code])
    for entry in entries(report):
        if entry.code not in cards:
            cards[entry.code] = _card(known[entry.code]) if entry.code in known else _bare(entry)
    return cards


def _card(rule: Rule) -> RuleCard:
    return RuleCard(
        rule.code, rule.title, rule.reason, rule.recommendation, rule.category, rule.severity, rule.clauses
    )


def _bare(entry: Entry) -> RuleCard:
    finding = entry.finding
    if finding.code is None:
        title = f"A reviewer's {finding.type} about {finding.category}"
        reason = "The reply's own review reported it; no rule of this library did."
    else:
        title, reason = finding.title, "The rule is not one of this library's own."
    return RuleCard(
        entry.code, title, reason, "Read the finding.", finding.category, finding.severity, finding.clauses
    )


def worst_severity(report: Report) -> Severity | None:
    """The weightiest severity among the findings, None when there are none."""
    return min((item.severity for item in report.findings), key=SEVERITIES.index, default=None)
