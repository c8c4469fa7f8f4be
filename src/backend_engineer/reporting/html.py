"""The report as one HTML page: no script, no outside resource, readable by a screen reader.

Owns: what the template is given, and that everything in it is escaped.
Must never know: where the page is shown.
"""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from backend_engineer.contract import Verdict
from backend_engineer.errors import UsageError
from backend_engineer.outputs import Report
from backend_engineer.reporting.escaping import for_terminal
from backend_engineer.reporting.sentences import clause_rows, counts, outcome, place
from backend_engineer.reporting.shown import shown

__all__ = ["to_html"]

_TONES = {
    Verdict.VIOLATED: "fails",
    Verdict.NOT_CHECKED: "warns",
    Verdict.NEEDS_REVIEW: "warns",
    Verdict.ATTESTED: "calm",
    Verdict.HELD: "calm",
    Verdict.NOT_APPLICABLE: "calm",
}


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("backend_engineer.reporting", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters["shown"] = for_terminal
    return environment


def to_html(report: Report, *, title: str = "Backend change report") -> str:
    """The report as one HTML page.

    Severities and verdicts are words, with colour only repeating them (ACCS-02); headings, table headers and
    one main landmark structure the page (ACCS-01). Every text is escaped, invisible characters are written out.
    """
    report = shown(report)
    UsageError.unless(title, str, "The title")
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            report=report,
            title=for_terminal(title),
            outcome=outcome(report),
            counts=counts(report),
            rows=clause_rows(report),
            place=place,
            tone=_TONES.__getitem__,
        )
    )
