"""Rules about the files of a change, wherever it came from: number, paths, order, completeness, what ships along.

Owns: the rules of CONS-02, CONS-03, MIGR-01, PROT-04 on a change as a whole, and of suppressions.
Must never know: prompts, sessions, where a change was read.
"""

from __future__ import annotations

from backend_engineer.rules.change.cap001_file_cap import RULE as CAP001
from backend_engineer.rules.change.cut001_truncated_file import RULE as CUT001
from backend_engineer.rules.change.eli001_elided_code import RULE as ELI001
from backend_engineer.rules.change.ord002_migrations_first import RULE as ORD002
from backend_engineer.rules.change.pth001_refused_path import RULE as PTH001
from backend_engineer.rules.change.pth002_colliding_paths import RULE as PTH002
from backend_engineer.rules.change.shp001_tests_missing import RULE as SHP001
from backend_engineer.rules.change.shp002_docs_missing import RULE as SHP002
from backend_engineer.rules.change.shp003_observability_missing import RULE as SHP003
from backend_engineer.rules.change.shp004_schema_change import RULE as SHP004
from backend_engineer.rules.change.sup001_suppression_unclear import RULE as SUP001
from backend_engineer.rules.change.sup002_suppression_expired import RULE as SUP002
from backend_engineer.rules.change.sup003_suppression_unknown import RULE as SUP003
from backend_engineer.rules.change.sup004_suppression_idle import RULE as SUP004
from backend_engineer.rules.rule import Rule

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = (
    CAP001,
    PTH001,
    PTH002,
    ORD002,
    SHP001,
    SHP002,
    SHP003,
    SHP004,
    CUT001,
    ELI001,
    SUP001,
    SUP002,
    SUP003,
    SUP004,
)
