"""ASK001, ASK002, SLF001, REP001 and HND001 on whole sessions, held against what the driver saw.

The inputs of a session lack some fields, or none; a person answers all, some or none of what is asked, at times with
too little. The model's answers are drawn, with a fixed seed, from replies of a small model to the same phase (the
folder that `model_replies.py` writes) and from whole replies of `testing.builders`, so that runs get to their end and
still meet plans without a self-check, reviews without findings, and plans in parts. The oracle reads the effects that
the session hands out and the text that the model answered, and nothing of the session's own state.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from backend_engineer import Parameters, Session, SourceTree, gather
from backend_engineer.clients import Completion, ModelRequest
from backend_engineer.contract import Ending, Section, Subject
from backend_engineer.errors import BackendEngineerError
from backend_engineer.outputs import Clarification, Plan, StageResult
from backend_engineer.parsing import write_reply
from backend_engineer.session import AskHuman, CallModel, Done, Failed, ReadFiles, Verify
from backend_engineer.testing.builders import Built, build
from backend_engineer.testing.documents import inputs_of
from reply_accuracy.tally import Tally

__all__ = ["sessions"]

CODES = ("ASK001", "ASK002", "SLF001", "REP001", "HND001")
_SEAL = re.compile(r"SEAL for this answer: (\S+)")
_JSON = re.compile(r"^```json\n(.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass
class Seen:
    """What the driver of one session saw."""

    gaps: frozenset[str]
    asked: list[str] = field(default_factory=list)
    bare: list[str] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)
    phases: list[str] = field(default_factory=list)
    open_at_code: set[str] = field(default_factory=set)
    plans: list[dict[str, Any]] = field(default_factory=list)
    reviewed: bool = False


def sessions(tally: Tally, count: str, bank: str = "") -> None:
    """That many sessions; `bank` is the folder of the small model's replies."""
    replies = _bank(bank)
    if not replies:
        print("NOT MEASURED with a model's replies: no folder was given, so each answer is a builder's")
    ends: Counter[str] = Counter()
    for seed in range(int(count)):
        draw = random.Random(seed)
        try:
            seen, result, name = _one(seed, draw, replies)
        except BackendEngineerError as error:
            ends[f"raised {type(error).__name__}"] += 1
            continue
        ends[f"{name}: {result.status}"] += 1
        report = result.report
        if report is None or Subject.RUN not in report.subjects:
            ends["not concluded, so that no rule looked at the run"] += 1
            continue
        found: dict[str, list[str]] = {code: [] for code in CODES}
        for item in report.findings:
            if item.code in found:
                found[item.code].append(_key(item.code, item.evidence))
        for row in report.verdicts:
            if " stopped with " in (row.reason or ""):
                tally.broken.append(str(row.reason))
        for code, due in _due(seen, result).items():
            tally.compare(code, found[code], due, f"session {seed} ({name})")
    for words, number in sorted(ends.items()):
        print(f"{number:6} {words}")


def _key(code: str, evidence: str) -> str:
    named = re.search(r"`([^`]+)`", evidence)
    words = (
        "security policy",
        "objectives",
        "No self-check",
        "verification",
        "findings document",
        "nothing on",
    )
    return named[1] if named else next((word for word in words if word in evidence), evidence)


def _due(seen: Seen, result: StageResult) -> dict[str, set[str]]:
    ask1 = {pointer for pointer in seen.gaps if pointer not in seen.asked} | seen.open_at_code
    ask2 = {pointer for pointer in seen.asked if pointer not in seen.gaps} | set(seen.bare)
    # A plan that the session refused does not count: the one that stands must be one that the model gave.
    stands = None if result.plan is None else json.loads(result.plan.model_dump_json())
    given_plans = [(plan.get("security") or [], plan.get("slo") or []) for plan in seen.plans]
    if stands is None or (stands["security"], stands["slo"]) not in given_plans:
        self_check = {"No self-check"}
    else:
        self_check = {
            word for key, word in (("security", "security policy"), ("slo", "objectives")) if not stands[key]
        }
    report = set() if seen.reviewed else {"findings document"}
    if not {"verify", "single"} & set(seen.phases):
        report.add("verification")
    hand: set[str] = set()
    paths = {path for change in result.changes for path in change.paths}
    given = result.handoffs
    if given is None:
        hand = {"nothing on"}
    else:
        named = {path for one in (given.devops, given.qa, given.frontend) for path in one.files}
        handed = {path for pair in given.devops.migrations for path in pair}
        scripts = {path for path in paths if path.endswith((".up.sql", ".down.sql"))}
        hand = (named - paths) | (scripts - handed)
    return {"ASK001": ask1, "ASK002": ask2, "SLF001": self_check, "REP001": report, "HND001": hand}


def _bank(folder: str) -> dict[str, list[dict[str, Any]]]:
    replies: dict[str, list[dict[str, Any]]] = {}
    for path in sorted(Path(folder).glob("*.json")) if folder else ():
        facts = json.loads(path.read_text("utf-8"))
        replies.setdefault(facts["phase"], []).append(facts)
    return replies


def _one(
    seed: int, draw: random.Random, replies: Mapping[str, list[dict[str, Any]]]
) -> tuple[Seen, StageResult, str]:
    made = build(seed % 40)
    parts = draw.random() < 0.25
    if parts:
        made = _with_second_part(made)
    raw = json.loads(json.dumps(inputs_of(made.theme)))
    for _ in range(draw.choice((0, 0, 1, 2))):
        _lose_one(raw, draw)
    wanted = gather(raw)
    missing = [gap.pointer for gap in wanted.gaps] if isinstance(wanted, Clarification) else []
    gaps = frozenset((*missing, *(() if "request" in raw else ("/request",))))
    seen = Seen(gaps)
    calls = draw.choice(("phases", "phases", "single"))
    share = draw.choice((0.0, 0.2, 0.6)) if replies else 0.0
    session = Session(
        raw,
        base=SourceTree.from_mapping(made.base),
        parameters=Parameters(split=parts),
        calls=calls,
        limits={"repairs": 1, "plans": 1},
    )
    name = f"{calls}{', in parts' if parts else ''}, {share:.0%} small model"
    while not isinstance(effect := session.pending(), (Done, Failed)):
        answer: Any = None
        if isinstance(effect, CallModel):
            request = effect.request
            if request.phase not in ("plan", "self-check", "context", "split") and not seen.open_at_code:
                seen.open_at_code = set(seen.gaps - seen.answered)
            seen.phases.append("single" if request.phase == "all" else request.phase)
            text = _text(request, made, draw, replies, share)
            _read(seen, request.phase, text)
            answer = Completion(text=text, ending=Ending.COMPLETE)
        elif isinstance(effect, AskHuman):
            seen.asked += [gap.pointer for gap in effect.clarification.gaps]
            seen.bare += [gap.pointer for gap in effect.clarification.gaps if not gap.options]
            answer = _answers(effect, made, draw)
            seen.answered |= set(answer or ())
        elif isinstance(effect, ReadFiles):
            answer = {path: made.base.get(path) for path in effect.paths}
        elif isinstance(effect, Verify):
            answer = []
        session.feed(effect.id, answer)
    return seen, effect.result, name


def _lose_one(raw: dict[str, Any], draw: random.Random) -> None:
    document = draw.choice([key for key, value in raw.items() if isinstance(value, dict) and value])
    if draw.random() < 0.3:
        del raw[document]
    else:
        del raw[document][draw.choice(sorted(raw[document]))]


def _answers(effect: AskHuman, made: Built, draw: random.Random) -> dict[str, Any] | None:
    mood = draw.random()
    if mood < 0.05:
        return None
    whole = inputs_of(made.theme)
    answers: dict[str, Any] = {}
    for gap in effect.clarification.gaps:
        value: Any = whole
        for key in gap.pointer.strip("/").split("/"):
            value = value.get(key) if isinstance(value, dict) else None
        if value is not None and (mood > 0.3 or draw.random() < 0.5):
            answers[gap.pointer] = value
    return answers


def _with_second_part(made: Built) -> Built:
    """The same change with a page of notes more, which the plan puts into a second part."""
    more = made.add(Section.DOCS, "docs/later.md", "# Later\n\nWhat comes after the first part.\n")
    assert more.plan is not None
    files = tuple(
        file.model_copy(update={"part": 2}) if file.path == "docs/later.md" else file
        for file in more.plan.files
    )
    return replace(more, plan=more.plan.model_copy(update={"files": files}))


def _text(
    request: ModelRequest,
    made: Built,
    draw: random.Random,
    replies: Mapping[str, list[dict[str, Any]]],
    share: float,
) -> str:
    """The model's answer: a reply of the small model to this phase, with this call's seal, or a builder's."""
    prompt = request.messages[-1].content
    seal = found[1] if (found := _SEAL.search(prompt)) else None
    known = replies.get(request.phase) or replies.get({"self-check": "plan"}.get(request.phase, ""), [])
    if known and draw.random() < share:
        facts = draw.choice(known)
        text = str(facts["text"])
        return text.replace(facts["seal"], seal) if facts["seal"] and seal else text
    plan = said = made.plan
    if said is not None and draw.random() < 0.2:
        said = said.model_copy(
            update=draw.choice(({"security": ()}, {"slo": ()}, {"security": (), "slo": ()}))
        )
    parts: dict[str, Any] = {
        "plan": {"checklist": made.checklist, "plan": said},
        "self-check": {"plan": said},
        "verify": {"attestations": made.attestations, "findings": made.findings},
    }.get(request.phase, {"validations": made.validations})
    if request.phase == "all":
        parts = {"checklist": made.checklist, "plan": said, "validations": made.validations}
        parts |= {"attestations": made.attestations, "findings": made.findings}
    if "findings" in parts and draw.random() < 0.15:
        parts["findings"] = None
    files: tuple[Any, ...] = ()
    if "validations" in parts:
        files = tuple(
            file
            for file in made.change.files
            if request.phase == "all" or _asked_for(file.path, prompt, plan)
        )
        parts["validations"] = {file.path: made.validations[file.path] for file in files}
    return write_reply(replace(made.change, files=files) if files else (), seal=seal, **parts)


def _asked_for(path: str, prompt: str, plan: Plan | None) -> bool:
    """Whether the last lines of the prompt ask for a path, where the plan has parts."""
    if plan is None or plan.parts == 1:
        return True
    part = 2 if re.search(r"part 2", prompt[-6000:], re.IGNORECASE) else 1
    return any(file.path == path and file.part == part for file in plan.files)


def _read(seen: Seen, phase: str, text: str) -> None:
    """Plan and findings of an answer, read off its JSON blocks by hand."""
    found = False
    for block in _JSON.findall(text):
        try:
            data = json.loads(block)
        except ValueError:
            continue
        if not isinstance(data, dict):
            continue
        if isinstance(data.get("plan"), dict) and phase in ("plan", "self-check", "all"):
            seen.plans.append(data["plan"])
        found = found or isinstance(data.get("findings"), list)
    if phase in ("verify", "all", "repair"):
        # A repair changes what the review was about.
        seen.reviewed = found and phase != "repair"
