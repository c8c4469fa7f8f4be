"""Finding the migrations in a set of files, pairing them, and putting them in their runner's order.

Owns: pairing, grouping, ordering, transaction switches, and what is wrong with the set as a whole.
Must never know: folders on disk, databases, what a statement does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from backend_engineer.migrations.conventions import (
    CONVENTIONS,
    Named,
    dialect_of_path,
    is_migration_folder,
    marked_file,
    order_of,
    read_name,
)
from backend_engineer.migrations.folders import named_by_folder
from backend_engineer.migrations.markers import read_markers, switches_off
from backend_engineer.migrations.migration import (
    Migration,
    MigrationScript,
    MigrationSet,
    Operations,
    Problem,
)
from backend_engineer.migrations.parts import Part, Sections
from backend_engineer.migrations.placeholders import placeholder_of
from backend_engineer.migrations.sections import irreversible_note, read_notes
from backend_engineer.migrations.sqitch import is_sqitch, plans_of
from backend_engineer.migrations.strangers import foreign, unread

__all__ = ["TOLD_BY_NAME", "discover"]

TOLD_BY_NAME: frozenset[str] = frozenset({"sql-migrate", "yoyo", "sqitch", "liquibase", "prisma"})
"""Tools that tell migrations apart by the whole name, so that two may share a version."""

_DIESEL_OFF = re.compile(r"^\s*run_in_transaction\s*=\s*false\b", re.MULTILINE)
_FLYWAY_OFF = re.compile(r"^\s*executeInTransaction\s*=\s*false\b", re.MULTILINE | re.IGNORECASE)


def discover(
    files: Mapping[str, str],
    *,
    folder: str | None = None,
    dialect: str | None = None,
    transactional: bool | None = None,
) -> MigrationSet:
    """The migrations in a mapping of path -> text, in the order in which their runner takes them.

    folder: look only below it, and take every numbered `.sql` file there. dialect: leave out folders
    and files that name another engine. transactional: what the runner does where no marker and no
    tool says it. Recognised are suffix pairs, diesel and Hasura folders, folders of rollbacks, Flyway,
    sqitch, postgrator, pop, Prisma, `.rollback.sql`, and the single files of dbmate, goose, sql-migrate,
    Liquibase, tern, node-pg-migrate, Play, MyBatis and rambler. What stands among them and is not read is
    named in `problems` (scripts) and `foreign` (programs).
    """
    prefix = f"{folder.strip('/')}/" if folder and folder.strip("/.") else ""
    chosen = [path for path in sorted(files) if path.startswith(prefix)]
    everywhere = folder is not None
    by_folder = named_by_folder(chosen)
    named = [
        item
        for path in chosen
        if (
            item := by_folder.get(path)
            or read_name(path, everywhere=everywhere)
            or _told_by_text(path, files[path], everywhere)
        )
    ]
    named = _with_pop(named)
    plan = plans_of(files)
    named = [item for item in named if item.convention.tool != "sqitch" or is_sqitch(item, named, plan)]
    told = {item.path for item in named}
    if dialect is not None:
        named = _of_dialect(named, dialect)
    problems: list[Problem] = []
    found = _sorted(_pair(named, files, transactional, dialect, problems), plan)
    problems.extend(_order_problems(found))
    problems.extend(unread(chosen, told, dialect=dialect, everywhere=everywhere))
    return MigrationSet(tuple(found), tuple(problems), tuple(foreign(chosen, files)))


_POP = next(item for item in CONVENTIONS if item.tool == "pop")


def _with_pop(named: list[Named]) -> list[Named]:
    """Pop's scripts for any engine have no sign of it in their names: the folder or a version's length tells."""
    folders = {
        item.folder for item in named if item.convention.tool == "pop" or len(item.version) > _LONGEST_NUMBER
    }
    return [
        replace(item, convention=_POP)
        if item.folder in folders and item.convention.tool == "golang-migrate" and item.path.endswith(".sql")
        else item
        for item in named
    ]


# Runners that count in 64 bits read no number with more digits.
_LONGEST_NUMBER = 19


def _told_by_text(path: str, sql: str, everywhere: bool) -> Named | None:
    """A file whose name says nothing, but whose markers do: a Liquibase changelog need not be numbered."""
    sections = read_markers(sql) if path.endswith(".sql") and sql else ()
    if not sections:
        return None
    folder = path.rpartition("/")[0]
    if not (everywhere or sections[0].tool == "liquibase" or is_migration_folder(folder)):
        return None
    return marked_file(path)


def _of_dialect(named: list[Named], dialect: str) -> list[Named]:
    kept = []
    engines = {}
    for item in named:
        engine = dialect_of_path(item.path)
        engines[item.path] = engine
        if engine is None or engine == dialect:
            kept.append(item)
    # A file for this engine beats the general one of the same migration and direction.
    special = {_purpose(item) for item in kept if engines[item.path] == dialect}
    return [item for item in kept if engines[item.path] == dialect or _purpose(item) not in special]


def _purpose(item: Named) -> tuple[str, str, str, str]:
    """What a script is for, whichever engine its name ends in: `.postgres`, `.sqlite`, or `.all` for any."""
    if item.convention.tool == "pop":
        return item.folder, item.version, "", item.role
    name, dot, last = item.name.rpartition(".")
    known = dot and (last.lower() == "all" or dialect_of_path(f"x.{last}.sql") is not None)
    return item.folder, item.version, name if known else item.name, item.role


def _pair(
    named: list[Named],
    files: Mapping[str, str],
    default: bool | None,
    dialect: str | None,
    problems: list[Problem],
) -> list[Migration]:
    groups: dict[tuple[str, str], dict[str, list[Named]]] = {}
    singles: list[Named] = []
    rollback_keys = {
        (item.folder, f"{item.key}.sql")
        for item in named
        if item.convention.tool == "yoyo" and item.role == "rollback"
    }
    for item in named:
        if item.role == "single" and (item.folder, item.key) not in rollback_keys:
            singles.append(item)
            continue
        role = "forward" if item.role == "single" else item.role
        groups.setdefault(_group_key(item), {}).setdefault(role, []).append(item)
    found = [
        made
        for roles in groups.values()
        for one in _told_apart(roles)
        if (made := _from_pair(one, files, default, problems)) is not None
    ]
    for item in singles:
        found.extend(_from_single(item, files[item.path] or "", default, dialect, problems))
    return found


def _group_key(item: Named) -> tuple[str, str]:
    tool = item.convention.tool
    if tool == "flyway" and item.version:
        return item.folder, f"V{order_of(item.convention, item.version, '')}"
    if tool == "postgrator":
        return item.folder, str(int(item.version))
    if tool == "folders":
        return item.folder, f"{item.version}/{item.name}"
    if tool == "pop":
        # One logical migration may be many numbered files: the first 14 digits are the moment it was made.
        return item.folder, f"{item.version[:14]}..." if len(item.version) > 14 else item.version
    if tool == "golang-migrate" and len(item.version) > 14:
        return item.folder, item.version[:14]
    key = item.key
    if tool == "yoyo" and item.role != "forward":
        key = f"{key}.sql"
    return item.folder, key


def _told_apart(roles: dict[str, list[Named]]) -> Iterator[dict[str, list[Named]]]:
    """Scripts of one version: the parts of one migration for tools that number parts, else one migration each."""
    forward = roles.get("forward", [])
    tools = {item.convention.tool for item in forward}
    if len(forward) < 2 or tools <= {"pop", "golang-migrate"}:
        yield roles
        return
    left = list(roles.get("rollback", []))
    for item in forward:
        mine = [other for other in left if other.name == item.name] or (
            [] if item is not forward[-1] else left
        )
        left = [other for other in left if other not in mine]
        yield {"forward": [item], "rollback": mine, "verify": roles.get("verify", [])}


def _from_pair(
    roles: dict[str, list[Named]], files: Mapping[str, str], default: bool | None, problems: list[Problem]
) -> Migration | None:
    forward = sorted(roles.get("forward", []), key=lambda item: (item.version, item.path))
    rollback = sorted(roles.get("rollback", []), key=lambda item: (item.version, item.path), reverse=True)
    if not forward:
        problems.extend(
            Problem(
                "unpaired", item.path, f"{item.path} undoes a migration of which there is no forward script."
            )
            for item in (*rollback, *roles.get("verify", []))
        )
        return None
    first = forward[0]
    if first.convention.tool in _TOLD_BY_FORWARD:
        # A folder's `down.sql` does not say whose it is: its forward script does.
        rollback = [replace(item, convention=first.convention) for item in rollback]
    scripts = [_script(item, files, default) for item in forward]
    reverse = [_script(item, files, default) for item in rollback]
    made = _migration(first, _joined(scripts), _joined(reverse) if reverse else None)
    if first.role == "single" and rollback:
        made = replace(made, tool=rollback[0].convention.tool)
    check = next(iter(roles.get("verify", [])), None)
    if check is not None:
        made = replace(made, verify=files[check.path] or "", verify_path=check.path, verify_line=1)
    return made


_TOLD_BY_FORWARD = frozenset({"diesel", "hasura", "prisma"})


def _joined(scripts: list[MigrationScript]) -> MigrationScript:
    if len(scripts) == 1:
        return scripts[0]
    switches = {item.transactional for item in scripts}
    return MigrationScript(
        path=scripts[0].path,
        sql="\n".join(item.sql for item in scripts),
        transactional=switches.pop() if len(switches) == 1 else False,
        parts=tuple(scripts),
        runnable=all(item.runnable for item in scripts),
        placeholder=next((item.placeholder for item in scripts if item.placeholder), ""),
    )


def _script(item: Named, files: Mapping[str, str], default: bool | None) -> MigrationScript:
    sql = files[item.path] or ""
    if item.convention.tool in _TAKE_BYTE_ORDER_MARKS:
        sql = sql.removeprefix("\ufeff")
    own = item.convention.transactional
    transactional = own if own is not None else default
    if switches_off(sql) or "autocommit" in item.flags:
        transactional = False
    settings = files.get(f"{item.folder}/{item.key}/metadata.toml".lstrip("/"))
    if item.convention.tool == "diesel" and settings and _DIESEL_OFF.search(settings):
        transactional = False
    if item.convention.tool == "flyway" and _FLYWAY_OFF.search(files.get(f"{item.path}.conf") or ""):
        transactional = False
    return MigrationScript(
        item.path,
        sql,
        transactional=transactional,
        runnable=item.path.endswith(".sql"),
        placeholder=placeholder_of(item.convention.tool, sql),
    )


# Their readers leave the mark out; what others send begins with it, and PostgreSQL refuses that.
_TAKE_BYTE_ORDER_MARKS = frozenset({"flyway", "sqitch"})


def _migration(item: Named, forward: MigrationScript, rollback: MigrationScript | None) -> Migration:
    notes = read_notes(forward.sql)
    return Migration(
        key=item.key,
        version=item.version,
        order=order_of(item.convention, item.version, item.key),
        name=item.name,
        series=item.folder,
        tool=item.convention.tool,
        forward=forward,
        rollback=rollback,
        verify=notes.verify,
        verify_path=forward.path if notes.verify is not None else None,
        verify_line=notes.verify_line + forward.line - 1 if notes.verify_line else 0,
        operations=_shifted(notes.operations, forward.line),
        irreversible=irreversible_note(forward.sql, rollback.sql if rollback else None),
        idempotent=item.key.startswith("R__"),
    )


def _shifted(operations: Operations | None, line: int) -> Operations | None:
    return None if operations is None else replace(operations, line=operations.line + line - 1)


def _from_single(
    item: Named, sql: str, default: bool | None, dialect: str | None, problems: list[Problem]
) -> list[Migration]:
    sections = read_markers(sql)
    if not sections:
        wraps = False if switches_off(sql) else default
        return [_migration(item, MigrationScript(item.path, sql, transactional=wraps), None)]
    for code, notes in (
        ("marker", [note for part in sections for note in part.notes]),
        ("cut", [note for part in sections for note in part.cuts]),
    ):
        if notes:
            problems.append(Problem(code, item.path, f"{item.path}: {'; '.join(notes[:3])}."))
    found = []
    for number, part in enumerate(sections):
        if not part.is_for(dialect):
            continue
        rollback = _part(item.path, part, part.rollback) if part.rollback is not None else None
        made = _migration(item, _part(item.path, part, part.forward), rollback)
        key = item.key if len(sections) == 1 else f"{item.key}::{part.identity}"
        found.append(
            replace(
                made,
                key=key,
                tool=part.tool,
                order=(*made.order, (0, number, "")) if part.identity else made.order,
                irreversible=made.irreversible if part.irreversible is None else part.irreversible,
                idempotent=part.repeated,
            )
        )
    return found


def _part(path: str, sections: Sections, part: Part) -> MigrationScript:
    return MigrationScript(
        path,
        part.sql,
        part.line,
        part.transactional,
        runnable=part.sql_itself,
        placeholder=part.placeholder or placeholder_of(sections.tool, part.sql),
    )


def _sorted(found: list[Migration], plans: Mapping[str, list[str]]) -> list[Migration]:
    def place(item: Migration) -> tuple[str, tuple[tuple[int, int, str], ...], str]:
        plan = plans.get(item.series) if item.tool == "sqitch" else None
        name = item.key.removesuffix(".sql")
        order = ((0, plan.index(name), ""),) if plan and name in plan else item.order
        return item.series, order, item.key

    return sorted(found, key=place)


def _order_problems(found: list[Migration]) -> Iterable[Problem]:
    seen: dict[tuple[str, object], Migration] = {}
    for item in found:
        if not item.version or item.idempotent or item.tool in TOLD_BY_NAME:
            continue
        earlier = seen.setdefault((item.series, item.order), item)
        if earlier is not item:
            yield Problem(
                "duplicate",
                item.forward.path,
                f"{item.forward.path} has the version {item.version}, which {earlier.forward.path} has already.",
            )
