"""Mutators of the reply itself: checklist, plan, order, validation lines, findings, attestations, blocks.

Owns: these mutators.
Must never know: how the rules find them.
"""

from __future__ import annotations

import random
from dataclasses import replace

from backend_engineer.contract import Section, Status
from backend_engineer.outputs import Attestation, Finding, ReviewFindings
from backend_engineer.testing.builders import Built
from backend_engineer.testing.mutators.mutator import Mutator

__all__ = ["MUTATORS"]


def _short_checklist(built: Built, chance: random.Random) -> Built:
    return replace(built, checklist=built.checklist[: chance.randint(0, 2)])


def _long_checklist(built: Built, chance: random.Random) -> Built:
    return replace(built, checklist=tuple(f"Consider point {n}" for n in range(chance.randint(8, 14))))


def _no_plan(built: Built, chance: random.Random) -> Built:
    return replace(built, plan=None)


def _plan_out_of_order(built: Built, chance: random.Random) -> Built:
    assert built.plan is not None
    files = list(built.plan.files)
    moved = files.pop(0)
    files.insert(chance.randint(4, len(files)), moved)
    return replace(built, plan=built.plan.model_copy(update={"files": tuple(files)}))


def _unplanned_file(built: Built, chance: random.Random) -> Built:
    assert built.plan is not None
    files = list(built.plan.files)
    files.pop(chance.randint(2, len(files) - 1))
    return replace(built, plan=built.plan.model_copy(update={"files": tuple(files)}))


def _planned_and_not_given(built: Built, chance: random.Random) -> Built:
    assert built.plan is not None
    extra = built.plan.files[-1].model_copy(update={"path": f"docs/page-{chance.randint(1, 999)}.md"})
    return replace(built, plan=built.plan.model_copy(update={"files": (*built.plan.files, extra)}))


def _no_traceability(built: Built, chance: random.Random) -> Built:
    assert built.plan is not None
    return replace(built, plan=built.plan.model_copy(update={"traceability": ()}))


def _endpoint_not_traced(built: Built, chance: random.Random) -> Built:
    assert built.plan is not None
    rows = list(built.plan.traceability)
    rows[0] = rows[0].model_copy(update={"endpoint": f"GET /ghosts-{chance.randint(1, 99)}"})
    return replace(built, plan=built.plan.model_copy(update={"traceability": tuple(rows)}))


def _sections_out_of_order(built: Built, chance: random.Random) -> Built:
    # Only what follows the schema moves, so that migrations still come first.
    files = list(built.change.files)
    tests = next(item for item in files if item.section is Section.TESTS)
    files.remove(tests)
    place = chance.randint(2, next(n for n, item in enumerate(files) if item.section is Section.VALIDATION))
    files.insert(place, tests)
    return replace(built, change=built.change.with_files(tuple(files)))


def _no_validation(built: Built, chance: random.Random) -> Built:
    watched = [item.path for item in built.change.files if item.section and item.section.position <= 7]
    path = chance.choice(watched)
    return replace(
        built, validations={name: text for name, text in built.validations.items() if name != path}
    )


def _no_findings(built: Built, chance: random.Random) -> Built:
    return replace(built, findings=None)


def _finding(path: str, lines: str, severity: str = "minor") -> Finding:
    return Finding.model_validate(
        {
            "type": "risk",
            "category": "testing",
            "severity": severity,
            "title": "Load is not tested",
            "where": {"path": path, "lines": lines},
            "evidence": "No test sends more than one request at a time.",
            "recommendation": "Run the load test of the release before the rollout.",
        }
    )


def _finding_nowhere(built: Built, chance: random.Random) -> Built:
    path = f"src/ghost_{chance.randint(1, 99)}.py"
    return replace(built, findings=ReviewFindings.of(Status.READY, (_finding(path, "1-2"),)))


def _finding_past_the_end(built: Built, chance: random.Random) -> Built:
    file = built.file(Section.TESTS)
    last = (file.content or "").count("\n") + chance.randint(10, 500)
    return replace(
        built, findings=ReviewFindings.of(Status.READY, (_finding(file.path, f"{last}-{last + 3}"),))
    )


def _finding_without_severity(built: Built, chance: random.Random) -> Built:
    good = _finding(built.file(Section.TESTS).path, "1")
    text = replace(built, findings=ReviewFindings.of(Status.READY, (good,))).text()
    word = chance.choice(("high", "urgent", "MAJOR"))
    place = text.rindex('"severity"')
    return replace(built, raw=text[:place] + text[place:].replace('"minor"', f'"{word}"', 1))


def _false_quote(built: Built, chance: random.Random) -> Built:
    place = chance.randrange(len(built.attestations))
    false = built.attestations[place].model_copy(
        update={"quote": f"assert guarded({chance.randint(1, 999)})"}
    )
    return replace(built, attestations=(*built.attestations[:place], false, *built.attestations[place + 1 :]))


def _attested_elsewhere(built: Built, chance: random.Random) -> Built:
    place = chance.randrange(len(built.attestations))
    one = built.attestations[place]
    false = Attestation(
        clause=one.clause, path=f"src/ghost_{chance.randint(1, 99)}.py", lines=one.lines, quote=one.quote
    )
    return replace(built, attestations=(*built.attestations[:place], false, *built.attestations[place + 1 :]))


def _orphan_lines(built: Built, chance: random.Random) -> Built:
    header = "# file: " + built.file(Section.SERVICES).path
    return replace(
        built, raw=built.text().replace(header, f"import os  # {chance.randint(1, 99)}\n\n{header}", 1)
    )


def _words_after_the_path(built: Built, chance: random.Random) -> Built:
    path = built.file(Section.SERVICES).path
    word = chance.choice(("and its caller", "as planned", "see above"))
    return replace(built, raw=built.text().replace(f"# file: {path} (add)", f"# file: {path} {word}", 1))


def _cut_off(built: Built, chance: random.Random) -> Built:
    text = built.text()
    start = text.index("file: " + built.file(Section.DOCS).path, text.index("## Docs"))
    return replace(built, raw=text[: start + chance.randint(200, 600)])


MUTATORS: tuple[Mutator, ...] = (
    Mutator("checklist too short", "CHK001", _short_checklist),
    Mutator("checklist too long", "CHK001", _long_checklist),
    Mutator("no plan", "PLN001", _no_plan),
    Mutator("migration planned after code", "PLN002", _plan_out_of_order),
    Mutator("file that no plan names", "PLN003", _unplanned_file),
    Mutator("planned file that is not given", "PLN003", _planned_and_not_given),
    Mutator("no traceability", "TRC001", _no_traceability),
    Mutator("traced endpoint that the contract lacks", "TRC001", _endpoint_not_traced),
    Mutator("sections out of order", "ORD001", _sections_out_of_order),
    Mutator("no validation line", "VAL001", _no_validation),
    Mutator("no findings document", "FND001", _no_findings),
    Mutator("finding of an unknown severity", "FND002", _finding_without_severity),
    Mutator("finding on a file that is not there", "FND003", _finding_nowhere),
    Mutator("finding past the end of its file", "FND003", _finding_past_the_end),
    Mutator("lines before the first header", "BLK001", _orphan_lines),
    Mutator("words after a path", "BLK001", _words_after_the_path),
    Mutator("quote that does not stand", "ATT001", _false_quote),
    Mutator("attestation of a file that is not there", "ATT001", _attested_elsewhere),
    Mutator("reply cut off in a file", "CUT001", _cut_off),
)
