"""What happens in a reply or a run, as labelled lines while it happens, or as JSON.

Owns: the line for each kind of event.
Must never know: parsers, sessions, where lines go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from backend_engineer.outputs.value import Value
from backend_engineer.reporting.escaping import one_line

__all__ = ["Watcher", "event_data", "event_lines"]


class Watcher:
    """Passes the lines of each event on; a plan that did not change is told in one line."""

    def __init__(self, say: Callable[[str], object]) -> None:
        self._say = say
        self._plan: Any = None

    def __call__(self, event: Any) -> None:
        """Pass on the lines of one event."""
        if event.kind == "plan":
            if event.plan == self._plan:
                self._say("Plan: the same as before")
                return
            self._plan = event.plan
        for line in event_lines(event):
            self._say(line)


def event_lines(event: Any) -> tuple[str, ...]:
    """The labelled lines for an event; none for pieces of a file's text."""
    make = _LINES.get(event.kind, _notice)
    return tuple(make(event))


def event_data(event: Any) -> dict[str, Any]:
    """The event as JSON data: its fields, with values in their own JSON form."""
    return {"kind": event.kind} | {name: _plain(value) for name, value in _fields(event) if name != "kind"}


def _fields(event: Any) -> list[tuple[str, Any]]:
    return [(name, getattr(event, name)) for name in event._fields]


def _plain(value: Any) -> Any:
    if isinstance(value, Value):
        return value.model_dump(mode="json")
    if hasattr(value, "_fields"):
        return {name: _plain(item) for name, item in _fields(value)}
    if hasattr(value, "__slots__") and hasattr(value, "path"):
        return {name: _plain(getattr(value, name)) for name in value.__slots__}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, (bool, int, float)) else str(value)


def _checklist(event: Any) -> Iterator[str]:
    yield f"Checklist: {one_line(event.text)}"


def _plan(event: Any) -> Iterator[str]:
    plan = event.plan
    yield f"Plan: {one_line(plan.summary)}"
    yield f"  Schema: {plan.schema_change.kind}. {one_line(plan.schema_change.reason)}".rstrip()
    for number, file in enumerate(plan.files, 1):
        yield f"  File {number}: {one_line(file.path)} ({file.action}, {file.section}). {one_line(file.purpose)}"
    for trace in plan.traceability:
        data = ", ".join(one_line(item) for item in trace.data)
        yield f"  Endpoint: {one_line(trace.endpoint)}, service {one_line(trace.service)}, data {data}"
    for note in plan.security:
        yield f"  Security: {one_line(note)}"
    for note in plan.slo:
        yield f"  Objective: {one_line(note)}"


def _section(event: Any) -> Iterator[str]:
    yield f"Section: {event.section}"


def _file(event: Any) -> Iterator[str]:
    file = event.file
    size = (
        "no content"
        if file.content is None
        else f"{file.content.count(chr(10)) or int(bool(file.content))} lines"
    )
    cut = "" if file.status == "complete" else f", {file.status}"
    moved = f", from {one_line(file.previous_path)}" if file.previous_path else ""
    yield f"File: {one_line(file.path)} ({file.action}{moved}, {size}{cut})"


def _validation(event: Any) -> Iterator[str]:
    yield f"  Validation: {one_line(event.text)}"


def _attestations(event: Any) -> Iterator[str]:
    yield f"Attestations: {len(event.attestations)}"


def _findings(event: Any) -> Iterator[str]:
    found = event.findings
    yield f"Findings document: status {found.status}, {len(found.findings)} finding(s)"
    for item in found.findings:
        place = f"{item.where.path}:{item.where.lines}".rstrip(":")
        yield f"  Finding: {item.severity}, {item.type}. {one_line(item.title)} at {one_line(place)}"


def _clarification(event: Any) -> Iterator[str]:
    yield f"Clarification: {len(event.clarification.gaps)} gap(s)"


def _question(event: Any) -> Iterator[str]:
    asked = event.question
    yield f"Question: {one_line(asked.text)}" + (
        f" (field {one_line(asked.pointer)})" if asked.pointer else ""
    )


def _diagnostic(event: Any) -> Iterator[str]:
    yield f"Diagnostic: {event.code}, line {event.line}. {one_line(event.message)}"


def _nothing(_event: Any) -> Iterator[str]:
    return iter(())


def _notice(event: Any) -> Iterator[str]:
    """A notice of the session, or an event of a kind that is new to this table."""
    text = getattr(event, "text", "")
    yield f"{str(event.kind).capitalize()}: {one_line(text)}"
    for finding in getattr(event, "findings", ()):
        yield f"  Finding: {finding.severity}, {finding.code or 'reviewer'}. {one_line(finding.title)}"


_LINES: Mapping[str, Callable[[Any], Iterator[str]]] = {
    "checklist": _checklist,
    "plan": _plan,
    "section": _section,
    "file-opened": _nothing,
    "text": _nothing,
    "file-closed": _file,
    "validation": _validation,
    "attestations": _attestations,
    "findings": _findings,
    "clarification": _clarification,
    "question": _question,
    "diagnostic": _diagnostic,
}
