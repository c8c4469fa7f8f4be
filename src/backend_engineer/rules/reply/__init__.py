"""Rules about the reply itself: its checklist, plan, sections, blocks, validations, findings, attestations.

Owns: the rules of ROLE-03, PROT-02, PROT-04, FLOW-02, FLOW-13, OUTF-01, OUTF-02, FIND-01 and FIND-02.
Must never know: prompts, sessions, how a reply is parsed.
"""

from __future__ import annotations

from backend_engineer.rules.reply.att001_claim_does_not_stand import RULE as ATT001
from backend_engineer.rules.reply.blk001_own_block import RULE as BLK001
from backend_engineer.rules.reply.chk001_checklist_length import RULE as CHK001
from backend_engineer.rules.reply.fnd001_findings_document import RULE as FND001
from backend_engineer.rules.reply.fnd002_findings_shape import RULE as FND002
from backend_engineer.rules.reply.fnd003_findings_place import RULE as FND003
from backend_engineer.rules.reply.ord001_section_order import RULE as ORD001
from backend_engineer.rules.reply.pat001_diff_refused import RULE as PAT001
from backend_engineer.rules.reply.pln001_plan_missing import RULE as PLN001
from backend_engineer.rules.reply.pln002_plan_order import RULE as PLN002
from backend_engineer.rules.reply.pln003_plan_differs import RULE as PLN003
from backend_engineer.rules.reply.trc001_traceability import RULE as TRC001
from backend_engineer.rules.reply.val001_validation_line import RULE as VAL001
from backend_engineer.rules.rule import Rule

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = (
    CHK001,
    PLN001,
    PLN002,
    PLN003,
    TRC001,
    ORD001,
    BLK001,
    PAT001,
    VAL001,
    FND001,
    FND002,
    FND003,
    ATT001,
)
