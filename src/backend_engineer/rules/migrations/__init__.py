"""Rules about migrations: pairs, reversal, locks, writes, papers, and agreement with DataModel.

Owns: the rules of MIGR-01 to MIGR-05, FLOW-03 and CONS-05 on scripts and on the report of their run.
Must never know: databases, subprocesses, folders.
"""

from __future__ import annotations

from backend_engineer.rules.migrations.mig001_rollback_missing import RULE as MIG001
from backend_engineer.rules.migrations.mig002_rollback_empty import RULE as MIG002
from backend_engineer.rules.migrations.mig003_version_order import RULE as MIG003
from backend_engineer.rules.migrations.mig004_object_missing import RULE as MIG004
from backend_engineer.rules.migrations.mig005_edited import RULE as MIG005
from backend_engineer.rules.migrations.mig010_syntax import RULE as MIG010
from backend_engineer.rules.migrations.mig011_concurrently import RULE as MIG011
from backend_engineer.rules.migrations.mig012_own_transaction import RULE as MIG012
from backend_engineer.rules.migrations.mig013_half_done import RULE as MIG013
from backend_engineer.rules.migrations.mig020_left_behind import RULE as MIG020
from backend_engineer.rules.migrations.mig021_not_recreated import RULE as MIG021
from backend_engineer.rules.migrations.mig022_attribute_changed import RULE as MIG022
from backend_engineer.rules.migrations.mig023_body_not_restored import RULE as MIG023
from backend_engineer.rules.migrations.mig024_irreversible import RULE as MIG024
from backend_engineer.rules.migrations.mig025_hides_failure import RULE as MIG025
from backend_engineer.rules.migrations.mig030_index_not_concurrent import RULE as MIG030
from backend_engineer.rules.migrations.mig031_constraint_validated_at_once import RULE as MIG031
from backend_engineer.rules.migrations.mig032_required_column import RULE as MIG032
from backend_engineer.rules.migrations.mig033_rewrites_table import RULE as MIG033
from backend_engineer.rules.migrations.mig034_not_null_scan import RULE as MIG034
from backend_engineer.rules.migrations.mig035_lock_timeout import RULE as MIG035
from backend_engineer.rules.migrations.mig036_still_read import RULE as MIG036
from backend_engineer.rules.migrations.mig040_unbounded_write import RULE as MIG040
from backend_engineer.rules.migrations.mig041_no_checkpoint import RULE as MIG041
from backend_engineer.rules.migrations.mig042_backfill_in_transaction import RULE as MIG042
from backend_engineer.rules.migrations.mig043_no_throttle import RULE as MIG043
from backend_engineer.rules.migrations.mig050_no_verify import RULE as MIG050
from backend_engineer.rules.migrations.mig051_verify_cannot_fail import RULE as MIG051
from backend_engineer.rules.migrations.mig052_verify_writes import RULE as MIG052
from backend_engineer.rules.migrations.mig053_operations import RULE as MIG053
from backend_engineer.rules.migrations.mig054_no_dry_run import RULE as MIG054
from backend_engineer.rules.migrations.mig055_no_guard import RULE as MIG055
from backend_engineer.rules.migrations.mig067_irreversible_silent import RULE as MIG067
from backend_engineer.rules.migrations.mig068_forbidden import RULE as MIG068
from backend_engineer.rules.migrations.mig070_schema_drift import RULE as MIG070
from backend_engineer.rules.migrations.mig080_linter import RULE as MIG080
from backend_engineer.rules.rule import Rule

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = (
    MIG001,
    MIG002,
    MIG003,
    MIG004,
    MIG005,
    MIG010,
    MIG011,
    MIG012,
    MIG013,
    MIG020,
    MIG021,
    MIG022,
    MIG023,
    MIG024,
    MIG025,
    MIG030,
    MIG031,
    MIG032,
    MIG033,
    MIG034,
    MIG035,
    MIG036,
    MIG040,
    MIG041,
    MIG042,
    MIG043,
    MIG050,
    MIG051,
    MIG052,
    MIG053,
    MIG054,
    MIG055,
    MIG067,
    MIG068,
    MIG070,
    MIG080,
)
