"""Mutators of what goes with a reply: inputs, reports of really run things, facts of the run, suppressions.

Owns: these mutators.
Must never know: how the rules find them.
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from backend_engineer.contract import Phase, Section, Status
from backend_engineer.outputs import (
    CommandOutcome,
    CommandReport,
    Handoff,
    Handoffs,
    MigrationReport,
    PairOutcome,
    PairVerdict,
    ReviewFindings,
    text_hash,
)
from backend_engineer.parsing import parse_reply
from backend_engineer.rules import RunFacts
from backend_engineer.testing.builders import Built
from backend_engineer.testing.mutators.mutator import Mutator

__all__ = ["MUTATORS"]


def _refused_diff(built: Built, chance: random.Random) -> Built:
    patch = f"@@ -1,2 +1,2 @@\n # Another title {chance.randint(1, 999)}\n-Old.\n+New.\n"
    text = built.add(Section.DOCS, "README.md", "to be put in place\n").text()
    fence = "`" * 3
    start = text.index("file: README.md")
    opener = text.rindex(fence, 0, start)
    end = text.index("\n" + fence, start) + 1
    block = f"{fence}diff\n# file: README.md (modify)\n{patch}"
    return replace(built, raw=text[:opener] + block + text[end:])


def _suppressed_without_reason(built: Built, chance: random.Random) -> Built:
    return _commented(built, f"allow {chance.choice(('SEC401', 'SQL302', 'ENV317'))}")


def _suppression_expired(built: Built, chance: random.Random) -> Built:
    year = chance.randint(2001, 2019)
    return _commented(built, f"allow SEC401 until {year}-01-31 because it is moved away")


def _suppressed_by_no_rule(built: Built, chance: random.Random) -> Built:
    code = chance.choice(("SEC041", "SQL3002", "CONS-04"))
    return _commented(built, f"allow {code} because it was agreed")


def _suppression_left_over(built: Built, chance: random.Random) -> Built:
    words = chance.choice(("allow ELI001", "allow-file SEC401", "allow-file PTH001, PTH002"))
    return _commented(built, f"{words} because it was agreed")


def _commented(built: Built, words: str) -> Built:
    """The controller with a comment at its end, as a change: in a reply it would not count."""
    built = replace(built, as_change=True)
    return built.append(built.file(Section.CONTROLLERS).path, f"\n# backend-engineer: {words}\n")


def _commands(built: Built, **facts: Any) -> Built:
    outcome = CommandOutcome.model_validate(
        {
            "kind": "tests",
            "argv": ("python3", "-m", "unittest"),
            "before": 0,
            "after": 0,
            "tests_run": 5,
            **facts,
        }
    )
    change = parse_reply(built.text()).change
    return replace(
        built, verified=(CommandReport(outcomes=(outcome,), runner="made up", change=change.hash),)
    )


def _tests_fail(built: Built, chance: random.Random) -> Built:
    return _commands(built, after=chance.randint(1, 5), output="FAILED (failures=1)")


def _no_test_ran(built: Built, chance: random.Random) -> Built:
    return _commands(built, tests_run=0, seconds=float(chance.randint(1, 9)))


def _pair(built: Built, **facts: Any) -> Built:
    up, down = built.change.files[0], built.change.files[1]
    outcome = PairOutcome.model_validate(
        {
            "migration": up.path.rsplit("/", 1)[-1].removesuffix(".up.sql"),
            "forward": up.path,
            "rollback": down.path,
            "verdict": PairVerdict.RESTORED,
            "rows": "kept",
            "verify_before": "fail",
            "verify_after": "pass",
            "verify_after_rollback": "fail",
            **facts,
        }
    )
    hashes = {file.path: text_hash(file.content or "") for file in (up, down)}
    report = MigrationReport(dialect=built.theme.dialect, pairs=(outcome,), files=hashes)
    return replace(built, verified=(report,))


def _not_restored(built: Built, chance: random.Random) -> Built:
    column = f"{built.theme.many}.{built.theme.column}"
    return _pair(built, verdict=PairVerdict.DIFFERENT, differences=(f"+ left behind: column {column}",))


def _rollback_fails(built: Built, chance: random.Random) -> Built:
    return _pair(
        built, verdict=PairVerdict.ROLLBACK_FAILED, message=f"no such column: c{chance.randint(1, 99)}"
    )


def _verify_fails(built: Built, chance: random.Random) -> Built:
    return _pair(built, verify_after="fail")


def _verify_cannot_tell(built: Built, chance: random.Random) -> Built:
    return _pair(built, verify_before="pass")


def _facts(built: Built, **facts: Any) -> Built:
    def handoff(to: str, receiver: str, **more: Any) -> Handoff:
        return Handoff.model_validate({"to": to, "receiver": receiver, "summary": "A column is new.", **more})

    up, down = built.change.files[0].path, built.change.files[1].path
    whole: dict[str, Any] = {
        "phases": tuple(Phase),
        "self_checked": True,
        "security_notes": 1,
        "slo_notes": 1,
        "findings": ReviewFindings.of(Status.READY),
        "handoffs": Handoffs(
            devops=handoff("devops", "devops-deployment-engineer.md", migrations=((up, down),)),
            qa=handoff("qa", "QA/test agent"),
            frontend=handoff("frontend", "frontend engineer"),
        ),
    }
    return replace(built, run=RunFacts.model_validate({**whole, **facts}))


def _gap_not_asked(built: Built, chance: random.Random) -> Built:
    pointer = chance.choice(("/tech_spec/stack", "/perf_targets/slos", "/ops_guides/alerts"))
    return _facts(built, gaps=(pointer,))


def _asked_too_much(built: Built, chance: random.Random) -> Built:
    return _facts(built, asked=(chance.choice(("/tech_spec/stack", "/data_model/entities")),))


def _no_self_check(built: Built, chance: random.Random) -> Built:
    assert built.plan is not None
    silent = replace(built, plan=built.plan.model_copy(update={chance.choice(("security", "slo")): ()}))
    return _facts(silent, self_checked=False, security_notes=0, slo_notes=0)


def _no_findings(built: Built, chance: random.Random) -> Built:
    return replace(_facts(built, findings=None), findings=None)


def _no_handoff(built: Built, chance: random.Random) -> Built:
    return _facts(built, handoffs=None)


MUTATORS: tuple[Mutator, ...] = (
    Mutator("diff that does not apply", "PAT001", _refused_diff),
    Mutator("suppression without a reason", "SUP001", _suppressed_without_reason),
    Mutator("suppression that has expired", "SUP002", _suppression_expired),
    Mutator("suppression of what is no rule", "SUP003", _suppressed_by_no_rule),
    Mutator("suppression that is left over", "SUP004", _suppression_left_over),
    Mutator("tests fail with the change", "EXE001", _tests_fail),
    Mutator("no test ran", "EXE001", _no_test_ran),
    Mutator("rollback leaves something behind", "EXE002", _not_restored),
    Mutator("rollback fails", "EXE002", _rollback_fails),
    Mutator("VERIFY fails after the migration", "EXE003", _verify_fails),
    Mutator("VERIFY passes before the migration", "EXE003", _verify_cannot_tell),
    Mutator("gap not asked for", "ASK001", _gap_not_asked),
    Mutator("question for what was given", "ASK002", _asked_too_much),
    Mutator("no self-check", "SLF001", _no_self_check),
    Mutator("run without findings", "REP001", _no_findings),
    Mutator("run without handoffs", "HND001", _no_handoff),
)
