"""Everything that the grammar of a phase allows parses as a well-formed reply, whoever writes it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_engineer import parse_reply
from backend_engineer.contrib.grammar import PARTS, phase_grammar, reply_grammar
from backend_engineer.errors import UsageError
from backend_engineer.prompts.phases import PROMPT_PHASES

SEAL = "k7f2"
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\[[^\]]+\]|[a-z][a-zA-Z0-9]*|[()|?]|\{\d+,\d+\}')


class Sampler:
    """Writes one random text of a GBNF grammar, of the subset that the library uses."""

    def __init__(self, grammar: str, seed: int) -> None:
        rules = (line.split(" ::= ", 1) for line in grammar.splitlines())
        self._rules = {name: TOKEN.findall(body) for name, body in rules}
        self._random = Random(seed)

    def write(self, name: str = "root") -> str:
        tokens = [*self._rules[name], ")"]
        return self._choice(tokens)()

    def _choice(self, tokens: list[str]) -> Callable[[], str]:
        options: list[list[Callable[[], str]]] = [[]]
        while (token := tokens.pop(0)) != ")":
            if token == "|":
                options.append([])
                continue
            options[-1].append(self._repeated(self._atom(token, tokens), tokens))
        return lambda: "".join(part() for part in self._random.choice(options))

    def _atom(self, token: str, tokens: list[str]) -> Callable[[], str]:
        if token == "(":
            return self._choice(tokens)
        if token.startswith('"'):
            return lambda: str(json.loads(token))
        if token.startswith("["):
            letters = re.sub(
                r"(.)-(.)", lambda m: "".join(map(chr, range(ord(m[1]), ord(m[2]) + 1))), token[1:-1]
            )
            return lambda: self._random.choice(letters)
        return lambda: self.write(token)

    def _repeated(self, atom: Callable[[], str], tokens: list[str]) -> Callable[[], str]:
        if not (tokens[0] == "?" or tokens[0].startswith("{")):
            return atom
        mark = tokens.pop(0)
        least, most = (0, 1) if mark == "?" else map(int, mark[1:-1].split(","))
        return lambda: "".join(atom() for _ in range(self._random.randint(least, most)))


@settings(max_examples=60, deadline=None)
@given(phase=st.sampled_from(sorted(PROMPT_PHASES)), seed=st.integers(0, 2**32), sealed=st.booleans())
def test_every_text_of_a_grammar_is_a_well_formed_reply(phase: str, seed: int, sealed: bool) -> None:
    seal = SEAL if sealed else None
    text = Sampler(phase_grammar(phase, seal=seal), seed).write()
    reply = parse_reply(text, seal=seal)
    parts = PROMPT_PHASES[phase].parts
    assert [d for d in reply.diagnostics if d.code != "duplicate-path"] == []
    assert bool(reply.checklist) == ("checklist" in parts)
    assert (reply.plan is not None) == ("plan" in parts)
    assert bool(reply.files) == ("files" in parts)
    assert bool(reply.attestations) == ("attestations" in parts)
    assert (reply.findings is not None) == ("findings" in parts)
    asked = reply.clarification
    assert (asked is not None and len(asked.wording) == 1) == ("clarification" in parts)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_files_come_in_the_order_of_their_sections_each_with_its_validation(seed: int) -> None:
    reply = parse_reply(Sampler(reply_grammar(["files"], seal=SEAL), seed).write(), seal=SEAL)
    positions = [file.section.position for file in reply.files if file.section is not None]
    assert positions == sorted(positions)
    assert len(positions) == len(reply.files) >= 2
    assert {validation.path for validation in reply.validations} == {file.path for file in reply.files}
    assert all(file.status == "complete" for file in reply.files)


def test_a_text_that_breaks_the_form_is_seen_by_the_same_parser() -> None:
    text = Sampler(phase_grammar("all", seal=SEAL), 1).write()
    assert parse_reply(text.replace(f" {SEAL}", " x9x9"), seal=SEAL).diagnostics


def test_an_unknown_part_and_an_impossible_seal_are_named() -> None:
    with pytest.raises(UsageError, match="essay"):
        reply_grammar(["essay"])
    with pytest.raises(UsageError, match="seal"):
        reply_grammar(["files"], seal='a" nl')
    with pytest.raises(UsageError, match="phase"):
        phase_grammar("lunch")


def test_every_part_that_a_prompt_asks_for_has_a_grammar() -> None:
    assert {part for plan in PROMPT_PHASES.values() for part in plan.parts} <= set(PARTS)
