"""`check`: runs the rules on a change and gives every clause in the call one verdict.

Owns: the order of the steps, from the arguments to the report.
Must never know: any particular rule, files, clocks, how a report is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, get_args

from backend_engineer.contract import CLAUSES, Parameters, Severity, Subject
from backend_engineer.errors import UsageError
from backend_engineer.inputs import PartialInputs, StageInputs
from backend_engineer.outputs import (
    Action,
    Change,
    Clarification,
    CommandReport,
    FileChange,
    Finding,
    MigrationReport,
    Report,
)
from backend_engineer.parsing import Reply
from backend_engineer.rules.baseline import Baseline, split_known
from backend_engineer.rules.collector import collector_at_rest
from backend_engineer.rules.configuration import Configuration
from backend_engineer.rules.found import Answer, answer_of, credentials_of, finding_of, in_order, outcome_of
from backend_engineer.rules.registry import built_in_rules
from backend_engineer.rules.rule import ANY, Context, Need, Rule, Tree
from backend_engineer.rules.run_facts import RunFacts
from backend_engineer.rules.selection import Selection, choose
from backend_engineer.rules.suppression import apply_suppressions
from backend_engineer.rules.unseen import not_read
from backend_engineer.rules.verdicts import Ledger, clause_verdicts

__all__ = ["check"]

_NOTHING: Mapping[str, str] = MappingProxyType({})
_DEFAULTS = Configuration()
_DOCUMENTS = tuple(name for name, field in StageInputs.model_fields.items() if field.is_required())


def check(
    subject: Reply | Change,
    inputs: StageInputs | Any | None = None,
    base: Tree | None = None,
    verified: MigrationReport | CommandReport | Sequence[MigrationReport | CommandReport] = (),
    rules: Iterable[Rule | str] | None = None,
    select: Sequence[str] | None = None,
    ignore: Sequence[str] = (),
    waive: Mapping[str, str] = _NOTHING,
    *,
    parameters: Parameters | None = None,
    run: RunFacts | None = None,
    configuration: Configuration = _DEFAULTS,
    baseline: Baseline | None = None,
    today: date | None = None,
) -> Report:
    """Judge a reply or a change: findings, and one verdict for each clause whose subject is in the call.

    subject: a parsed reply, or a change from anywhere. inputs: the typed documents, whole or partial.
    base: the tree that the change starts from. verified: reports of really run migrations and commands.
    rules: own rules or codes in place of all built-in ones; `[*built_in_rules(), own]` adds one.
    select: run and answer for these codes, clauses, or beginnings of them only. ignore: leave these out;
    their clauses are then `not checked`. waive: clause id -> why it may stay unchecked.
    parameters: the run's settings. run: facts of the run, from a session. configuration: severities,
    suppressions and the like. baseline: findings known before, which then do not violate. today: the
    day for which suppressions with an expiry are looked at.

    Raises `UsageError` for arguments that name nothing, or nothing that the call holds, and `RuleError` for a malformed rule. A rule that
    breaks down makes its clauses `not checked`. Pure: nothing is read, run or sent.
    """
    context = _context(subject, inputs, base, verified, parameters, run, configuration, today)
    UsageError.unless(waive, Mapping, "waive")
    UsageError.unless(baseline, (Baseline, type(None)), "baseline")
    subjects = _subjects(context)
    waivers = _waivers({**configuration.waive, **waive})
    selection = choose(
        rules,
        select if select is not None else configuration.select,
        (*_tuple(ignore), *configuration.ignore),
        subjects,
    )
    _need_rules(configuration, selection)
    asked = [rule for rule in selection.rules if _has_a_say(rule, context, selection)]
    if not asked and not selection.scope:
        raise UsageError(
            "There is nothing to judge: what the call selects speaks of nothing that it holds.",
            hint="Select other clauses, or pass the reply, the inputs or the run that they speak of.",
        )
    with collector_at_rest():
        answers = _answers(asked, replace(context, codes=selection.codes), selection)
        findings = _all_findings(answers, context, configuration, selection)
    split = apply_suppressions(findings, context)
    standing, known = split_known(split.kept, baseline) if baseline is not None else (split.kept, ())
    taken = [(finding, by.reason) for finding, by in split.taken]
    taken += [(finding, "known from the baseline") for finding in known]
    ledger = Ledger(answers, standing, taken)
    return Report(
        findings=standing,
        verdicts=clause_verdicts(ledger, selection, context, subjects, waivers),
        suppressed=tuple(finding for finding, _ in taken),
        notes=(
            *split.notes,
            *not_read(context.change),
            *_notes(answers, selection, known, subjects),
            *_idle_waivers(waive, selection),
        ),
        subjects=tuple(item for item in Subject if item in subjects),
    )


def _answers(asked: Sequence[Rule], context: Context, selection: Selection) -> list[Answer]:
    """The answers of all rules; those that judge what the others found are asked last."""
    answers = [answer_of(rule, context) for rule in asked if Need.OUTCOME not in rule.needs]
    last = [rule for rule in asked if Need.OUTCOME in rule.needs]
    if last:
        context = replace(context, outcome=outcome_of(answers, selection.left_out))
    return answers + [answer_of(rule, context) for rule in last]


def _all_findings(
    answers: Sequence[Answer], context: Context, configuration: Configuration, selection: Selection
) -> tuple[Finding, ...]:
    credentials = credentials_of(answers, context)
    return in_order(
        _findings(answers, configuration.severities, selection, credentials),
        context.change,
        _left_alone(answers, credentials),
    )


def _context(
    subject: Reply | Change,
    inputs: StageInputs | Any | None,
    base: Tree | None,
    verified: Any,
    parameters: Parameters | None,
    run: RunFacts | None,
    configuration: Configuration,
    today: date | None,
) -> Context:
    if isinstance(subject, Reply):
        reply, change = subject, subject.change
    elif isinstance(subject, Change):
        reply, change = None, subject
    else:
        raise UsageError(
            f"`check` judges a Reply or a Change, not {type(subject).__name__}.",
            hint="Parse the text with `parse_reply`, or make a change with `change_from_directory` and its like.",
        )
    if base is not None and not (callable(getattr(base, "get", None)) and hasattr(base, "paths")):
        # A mapping has `get`, too, and every rule that asks for the paths would stop.
        raise UsageError(
            f"base is a {type(base).__name__}.",
            hint="Pass a SourceTree; `SourceTree.from_mapping` makes one.",
        )
    UsageError.unless(parameters, (Parameters, type(None)), "parameters")
    UsageError.unless(today, (date, type(None)), "today")
    UsageError.unless(run, (RunFacts, type(None)), "run")
    UsageError.unless(configuration, Configuration, "configuration")
    _need_documents(inputs)
    _need_files(change)
    return Context(
        change=change,
        reply=reply,
        inputs=inputs,
        base=base,
        verified=_reports(verified),
        parameters=parameters or Parameters(),
        run=run,
        # A point in time is a date, too, and compares with none.
        today=today.date() if isinstance(today, datetime) else today,
        suppressions=configuration.suppressions,
    )


def _need_documents(inputs: Any) -> None:
    """Refuse what only looks like inputs: a folder's name or plain data would be judged as if nothing were given."""
    if isinstance(inputs, Clarification):
        raise UsageError(
            f"The inputs are a clarification with {len(inputs.gaps)} open gap(s).",
            hint="Answer it first, or pass partial inputs.",
        )
    if inputs is None or isinstance(inputs, (StageInputs, PartialInputs)):
        return
    if isinstance(inputs, type) or not all(hasattr(inputs, name) for name in _DOCUMENTS):
        raise UsageError(
            f"inputs is a {type(inputs).__name__}.",
            hint="Pass what `gather` returned, or `partial(inputs)` for whatever a folder or a mapping holds.",
        )


def _need_files(change: Change) -> None:
    for file in UsageError.each(change.files, FileChange, "the change's files"):
        UsageError.unless(file.path, str, "A file's path")
        UsageError.unless(file.content, (str, type(None)), f"The content of {file.path!r}")
        UsageError.unless(file.previous_path, (str, type(None)), f"The previous path of {file.path!r}")
        UsageError.unless(file.patch, (str, type(None)), f"The patch of {file.path!r}")
        if file.action not in get_args(Action):
            raise UsageError(
                f"The action of {file.path!r} is {file.action!r}.", hint=f"Use {', '.join(get_args(Action))}."
            )


def _reports(verified: Any) -> tuple[MigrationReport | CommandReport, ...]:
    kinds = (MigrationReport, CommandReport)
    return UsageError.each((verified,) if isinstance(verified, kinds) else verified, kinds, "verified")


def _subjects(context: Context) -> frozenset[Subject]:
    present = {
        Subject.CHANGE: True,
        Subject.REPLY: context.reply is not None,
        Subject.INPUTS: context.inputs is not None,
        Subject.RUN: context.run is not None,
    }
    return frozenset(subject for subject, there in present.items() if there)


def _waivers(waive: Mapping[str, str]) -> Mapping[str, str]:
    for clause, reason in waive.items():
        if clause not in CLAUSES:
            raise UsageError(
                f"`waive` names {clause!r}, which is no clause.",
                hint="`backend-engineer clauses` lists them.",
            )
        UsageError.unless(reason, str, f"The reason to waive {clause}")
        if not reason.strip():
            raise UsageError(
                f"The waiver of {clause} gives no reason.", hint="Say why it may stay unchecked."
            )
    return waive


def _need_rules(configuration: Configuration, selection: Selection) -> None:
    """Refuse a configuration that names a rule which does not exist: what it decides would not happen."""
    named = [(code, "severities") for code in configuration.severities]
    named += [(item.code, item.source) for item in configuration.suppressions if item.code != ANY]
    known = selection.codes | {rule.code for rule in built_in_rules()} if named else frozenset()
    for code, place in named:
        if code not in known:
            raise UsageError(
                f"The configuration ({place}) names {code!r}, which is no rule.",
                hint="`backend-engineer rules` lists them.",
            )


def _tuple(words: Sequence[str]) -> tuple[str, ...]:
    return (words,) if isinstance(words, str) else UsageError.each(words, str, "ignore")


def _has_a_say(rule: Rule, context: Context, selection: Selection) -> bool:
    """Whether asking a rule can give a finding or a verdict: not when its subject is absent from the call."""
    if any(clause in selection.scope for clause in rule.clauses):
        return True
    absent = {Need.REPLY: context.reply, Need.RUN: context.run, Need.INPUTS: context.inputs}
    return not any(need in absent and absent[need] is None for need in rule.needs)


def _findings(
    answers: Iterable[Answer],
    severities: Mapping[str, Severity],
    selection: Selection,
    credentials: Sequence[str],
) -> Iterable[Finding]:
    dropped = {clause for clause, words in selection.left_out.items() if clause in words}
    for answer in answers:
        for hit in answer.hits:
            finding = finding_of(answer.rule, hit, severities.get(answer.rule.code), credentials)
            if not finding.clauses or any(clause not in dropped for clause in finding.clauses):
                yield finding


def _left_alone(answers: Iterable[Answer], credentials: Sequence[str]) -> Iterable[Finding]:
    """Findings on lines left alone, of the rules and files that have findings which count."""
    for answer in answers:
        paths = {hit.path for hit in answer.hits} if answer.unchanged else set()
        yield from (
            finding_of(answer.rule, hit, None, credentials) for hit in answer.unchanged if hit.path in paths
        )


def _notes(
    answers: Sequence[Answer], selection: Selection, known: Sequence[Finding], subjects: frozenset[Subject]
) -> Iterable[str]:
    if selection.narrowed:
        yield f"The call answers for {len(selection.scope)} clause(s) and runs {len(selection.rules)} rule(s); the rest was not asked for."
    unchanged = sum(len(answer.unchanged) for answer in answers)
    if unchanged:
        yield f"{unchanged} hit(s) on lines that the change left alone are not counted."
    if known:
        yield f"{len(known)} finding(s) are known from the baseline and do not count."
    for answer in answers:
        if answer.unasked and not answer.rule.clauses:
            yield f"{answer.rule.code} was not asked: {answer.unasked}"
    for subject in (Subject.REPLY, Subject.INPUTS):
        if subject not in subjects:
            yield f"Clauses about the {subject.value} have no verdict: the call has no {subject.value}."


def _idle_waivers(waive: Iterable[str], selection: Selection) -> Iterable[str]:
    """The waivers of the call that waive nothing; those of a configuration are there for other calls too."""
    for clause in waive:
        if clause not in selection.scope:
            yield f"The waiver of {clause} had nothing to waive: the call gives it no verdict."
