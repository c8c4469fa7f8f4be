"""A run hands its result on to devops, QA and frontend, and what it hands on is in the change.

Owns: this rule and its examples.
Must never know: other rules, how a handoff is derived.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend_engineer.contract import Category, Severity
from backend_engineer.rules.history.samples import DOCS, handoffs, whole_run
from backend_engineer.rules.reading import sorted_files
from backend_engineer.rules.rule import Context, Example, Hit, Need, Rule

__all__ = ["RULE"]


def _check(context: Context) -> Iterable[Hit]:
    run = context.run
    given = run.handoffs if run is not None else None
    if run is None or given is None:
        yield Hit("", "The run handed nothing on.")
        return
    # A run in parts hands all of them on at once.
    paths = {*context.change.paths, *run.earlier}
    for item in (given.devops, given.qa, given.frontend):
        for path in item.files:
            if path not in paths:
                yield Hit(
                    path,
                    f"The handoff to {item.receiver} names `{path}`, which the change lacks.",
                    title="A handoff is wrong",
                )
    handed = {path for pair in given.devops.migrations for path in pair}
    for file in sorted_files(context).migrations:
        if file.path not in handed:
            yield Hit(
                file.path,
                f"The handoff to devops does not name the migration `{file.path}`.",
                title="A handoff is not whole",
            )


RULE = Rule(
    code="HND001",
    title="The run handed nothing on",
    clauses=("FLOW-12", "PIPE-02"),
    severity=Severity.MAJOR,
    category=Category.PLAN,
    reason="Three stages wait for what this one made.",
    recommendation="Make one handoff each for devops, QA and frontend from the change.",
    check=_check,
    needs=(Need.RUN,),
    valid=(
        Example(files=DOCS, run=whole_run(handoffs=handoffs("docs/a.md")), note="three handoffs"),
        Example(files=DOCS, run=whole_run(handoffs=handoffs()), note="nothing that concerns them"),
        Example(
            files=DOCS,
            run=whole_run(handoffs=handoffs("docs/a.md", "docs/b.md"), earlier=("docs/b.md",)),
            note="the second part of a series",
        ),
    ),
    invalid=(
        Example(files=DOCS, run=whole_run(handoffs=None), note="none"),
        Example(files=DOCS, run=whole_run(handoffs=handoffs("docs/b.md")), note="a file that is not there"),
    ),
)
