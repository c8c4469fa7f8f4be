"""From what the rules answered to one verdict for each clause.

Owns: which answer counts for which clause, what an attestation adds, and how clauses are derived.
Must never know: how a rule looks, suppression, configuration, printing.

The worst answer stands. Four points are less than plain. A rule that says `held` in so many words has
shown the clause, and then no attestation is asked for; a rule that merely found nothing has not. When a
heuristic cannot tell, that is a question, and an attestation whose quote stands answers it; what an exact
rule wants reviewed stays. A minor finding leaves its clauses to a reviewer, since a rule that found something
has not shown them; a remark (`info`) beside an exact check does not. A clause whose every answer is `not applicable`
needs no attestation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from backend_engineer.contract import CLAUSES, Clause, EvidenceKind, Severity, Subject, Verdict
from backend_engineer.outputs import ClauseVerdict, Finding
from backend_engineer.redaction import redact
from backend_engineer.rules.attested import ClaimState, claims
from backend_engineer.rules.found import Answer
from backend_engineer.rules.questions import asked_of
from backend_engineer.rules.rule import Context, Rule
from backend_engineer.rules.selection import Selection
from backend_engineer.rules.unseen import unseen

__all__ = ["Ledger", "clause_verdicts"]


class Ledger(NamedTuple):
    """What the verdicts are made from: answers, the findings that stand, and those taken out with the reason."""

    answers: Sequence[Answer]
    standing: Sequence[Finding]
    taken: Sequence[tuple[Finding, str]]


class _Word(NamedTuple):
    """One rule's word on one clause; `shown` when it said so itself, `open` when a heuristic could not tell."""

    verdict: Verdict
    reason: str
    code: str
    shown: bool = False
    open: bool = False


class _Found(NamedTuple):
    """What one rule found on one clause: what violates it, why others were set aside, and what weighs less."""

    against: Sequence[Finding]
    excused: Sequence[str]
    mild: Sequence[Finding]


def clause_verdicts(
    ledger: Ledger,
    selection: Selection,
    context: Context,
    subjects: frozenset[Subject],
    waive: Mapping[str, str],
) -> tuple[ClauseVerdict, ...]:
    """One verdict for each clause in scope, in the contract's order."""
    words = _words_by_clause(ledger)
    known: dict[str, ClauseVerdict] = {}

    def verdict_of(clause_id: str) -> ClauseVerdict:
        if clause_id not in known:
            clause = CLAUSES[clause_id]
            sources = [verdict_of(item) for item in clause.derived_from if CLAUSES[item].subject in subjects]
            row = _verdict(clause, words.get(clause_id, []), sources, selection, context)
            waived = redact(waive[clause_id]) if clause_id in waive else None
            known[clause_id] = row.model_copy(update={"waived": waived})
        return known[clause_id]

    return tuple(verdict_of(clause_id) for clause_id in selection.scope)


def _words_by_clause(ledger: Ledger) -> dict[str, list[_Word]]:
    words: dict[str, list[_Word]] = {}
    against: dict[tuple[str, str], list[Finding]] = {}
    excused: dict[tuple[str, str], list[str]] = {}
    mild: dict[tuple[str, str], list[Finding]] = {}
    for finding in ledger.standing:
        for clause in finding.clauses:
            table = against if finding.violates else mild
            table.setdefault((finding.code or "", clause), []).append(finding)
    for finding, reason in ledger.taken:
        for clause in finding.clauses:
            excused.setdefault((finding.code or "", clause), []).append(reason)
    for answer in ledger.answers:
        for clause in _spoken_of(answer):
            key = (answer.rule.code, clause)
            found = _Found(against.get(key, []), excused.get(key, []), mild.get(key, []))
            words.setdefault(clause, []).extend(_words(answer, clause, found))
    return words


def _spoken_of(answer: Answer) -> tuple[str, ...]:
    """The clauses that a rule's answer bears on: its own, and others that its hits or silences name."""
    named = [hit.clauses for hit in answer.hits if hit.clauses] + [
        silence.clauses for silence in answer.silences if silence.clauses
    ]
    return tuple(dict.fromkeys((*answer.rule.clauses, *(clause for group in named for clause in group))))


def _words(answer: Answer, clause: str, found: _Found) -> Iterable[_Word]:
    rule = answer.rule
    if answer.unasked:
        yield _Word(Verdict.NOT_CHECKED, f"{rule.code} was not asked: {answer.unasked}", rule.code)
        return
    if found.against:
        yield _Word(Verdict.VIOLATED, _against(rule, found.against), rule.code)
    elif found.excused:
        excused = f"{rule.code}: {len(found.excused)} finding(s) set aside: {found.excused[0]}"
        yield _Word(Verdict.NEEDS_REVIEW, excused, rule.code)
    silences = [item for item in answer.silences if clause in (item.clauses or rule.clauses)]
    for silence in silences:
        shown = silence.verdict is Verdict.HELD
        open_ = silence.verdict is Verdict.NEEDS_REVIEW and not rule.exact
        reason = f"{rule.code}: {silence.reason}"
        if open_ and rule.question and "?" not in reason:
            reason = f"{reason.rstrip('.')}. Ask: {rule.question}"
        yield _Word(silence.verdict, reason, rule.code, shown, open_)
    if found.against or found.excused or silences or clause not in rule.clauses:
        return
    if found.mild:
        remarks = rule.exact and all(item.severity is Severity.INFO for item in found.mild)
        verdict = Verdict.HELD if remarks else Verdict.NEEDS_REVIEW
        yield _Word(verdict, _mild(rule, found.mild), rule.code, open=not rule.exact)
    elif rule.exact:
        yield _Word(Verdict.HELD, f"{rule.code} found nothing against it.", rule.code)
    else:
        yield _Word(Verdict.NEEDS_REVIEW, _question(rule), rule.code, open=True)


def _against(rule: Rule, findings: Sequence[Finding]) -> str:
    first = findings[0]
    place = first.where.path + (f":{first.where.lines}" if first.where.lines else "")
    more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
    return f"{rule.code}: {first.title}" + (f", {place}" if place else "") + more


def _mild(rule: Rule, findings: Sequence[Finding]) -> str:
    ask = f" Ask: {rule.question}" if rule.question else ""
    return f"{rule.code}: {len(findings)} finding(s) that do not violate: {findings[0].title}.{ask}"


def _question(rule: Rule) -> str:
    return f"{rule.code} found nothing, which proves nothing. Ask: {rule.question} Look at {rule.look}. What settles it: {rule.settles}."


def _verdict(
    clause: Clause,
    words: list[_Word],
    sources: Sequence[ClauseVerdict],
    selection: Selection,
    context: Context,
) -> ClauseVerdict:
    heard = list(words)
    if clause.id in selection.left_out:
        left = ", ".join(selection.left_out[clause.id])
        heard.append(_Word(Verdict.NOT_CHECKED, f"the caller left out {left}.", ""))
    if clause.subject is Subject.CHANGE and (why := unseen(context)):
        heard.append(_Word(Verdict.NOT_CHECKED, why, ""))
    if clause.derived_from:
        heard += [_Word(row.verdict, f"made of {row.clause}: {row.reason}", "") for row in sources]
    elif clause.needs_attestation:
        heard = _with_attestation(clause, heard, context)
    if not heard:
        heard = [_unserved(clause, selection)]
    # What an exact rule says comes before a question that is always asked.
    worst = min(heard, key=lambda word: (word.verdict.rank, word.open or not word.code))
    codes = tuple(dict.fromkeys(word.code for word in words if word.code))
    return ClauseVerdict(clause=clause.id, verdict=worst.verdict, reason=redact(worst.reason), rules=codes)


def _with_attestation(clause: Clause, words: list[_Word], context: Context) -> list[_Word]:
    if words and all(word.verdict is Verdict.NOT_APPLICABLE for word in words):
        return words
    given = [claim for claim in claims(context) if claim.attestation.clause == clause.id]
    standing = next((claim for claim in given if claim.state is ClaimState.STANDS), None)
    if standing is not None:
        item = standing.attestation
        place = item.path + (f":{item.lines}" if item.lines else "")
        kept = [word for word in words if not word.open]
        return [
            *kept,
            _Word(Verdict.ATTESTED, f"attested by the reply at {place}, where its quote stands.", ""),
        ]
    if any(word.shown for word in words):
        return words
    if context.reply is None:
        reason = "only an attestation could serve it, and a change without its reply carries none."
    elif given:
        reason = f"the reply's attestation does not stand where it says ({given[0].state})."
    else:
        reason = "the reply does not attest it."
    asked = asked_of(clause.id, context)
    return [*words, _Word(Verdict.NEEDS_REVIEW, f"{reason} {asked}" if asked else reason, "")]


def _unserved(clause: Clause, selection: Selection) -> _Word:
    """The word on a clause that nothing in the call speaks of."""
    if EvidenceKind.JUDGEMENT in clause.evidence:
        return _Word(Verdict.NEEDS_REVIEW, clause.judgement or "only a person can judge it.", "")
    if clause.derived_from:
        parts = " ".join(clause.derived_from)
        return _Word(Verdict.NOT_CHECKED, f"it is made of {parts}, which this call does not cover.", "")
    if EvidenceKind.EXECUTED in clause.evidence:
        return _Word(Verdict.NOT_CHECKED, "only running shows it; pass the reports in `verified=`.", "")
    if clause.id in selection.known:
        return _Word(Verdict.NOT_CHECKED, "no rule that serves it ran in this call.", "")
    return _Word(Verdict.NOT_CHECKED, "no rule of this call speaks of it.", "")
