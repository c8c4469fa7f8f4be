"""Scratch databases on a PostgreSQL server: made, copied, connected to without rights, and dropped.

Owns: names, the role without rights, time limits that a script cannot lift, clearing up after a crash.
Must never know: scripts, snapshots, verdicts.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from backend_engineer.errors import DatabaseNotEmpty, MissingExtra, ServerUnavailable
from backend_engineer.verification.limits import Limits
from backend_engineer.verification.postgres.server import throw_away_server
from backend_engineer.verification.postgres.settings import Kept, carry, put, role_settings
from backend_engineer.verification.postgres.watching import watch

__all__ = ["Scratch", "open_scratch"]

_PREFIX = "backend_engineer_scratch_"
_LONGEST_NAME = 64
_OBJECTS = """
SELECT count(*) FROM (
  SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
  UNION ALL SELECT 1 FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
  WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
  UNION ALL SELECT 1 FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
  WHERE t.typtype IN ('e', 'd') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
) o
"""
_HAND_OVER = """
DO $hand$ DECLARE item record; BEGIN
  FOR item IN SELECT quote_ident(nspname) AS name FROM pg_namespace
    WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP
    EXECUTE 'ALTER SCHEMA ' || item.name || ' OWNER TO {role}';
  END LOOP;
  FOR item IN SELECT c.oid::regclass AS name, c.relkind AS kind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') LOOP
    EXECUTE 'ALTER TABLE ' || item.name || ' OWNER TO {role}';
  END LOOP;
  FOR item IN SELECT c.oid::regclass AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relkind = 'S' AND NOT EXISTS
    (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i', 'e')) LOOP
    EXECUTE 'ALTER SEQUENCE ' || item.name || ' OWNER TO {role}';
  END LOOP;
  FOR item IN SELECT p.oid::regprocedure AS name, p.prokind AS kind FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') LOOP
    EXECUTE 'ALTER ROUTINE ' || item.name || ' OWNER TO {role}';
  END LOOP;
  FOR item IN SELECT t.oid::regtype AS name FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
    LEFT JOIN pg_class c ON c.oid = t.typrelid
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND t.typcategory <> 'A'
    AND (t.typtype IN ('e', 'd', 'r') OR c.relkind = 'c')
    AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = t.oid AND d.deptype = 'e') LOOP
    EXECUTE 'ALTER TYPE ' || item.name || ' OWNER TO {role}';
  END LOOP;
END $hand$
"""


def _psycopg() -> Any:
    try:
        import psycopg
    except ImportError as error:
        raise MissingExtra("pg", "psycopg", "Running migrations on PostgreSQL") from error
    return psycopg


@dataclass(slots=True)
class Scratch:
    """A server with the means to make scratch databases on it.

    admin: the connection that makes and drops them. parameters: how to connect, without the database.
    role, password: the role that scripts run as, without superuser rights. template: the database that
    the first scratch database is copied from. own_server: nobody else uses the server.
    """

    admin: Any
    parameters: dict[str, Any]
    role: str
    password: str
    limits: Limits
    token: str
    template: str = "template0"
    own_server: bool = False
    _roles: list[str] = field(default_factory=list)
    _count: int = 0
    _made: list[str] = field(default_factory=list)
    _size: int = 0

    @property
    def version(self) -> str:
        """The server's version as it says it."""
        return str(self.admin.execute("SHOW server_version").fetchone()[0])

    def admit(self, roles: Iterable[str]) -> None:
        """Have roles without any right on a server of our own, for the scripts' role to act for."""
        if not self.own_server:
            return
        known = {row[0] for row in self.admin.execute("SELECT rolname FROM pg_roles").fetchall()}
        for role in roles:
            # A longer name would be cut, and two names might become one.
            if role not in known and len(role.encode()) < _LONGEST_NAME:
                self.admin.execute(f"CREATE ROLE {_name(role)} NOLOGIN")
                self.admin.execute(f"GRANT {_name(role)} TO {_name(self.role)} WITH ADMIN OPTION")
                self._roles.append(role)
                known.add(role)

    def create(self, template: str | None = None) -> str:
        """A new scratch database, copied from another; the other must have no connection."""
        self._count += 1
        name = f"{_PREFIX}{self.token}_{self._count}"
        strategy = " STRATEGY file_copy" if self.admin.info.server_version >= 150000 else ""
        source = template or self.template
        try:
            self.admin.execute(f"CREATE DATABASE {name} TEMPLATE {_name(source)}{strategy}")
        except _psycopg().Error as error:
            if template is not None:
                raise
            raise ServerUnavailable(
                f"The database {source} cannot be copied: {' '.join(str(error).split())}.",
                hint="Name a database that the DSN's role owns, and that nobody is connected to.",
            ) from error
        self._made.append(name)
        if not self._size:
            self._size = self.admin.execute("SELECT pg_database_size(%s::name)", (name,)).fetchone()[0]
        self.admin.execute(f"ALTER DATABASE {name} OWNER TO {_name(self.role)}")
        if source != "template0":
            carry(self.admin, source, name, self.role)
        if template is None:
            self._reset_role()
            self._hand_over(name)
        return name

    def _reset_role(self) -> None:
        """Take back what scripts of another series have set for the role: it belongs to the server, not to a database."""
        self.admin.execute(f"ALTER ROLE {_name(self.role)} RESET ALL")
        if self.password:
            sql = _psycopg().sql
            word = sql.SQL("ALTER ROLE {} PASSWORD {}")
            self.admin.execute(word.format(sql.Identifier(self.role), sql.Literal(self.password)))

    @property
    def kept(self) -> Kept:
        """What scripts have set for the role, which all databases share."""
        return role_settings(self.admin, self.role)

    def keep(self, kept: Kept) -> None:
        """Have exactly this set for the role."""
        if self.kept != kept:
            self.admin.execute(f"ALTER ROLE {_name(self.role)} RESET ALL")
            put(self.admin, _psycopg().sql.SQL("ROLE {}").format(_psycopg().sql.Identifier(self.role)), kept)

    def _hand_over(self, name: str) -> None:
        """Make the role the owner of everything in a database that was copied from the caller's."""
        parameters = {**self.parameters, "dbname": name}
        with _psycopg().connect(**parameters, autocommit=True) as link:
            for role in self._roles:
                # Whoever runs such scripts for real gives objects away as he likes.
                link.execute(f"GRANT USAGE, CREATE ON SCHEMA public TO {_name(role)}")
            if self.admin.info.server_version < 150000:
                link.execute(f"ALTER SCHEMA public OWNER TO {_name(self.role)}")
            if self.template != "template0":
                link.execute(_HAND_OVER.format(role=_name(self.role)))

    def drop(self, name: str) -> None:
        """Drop a scratch database that this run made."""
        if name not in self._made:
            return
        self.admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self._made.remove(name)

    def drop_all(self) -> None:
        """Drop every scratch database that this run made."""
        for name in list(self._made):
            self.drop(name)

    def connect(self, name: str) -> Any:
        """A connection to a scratch database as the role without rights, each statement on its own."""
        options = (
            f"-c statement_timeout={int(self.limits.seconds * 1000)} "
            f"-c lock_timeout={int(self.limits.lock_seconds * 1000)} -c client_min_messages=error"
        )
        parameters = {**self.parameters, "user": self.role, "dbname": name, "options": options}
        if self.password:
            parameters["password"] = self.password
        connect = _psycopg().connect
        with contextlib.suppress(_psycopg().OperationalError):
            return connect(**parameters, autocommit=True, prepare_threshold=None)
        # The role owns its databases and itself: a script can shut the door behind it.
        self._open_door(name)
        try:
            return connect(**parameters, autocommit=True, prepare_threshold=None)
        except _psycopg().OperationalError as error:
            raise ServerUnavailable(
                f"The role {self.role} cannot connect to its scratch database: {error}.",
                hint="Let the server's pg_hba.conf admit password logins, or leave the DSN out.",
            ) from error

    def _open_door(self, name: str) -> None:
        """Let the role in again where a script has kept everybody out of its database."""
        role, database = _name(self.role), _name(name)
        for word in (
            f"ALTER DATABASE {database} WITH CONNECTION LIMIT -1 ALLOW_CONNECTIONS true",
            f"GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {role}",
            f"ALTER ROLE {role} LOGIN CONNECTION LIMIT -1",
        ):
            with contextlib.suppress(_psycopg().Error):
                self.admin.execute(word)
        self._reset_role()

    def watched(self, link: Any) -> contextlib.AbstractContextManager[None]:
        """End the connection when a script outlasts or outgrows its limits, even if it lifted the server's."""
        # The database that this run is connected to is there; one called postgres may not be.
        parameters = {**self.parameters, "dbname": self.admin.info.dbname}
        return watch(link, parameters, self.limits, self._size)


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _claimed(admin: Any) -> str:
    """A token for this run, shown in its connection's name: a database whose token nobody shows is left over."""
    token = secrets.token_hex(6)
    admin.execute(f"SET application_name = '{_PREFIX}{token}'")
    return token


@contextlib.contextmanager
def open_scratch(dsn: str | None, *, scratch_copy: bool, limits: Limits) -> Iterator[Scratch]:
    """A place for scratch databases: on a throw-away server without a DSN, else beside the DSN's database.

    Raises MissingExtra without psycopg, ServerUnavailable where there is no server or no right to make
    databases, DatabaseNotEmpty where the DSN's database holds objects and is not said to be a copy.
    """
    psycopg = _psycopg()
    if dsn is None:
        with throw_away_server() as server:
            parameters = {"host": str(server.folder), "port": server.port, "user": server.user}
            with psycopg.connect(**parameters, dbname="postgres", autocommit=True) as admin:
                admin.execute("CREATE ROLE scratch LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE")
                yield Scratch(admin, parameters, "scratch", "", limits, _claimed(admin), own_server=True)
        return
    try:
        admin = psycopg.connect(dsn, autocommit=True, connect_timeout=10)
    except psycopg.Error as error:
        # The server's words may repeat the DSN, which may hold a password.
        raise ServerUnavailable(
            f"The database of the DSN cannot be reached ({type(error).__name__}).",
            hint="Check host, port, user and password, and that the server takes connections.",
        ) from None
    with admin:
        yield from _beside(admin, dsn, scratch_copy, limits)


def _beside(admin: Any, dsn: str, scratch_copy: bool, limits: Limits) -> Iterator[Scratch]:
    psycopg = _psycopg()
    given = psycopg.conninfo.conninfo_to_dict(dsn)
    own = str(admin.info.dbname)
    objects = admin.execute(_OBJECTS).fetchone()[0]
    if objects and not scratch_copy:
        raise DatabaseNotEmpty(
            f"The database {own} holds {objects} object(s); nothing was touched.",
            hint="Name an empty database, or say that it is a scratch copy to have the pairs run on a copy of it.",
        )
    makes, grants = admin.execute(
        "SELECT rolcreatedb OR rolsuper, rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user"
    ).fetchone()
    if not makes:
        raise ServerUnavailable(
            "The role of the DSN may not make databases, and no other database is ever touched.",
            hint="Grant it CREATEDB on a development server, or leave the DSN out.",
        )
    if not grants:
        raise ServerUnavailable(
            "The role of the DSN may not make roles, so that scripts would run with its own rights: "
            "they could drop its other databases.",
            hint="Grant it CREATEROLE on a development server, or leave the DSN out.",
        )
    _drop_leftovers(admin)
    parameters = {key: value for key, value in given.items() if key not in ("dbname", "options")}
    if objects:
        # A database can be copied only while nobody is connected to it.
        admin.close()
        admin = psycopg.connect(**{**parameters, "dbname": "postgres"}, autocommit=True)
    token = _claimed(admin)
    role, password = f"{_PREFIX}{token}", secrets.token_urlsafe(18)
    sql = psycopg.sql
    admin.execute(
        sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {}").format(
            sql.Identifier(role), sql.Literal(password)
        )
    )
    admin.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(role)))
    scratch = Scratch(admin, parameters, role, password, limits, token, own if objects else "template0")
    try:
        yield scratch
    finally:
        scratch.drop_all()
        admin.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))
        admin.close()


def _drop_leftovers(admin: Any) -> None:
    """Drop scratch databases and roles of runs that ended without doing it: nobody holds their lock."""
    psycopg = _psycopg()
    claimed = {
        row[0]
        for row in admin.execute(
            "SELECT application_name FROM pg_stat_activity WHERE starts_with(application_name, %s)",
            (_PREFIX,),
        ).fetchall()
    }
    for kind, query in (
        ("DATABASE", "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"),
        ("ROLE", "SELECT rolname FROM pg_roles WHERE starts_with(rolname, %s)"),
    ):
        for (name,) in admin.execute(query, (_PREFIX,)).fetchall():
            if name.removeprefix(_PREFIX).split("_")[0] in {item.removeprefix(_PREFIX) for item in claimed}:
                continue
            force = " WITH (FORCE)" if kind == "DATABASE" else ""
            # What belongs to somebody else's run stays theirs to remove.
            with contextlib.suppress(psycopg.Error):
                admin.execute(f"DROP {kind} IF EXISTS {_name(name)}{force}")
