"""PostgreSQL's catalog as a snapshot: everything that `pg_dump --schema-only` would write, and nothing else.

Owns: the queries, and which differences are mere writing.
Must never know: connections beyond the one it is given, scripts, verdicts.

Names are written out in full because the search path is empty while the queries run, as pg_dump has it.
Each query answers rows of (object, text, place among its like).
"""
# ruff: noqa: S608  every part of a query is written here

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from backend_engineer.migrations.lexer import Token, tokenize
from backend_engineer.verification.postgres.prepared import run_prepared
from backend_engineer.verification.snapshots import Fact, Snapshot

__all__ = ["canonical", "read_catalog"]

_OWN = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"


def _not_extension(catalog: str, alias: str) -> str:
    return (
        f"NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = '{catalog}'::regclass "
        f"AND d.objid = {alias}.oid AND d.deptype = 'e')"
    )


def _rights(column: str, kind: str, owner: str) -> str:
    # Rights that were granted and taken back are written out in the catalog though they are the default.
    listed = "(SELECT coalesce(string_agg(a::text, ',' ORDER BY a::text), '') FROM unnest({}) a)"
    default = f"acldefault('{kind}', {owner})"
    given = listed.format(f"coalesce({column}, {default})")
    return f"'rights ' || nullif({given}, {listed.format(default)})"


def _owner(column: str) -> str:
    return f"'owner ' || nullif({column}, current_user::regrole::oid)::regrole"


def _queries(version: int) -> list[str]:
    compression = "a.attcompression::text" if version >= 140000 else "''"
    nulls = "AND c.contype NOT IN ('t', 'n')"
    relation = "c.relkind IN ('r', 'p', 'f')"
    name = "format('%I.%I', n.nspname, c.relname)"
    target = (
        "CASE WHEN s.stxstattarget >= 0 THEN 'statistics ' || s.stxstattarget END"
        if version >= 130000
        else "''"
    )
    return [
        # schemas
        f"SELECT 'schema ' || quote_ident(nspname), concat_ws(' ', 'schema', {_owner('nspowner')}, {_rights('nspacl', 'n', 'nspowner')}), 0 "
        f"FROM pg_namespace n WHERE {_OWN} AND {_not_extension('pg_namespace', 'n')}",
        # extensions
        "SELECT 'extension ' || quote_ident(extname), 'in ' || extnamespace::regnamespace, 0 FROM pg_extension WHERE extname <> 'plpgsql'",
        # enumerations
        "SELECT 'type ' || format('%I.%I', n.nspname, t.typname), "
        "concat_ws(' ', 'enum (' || coalesce((SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid), '') || ')', "
        + _owner("t.typowner")
        + ", "
        + _rights("t.typacl", "T", "t.typowner")
        + f"), 0 FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype = 'e' AND {_OWN} AND {_not_extension('pg_type', 't')}",
        # domains
        "SELECT 'domain ' || format('%I.%I', n.nspname, t.typname), "
        "concat_ws(' ', format_type(t.typbasetype, t.typtypmod), CASE WHEN t.typcollation <> 0 THEN 'collate ' || t.typcollation::regcollation END, CASE WHEN t.typnotnull THEN 'not null' END, 'default ' || t.typdefault, "
        "(SELECT string_agg(quote_ident(c.conname) || ' ' || pg_get_constraintdef(c.oid), ' ' ORDER BY c.conname) FROM pg_constraint c WHERE c.contypid = t.oid AND c.contype <> 'n'), "
        + _owner("t.typowner")
        + ", "
        + _rights("t.typacl", "T", "t.typowner")
        + "), 0 "
        f"FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype = 'd' AND {_OWN} AND {_not_extension('pg_type', 't')}",
        # composite types and ranges
        "SELECT 'type ' || format('%I.%I', n.nspname, t.typname), "
        "concat_ws(' ', '(' || coalesce((SELECT string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attcollation <> y.typcollation THEN ' collate ' || a.attcollation::regcollation ELSE '' END, ', ' ORDER BY a.attnum) FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped), '') || ')', "
        + _owner("t.typowner")
        + ", "
        + _rights("t.typacl", "T", "t.typowner")
        + "), 0 "
        f"FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace JOIN pg_class c ON c.oid = t.typrelid WHERE t.typtype = 'c' AND c.relkind = 'c' AND {_OWN} AND {_not_extension('pg_type', 't')}",
        "SELECT 'type ' || format('%I.%I', n.nspname, t.typname), concat_ws(' ', 'range of', format_type(r.rngsubtype, NULL), nullif(r.rngcollation, 0)::regcollation, r.rngsubopc::text, r.rngcanonical, r.rngsubdiff, "
        + _owner("t.typowner")
        + ", "
        + _rights("t.typacl", "T", "t.typowner")
        + "), 0 "
        f"FROM pg_range r JOIN pg_type t ON t.oid = r.rngtypid JOIN pg_namespace n ON n.oid = t.typnamespace WHERE {_OWN} AND {_not_extension('pg_type', 't')}",
        # types that are only announced, and types of one's own
        "SELECT 'type ' || format('%I.%I', n.nspname, t.typname), CASE WHEN t.typisdefined THEN concat_ws(' ', 'base', t.typinput, t.typoutput, t.typlen, t.typalign, t.typstorage, t.typcategory, t.typdefault) ELSE 'shell' END, 0 "
        f"FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE (NOT t.typisdefined OR (t.typtype = 'b' AND t.typcategory <> 'A')) AND {_OWN} AND {_not_extension('pg_type', 't')}",
        # tables
        f"SELECT 'table ' || {name}, "
        "concat_ws(' ', 'table', CASE c.relpersistence WHEN 'u' THEN 'unlogged' WHEN 't' THEN 'temporary' END, CASE WHEN c.relkind = 'p' THEN 'partition by ' || pg_get_partkeydef(c.oid) END, "
        "CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END, "
        "(SELECT 'inherits ' || string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno) FROM pg_inherits i WHERE i.inhrelid = c.oid), "
        "'with ' || (SELECT string_agg(x, ', ' ORDER BY x) FROM unnest(c.reloptions) x), CASE WHEN c.relrowsecurity THEN 'row security' END, CASE WHEN c.relforcerowsecurity THEN 'forced' END, "
        "CASE WHEN c.relreplident <> 'd' THEN 'replica identity ' || c.relreplident::text END, nullif(c.reltablespace, 0)::text, "
        "'using ' || (SELECT nullif(m.amname, 'heap') FROM pg_am m WHERE m.oid = c.relam), "
        "(SELECT 'toast with ' || (SELECT string_agg(x, ', ' ORDER BY x) FROM unnest(o.reloptions) x) FROM pg_class o WHERE o.oid = c.reltoastrelid), "
        "(SELECT s.srvname || ' ' || coalesce(array_to_string(f.ftoptions, ', '), '') FROM pg_foreign_table f JOIN pg_foreign_server s ON s.oid = f.ftserver WHERE f.ftrelid = c.oid), "
        "'of ' || nullif(c.reloftype, 0)::regtype, "
        + _owner("c.relowner")
        + ", "
        + _rights("c.relacl", "r", "c.relowner")
        + f"), 0 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {relation} AND {_OWN} AND {_not_extension('pg_class', 'c')}",
        # columns
        f"SELECT 'column ' || {name} || '.' || quote_ident(a.attname), "
        "concat_ws(' ', format_type(a.atttypid, a.atttypmod), CASE WHEN a.attcollation <> t.typcollation THEN 'collate ' || a.attcollation::regcollation END, "
        "CASE WHEN a.attnotnull THEN 'not null' END, "
        "CASE a.attidentity WHEN 'a' THEN 'generated always as identity' WHEN 'd' THEN 'generated by default as identity' END, "
        "CASE WHEN a.attgenerated <> '' THEN 'generated always as ' || pg_get_expr(e.adbin, e.adrelid) ELSE 'default ' || pg_get_expr(e.adbin, e.adrelid) END, "
        f"CASE WHEN a.attstorage <> t.typstorage THEN 'storage ' || a.attstorage::text END, nullif({compression}, ''), "
        "CASE WHEN a.attstattarget >= 0 THEN 'statistics ' || a.attstattarget END, array_to_string(a.attoptions, ', '), 'options ' || array_to_string(a.attfdwoptions, ', '), 'rights ' || array_to_string(a.attacl, ','), "
        "CASE WHEN a.attinhcount > 0 AND NOT a.attislocal THEN 'inherited' END), "
        "row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum) "
        "FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef e ON e.adrelid = a.attrelid AND e.adnum = a.attnum "
        f"WHERE {relation} AND a.attnum > 0 AND NOT a.attisdropped AND {_OWN} AND {_not_extension('pg_class', 'c')}",
        # sequences
        f"SELECT 'sequence ' || {name}, concat_ws(' ', format_type(s.seqtypid, NULL), 'start', s.seqstart, 'increment', s.seqincrement, 'min', s.seqmin, 'max', s.seqmax, 'cache', s.seqcache, CASE WHEN s.seqcycle THEN 'cycle' END, "
        "(SELECT 'owned by ' || d.refobjid::regclass || '.' || quote_ident(a.attname) || CASE d.deptype WHEN 'i' THEN ' as identity' ELSE '' END FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') LIMIT 1), "
        ""
        + _owner("c.relowner")
        + ", "
        + _rights("c.relacl", "s", "c.relowner")
        + f"), 0 FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {_OWN} AND {_not_extension('pg_class', 'c')}",
        # constraints
        f"SELECT 'constraint ' || {name.replace('c.', 'r.')} || '.' || quote_ident(c.conname), "
        "concat_ws(' ', pg_get_constraintdef(c.oid), CASE WHEN NOT c.conislocal THEN 'inherited' END, CASE WHEN i.indisclustered THEN 'clustered' END, CASE WHEN i.indisreplident THEN 'replica identity' END), 0 "
        "FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid JOIN pg_namespace n ON n.oid = r.relnamespace LEFT JOIN pg_index i ON i.indexrelid = c.conindid AND c.contype IN ('p', 'u', 'x') "
        f"WHERE {_OWN} {nulls} AND {_not_extension('pg_class', 'r')}",
        # indexes that no constraint owns
        f"SELECT 'index ' || {name}, concat_ws(' ', pg_get_indexdef(c.oid), CASE WHEN i.indisclustered THEN 'clustered' END, CASE WHEN i.indisreplident THEN 'replica identity' END, CASE WHEN NOT i.indisvalid THEN 'invalid' END, "
        "'part of ' || (SELECT h.inhparent::regclass FROM pg_inherits h WHERE h.inhrelid = c.oid), "
        "(SELECT 'statistics ' || string_agg(a.attnum || ':' || a.attstattarget, ',' ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attstattarget >= 0)), 0 "
        "FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class r ON r.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
        f"WHERE {_OWN} AND r.relkind <> 't' AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = c.oid AND k.contype IN ('p', 'u', 'x')) AND {_not_extension('pg_class', 'r')}",
        # views
        f"SELECT CASE c.relkind WHEN 'm' THEN 'materialized view ' ELSE 'view ' END || {name}, concat_ws(' ', pg_get_viewdef(c.oid), 'with ' || (SELECT string_agg(x, ', ' ORDER BY x) FROM unnest(c.reloptions) x), "
        "(SELECT string_agg(quote_ident(a.attname) || ' default ' || pg_get_expr(e.adbin, e.adrelid), ' ') FROM pg_attrdef e JOIN pg_attribute a ON a.attrelid = e.adrelid AND a.attnum = e.adnum WHERE e.adrelid = c.oid), "
        ""
        + _owner("c.relowner")
        + ", "
        + _rights("c.relacl", "r", "c.relowner")
        + f", CASE WHEN c.relkind = 'm' AND NOT c.relispopulated THEN 'not populated' END, "
        "(SELECT 'columns ' || string_agg(concat_ws(' ', quote_ident(a.attname), CASE WHEN a.attstattarget >= 0 THEN 'statistics ' || a.attstattarget END, array_to_string(a.attoptions, ', '), array_to_string(a.attacl, ',')), '; ' ORDER BY a.attnum) "
        "FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND (a.attstattarget >= 0 OR a.attoptions IS NOT NULL OR a.attacl IS NOT NULL))"
        f"), 0 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('v', 'm') AND {_OWN} AND {_not_extension('pg_class', 'c')}",
        # functions, procedures and aggregates
        "SELECT CASE p.prokind WHEN 'p' THEN 'procedure ' WHEN 'a' THEN 'aggregate ' ELSE 'function ' END || format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)), "
        "concat_ws(' ', CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid) ELSE (SELECT concat_ws(' ', g.aggtransfn, g.aggfinalfn, g.aggcombinefn, format_type(g.aggtranstype, NULL), g.agginitval, g.aggsortop::regoperator, g.aggkind, p.proparallel, g.aggfinalextra, g.aggfinalmodify, g.aggmtransfn, g.aggminvtransfn, g.aggmfinalfn, format_type(nullif(g.aggmtranstype, 0), NULL), g.aggminitval, g.aggtransspace) FROM pg_aggregate g WHERE g.aggfnoid = p.oid) END, "
        ""
        + _owner("p.proowner")
        + ", "
        + _rights("p.proacl", "f", "p.proowner")
        + f"), 0 FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {_OWN} AND {_not_extension('pg_proc', 'p')}",
        # triggers, rules, policies
        f"SELECT 'trigger ' || {name} || '.' || quote_ident(t.tgname), pg_get_triggerdef(t.oid) || ' ' || t.tgenabled::text, 0 "
        f"FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT t.tgisinternal AND {_OWN} AND {_not_extension('pg_class', 'c')}",
        f"SELECT 'rule ' || {name} || '.' || quote_ident(w.rulename), pg_get_ruledef(w.oid) || ' ' || w.ev_enabled::text, 0 "
        f"FROM pg_rewrite w JOIN pg_class c ON c.oid = w.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace WHERE w.rulename <> '_RETURN' AND {_OWN}",
        f"SELECT 'policy ' || {name} || '.' || quote_ident(p.polname), concat_ws(' ', p.polcmd, CASE WHEN p.polpermissive THEN 'permissive' ELSE 'restrictive' END, (SELECT 'to ' || string_agg(CASE WHEN o = 0 THEN 'public' ELSE o::regrole::text END, ', ' ORDER BY o) FROM unnest(p.polroles) o), 'using ' || pg_get_expr(p.polqual, p.polrelid), 'check ' || pg_get_expr(p.polwithcheck, p.polrelid)), 0 "
        f"FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {_OWN}",
        # comments
        "SELECT 'comment on ' || pg_describe_object(d.classoid, d.objoid, d.objsubid), d.description, 0 FROM pg_description d "
        "WHERE (d.objoid >= 16384 OR d.objoid = (SELECT oid FROM pg_namespace WHERE nspname = 'public')) "
        "AND NOT EXISTS (SELECT 1 FROM pg_depend x WHERE x.classid = d.classoid AND x.objid = d.objoid AND x.deptype = 'e')",
        # what is rare is taken whole
        f"SELECT 'statistics ' || format('%I.%I', n.nspname, s.stxname), concat_ws(' ', pg_get_statisticsobjdef(s.oid), {target}, {_owner('s.stxowner')}), 0 FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE {_OWN}",
        f"SELECT 'operator ' || o.oid::regoperator, concat_ws(' ', o.oprcode, o.oprcom::regoperator, o.oprnegate::regoperator, o.oprrest, o.oprjoin, o.oprcanmerge, o.oprcanhash, {_owner('o.oprowner')}), 0 FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace WHERE {_OWN} AND {_not_extension('pg_operator', 'o')}",
        f"SELECT 'operator class ' || format('%I.%I', n.nspname, o.opcname), concat_ws(' ', o.opcmethod, o.opcintype::regtype, o.opcdefault, nullif(o.opckeytype, 0)::regtype, {_owner('o.opcowner')}), 0 FROM pg_opclass o JOIN pg_namespace n ON n.oid = o.opcnamespace WHERE {_OWN} AND {_not_extension('pg_opclass', 'o')}",
        f"SELECT 'cast ' || format_type(k.castsource, NULL) || ' as ' || format_type(k.casttarget, NULL), concat_ws(' ', nullif(k.castfunc, 0)::regprocedure, k.castcontext, k.castmethod), 0 FROM pg_cast k WHERE k.oid >= 16384 AND {_not_extension('pg_cast', 'k')}",
        f"SELECT 'collation ' || format('%I.%I', n.nspname, o.collname), concat_ws(' ', (to_jsonb(o) - 'oid' - 'collnamespace' - 'collowner' - 'collversion')::text, {_owner('o.collowner')}), 0 FROM pg_collation o JOIN pg_namespace n ON n.oid = o.collnamespace WHERE {_OWN} AND {_not_extension('pg_collation', 'o')}",
        f"SELECT 'text search configuration ' || format('%I.%I', n.nspname, o.cfgname), concat_ws(' ', o.cfgparser::text, (SELECT string_agg(m.maptokentype || ':' || m.mapdict::regdictionary, ', ' ORDER BY m.maptokentype, m.mapseqno) FROM pg_ts_config_map m WHERE m.mapcfg = o.oid), {_owner('o.cfgowner')}), 0 FROM pg_ts_config o JOIN pg_namespace n ON n.oid = o.cfgnamespace WHERE {_OWN} AND {_not_extension('pg_ts_config', 'o')}",
        f"SELECT 'text search dictionary ' || format('%I.%I', n.nspname, o.dictname), concat_ws(' ', o.dicttemplate, o.dictinitoption, {_owner('o.dictowner')}), 0 FROM pg_ts_dict o JOIN pg_namespace n ON n.oid = o.dictnamespace WHERE {_OWN} AND {_not_extension('pg_ts_dict', 'o')}",
        "SELECT 'foreign data wrapper ' || quote_ident(fdwname), concat_ws(' ', nullif(fdwhandler, 0)::regproc, nullif(fdwvalidator, 0)::regproc, array_to_string(fdwoptions, ', '), "
        + _owner("fdwowner")
        + ", "
        + _rights("fdwacl", "F", "fdwowner")
        + "), 0 FROM pg_foreign_data_wrapper f WHERE "
        + _not_extension("pg_foreign_data_wrapper", "f"),
        "SELECT 'server ' || quote_ident(srvname), concat_ws(' ', srvfdw::text, srvtype, srvversion, array_to_string(srvoptions, ', '), "
        + _owner("srvowner")
        + ", "
        + _rights("srvacl", "S", "srvowner")
        + "), 0 FROM pg_foreign_server",
        "SELECT 'user mapping for ' || quote_ident(usename) || ' on ' || quote_ident(srvname), array_to_string(umoptions, ', '), 0 FROM pg_user_mappings",
        _publications(version),
        # what only a superuser makes, and a copy of the caller's database may hold
        f"SELECT 'operator family ' || format('%I.%I', n.nspname, o.opfname) || ' ' || o.opfmethod, concat_ws(' ', (SELECT string_agg(m.amopstrategy || ' ' || m.amopopr::regoperator, ', ' ORDER BY m.amoplefttype, m.amoprighttype, m.amopstrategy) FROM pg_amop m WHERE m.amopfamily = o.oid), "
        f"(SELECT string_agg(m.amprocnum || ' ' || m.amproc, ', ' ORDER BY m.amproclefttype, m.amprocrighttype, m.amprocnum) FROM pg_amproc m WHERE m.amprocfamily = o.oid), {_owner('o.opfowner')}), 0 FROM pg_opfamily o JOIN pg_namespace n ON n.oid = o.opfnamespace WHERE {_OWN} AND {_not_extension('pg_opfamily', 'o')}",
        f"SELECT 'conversion ' || format('%I.%I', n.nspname, o.conname), concat_ws(' ', o.conforencoding, o.contoencoding, o.conproc, o.condefault, {_owner('o.conowner')}), 0 FROM pg_conversion o JOIN pg_namespace n ON n.oid = o.connamespace WHERE {_OWN} AND {_not_extension('pg_conversion', 'o')}",
        f"SELECT 'access method ' || quote_ident(o.amname), concat_ws(' ', o.amtype, o.amhandler), 0 FROM pg_am o WHERE o.oid >= 16384 AND {_not_extension('pg_am', 'o')}",
        f"SELECT 'text search parser ' || format('%I.%I', n.nspname, o.prsname), concat_ws(' ', o.prsstart, o.prstoken, o.prsend, o.prsheadline, o.prslextype), 0 FROM pg_ts_parser o JOIN pg_namespace n ON n.oid = o.prsnamespace WHERE {_OWN} AND {_not_extension('pg_ts_parser', 'o')}",
        f"SELECT 'text search template ' || format('%I.%I', n.nspname, o.tmplname), concat_ws(' ', o.tmplinit, o.tmpllexize), 0 FROM pg_ts_template o JOIN pg_namespace n ON n.oid = o.tmplnamespace WHERE {_OWN} AND {_not_extension('pg_ts_template', 'o')}",
        f"SELECT 'transform for ' || format_type(o.trftype, NULL) || ' language ' || (SELECT lanname FROM pg_language WHERE oid = o.trflang), concat_ws(' ', o.trffromsql, o.trftosql), 0 FROM pg_transform o WHERE o.oid >= 16384 AND {_not_extension('pg_transform', 'o')}",
        "SELECT 'event trigger ' || quote_ident(evtname), concat_ws(' ', evtevent, evtfoid::regproc, evtenabled, array_to_string(evttags, ', ')), 0 FROM pg_event_trigger",
        "SELECT 'default rights ' || concat_ws(' ', defaclrole::regrole, nullif(defaclnamespace, 0)::regnamespace, defaclobjtype), (SELECT string_agg(a::text, ',' ORDER BY a::text) FROM unnest(defaclacl) a), 0 FROM pg_default_acl",
        # plpgsql is always there, and its rights may change.
        "SELECT 'language ' || quote_ident(lanname), concat_ws(' ', 'language', "
        + _rights("lanacl", "l", "lanowner")
        + f"), 0 FROM pg_language l WHERE lanispl AND (lanname = 'plpgsql' OR {_not_extension('pg_language', 'l')})",
    ]


def _publications(version: int) -> str:
    """Publications with their tables; since version 15 with columns, conditions and whole schemas."""
    table, schemas = "r.prrelid::regclass::text", "''"
    if version >= 150000:
        table = f"concat_ws(' ', {table}, r.prattrs::text, pg_get_expr(r.prqual, r.prrelid))"
        schemas = "(SELECT 'schemas ' || string_agg(x.pnnspid::regnamespace::text, ', ' ORDER BY x.pnnspid::regnamespace::text) FROM pg_publication_namespace x WHERE x.pnpubid = p.oid)"
    root = "p.pubviaroot" if version >= 130000 else "''"
    return (
        "SELECT 'publication ' || quote_ident(p.pubname), concat_ws(' ', p.puballtables, p.pubinsert, p.pubupdate, p.pubdelete, p.pubtruncate, "
        f"{root}, {schemas}, {_owner('p.pubowner')}, (SELECT string_agg({table}, ', ' ORDER BY r.prrelid::regclass::text) FROM pg_publication_rel r WHERE r.prpubid = p.oid)), 0 FROM pg_publication p"
    )


_MADE: dict[int, str] = {}


def _script(version: int) -> str:
    """All queries as one that is sent at once; made once for a server version."""
    if version not in _MADE:
        parts = [f"({query.replace(', 0 FROM', ', 0::bigint FROM')})" for query in _queries(version)]
        _MADE[version] = " UNION ALL ".join(parts)
    return _MADE[version]


def read_catalog(link: Any, ignore: frozenset[str] = frozenset()) -> Snapshot:
    """The snapshot of the database behind a psycopg connection; leaves no trace in an open transaction.

    ignore: names of tables (lower case, without schema) that a migration tool keeps for itself.
    """
    with link.cursor() as cursor:
        previous = cursor.execute("SELECT current_setting('search_path')").fetchone()[0]
        cursor.execute("SELECT set_config('search_path', '', false)")
        try:
            rows = run_prepared(cursor, "catalog", _script(link.info.server_version))
        finally:
            cursor.execute("SELECT set_config('search_path', %s, false)", (previous,))
    found: dict[str, Fact] = {}
    for key, text, place in rows:
        found[key] = Fact(text or "", canonical(key, text or ""), place)
    facts = _with_loose_sequences(found)
    # Only now does a sequence carry the name of the table that owns it.
    return {key: fact for key, fact in facts.items() if ignore.isdisjoint(_names(key))} if ignore else facts


def _names(key: str) -> list[str]:
    return [part.strip('"').lower() for part in key.rpartition(" ")[2].split(".")]


_OWNED = re.compile(r"owned by (\S+)")
_NUMBERED = re.compile(r"_seq\d+\b")


def _with_loose_sequences(found: dict[str, Fact]) -> dict[str, Fact]:
    """Put a sequence that a column owns under that column: its own name may count up when it is made again."""
    changed: dict[str, Fact] = {}
    for key, fact in found.items():
        owner = _OWNED.search(fact.exact) if key.startswith("sequence ") else None
        if owner is None:
            changed[key] = fact
            continue
        name = key.removeprefix("sequence ")
        changed[f"sequence of {owner.group(1)}"] = Fact(
            f"{name} {fact.exact}", f"{_NUMBERED.sub('_seq', name)} {fact.loose}", fact.position
        )
    return changed


@lru_cache(maxsize=20_000)
def canonical(key: str, text: str) -> str:
    """A definition without matters of writing: blanks, doubled parentheses, casts of literals, `_seq1`."""
    if key.startswith(("function ", "procedure ")):
        return _routine(text)
    if key.startswith("comment "):
        return text
    # Rights are letters whose case matters, so they stay as they are.
    body, mark, rights = text.partition("rights ")
    if key.startswith(("index ", "constraint ")):
        body = _OPTIONS.sub(_sorted_options, body)
    return _NUMBERED.sub("_seq", _flat(_nested(tokenize(body, "postgresql").tokens))) + mark + rights


# A set that the server writes down in the order in which it was told.
_OPTIONS = re.compile(r" WITH \((\w+=[^()]*)\)")


def _sorted_options(found: re.Match[str]) -> str:
    return f" WITH ({', '.join(sorted(found[1].split(', ')))})"


_LANGUAGE = re.compile(r"^ LANGUAGE (\w+)", re.MULTILINE)
_BODY = re.compile(r"(?P<tag>\$(?:function|procedure)x*\$)(?P<body>.*)(?P=tag)", re.DOTALL)
_BLANKS = re.compile(
    r"""(?P<kept>[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"[^"]*"|(?P<tag>\$\w*\$).*?(?P=tag))"""
    r"|(?P<line>--[^\n]*)|/\*.*?\*/|\s+",
    re.DOTALL,
)


def _routine(text: str) -> str:
    """A routine's definition with its blanks told apart from those of literals, or as it is where blanks mean more."""
    language = _LANGUAGE.search(text)
    body = _BODY.search(text)
    if body is None:
        return _BLANKS.sub(_blank, text)
    if language is None or language[1] not in ("sql", "plpgsql"):
        return text
    head, end = text[: body.start()], text[body.end() :]
    return " ".join(_BLANKS.sub(_blank, part).strip() for part in (head, body["body"], end))


def _blank(found: re.Match[str]) -> str:
    if found["kept"] is not None:
        return found[0]
    # A comment ends with its line: what follows on the next one is no part of it.
    return (
        " ".join(found[0].split()) + "\n" if found["line"] is not None else " ".join(found[0].split()) or " "
    )


_Node = list["_Node | str"]


def _nested(tokens: list[Token]) -> _Node:
    root: _Node = []
    stack: list[_Node] = [root]
    for kind, value, _, _ in tokens:
        if kind == "p" and value == "(":
            inner: _Node = []
            stack[-1].append(inner)
            stack.append(inner)
        elif kind == "p" and value == ")" and len(stack) > 1:
            stack.pop()
        else:
            stack[-1].append(value if kind != "q" else f'"{value}"' if value.lower() != value else value)
    return root


_CAST_NAMES = frozenset({"character", "varying", "text", "bpchar", "regclass"})


def _flat(node: _Node) -> str:
    parts: list[str] = []
    skip = False
    for place, item in enumerate(node):
        if skip and isinstance(item, str) and item in _CAST_NAMES:
            continue
        skip = False
        if isinstance(item, str):
            if (
                item == "::"
                and place
                and isinstance(node[place - 1], str)
                and str(node[place - 1])[-1:] == "'"
            ):
                skip = True
                continue
            parts.append(item)
            continue
        inner = item
        while len(inner) == 1 and isinstance(inner[0], list):
            inner = inner[0]
        text = _flat(inner)
        # A conjunction inside a conjunction says the same without its parentheses.
        for word in ("and", "or"):
            if _joined_by(inner) == word and _joined_by(node) == word:
                parts.append(text)
                break
        else:
            parts.append(f"({text})")
    return " ".join(parts)


def _joined_by(node: _Node) -> str:
    words = {item for item in node if item in ("and", "or")} if node else set()
    return str(next(iter(words))) if len(words) == 1 else ""
