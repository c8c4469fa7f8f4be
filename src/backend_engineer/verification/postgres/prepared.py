"""Queries that are planned once for a connection, whatever the scripts between them do.

Owns: preparing by name, and remembering what a connection has prepared.
Must never know: what the queries ask.

The driver's own prepared statements do not serve here: it forgets them all at each ROLLBACK and DROP.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

__all__ = ["end_session", "run_prepared", "still_prepared"]

_KNOWN: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()


def run_prepared(cursor: Any, name: str, sql: str, argument: str = "") -> list[Any]:
    """The rows of a query; `argument` is a literal that this library made, for the query's `$1`."""
    known = _KNOWN.setdefault(cursor.connection, set())
    if name not in known:
        # Once the driver prepares anything itself, it takes these along when it forgets.
        cursor.connection.prepare_threshold = None
        cursor.execute(f"PREPARE backend_engineer_{name} AS {sql}")
        known.add(name)
    return list(cursor.execute(f"EXECUTE backend_engineer_{name}{argument}").fetchall())


def end_session(link: Any) -> None:
    """Throw away what a script leaves on its connection, as if it were closed; what was prepared here stays.

    A runner goes back and forward again on connections of their own: a temporary table, a statement, a cursor or a
    setting of the last script is not there any more. Inside an open transaction nothing of it is undone.
    """
    link.execute("RESET ALL; RESET ROLE; CLOSE ALL; DISCARD TEMP")
    names = link.execute(
        "SELECT name FROM pg_catalog.pg_prepared_statements WHERE NOT starts_with(name, 'backend_engineer_')"
    ).fetchall()
    for (name,) in names:
        quoted = name.replace('"', '""')
        link.execute(f'DEALLOCATE "{quoted}"')


def still_prepared(link: Any) -> bool:
    """Whether everything that was prepared on a connection is still there: a script can throw it away."""
    known = _KNOWN.get(link, set())
    if not known:
        return True
    query = "SELECT count(*) FROM pg_catalog.pg_prepared_statements WHERE name = ANY(%s)"
    names = [f"backend_engineer_{name}" for name in known]
    return bool(link.execute(query, (names,)).fetchone()[0] == len(known))
