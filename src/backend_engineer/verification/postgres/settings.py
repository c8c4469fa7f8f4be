"""Settings that stay with a database or a role: no schema holds them, and no copy of a database takes them along.

Owns: reading them, and putting them on a copy.
Must never know: scripts, snapshots, verdicts.
"""

from __future__ import annotations

from typing import Any

from backend_engineer.verification.postgres.prepared import run_prepared

__all__ = ["Kept", "carry", "put", "read_settings", "role_settings"]

Kept = tuple[str, ...]
"""`name=value`, as the catalog keeps them."""

# The flags say whose a setting is: of a database, of a role, or of a role in a database.
_QUERY = """
SELECT s.setdatabase <> 0, s.setrole <> 0, s.setconfig FROM pg_catalog.pg_db_role_setting s
WHERE (s.setdatabase = 0 OR s.setdatabase = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = {database}))
AND (s.setrole = 0 OR s.setrole = (SELECT r.oid FROM pg_catalog.pg_roles r WHERE r.rolname = {role}))
AND (s.setdatabase <> 0 OR s.setrole <> 0)
"""
_WHOSE = {(True, False): "the database", (False, True): "the role", (True, True): "the role in the database"}


def read_settings(link: Any) -> dict[str, str]:
    """`search_path of the database` -> value, for the database and the role of a connection."""
    with link.cursor() as cursor:
        rows = run_prepared(
            cursor, "settings", _QUERY.format(database="current_database()", role="session_user")
        )
    found: dict[str, str] = {}
    for of_database, of_role, kept in rows:
        for item in kept or ():
            name, _, value = item.partition("=")
            found[f"{name} of {_WHOSE[of_database, of_role]}"] = value
    return found


def role_settings(admin: Any, role: str) -> Kept:
    """What is set for a role on the whole server."""
    query = (
        "SELECT setconfig FROM pg_catalog.pg_db_role_setting s JOIN pg_catalog.pg_roles r ON r.oid = s.setrole "
        "WHERE s.setdatabase = 0 AND r.rolname = %s"
    )
    row = admin.execute(query, (role,)).fetchone()
    return tuple(row[0] or ()) if row is not None else ()


def carry(admin: Any, source: str, target: str, role: str) -> None:
    """Set for a copied database what is set for the one it was copied from; raises the driver's errors."""
    from psycopg import sql

    rows = admin.execute(_QUERY.format(database="%s::name", role="%s::name"), (source, role)).fetchall()
    for of_database, of_role, kept in rows:
        if not of_database:
            continue
        owner = sql.SQL("DATABASE {}").format(sql.Identifier(target))
        if of_role:
            owner = sql.SQL("ROLE {} IN DATABASE {}").format(sql.Identifier(role), sql.Identifier(target))
        put(admin, owner, tuple(kept or ()))


def put(admin: Any, owner: Any, kept: Kept) -> None:
    """Set values for an owner: the server itself writes them, so that lists stay lists."""
    from psycopg import sql

    for item in kept:
        name, _, value = item.partition("=")
        named = sql.SQL("ALTER {} SET {} FROM CURRENT").format(owner, sql.Identifier(*name.split(".")))
        with admin.transaction():
            admin.execute("SELECT pg_catalog.set_config(%s, %s, true)", (name, value))
            admin.execute(named)
