"""The report as SARIF 2.1.0, for code scanning and editors.

Owns: the map from findings, rules and verdicts to SARIF's objects.
Must never know: files on disk, the change itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from backend_engineer import __version__
from backend_engineer.contract import IDENTITY, SEVERITIES, Category
from backend_engineer.errors import UsageError
from backend_engineer.outputs import Report
from backend_engineer.reporting.documents import spell
from backend_engineer.reporting.entries import PROJECT, Entry, RuleCard, entries, rule_cards
from backend_engineer.reporting.levels import LEVELS
from backend_engineer.reporting.shown import shown
from backend_engineer.rules.rule import Rule

__all__ = ["SARIF_SCHEMA", "to_sarif"]

SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def to_sarif(
    report: Report, *, anchor: str = "", rules: Iterable[Rule] | None = None, library_version: str = ""
) -> str:
    """The report as a SARIF log of one run.

    Each finding is a result of kind `fail`, in order; its exact severity, category, type, lines, evidence and
    recommendation stand in the result's properties, and every clause's verdict in the run's. anchor: the path
    shown for findings that name none. rules: whose descriptions to use; None means the library's own.
    """
    report = shown(report)
    UsageError.unless(library_version, str, "library_version")
    found = entries(report, anchor)
    cards = rule_cards(report, rules)
    ranks = _worst_by_code(found)
    index = {code: number for number, code in enumerate(cards)}
    run = {
        "tool": {
            "driver": {
                "name": PROJECT,
                "version": IDENTITY.version,
                "informationUri": f"urn:{PROJECT}:tool",
                "rules": [_rule(card, ranks.get(card.code)) for card in cards.values()],
                "properties": {"libraryVersion": library_version or __version__},
            }
        },
        "automationDetails": {"id": f"{PROJECT}/"},
        "invocations": [{"executionSuccessful": True}],
        "originalUriBaseIds": {
            "SRCROOT": {"description": {"text": "The root of the source tree that was checked."}}
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(entry, index) for entry in found],
        "properties": {
            "status": str(report.review_findings().status),
            "clauses": {row.clause: f"{row.verdict}: {row.reason}" for row in report.verdicts},
        },
    }
    return spell({"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]})


def _worst_by_code(found: tuple[Entry, ...]) -> dict[str, int]:
    """Code -> position of the weightiest severity among its findings."""
    worst: dict[str, int] = {}
    for entry in found:
        position = SEVERITIES.index(entry.finding.severity)
        worst[entry.code] = min(position, worst.get(entry.code, position))
    return worst


def _rule(card: RuleCard, worst: int | None) -> dict[str, Any]:
    severity = card.severity if worst is None else SEVERITIES[worst]
    properties: dict[str, Any] = {"tags": [str(card.category), *card.clauses][:10], "severity": str(severity)}
    if card.category is Category.SECURITY:
        properties["security-severity"] = LEVELS[severity].security_score
    advice = f"{_sentence(card.reason)} {_sentence(card.recommendation)}"
    return {
        "id": card.code,
        "name": _pascal(card.title) or card.code,
        "shortDescription": {"text": _sentence(card.title)},
        "fullDescription": {"text": _sentence(card.reason)},
        "help": {"text": advice, "markdown": advice},
        "defaultConfiguration": {"level": LEVELS[card.severity].sarif},
        "properties": properties,
    }


def _result(entry: Entry, index: dict[str, int]) -> dict[str, Any]:
    finding = entry.finding
    result: dict[str, Any] = {
        "ruleId": entry.code,
        "ruleIndex": index[entry.code],
        "kind": "fail",
        "level": LEVELS[finding.severity].sarif,
        "message": {"text": _message(entry)},
        "locations": _locations(entry),
        "partialFingerprints": {"backendEngineerFinding/v1": entry.fingerprint},
        "properties": {
            "type": str(finding.type),
            "category": str(finding.category),
            "severity": str(finding.severity),
            "title": finding.title,
            "path": finding.where.path,
            "lines": finding.where.lines,
            "evidence": finding.evidence,
            "recommendation": finding.recommendation,
            "clauses": list(finding.clauses),
        },
    }
    return result


def _message(entry: Entry) -> str:
    # A viewer takes `[text](target)` for a link, in a plain message too.
    head, *rest = entry.message.replace("](", "] (").split("\n")
    return "\n".join([f"{entry.finding.severity}: {_sentence(head)}", *rest])


def _locations(entry: Entry) -> list[dict[str, Any]]:
    # Code scanning refuses a result without a location; the root stands for a change that names no file.
    path = entry.path or "."
    place: dict[str, Any] = {
        "artifactLocation": {
            "uri": quote(path.encode("utf-8", "replace"), safe="/"),
            "uriBaseId": "SRCROOT",
        }
    }
    span = entry.finding.where.span
    # A whole file is shown at its first line: viewers and validators want a region; `lines` stays empty.
    place["region"] = {"startLine": 1} if span is None else {"startLine": span[0], "endLine": max(span)}
    return [{"physicalLocation": place}]


def _sentence(text: str) -> str:
    stripped = text.strip()
    return stripped if stripped.endswith((".", "!", "?")) else f"{stripped}."


def _pascal(text: str) -> str:
    words = "".join(char if char.isascii() and char.isalnum() else " " for char in text).split()
    return "".join(word[:1].upper() + word[1:] for word in words)[:80]
