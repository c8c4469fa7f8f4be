"""`backend-engineer explain CODE`: one rule with its examples, or one clause with the rules that serve it.

Owns: the command's arguments and the layout of an explanation.
Must never know: how a rule checks.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator

from backend_engineer.cli.commands.clauses import clause_data, clause_lines
from backend_engineer.cli.commands.rules import rule_data
from backend_engineer.cli.console import Console
from backend_engineer.cli.exit_codes import ExitCode
from backend_engineer.contract import CLAUSES
from backend_engineer.errors import UsageError
from backend_engineer.rules.registry import built_in_rules
from backend_engineer.rules.rule import Example, Rule

__all__ = ["act", "configure"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "code", metavar="CODE", help="a rule's code such as CAP001, or a clause's id such as CONS-02"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def act(arguments: argparse.Namespace, console: Console) -> int:
    """Explain a rule or a clause."""
    code = arguments.code.upper()
    rules = built_in_rules()
    if code in CLAUSES:
        serving = [rule for rule in rules if code in rule.clauses]
        if arguments.json:
            console.say_json(clause_data(CLAUSES[code]) | {"rules": [rule.code for rule in serving]})
        else:
            console.say("\n".join(clause_lines(CLAUSES[code])))
            console.say(f"  Rules: {', '.join(rule.code for rule in serving) or 'none'}")
        return ExitCode.OK
    rule = next((rule for rule in rules if rule.code == code), None)
    if rule is None:
        raise UsageError(
            f"There is no rule and no clause {arguments.code!r}.",
            hint="`backend-engineer rules` and `backend-engineer clauses` list them.",
        )
    if arguments.json:
        console.say_json(rule_data(rule))
    else:
        console.say("\n".join(_lines(rule)))
    return ExitCode.OK


def _lines(rule: Rule) -> Iterator[str]:
    yield f"Rule: {rule.code}"
    yield f"  Title: {rule.title}"
    yield f"  Severity: {rule.severity}"
    yield f"  Kind: {rule.type}, {rule.category}"
    yield f"  Why: {rule.reason}"
    yield f"  What to do: {rule.recommendation}"
    for clause in rule.clauses:
        yield f"  Clause: {clause}. {CLAUSES[clause].statement}"
    if rule.needs:
        yield f"  Needs: {', '.join(str(need) for need in rule.needs)}"
    if rule.exact:
        yield "  Certainty: exact; finding nothing shows that the clause is kept"
    else:
        yield "  Certainty: heuristic; finding nothing proves nothing, and a person should look"
    for label, text in (("Question", rule.question), ("Look", rule.look), ("Settled by", rule.settles)):
        if text:
            yield f"  {label}: {text}"
    for word, examples in (("invalid", rule.invalid), ("valid", rule.valid)):
        for number, example in enumerate(examples, 1):
            yield ""
            yield f"  Example {number}, {word}{f': {example.note}' if example.note else ''}"
            yield from _example(example)


def _example(example: Example) -> Iterator[str]:
    if example.inputs is not None:
        yield f"    Inputs: {json.dumps(example.inputs, ensure_ascii=False, default=str)[:400]}"
    if example.reply is not None:
        yield "    Reply:"
        yield from (f"    | {line}" for line in example.reply.split("\n"))
    for path, text in example.files.items():
        yield f"    File: {path}"
        yield from (f"    | {line}" for line in text.split("\n"))
