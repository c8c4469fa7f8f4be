"""Rules about the API description that a change ships, held against the contract and the stage's defaults.

Owns: the exact checks of APID-01 to APID-04 on documents.
Must never know: handlers and routes in code, how documents are compared.
"""

from __future__ import annotations

from backend_engineer.rules.api.api001_contract_differs import RULE as API001
from backend_engineer.rules.api.api002_document_faulty import RULE as API002
from backend_engineer.rules.api.api003_no_idempotency_key import RULE as API003
from backend_engineer.rules.api.api004_no_envelope import RULE as API004
from backend_engineer.rules.api.api005_no_cursor import RULE as API005
from backend_engineer.rules.api.api006_no_rate_limit import RULE as API006
from backend_engineer.rules.api.api007_no_security import RULE as API007
from backend_engineer.rules.api.api008_schema_differs import RULE as API008
from backend_engineer.rules.rule import Rule

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = (API001, API002, API003, API004, API005, API006, API007, API008)
