"""Stamp the demo's records anew: run the hand-written replies through the stage and keep what was asked and answered.

Run it (`make record-demo`) after a prompt, the service or the specification was changed on purpose. The replies stay
as they were written; only the answer seal of each new prompt is put into their file headers.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from backend_engineer.clients import Completion
from backend_engineer.contract import Ending
from backend_engineer.drivers.hands import Hands
from backend_engineer.inputs import StageInputs
from backend_engineer.outputs import RunRecord, StageResult
from backend_engineer.session import Failed, Session
from backend_engineer.verification import LocalRunner
from backend_engineer.workspace import SourceTree

EXAMPLE = Path(__file__).resolve().parent / "last-login"
LABEL = "hand-written"
HEADER = re.compile(r"^((?:--|#|//|<!--) file: \S+)( \((?:add|modify)\))", re.MULTILINE)


def main() -> int:
    """Write one record for the run phase by phase, and one for the single call."""
    sound = True
    for calls in ("phases", "single"):
        result = play(calls)
        record = steady(result.record.model_copy(update={"label": LABEL}))
        target = EXAMPLE / "records" / f"{calls}.json"
        target.parent.mkdir(exist_ok=True)
        target.write_text(record.model_dump_json(indent=1) + "\n", encoding="utf-8")
        called = sum(exchange.kind == "call-model" for exchange in record.exchanges)
        sys.stdout.write(f"Record: {target.name}, {called} call(s), status {result.status}\n")
        if result.report is None or not result.report.ok:
            unsettled = () if result.report is None else (*result.report.violated, *result.report.unchecked)
            sys.stdout.write(f"Not well: {', '.join(unsettled) or result.reason}\n")
            sound = False
    return 0 if sound else 1


def play(calls: str, *, verify: bool = True) -> StageResult:
    """Run the stage with the hand-written replies as the model's answers; `verify` really runs things."""
    inputs = StageInputs.load(EXAMPLE / "spec")
    tree = SourceTree.from_directory(EXAMPLE / "service")
    session = Session(inputs, base=tree, calls=calls, run=f"last-login-{calls}")
    hands = Hands(tree, "sqlite", LocalRunner(), None if verify else False)
    while True:
        effect = session.pending()
        if effect.kind == "call-model":
            text = sealed(reply_for(effect.request.phase), session.dump()["call"]["seal"])
            session.feed(effect.id, Completion(text=text, ending=Ending.COMPLETE, model=LABEL))
        elif effect.kind == "read-files":
            session.feed(effect.id, hands.read(effect))
        elif effect.kind == "verify":
            session.feed(effect.id, hands.run(effect))
        elif isinstance(effect, Failed):
            raise SystemExit(f"Error: the run failed: {effect.error.message}")
        elif effect.kind == "done":
            return effect.result
        else:
            raise SystemExit(f"Error: the run asks for {effect.kind}, for which nothing was written.")


def steady(record: RunRecord) -> RunRecord:
    """The record without what differs from run to run: how long things took."""
    text = re.sub(r'"seconds":[0-9.e-]+', '"seconds":0.0', record.model_dump_json())
    return RunRecord.model_validate_json(re.sub(r"(Ran [0-9]+ tests) in [0-9.]+s", r"\1", text))


def reply_for(phase: str) -> str:
    """The hand-written reply for a phase."""
    name = "reply.md" if phase == "all" else f"phases/{phase}.md"
    path = EXAMPLE / "hand-written" / name
    if not path.is_file():
        raise SystemExit(f"Error: no reply was written for the phase {phase}; the run should not need it.")
    return path.read_text("utf-8")


def sealed(text: str, seal: str) -> str:
    """The reply with the prompt's answer seal in each file header."""
    return HEADER.sub(rf"\1 {seal}\2", text) if seal else text


if __name__ == "__main__":
    sys.exit(main())
