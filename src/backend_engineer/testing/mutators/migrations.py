# ruff: noqa: S608  the scripts are SQL on purpose
"""Mutators of migrations: one way each in which a pair of scripts goes wrong, by dialect.

Owns: these scripts.
Must never know: how the rules find what is wrong.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from backend_engineer.contract import Section
from backend_engineer.inputs import StageInputs
from backend_engineer.outputs import MigrationReport, PairOutcome, text_hash
from backend_engineer.outputs.migration_report import LintNote
from backend_engineer.testing.builders import Built, build_theme
from backend_engineer.testing.mutators.mutator import Mutator

__all__ = ["MUTATORS"]

_Apply = Callable[[Built, random.Random], Built]

_PAPERS = """-- dry-run: run this script on a copy of the database first.
-- guard: gives up at once when the table is locked for long.
SET lock_timeout = '2s';
{sql}

-- VERIFY
-- {verify}

-- OPERATIONS
-- duration: 1 s
-- impact: a short lock
-- throttling: none needed
"""
_COLUMN_THERE = "SELECT COUNT(*) = 1 FROM information_schema.columns WHERE table_name = '__MANY__' AND column_name = '__COLUMN__';"
_LOOP = (
    "DO $$ DECLARE at integer := 0; BEGIN LOOP UPDATE __MANY__ SET __OWNED__ = 'x' WHERE id > at AND id <= at + {size};"
    " at := at + {size}; {checkpoint} EXIT WHEN at > (SELECT max(id) FROM __MANY__);{pause} END LOOP; END $$;"
)


def _fill(built: Built, text: str) -> str:
    theme = built.theme
    for word, value in {"MANY": theme.many, "COLUMN": theme.column, "OWNED": theme.personal}.items():
        text = text.replace(f"__{word}__", value)
    return text


def _postgres(built: Built) -> Built:
    """The reply of the same seed, written for PostgreSQL."""
    return build_theme(replace(built.theme, dialect="postgresql"))


def _scripts(
    up: str | None, down: str | None, verify: str = _COLUMN_THERE, base: str = "", papers: bool = True
) -> _Apply:
    """A mutator that puts other statements into the pair; `base` is added to what stood before."""

    def apply(built: Built, chance: random.Random) -> Built:
        built = _postgres(built)
        first, second = built.change.files[0], built.change.files[1]
        if up is not None:
            text = _PAPERS.format(sql=up, verify=verify) if papers else up
            built = built.with_file(
                replace(first, content=_fill(built, text).replace("{n}", str(chance.randint(2, 99))))
            )
        if down is not None:
            built = built.with_file(
                replace(second, content=_fill(built, down).replace("{n}", str(chance.randint(2, 99))))
            )
        if base:
            path = "db/migrations/0001_create.up.sql"
            before, mark, after = built.base[path].partition("-- VERIFY")
            built = replace(built, base={**built.base, path: f"{before}{_fill(built, base)}\n{mark}{after}"})
        return built

    return apply


def _without(words: str, *, to: str = "") -> _Apply:
    """A mutator that takes the lines of the forward script away that hold one of these words."""

    def apply(built: Built, chance: random.Random) -> Built:
        built = _postgres(built)
        first = built.change.files[0]
        kept = [
            line
            for line in (first.content or "").split("\n")
            if not any(word in line for word in words.split("|"))
        ]
        return built.with_file(replace(first, content="\n".join(kept) + to))

    return apply


def _no_rollback(built: Built, chance: random.Random) -> Built:
    return built.without(built.change.files[1].path)


def _taken_version(built: Built, chance: random.Random) -> Built:
    number = chance.choice(("0000", "0001"))
    for file in built.change.files[:2]:
        new = f"db/migrations/{number}_add" + file.path.split("_add", 1)[1]
        built = built.without(file.path).add(Section.MIGRATIONS, new, file.content or "")
    return built


def _edited(built: Built, chance: random.Random) -> Built:
    path = "db/migrations/0001_create.up.sql"
    return built.add(
        Section.MIGRATIONS, path, f"SET statement_timeout = '{chance.randint(1, 99)}s';\n{built.base[path]}"
    )


def _still_read(built: Built, chance: random.Random) -> Built:
    drop = "-- IRREVERSIBLE: the values are gone; restore the table from the backup\nALTER TABLE __MANY__ DROP COLUMN __OWNED__;"
    built = _scripts(
        drop,
        "ALTER TABLE __MANY__ ADD COLUMN __OWNED__ text NOT NULL DEFAULT '';\n",
        "SELECT COUNT(*) = 0 FROM information_schema.columns WHERE table_name = '__MANY__' AND column_name = '__OWNED__';",
    )(built, chance)
    theme = built.theme
    reader = f'ALL = "SELECT id, {theme.personal} FROM {theme.many} WHERE id = ?"\n'
    return replace(built, base={**built.base, "src/old.py": reader})


def _report(built: Built, outcome: dict[str, Any], **facts: Any) -> Built:
    up, down = built.change.files[0], built.change.files[1]
    pair = PairOutcome.model_validate(
        {
            "migration": up.path.rsplit("/", 1)[-1].removesuffix(".up.sql"),
            "forward": up.path,
            "rollback": down.path,
            "verdict": "restored",
            "rows": "kept",
            "verify_before": "fail",
            "verify_after": "pass",
            "verify_after_rollback": "fail",
            **outcome,
        }
    )
    hashes = {file.path: text_hash(file.content or "") for file in (up, down)}
    return replace(
        built, verified=(MigrationReport(dialect=built.theme.dialect, pairs=(pair,), files=hashes, **facts),)
    )


def _silent(built: Built, chance: random.Random) -> Built:
    up = "-- IRREVERSIBLE: the values are gone; restore the table from the backup\nALTER TABLE __MANY__ DROP COLUMN __OWNED__;"
    gone = "SELECT COUNT(*) = 0 FROM information_schema.columns WHERE table_name = '__MANY__' AND column_name = '__OWNED__';"
    built = _scripts(up, "SELECT {n};\n", gone)(built, chance)
    difference = f"- column {built.theme.many}.{built.theme.personal}"
    return _report(
        built, {"verdict": "different", "differences": (difference,), "irreversible": "the values are gone"}
    )


def _forbidden(built: Built, chance: random.Random) -> Built:
    return _report(
        built, {"refused": (chance.choice(("ATTACH other.db", "COPY t TO PROGRAM 'x'", "load_extension")),)}
    )


def _drift(built: Built, chance: random.Random) -> Built:
    theme = built.theme
    lines = (
        f"table {theme.many}",
        f"column {theme.many}.id: bigint not null",
        f"column {theme.many}.{theme.personal}: text not null",
    )
    built = _postgres(built)
    return _report(built, {}, schema_after=lines[: chance.randint(2, 3)])


def _linted(built: Built, chance: random.Random) -> Built:
    built = _postgres(built)
    name = chance.choice(("ban-drop-column", "renaming-column", "ban-drop-not-null"))
    note = LintNote(path=built.change.files[0].path, line=5, rule=name, message="a linter's words")
    return _report(built, {}, lint=(note,))


def _not_transactional(built: Built, chance: random.Random) -> Built:
    up = f"CREATE TABLE __MANY___a{chance.randint(2, 99)} (id bigint PRIMARY KEY);\nCREATE TABLE __MANY___b (id bigint PRIMARY KEY);"
    built = _scripts(
        up, "DROP TABLE __MANY___b;\nDROP TABLE __MANY___a;\n", "SELECT COUNT(*) = 0 FROM __MANY___b;"
    )(built, chance)
    data = built.inputs.model_dump(mode="json")
    data["tech_spec"]["migrations"]["transactional"] = False
    return replace(built, inputs=StageInputs.model_validate(data))


_ADD = "ALTER TABLE __MANY__ ADD COLUMN __COLUMN__ timestamp with time zone;"
_DROP = "SET LOCAL lock_timeout = '2s';\nALTER TABLE __MANY__ DROP COLUMN __COLUMN__;\n"
_INDEXED = "SELECT COUNT(*) = 1 FROM pg_indexes WHERE indexname = 'ix_{n}';"
_POINTS = "CREATE TABLE points (name text PRIMARY KEY, at integer NOT NULL);"
_KEPT = "INSERT INTO points VALUES ('fill', at) ON CONFLICT (name) DO UPDATE SET at = EXCLUDED.at;"
_FILLED = "SELECT COUNT(*) > 0 FROM points;"

MUTATORS: tuple[Mutator, ...] = (
    Mutator("migration without a rollback", "MIG001", _no_rollback),
    Mutator("empty rollback", "MIG002", _scripts(None, "-- nothing to do, {n} times\n")),
    Mutator("version that is taken", "MIG003", _taken_version),
    Mutator(
        "misspelt name in the rollback",
        "MIG004",
        _scripts(None, "ALTER TABLE __MANY__ DROP COLUMN __COLUMN__{n};\n"),
    ),
    Mutator("earlier migration edited", "MIG005", _edited),
    Mutator(
        "rollback that does not parse",
        "MIG010",
        _scripts(None, "ALTER TABLE __MANY__ DROP (((COLUMN __COLUMN__ {n};\n"),
    ),
    Mutator(
        "CONCURRENTLY in a transaction",
        "MIG011",
        _scripts(
            "CREATE INDEX CONCURRENTLY ix_{n} ON __MANY__ (__OWNED__);", "DROP INDEX ix_{n};\n", _INDEXED
        ),
    ),
    Mutator("transaction that is never closed", "MIG012", _scripts(f"BEGIN;\n{_ADD}", _DROP)),
    Mutator("two steps without a transaction", "MIG013", _not_transactional),
    Mutator(
        "object left behind",
        "MIG020",
        _scripts(f"{_ADD}\nCREATE TABLE extra_{{n}} (id bigint PRIMARY KEY);", _DROP),
    ),
    Mutator(
        "object not brought back",
        "MIG021",
        _scripts(
            "DROP VIEW seen;",
            "SELECT {n};\n",
            "SELECT COUNT(*) = 0 FROM pg_views WHERE viewname = 'seen';",
            "CREATE VIEW seen AS SELECT id FROM __MANY__;",
        ),
    ),
    Mutator(
        "another default restored",
        "MIG022",
        _scripts(
            "ALTER TABLE __MANY__ ALTER COLUMN __OWNED__ SET DEFAULT 'x{n}';",
            "ALTER TABLE __MANY__ ALTER COLUMN __OWNED__ SET DEFAULT 'y';\n",
            "SELECT column_default IS NOT NULL FROM information_schema.columns WHERE table_name = '__MANY__' AND column_name = '__OWNED__';",
        ),
    ),
    Mutator(
        "another body restored",
        "MIG023",
        _scripts(
            "CREATE OR REPLACE FUNCTION f() RETURNS integer LANGUAGE sql AS $$ SELECT 200 $$;",
            "CREATE OR REPLACE FUNCTION f() RETURNS integer LANGUAGE sql AS $$ SELECT {n} $$;\n",
            "SELECT f() = 200;",
            "CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS $$ SELECT 1 $$;",
        ),
    ),
    Mutator(
        "loss without an annotation",
        "MIG024",
        _scripts(
            "ALTER TABLE __MANY__ DROP COLUMN __OWNED__;",
            "ALTER TABLE __MANY__ ADD COLUMN __OWNED__ text NOT NULL DEFAULT 'x{n}';\n",
            "SELECT COUNT(*) = 0 FROM information_schema.columns WHERE table_name = '__MANY__' AND column_name = '__OWNED__';",
        ),
    ),
    Mutator(
        "rollback that hides its failures",
        "MIG025",
        _scripts(
            "CREATE TABLE extra_{n} (id bigint PRIMARY KEY);",
            "DROP TABLE IF EXISTS extra_{n} CASCADE;\n",
            "SELECT COUNT(*) = 0 FROM extra_{n};",
        ),
    ),
    Mutator(
        "index that blocks writers",
        "MIG030",
        _scripts("CREATE INDEX ix_{n} ON __MANY__ (__OWNED__);", "DROP INDEX ix_{n};\n", _INDEXED),
    ),
    Mutator(
        "constraint validated at once",
        "MIG031",
        _scripts(
            "ALTER TABLE __MANY__ ADD CONSTRAINT c_{n} CHECK (id > 0);",
            "ALTER TABLE __MANY__ DROP CONSTRAINT c_{n};\n",
            "SELECT COUNT(*) = 1 FROM pg_constraint WHERE conname = 'c_{n}';",
        ),
    ),
    Mutator(
        "required column without a default",
        "MIG032",
        _scripts("ALTER TABLE __MANY__ ADD COLUMN __COLUMN__ bigint NOT NULL;", _DROP),
    ),
    Mutator(
        "type change that rewrites the table",
        "MIG033",
        _scripts(
            "ALTER TABLE __MANY__ ALTER COLUMN id TYPE numeric(2{n}, 0);",
            "ALTER TABLE __MANY__ ALTER COLUMN id TYPE bigint;\n",
            "SELECT data_type = 'numeric' FROM information_schema.columns WHERE table_name = '__MANY__' AND column_name = 'id';",
        ),
    ),
    Mutator(
        "SET NOT NULL that reads the table",
        "MIG034",
        _scripts(
            "ALTER TABLE __MANY__ ALTER COLUMN nick SET NOT NULL;",
            "ALTER TABLE __MANY__ ALTER COLUMN nick DROP NOT NULL; -- {n}\n",
            "SELECT is_nullable = 'NO' FROM information_schema.columns WHERE table_name = '__MANY__' AND column_name = 'nick';",
            "ALTER TABLE __MANY__ ADD COLUMN nick text;",
        ),
    ),
    Mutator("lock without a limit", "MIG035", _without("lock_timeout")),
    Mutator("column dropped that code still reads", "MIG036", _still_read),
    Mutator(
        "every row written at once",
        "MIG040",
        _scripts(
            "UPDATE __MANY__ SET __OWNED__ = 'x{n}';",
            "-- IRREVERSIBLE: the values are gone; restore the backup\nSELECT 1;\n",
            "SELECT COUNT(*) = 0 FROM __MANY__ WHERE __OWNED__ = '';",
        ),
    ),
    Mutator(
        "loop without a checkpoint",
        "MIG041",
        _scripts(
            _LOOP.replace("{size}", "1000")
            .replace("{checkpoint}", "")
            .replace("{pause}", " PERFORM pg_sleep(0.1);"),
            "-- IRREVERSIBLE: the values are gone; restore the backup\nSELECT {n};\n",
            "SELECT COUNT(*) = 0 FROM __MANY__ WHERE __OWNED__ = '';",
        ),
    ),
    Mutator(
        "schema and rows in one transaction",
        "MIG042",
        _scripts(f"{_ADD}\nUPDATE __MANY__ SET __COLUMN__ = now() WHERE id < {{n}};", _DROP),
    ),
    Mutator(
        "loop without a pause",
        "MIG043",
        _scripts(
            f"{_POINTS}\n"
            + _LOOP.replace("{size}", "1000").replace("{checkpoint}", _KEPT).replace("{pause}", ""),
            "DROP TABLE points; -- {n}\n",
            _FILLED,
        ),
    ),
    Mutator("no VERIFY section", "MIG050", _without("VERIFY|information_schema|pragma_table")),
    Mutator("VERIFY that cannot fail", "MIG051", _scripts(_ADD, None, "SELECT {n};")),
    Mutator("VERIFY that writes", "MIG052", _scripts(_ADD, None, "DELETE FROM __MANY__ WHERE id = {n};")),
    Mutator("OPERATIONS without a duration", "MIG053", _without("duration:")),
    Mutator("no dry-run note", "MIG054", _without("dry-run")),
    Mutator("no guard", "MIG055", _without("lock_timeout|statement_timeout|guard")),
    Mutator("irreversible step whose rollback says nothing", "MIG067", _silent),
    Mutator("script that tries what is forbidden", "MIG068", _forbidden),
    Mutator("schema that differs from the data model", "MIG070", _drift),
    Mutator("statement that a linter warns of", "MIG080", _linted),
)
