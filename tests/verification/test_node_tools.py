"""Knex and Prisma run their own migrations under the library's comparisons, on small real projects and PostgreSQL.

The tools come with `npm install` in `tools/`; without them, or without a server, these tests skip and say so.
Prisma's own engine is a program that its installer fetches from the maker's site; the engine that stands in its
npm package, which runs in Node.js, takes its place here, so that nothing has to be fetched.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from backend_engineer.outputs import Change, FileChange, MigrationReport
from backend_engineer.verification import LocalRunner, verify_migrations

pytestmark = [pytest.mark.npm, pytest.mark.postgres]
pytest.importorskip("psycopg", reason="the extra pg is not installed")

MODULES = Path(__file__).resolve().parents[2] / "tools" / "node_modules"

KNEXFILE = """
module.exports = {
  client: "pg",
  connection: process.env.DATABASE_URL,
  pool: { min: 0, max: 1 },
  migrations: { directory: "./migrations" },
};
"""
KNEX = {
    "package.json": '{"name": "shop", "private": true}\n',
    "knexfile.js": KNEXFILE,
    "migrations/20240101000000_users.js": """
exports.up = (knex) =>
  knex.schema.createTable("users", (table) => {
    table.increments("id");
    table.string("name", 20).notNullable();
  });
exports.down = (knex) => knex.schema.dropTable("users");
""",
}
KNEX_SECOND = """
exports.up = (knex) => knex.schema.alterTable("users", (table) => {{ table.integer("age"); table.index(["name"]); }});
exports.down = {down};
"""
UNDO = '(knex) => knex.schema.alterTable("users", (table) => { table.dropIndex(["name"]); table.dropColumn("age"); })'

PRISMA = {
    "package.json": '{"name": "shop", "private": true}\n',
    "prisma.config.ts": """
import { defineConfig } from "prisma/config";
import { PrismaPg } from "@prisma/adapter-pg";

export default defineConfig({
  schema: "prisma/schema.prisma",
  experimental: { adapter: true },
  engine: "js",
  adapter: async () => new PrismaPg({ connectionString: process.env.DATABASE_URL }),
});
""",
    "prisma/schema.prisma": 'datasource db {\n  provider = "postgresql"\n  url      = env("DATABASE_URL")\n}\n',
    "prisma/migrations/20240101000000_users/migration.sql": 'CREATE TABLE "User" ("id" SERIAL PRIMARY KEY, "name" VARCHAR(20) NOT NULL);\n',
    "prisma/migrations/20240101000000_users/down.sql": 'DROP TABLE "User";\n',
}


def runner(**env: str) -> LocalRunner:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node.js is not installed")
    return LocalRunner(env={"PATH": f"{Path(node).parent}:/usr/bin:/bin", **env})


def need(name: str) -> None:
    if not (MODULES / name).is_dir():
        pytest.skip(f"{name} is not installed: run `npm --prefix tools install` first")


def knex(down: str) -> MigrationReport:
    need("knex")
    change = Change((FileChange("migrations/20240102000000_age.js", KNEX_SECOND.format(down=down)),))
    links = {"node_modules": MODULES}
    return verify_migrations(
        change, "postgresql", base=KNEX, commands="knex", runner=runner(), links=links, seed=1
    )


def test_a_knex_step_that_undoes_itself_is_restored(postgres: None) -> None:
    report = knex(UNDO)
    (pair,) = report.pairs
    assert (pair.migration, pair.verdict, pair.rows) == ("20240102000000_age.js", "restored", "kept"), report
    assert report.not_checked == ""
    assert any(line.startswith("column public.users.age") for line in report.schema_after)


def test_a_knex_step_that_leaves_its_index_behind_is_different(postgres: None) -> None:
    (pair,) = knex('(knex) => knex.schema.alterTable("users", (table) => { table.dropColumn("age"); })').pairs
    assert pair.verdict == "different"
    assert [line.partition(":")[0] for line in pair.differences] == ["+ index public.users_name_index"]


def test_a_knex_step_that_throws_is_told_with_its_words(postgres: None) -> None:
    (pair,) = knex("() => { throw new Error('not today'); }").pairs
    assert pair.verdict == "rollback-failed"
    assert "not today" in pair.message


def test_a_folder_brings_its_own_packages_along(postgres: None, tmp_path: Path) -> None:
    need("knex")
    for name, text in KNEX.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "node_modules").symlink_to(MODULES)
    report = verify_migrations(tmp_path, "postgresql", commands="knex", runner=runner(), seed=None)
    assert [pair.verdict for pair in report.pairs] == ["restored"], report


def prisma(down: str, tmp_path: Path) -> MigrationReport:
    need("prisma")
    # Named so that Prisma looks for no engine of its own; the one in its package is what runs.
    unused = tmp_path / "unused.node"
    unused.touch()
    folder = "prisma/migrations/20240102000000_age"
    files = [
        FileChange(f"{folder}/migration.sql", 'ALTER TABLE "User" ADD COLUMN "age" INTEGER;\n'),
        FileChange(f"{folder}/down.sql", down),
    ]
    return verify_migrations(
        Change(tuple(files)),
        "postgresql",
        base=PRISMA,
        commands="prisma6",
        runner=runner(
            PRISMA_QUERY_ENGINE_LIBRARY=str(unused),
            PRISMA_SCHEMA_ENGINE_BINARY=str(unused),
            CHECKPOINT_DISABLE="1",
        ),
        links={"node_modules": MODULES},
        seed=None,
    )


def test_a_prisma_step_with_its_down_script_is_restored(postgres: None, tmp_path: Path) -> None:
    report = prisma('ALTER TABLE "User" DROP COLUMN "age";\n', tmp_path)
    (pair,) = report.pairs
    assert (pair.migration, pair.verdict) == ("20240102000000_age", "restored"), report


def test_a_prisma_step_whose_down_script_does_nothing_is_different(postgres: None, tmp_path: Path) -> None:
    (pair,) = prisma("SELECT 1;\n", tmp_path).pairs
    assert pair.verdict == "different"
    assert [line.partition(":")[0] for line in pair.differences] == ['+ column public."User".age']
