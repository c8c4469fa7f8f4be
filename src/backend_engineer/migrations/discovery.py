"""Finding the migrations in a set of files, pairing them, and putting them in their runner's order.

Owns: pairing, grouping, ordering, transaction switches, and what is wrong with the set as a whole.
Must never know: folders on disk, databases, what a statement does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from backend_engineer.migrations.conventions import (
    Named,
    dialect_of_path,
    is_migration_folder,
    marked_file,
    order_of,
    read_name,
    tool_transactional,
)
from backend_engineer.migrations.markers import Sections, read_markers, switches_off
from backend_engineer.migrations.migration import (
    Migration,
    MigrationScript,
    MigrationSet,
    Operations,
    Problem,
)
from backend_engineer.migrations.sections import irreversible_note, read_notes

__all__ = ["TOLD_BY_NAME", "discover"]

TOLD_BY_NAME: frozenset[str] = frozenset({"sql-migrate", "yoyo", "sqitch", "liquibase", "prisma"})
"""Tools that tell migrations apart by the whole name, so that two may share a version."""

_DIESEL_OFF = re.compile(r"^\s*run_in_transaction\s*=\s*false\b", re.MULTILINE)
_FLYWAY_OFF = re.compile(r"^\s*executeInTransaction\s*=\s*false\b", re.MULTILINE | re.IGNORECASE)
_ALEMBIC = re.compile(r"^down_revision\b", re.MULTILINE)
_DJANGO = re.compile(r"class\s+Migration\(\s*(?:migrations\.)?Migration\s*\)")
_KNEX = re.compile(r"\bexports\.(?:up|down)\b|export\s+(?:async\s+)?function\s+(?:up|down)\b")


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
    tool says it. Recognised are suffix pairs, diesel folders, Flyway, sqitch, Prisma, `.rollback.sql`,
    and the single files of dbmate, goose, sql-migrate, Liquibase and tern.
    """
    prefix = f"{folder.strip('/')}/" if folder and folder.strip("/.") else ""
    chosen = [path for path in sorted(files) if path.startswith(prefix)]
    everywhere = folder is not None
    named = [
        item
        for path in chosen
        if (item := read_name(path, everywhere=everywhere) or _told_by_text(path, files[path], everywhere))
    ]
    if dialect is not None:
        named = _of_dialect(named, dialect)
    plan = _sqitch_plans(files)
    named = [item for item in named if item.convention.tool != "sqitch" or _is_sqitch(item, named, plan)]
    problems: list[Problem] = []
    found = _pair(named, files, transactional, problems)
    found = _sorted(found, plan)
    problems.extend(_order_problems(found))
    return MigrationSet(tuple(found), tuple(problems), tuple(_foreign(chosen, files)))


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
    name, dot, last = item.name.rpartition(".")
    known = dot and (last.lower() == "all" or dialect_of_path(f"x.{last}.sql") is not None)
    return item.folder, item.version, name if known else item.name, item.role


def _is_sqitch(item: Named, named: list[Named], plans: Mapping[str, list[str]]) -> bool:
    if item.folder in plans:
        return True
    roles = {
        other.role for other in named if other.folder == item.folder and other.convention is item.convention
    }
    return {"forward", "rollback"} <= roles


def _sqitch_plans(files: Mapping[str, str]) -> dict[str, list[str]]:
    plans: dict[str, list[str]] = {}
    for path in files:
        if path == "sqitch.plan" or path.endswith("/sqitch.plan"):
            plans[path.rpartition("/")[0]] = _planned(files[path] or "")
    return plans


def _planned(text: str) -> list[str]:
    """The scripts' names in a plan's order; a change that is reworked later stands under the last tag before that."""
    names: list[str] = []
    open_since: dict[str, int] = {}
    tagged: dict[str, str] = {}
    for row in (row.strip() for row in text.splitlines()):
        if not row or row[0] in "%#":
            continue
        word = row.split()[0]
        if word.startswith("@"):
            tagged |= dict.fromkeys(open_since, word)
            continue
        if word in open_since:
            # The plan itself says which tag it was, among what the reworked change needs.
            said = re.search(rf"[\[ ]{re.escape(word)}(@[^\s\]]+)", row)
            names[open_since[word]] = word + (said[1] if said is not None else tagged.get(word, ""))
        tagged.pop(word, None)
        open_since[word] = len(names)
        names.append(word)
    return names


def _pair(
    named: list[Named], files: Mapping[str, str], default: bool | None, problems: list[Problem]
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
        made for roles in groups.values() if (made := _from_pair(roles, files, default, problems)) is not None
    ]
    for item in singles:
        found.extend(_from_single(item, files[item.path] or "", default))
    return found


def _group_key(item: Named) -> tuple[str, str]:
    if item.convention.tool == "flyway" and item.version:
        return item.folder, f"V{item.version}"
    if item.convention.tool == "pop":
        # One logical migration may be many numbered files: the first 14 digits are the moment it was made.
        return item.folder, item.version[:14] if len(item.version) > 14 else item.key
    if item.convention.tool == "golang-migrate" and len(item.version) > 14:
        return item.folder, item.version[:14]
    key = item.key
    if item.convention.tool == "yoyo" and item.role != "forward":
        key = f"{key}.sql"
    return item.folder, key


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
    scripts = [_script(item, files, default) for item in forward]
    reverse = [_script(item, files, default) for item in rollback]
    made = _migration(first, _joined(scripts), _joined(reverse) if reverse else None)
    if first.role == "single" and rollback:
        made = replace(made, tool=rollback[0].convention.tool)
    check = next(iter(roles.get("verify", [])), None)
    if check is not None:
        made = replace(made, verify=files[check.path] or "", verify_path=check.path, verify_line=1)
    return made


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
    )


def _script(item: Named, files: Mapping[str, str], default: bool | None) -> MigrationScript:
    sql = files[item.path] or ""
    own = item.convention.transactional
    transactional = own if own is not None else default
    if switches_off(sql) or "autocommit" in item.flags:
        transactional = False
    settings = files.get(f"{item.folder}/{item.key}/metadata.toml".lstrip("/"))
    if item.convention.tool == "diesel" and settings and _DIESEL_OFF.search(settings):
        transactional = False
    if item.convention.tool == "flyway" and _FLYWAY_OFF.search(files.get(f"{item.path}.conf") or ""):
        transactional = False
    return MigrationScript(item.path, sql, transactional=transactional, runnable=item.path.endswith(".sql"))


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


def _from_single(item: Named, sql: str, default: bool | None) -> list[Migration]:
    sections = read_markers(sql)
    if not sections:
        if not is_migration_folder(item.folder) and not item.version:
            return []
        wraps = False if switches_off(sql) else default
        return [_migration(item, MigrationScript(item.path, sql, transactional=wraps), None)]
    found = []
    for number, part in enumerate(sections):
        forward = _part(item.path, part, "forward")
        rollback = _part(item.path, part, "rollback")
        assert forward is not None
        made = _migration(item, forward, rollback)
        key = item.key if len(sections) == 1 else f"{item.key}::{part.identity}"
        found.append(
            replace(
                made,
                key=key,
                tool=part.tool,
                order=(*made.order, (0, number, "")) if part.identity else made.order,
                irreversible=made.irreversible if part.irreversible is None else part.irreversible,
            )
        )
    return found


def _part(path: str, sections: Sections, direction: str) -> MigrationScript | None:
    part = sections.forward if direction == "forward" else sections.rollback
    if part is None:
        return None
    wraps = part.transactional if tool_transactional(sections.tool) is not None else None
    return MigrationScript(path, part.sql, part.line, wraps)


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


def _foreign(paths: list[str], files: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    for path in paths:
        folder, _, name = path.rpartition("/")
        if name == "__init__.py" or not path.endswith((".py", ".js", ".ts", ".rb", ".exs")):
            continue
        parts = folder.split("/")
        if "versions" not in parts and not is_migration_folder(folder):
            continue
        text = files[path] or ""
        if path.endswith(".py") and _ALEMBIC.search(text):
            yield path, "alembic"
        elif path.endswith(".py") and _DJANGO.search(text):
            yield path, "django"
        elif path.endswith((".js", ".ts")) and _KNEX.search(text):
            yield path, "knex"
        elif path.endswith(".rb") and "ActiveRecord::Migration" in text:
            yield path, "rails"
        elif path.endswith(".exs") and "Ecto.Migration" in text:
            yield path, "ecto"
