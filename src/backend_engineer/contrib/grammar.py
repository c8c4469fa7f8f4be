"""The reply format as a grammar in llama.cpp's notation (GBNF), one for each phase.

Owns: the rules of the grammar, and their bounds.
Must never know: models, servers, whether a reply makes sense.

A model that is held to it writes well-formed replies and nothing else. Every repetition is bounded, so that a reply
ends by itself. Texts leave out what has a meaning in the format: backticks, quotes, backslashes and colons.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from backend_engineer.contract import CLAUSES, IDENTITY, Category, FindingType, Section, Severity, Status
from backend_engineer.contract.clauses import EvidenceKind
from backend_engineer.errors import UsageError
from backend_engineer.prompts.phases import phase_plan

__all__ = ["PARTS", "phase_grammar", "reply_grammar"]

_CLAIMED = (EvidenceKind.ATTESTED,)


class _Rule(str):
    """A rule of the grammar where a JSON value stands."""


def _literal(text: str) -> str:
    """A terminal of the grammar; JSON's escapes are those of GBNF."""
    return json.dumps(text)


def _one_of(words: Iterable[str]) -> str:
    return "(" + " | ".join(_literal(word) for word in words) + ")"


def _string_of(*parts: str) -> _Rule:
    """A JSON string made of rules and terminals."""
    return _Rule(" ".join((_literal('"'), *parts, _literal('"'))))


def _list_of(rule: str, most: int) -> _Rule:
    more = f' ("," {rule}){{0,{most - 1}}}' if most > 1 else ""
    return _Rule(f'"[" {rule}{more} "]"')


def _json(value: object) -> str:
    """The grammar of one compact JSON value; rules stand where they were put, the rest is taken as it is."""
    if isinstance(value, _Rule):
        return value
    if isinstance(value, dict):
        members = (f"{_literal(json.dumps(key) + ':')} {_json(item)}" for key, item in value.items())
        return '"{" ' + ' "," '.join(members) + ' "}"'
    if isinstance(value, list):
        return '"[" ' + ' "," '.join(_json(item) for item in value) + ' "]"'
    return _literal(json.dumps(value))


def _block(language: str, *lines: str) -> str:
    """A fenced block; each line brings its own line feed, but for JSON."""
    return f"{_literal(f'```{language}')} nl {' '.join(lines)} {_literal('```')} nl"


def _document(value: dict[str, object]) -> str:
    return _block("json", _json(value), "nl")


_QUOTED = _Rule("quoted")
_WORDS = {
    "nl": _literal("\n"),
    "words": "[A-Z] [a-z ,]{6,36} [a-z]",
    "name": "[a-z]{3,10}",
    "quoted": _string_of("words"),
    "codeline": "[a-zA-Z_ ] [a-zA-Z0-9_ =+(),.]{2,36} nl",
    "number": "[1-9] [0-9]?",
}

_SERVICE = (_literal("src/services/"), "name", _literal(".py"))
_PLACES: dict[Section, tuple[str, str]] = {
    Section.MODELS: ("src/models/", ".py"),
    Section.PORTS: ("src/ports/", ".py"),
    Section.SERVICES: ("src/services/", ".py"),
    Section.CONTROLLERS: ("src/controllers/", ".py"),
    Section.TESTS: ("tests/unit/test_", ".py"),
    Section.DOCS: ("docs/", ".md"),
}
"""Where the grammar puts a file of each section: how its path begins and ends."""

_SELECTIONS: tuple[tuple[Section, ...], ...] = (
    (Section.SERVICES, Section.TESTS),
    (Section.MODELS, Section.CONTROLLERS, Section.TESTS),
    (Section.PORTS, Section.SERVICES, Section.DOCS),
)
"""Which files a reply may hold; two or three, so that it ends soon and still shows the order of sections."""


def _checklist() -> dict[str, str]:
    return {"checklist": "bullet{3,5}", "bullet": '"- " words nl'}


def _plan() -> dict[str, str]:
    paths = " | ".join(f"{_literal(folder)} name {_literal(ending)}" for folder, ending in _PLACES.values())
    planned = {
        "path": _string_of("path"),
        "action": _string_of(_one_of(("add", "modify"))),
        "section": _string_of(_one_of(_PLACES)),
        "purpose": _QUOTED,
    }
    trace = {
        "endpoint": _string_of(_literal("GET /"), "name"),
        "service": _string_of("name"),
        "data": [_string_of("name", '"."', "name")],
    }
    plan: dict[str, object] = {
        "summary": _QUOTED,
        "files": _list_of("planned", 3),
        "traceability": _list_of("trace", 1),
        "schema_change": {"kind": "none", "reason": _QUOTED},
        "security": [_QUOTED],
        "slo": [_QUOTED],
    }
    rules = {"path": paths, "planned": _json(planned), "trace": _json(trace)}
    return {"plan": _document({"plan": plan}), **rules}


def _files(seal: str | None) -> dict[str, str]:
    selections = (" ".join(_rule_of(section) for section in selection) for selection in _SELECTIONS)
    rules = {"files": " | ".join(selections), "validation": '"Validation: " words nl nl'}
    for section, (folder, ending) in _PLACES.items():
        opens, closes = ("<!--", " -->") if ending == ".md" else ("#", "")
        seal_and_close = f"{ending} {seal}{closes}" if seal else f"{ending}{closes}"
        header = f"{_literal(f'{opens} file: {folder}')} name {_literal(seal_and_close)} nl"
        block = _block("markdown" if ending == ".md" else "python", header, "codeline{2,4}")
        rules[_rule_of(section)] = f"{_literal(f'## {section}')} nl nl {block} validation"
    return rules


def _rule_of(section: Section) -> str:
    return f"file{section.position}"


def _attestations() -> dict[str, str]:
    claim = {
        "clause": _string_of(
            _one_of(clause.id for clause in CLAUSES.values() if clause.evidence == _CLAIMED)
        ),
        "path": _string_of(*_SERVICE),
        "lines": _string_of("number"),
        "quote": _QUOTED,
    }
    document = _document({"attestations": _list_of("claim", 2)})
    return {"attestations": document, "claim": _json(claim)}


def _findings() -> dict[str, str]:
    finding = {
        "type": _string_of(_one_of(FindingType)),
        "category": _string_of(_one_of(Category)),
        "severity": _string_of(_one_of(Severity)),
        "title": _QUOTED,
        "where": {"path": _string_of(*_SERVICE), "lines": _string_of("number")},
        "evidence": _QUOTED,
        "recommendation": _QUOTED,
    }
    head = {"tool": IDENTITY.id, "version": IDENTITY.version, "status": Status.READY.value}
    document = _document({**head, "findings": _list_of("finding", 2)})
    return {"findings": document, "finding": _json(finding)}


def _clarification() -> dict[str, str]:
    pointer = _Rule(
        f'{_literal("{")} {_string_of(_literal("/tech_spec/"), "name")} ":" quoted {_literal("}")}'
    )
    return {"clarification": _document({"clarification": {"gaps": [], "wording": pointer}})}


PARTS = ("checklist", "clarification", "plan", "files", "attestations", "findings")
"""The parts of a reply that have a grammar."""


def reply_grammar(parts: Iterable[str], *, seal: str | None = None) -> str:
    """The grammar of a reply with these parts, in this order; `seal` is the word of the headers.

    Raises `UsageError` for a part that has no grammar and for a seal that could not stand in a header.
    """
    wanted = tuple(parts)
    if unknown := [part for part in wanted if part not in PARTS]:
        raise UsageError(f"There is no grammar for the part {unknown[0]!r}.", hint=f"Use {', '.join(PARTS)}.")
    if seal is not None and not seal.isalnum():
        raise UsageError("A seal is one word of letters and digits.", hint="Pass the prompt's answer seal.")
    rules: dict[str, str] = {"root": " nl ".join(wanted)}
    makers = {
        "checklist": _checklist,
        "clarification": _clarification,
        "plan": _plan,
        "files": lambda: _files(seal),
        "attestations": _attestations,
        "findings": _findings,
    }
    for part in wanted:
        rules.update(makers[part]())
    rules.update(_WORDS)
    return "\n".join(f"{name} ::= {rule}" for name, rule in rules.items()) + "\n"


def phase_grammar(phase: str, *, seal: str | None = None) -> str:
    """The grammar of what a phase's prompt asks for; raises `UsageError` for a phase without a prompt."""
    return reply_grammar(phase_plan(phase).parts, seal=seal)
