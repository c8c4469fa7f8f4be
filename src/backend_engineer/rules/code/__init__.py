"""Rules about source code and what stands beside it, one file each.

Owns: the family and its order.
Must never know: the engine.
"""

from backend_engineer.rules.code import (
    env317_environment,
    err307_error_literal,
    grd309_no_visible_guard,
    idm310_no_idempotency_key,
    idx314_index_coverage,
    mas305_mass_assignment,
    npl320_query_in_loop,
    pag308_offset_paging,
    prb312_health_probe,
    ret313_retention,
    run316_replay_runbook,
    sig311_no_sigterm,
    slo319_slo_probes,
    sql301_unbounded_write,
    sql302_select_star,
    sql303_unlimited_read,
    sql304_built_sql,
    ssr306_request_url,
    tst315_test_kinds,
)
from backend_engineer.rules.rule import Rule

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = (
    sql301_unbounded_write.RULE,
    sql302_select_star.RULE,
    sql303_unlimited_read.RULE,
    sql304_built_sql.RULE,
    mas305_mass_assignment.RULE,
    ssr306_request_url.RULE,
    err307_error_literal.RULE,
    pag308_offset_paging.RULE,
    grd309_no_visible_guard.RULE,
    idm310_no_idempotency_key.RULE,
    sig311_no_sigterm.RULE,
    prb312_health_probe.RULE,
    ret313_retention.RULE,
    idx314_index_coverage.RULE,
    tst315_test_kinds.RULE,
    run316_replay_runbook.RULE,
    env317_environment.RULE,
    slo319_slo_probes.RULE,
    npl320_query_in_loop.RULE,
)
