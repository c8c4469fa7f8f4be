"""Rules about the inputs: is each document there, and is it whole.

Owns: the rules of INPT-02 to INPT-07, FLOW-01, INCO-01 and INCO-02.
Must never know: how a document is loaded or a gap is worded.
"""

from __future__ import annotations

from backend_engineer.rules.documents.inp001_inputs_whole import RULE as INP001
from backend_engineer.rules.rule import Rule

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = (INP001,)
