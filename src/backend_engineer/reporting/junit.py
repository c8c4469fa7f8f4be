"""The report as JUnit XML: a case for each rule that ran and one for each clause, so that what passed is seen too.

Owns: which verdict is a failure, a skip or a pass in JUnit's words.
Must never know: any test runner.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree

from backend_engineer.contract import Verdict
from backend_engineer.outputs import ClauseVerdict, MigrationReport, PairVerdict, Report
from backend_engineer.reporting.entries import PROJECT, Entry, entries, rule_cards
from backend_engineer.reporting.escaping import for_terminal, for_xml, one_line
from backend_engineer.reporting.pair_findings import file_finding, pair_findings
from backend_engineer.reporting.shown import shown
from backend_engineer.rules.rule import Rule

__all__ = ["migrations_to_junit", "to_junit"]

_SKIPPED = frozenset((Verdict.NOT_CHECKED, Verdict.NEEDS_REVIEW, Verdict.NOT_APPLICABLE))


def to_junit(report: Report, *, anchor: str = "", rules: Iterable[Rule] | None = None) -> str:
    """The report as JUnit XML with two suites, `rules` and `clauses`.

    A rule's case fails when one of its findings has a severity that violates; other findings stand in its
    output. A clause's case fails when it is violated, passes when it is held or attested, and is skipped with
    its verdict and reason otherwise. Characters that XML cannot hold are replaced.
    """
    report = shown(report)
    root = ElementTree.Element("testsuites", name=PROJECT)
    _rule_suite(root, report, anchor, rules)
    _clause_suite(root, report.verdicts)
    return _spelled(root)


def migrations_to_junit(migrations: MigrationReport) -> str:
    """Run migrations as JUnit XML: a case for each pair, failed by a defect that violates, skipped when not run.

    A file that was not run as it stands is a case of its own.
    """
    root = ElementTree.Element("testsuites", name=PROJECT)
    suite = ElementTree.SubElement(root, "testsuite", name="migrations")
    for pair in migrations.pairs:
        case = _case(suite, f"{PROJECT}.migrations", pair.migration)
        case.set("time", f"{pair.seconds:.3f}")
        if pair.verdict is PairVerdict.NOT_RUN:
            reason = pair.message or migrations.not_checked or "not run"
            ElementTree.SubElement(case, "skipped", message=for_xml(one_line(reason)))
        entries_of_pair = entries(shown(Report(findings=tuple(pair_findings(pair)))))
        _outcome(case, list(entries_of_pair))
    for problem in migrations.problems:
        case = _case(suite, f"{PROJECT}.files", problem.path)
        finding = file_finding(problem)
        if not finding.violates:
            ElementTree.SubElement(case, "skipped", message=for_xml(one_line(problem.message)))
        _outcome(case, list(entries(shown(Report(findings=(finding,))))))
    return _spelled(root)


def _spelled(root: ElementTree.Element) -> str:
    for suite in root:
        _count(suite)
    _count(root, [case for suite in root for case in suite])
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _rule_suite(root: ElementTree.Element, report: Report, anchor: str, rules: Iterable[Rule] | None) -> None:
    suite = ElementTree.SubElement(root, "testsuite", name="rules")
    found: dict[str, list[Entry]] = {}
    for entry in entries(report, anchor):
        found.setdefault(entry.code, []).append(entry)
    for card in rule_cards(report, rules).values():
        case = _case(suite, f"{PROJECT}.{card.category}", f"{card.code} {card.title}")
        _outcome(case, found.get(card.code, []))


def _outcome(case: ElementTree.Element, found: list[Entry]) -> None:
    """A failure for the findings that violate, and the others in the case's output."""
    failing = [entry for entry in found if entry.finding.violates]
    if failing:
        failure = ElementTree.SubElement(case, "failure")
        failure.set("type", str(failing[0].finding.severity))
        failure.set("message", for_xml(one_line(failing[0].finding.title)))
        failure.text = _listing(failing)
    reported = [entry for entry in found if not entry.finding.violates]
    if reported:
        ElementTree.SubElement(case, "system-out").text = _listing(reported)


def _clause_suite(root: ElementTree.Element, verdicts: Iterable[ClauseVerdict]) -> None:
    suite = ElementTree.SubElement(root, "testsuite", name="clauses")
    for row in verdicts:
        case = _case(suite, f"{PROJECT}.clauses", row.clause)
        waived = f" (waived: {row.waived})" if row.waived else ""
        reason = for_xml(one_line(f"{row.verdict}: {row.reason}{waived}"))
        if row.verdict is Verdict.VIOLATED:
            ElementTree.SubElement(case, "failure", type="violated", message=reason)
        elif row.verdict in _SKIPPED:
            ElementTree.SubElement(case, "skipped", message=reason)
        else:
            ElementTree.SubElement(case, "system-out").text = reason


def _case(suite: ElementTree.Element, classname: str, name: str) -> ElementTree.Element:
    return ElementTree.SubElement(
        suite, "testcase", classname=for_xml(classname), name=for_xml(one_line(name)), time="0"
    )


def _listing(found: list[Entry]) -> str:
    return for_xml(
        for_terminal(
            "\n\n".join(
                f"{one_line(entry.path)}:{entry.finding.where.lines}\n{entry.finding.severity}: {entry.message}"
                for entry in found
            )
        )
    )


def _count(node: ElementTree.Element, cases: list[ElementTree.Element] | None = None) -> None:
    rows = list(node) if cases is None else cases
    node.set("tests", str(len(rows)))
    node.set("failures", str(sum(row.find("failure") is not None for row in rows)))
    node.set("errors", "0")
    node.set("skipped", str(sum(row.find("skipped") is not None for row in rows)))
