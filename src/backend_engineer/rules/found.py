"""What each rule answered in a call, and the findings that its hits become.

Owns: running one rule safely, and the step from a hit to a finding.
Must never know: verdicts, selection, where a suppression is written.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec

from backend_engineer.contract import CLAUSES, Severity, Verdict
from backend_engineer.errors import MissingExtra, RuleError
from backend_engineer.outputs import Change, Finding, Where
from backend_engineer.outputs.findings import fingerprint_of
from backend_engineer.redaction import find_secrets, redact, without_credentials
from backend_engineer.rules.rule import Context, Hit, Need, Outcome, Place, Rule, Silence

__all__ = ["Answer", "answer_of", "credentials_of", "finding_of", "in_order", "outcome_of"]

_PACKAGES: Mapping[Need, tuple[str, str]] = {
    Need.EXTRA_CODE: ("code", "tree_sitter"),
    Need.EXTRA_GRAPHQL: ("graphql", "graphql"),
    Need.EXTRA_YAML: ("yaml", "yaml"),
    Need.EXTRA_PG: ("pg", "postgast"),
}
_ARGUMENTS: Mapping[Need, str] = {
    Need.REPLY: "there is no reply in this call; pass the parsed reply in place of its change",
    Need.INPUTS: "no inputs were given; pass `inputs=`",
    Need.BASE: "no base was given; pass `base=`",
    Need.MIGRATION_REPORT: "no migrations were run; pass the report of `verify_migrations` in `verified=`",
    Need.COMMAND_REPORT: "no commands were run; pass the report of `verify_commands` in `verified=`",
    Need.RUN: "this call judges no run; a session passes its own history",
    Need.OUTCOME: "no other rule was asked before it",
}


_LONE_RETURN = re.compile(r"\r(?!\n)")


@dataclass(frozen=True, slots=True)
class Answer:
    """What one rule said: hits that count, silences, why it could not be asked, and hits on lines left alone."""

    rule: Rule
    hits: tuple[Hit, ...] = ()
    silences: tuple[Silence, ...] = ()
    unasked: str = ""
    unchanged: tuple[Hit, ...] = ()


def answer_of(rule: Rule, context: Context) -> Answer:
    """Ask one rule; what it lacks, and how it broke down, become the reason why it was not asked."""
    missing = [reason for need in rule.needs if (reason := _absence(need, context))]
    if missing:
        return Answer(rule, unasked="; ".join(missing))
    try:
        given = list(rule.check(context))
    except MissingExtra as error:
        return Answer(rule, unasked=redact(str(error)))
    except Exception as error:  # noqa: BLE001  a rule is foreign code: its breakdown is an answer, never a pass
        return Answer(
            rule, unasked=f"rule {rule.code} stopped with {type(error).__name__}: {redact(str(error))[:200]}"
        )
    hits, silences = _sorted_out(rule, given)
    counted: list[Hit] = []
    unchanged: list[Hit] = []
    for hit in hits:
        (counted if not rule.line_rule or _touches(hit, context.change) else unchanged).append(hit)
    return Answer(rule, tuple(counted), silences, unchanged=tuple(unchanged))


def _sorted_out(rule: Rule, given: list[Hit | Silence]) -> tuple[list[Hit], tuple[Silence, ...]]:
    hits = [item for item in given if isinstance(item, Hit)]
    silences = tuple(item for item in given if isinstance(item, Silence))
    if len(hits) + len(silences) != len(given):
        raise RuleError(rule.code, "`check` may yield `Hit` and `Silence` only.")
    for item in given:
        wrong = _wrong(item)
        if wrong:
            raise RuleError(rule.code, f"its answer makes no sense: {wrong}.")
    return hits, silences


def _wrong(item: Hit | Silence) -> str:
    """What is wrong with an answer, if anything: it comes from foreign code, whatever its types promise."""
    unknown = [clause for clause in item.clauses or () if clause not in CLAUSES]
    if unknown:
        return f"there is no clause {unknown[0]!r}"
    if isinstance(item, Silence):
        return "" if _is(item.verdict, Verdict) else f"{item.verdict!r} is no verdict"
    if not _is(item.path, str) or not _is(item.evidence, str):
        return "`path` and `evidence` of a hit are texts"
    if item.severity is not None and not _is(item.severity, Severity):
        return f"{item.severity!r} is no severity"
    if item.lines is not None and not _are_lines(item.lines):
        return f"the lines {item.lines!r} are no first and last line, counted from 1"
    return ""


def _is(value: object, kind: type) -> bool:
    return isinstance(value, kind)


def _are_lines(lines: object) -> bool:
    return (
        isinstance(lines, tuple)
        and len(lines) == 2
        and all(isinstance(line, int) and line >= 1 for line in lines)
    )


def _absence(need: Need, context: Context) -> str:
    if need in _PACKAGES:
        extra, package = _PACKAGES[need]
        if find_spec(package) is not None:
            return ""
        return f"the package {package} is absent; install it: pip install 'backend-engineer[{extra}]'"
    present = {
        Need.REPLY: context.reply,
        Need.INPUTS: context.inputs,
        Need.BASE: context.base,
        Need.MIGRATION_REPORT: context.migration_report,
        Need.COMMAND_REPORT: context.command_report,
        Need.RUN: context.run,
        Need.OUTCOME: context.outcome,
    }
    return _ARGUMENTS[need] if present[need] is None else ""


def outcome_of(answers: Iterable[Answer], left_out: Iterable[str] = ()) -> Outcome:
    """What rules did, as the rules see it that are asked after them; `left_out`: clauses not answered for."""
    answers, dropped = tuple(answers), frozenset(left_out)
    looked = frozenset(
        answer.rule.code
        for answer in answers
        # A silence but `held` says that something was not looked at.
        if not answer.unasked
        and all(silence.verdict is Verdict.HELD for silence in answer.silences)
        and not dropped & {*answer.rule.clauses, *answer.rule.also}
    )
    places = frozenset(
        Place(answer.rule.code, hit.path, hit.lines)
        for answer in answers
        for hit in (*answer.hits, *answer.unchanged)
    )
    return Outcome(looked, places)


def _touches(hit: Hit, change: Change) -> bool:
    """Whether a hit lies on lines that the change made new; what has no lines or no file counts."""
    file = change.get(hit.path)
    if file is None or hit.lines is None or file.changed_lines is None:
        return True
    if file.content is not None and _LONE_RETURN.search(file.content):
        # Some readers end a line there and git does not: their numbers cannot be held against git's.
        return True
    first, last = hit.lines
    return any(start <= last and first <= end for start, end in file.changed_lines)


# Titles and recommendations are few and come again with every hit.
@lru_cache(maxsize=1024)
def _redacted(text: str) -> str:
    # A text may quote half a character, which no document can hold.
    return redact(text).encode("utf-8", "replace").decode("utf-8")


def credentials_of(answers: Iterable[Answer], context: Context) -> tuple[str, ...]:
    """The credentials of the files that rules were hit in, the longest first.

    A rule may quote one where nothing tells what it is, or cut a quotation in the middle of one: its form alone
    does not give that away.
    """
    paths = {hit.path for answer in answers for hit in (*answer.hits, *answer.unchanged)}
    # One search through all of them: most files are short, and each search has its price. No credential crosses a NUL.
    text = "\n\0\n".join(file.content for file in context.change if file.path in paths and file.content)
    found = {text[item.start : item.end] for item in find_secrets(text)}
    return tuple(sorted(found, key=lambda item: (-len(item), item)))


def finding_of(
    rule: Rule, hit: Hit, severity: Severity | None = None, credentials: Collection[str] = ()
) -> Finding:
    """The finding that a hit becomes, as if no equal one stood before it; credentials in what it quotes are taken out.

    credentials: those that are known from elsewhere, see `credentials_of`.
    """
    lines = ""
    if hit.lines is not None:
        first, last = hit.lines
        lines = str(first) if last <= first else f"{first}-{last}"
    title, evidence, recommendation = (
        hit.title or rule.title,
        hit.evidence,
        hit.recommendation or rule.recommendation,
    )
    if credentials:
        title, evidence, recommendation = (
            without_credentials(text, credentials) for text in (title, evidence, recommendation)
        )
    title, evidence, recommendation = _redacted(title), redact(evidence), _redacted(recommendation)
    return Finding(
        type=rule.type,
        category=rule.category,
        severity=severity or hit.severity or rule.severity,
        title=title,
        where=Where(path=hit.path, lines=lines),
        evidence=evidence,
        recommendation=recommendation,
        code=rule.code,
        clauses=hit.clauses if hit.clauses is not None else rule.clauses,
        fingerprint=fingerprint_of(rule.code, hit.path, title, evidence),
    )


def in_order(
    findings: Iterable[Finding], change: Change, unchanged: Iterable[Finding] = ()
) -> tuple[Finding, ...]:
    """The findings of `finding_of` in the order of the change; the fingerprints of equal ones get a number.

    Those on lines that the change left alone take the first numbers: a baseline that knows them must not
    take an equal one on a new line for known.
    """
    places = {path: index for index, path in enumerate(change.paths)}
    seen = Counter(_likeness(finding) for finding in unchanged)
    ordered: list[Finding] = []
    for finding in sorted(findings, key=lambda item: _place(item, places)):
        key = _likeness(finding)
        ordered.append(finding.with_fingerprint(seen[key]) if seen[key] else finding)
        seen[key] += 1
    return tuple(ordered)


def _likeness(finding: Finding) -> tuple[str | None, str, str, str]:
    return finding.code, finding.where.path, finding.title, finding.evidence


def _place(finding: Finding, places: Mapping[str, int]) -> tuple[int, int, str]:
    span = finding.where.span
    return places.get(finding.where.path, -1), span[0] if span else 0, finding.code or ""
