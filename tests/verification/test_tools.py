"""Alembic and Django run their own migrations under the library's comparisons, on small real projects."""

import shutil
import sys
from pathlib import Path

import pytest

from backend_engineer.errors import UsageError
from backend_engineer.outputs import Change, FileChange
from backend_engineer.verification import LocalRunner, verify_migrations
from backend_engineer.verification.tools.presets import PRESETS, preset_of

BIN = Path(sys.executable).parent
RUNNER = LocalRunner(env={"PATH": f"{BIN}:/usr/bin:/bin"})

ALEMBIC = {
    "alembic.ini": "[alembic]\nscript_location = alembic\n",
    "alembic/env.py": """
import os
from alembic import context
from sqlalchemy import create_engine, pool

engine = create_engine(os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://"), poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=None)
    with context.begin_transaction():
        context.run_migrations()
""",
    "alembic/versions/aa11_users.py": """
import sqlalchemy as sa
from alembic import op

revision = "aa11"
down_revision = None


def upgrade():
    op.create_table("users", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(20)))


def downgrade():
    op.drop_table("users")
""",
}
SECOND = """
import sqlalchemy as sa
from alembic import op

revision = "bb22"
down_revision = "aa11"


def upgrade():
    op.add_column("users", sa.Column("age", sa.Integer))


def downgrade():
    {down}
"""
DJANGO = {
    "manage.py": """
import os
import sys

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
from django.core.management import execute_from_command_line

execute_from_command_line(sys.argv)
""",
    "settings.py": """
import os

SECRET_KEY = "only for this test"
INSTALLED_APPS = ["shop"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["DATABASE_PATH"]}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
""",
    "shop/__init__.py": "",
    "shop/models.py": "",
    "shop/migrations/__init__.py": "",
    "shop/migrations/0001_initial.py": """
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel("Item", [("id", models.BigAutoField(primary_key=True)), ("name", models.CharField(max_length=20))]),
    ]
""",
}
DJANGO_SECOND = """
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [
        migrations.RunSQL("ALTER TABLE shop_item ADD COLUMN size integer", reverse_sql="{back}"),
    ]
"""


def change_of(path: str, text: str) -> Change:
    return Change((FileChange(path, text),))


def run_alembic(down: str, database: str = "sqlite", seed: int | None = None):
    pytest.importorskip("alembic")
    change = change_of("alembic/versions/bb22_age.py", SECOND.format(down=down))
    return verify_migrations(change, database, base=ALEMBIC, commands="alembic", runner=RUNNER, seed=seed)


def run_django(back: str):
    pytest.importorskip("django")
    change = change_of("shop/migrations/0002_size.py", DJANGO_SECOND.format(back=back))
    commands = {"preset": "django"} | {
        name: [sys.executable, *getattr(PRESETS["django"], name)[1:]] for name in ("forward", "rollback")
    }
    return verify_migrations(change, "sqlite", base=DJANGO, commands=commands, runner=RUNNER, seed=None)


def test_an_alembic_downgrade_that_undoes_its_upgrade_is_restored() -> None:
    report = run_alembic('op.drop_column("users", "age")', seed=1)
    assert [(pair.migration, pair.verdict) for pair in report.pairs] == [("bb22_age", "restored")], report
    assert report.pairs[0].mode == "commands"
    assert report.pairs[0].rows == "kept"


def test_an_alembic_downgrade_that_passes_is_different() -> None:
    report = run_alembic("pass")
    assert report.pairs[0].verdict == "different"
    assert report.pairs[0].differences == ("+ column users.age: integer",)


def test_an_alembic_downgrade_that_raises_is_told_with_its_words() -> None:
    report = run_alembic('raise RuntimeError("not today")')
    assert report.pairs[0].verdict == "rollback-failed"
    assert "not today" in report.pairs[0].message


@pytest.mark.postgres
def test_alembic_runs_on_postgresql_too(postgres: None) -> None:
    report = run_alembic('op.drop_column("users", "age")', "postgresql")
    assert report.pairs[0].verdict == "restored", report


def test_a_django_migration_that_undoes_itself_is_restored() -> None:
    report = run_django("ALTER TABLE shop_item DROP COLUMN size")
    assert [(pair.migration, pair.verdict) for pair in report.pairs] == [("shop.0002_size", "restored")], (
        report
    )


def test_a_django_migration_whose_reverse_does_nothing_is_different() -> None:
    report = run_django("SELECT 1")
    assert report.pairs[0].verdict == "different"


def test_without_a_runner_nothing_runs() -> None:
    report = verify_migrations(ALEMBIC, "sqlite", commands="alembic")
    assert report.pairs == ()
    assert "runner" in report.not_checked


def test_programs_without_commands_are_said_to_be_not_checked() -> None:
    report = verify_migrations(ALEMBIC, "sqlite")
    assert "alembic" in report.not_checked


@pytest.mark.parametrize(
    "commands", ["make", {"forward": "alembic upgrade", "rollback": ["x"]}, {"forward": ["x"], "back": ["y"]}]
)
def test_commands_that_say_nothing_clear_are_refused(commands: object) -> None:
    with pytest.raises(UsageError):
        preset_of(commands)


def test_alembic_revisions_that_branch_are_refused() -> None:
    files = {
        **ALEMBIC,
        "alembic/versions/cc33.py": ALEMBIC["alembic/versions/aa11_users.py"].replace("aa11", "cc33"),
    }
    with pytest.raises(UsageError, match="branch"):
        PRESETS["alembic"].targets(files)


def test_knex_and_prisma_steps_come_in_the_order_of_their_numbers() -> None:
    files = {
        "migrations/20240102_b.js": "exports.up = () => {};",
        "migrations/20240101_a.js": "exports.up = () => {};",
        "prisma/migrations/20240102_b/migration.sql": "SELECT 1;",
        "prisma/migrations/20240101_a/migration.sql": "SELECT 1;",
    }
    assert [target.key for target in PRESETS["knex"].targets(files)] == ["20240101_a.js", "20240102_b.js"]
    assert [target.key for target in PRESETS["prisma"].targets(files)] == ["20240101_a", "20240102_b"]


def test_own_commands_are_filled_with_the_step_and_the_database(tmp_path: Path) -> None:
    sqlite3 = shutil.which("sqlite3")
    script = "import os, sqlite3, sys\nlink = sqlite3.connect(os.environ['DATABASE_PATH'])\nlink.executescript(open(sys.argv[1]).read())\n"
    files = {
        "apply.py": script,
        "db/migrations/0001_a.up.sql": "CREATE TABLE a (id integer PRIMARY KEY);\n",
        "db/migrations/0001_a.down.sql": "DROP TABLE a;\n",
    }
    commands = {
        "forward": [sys.executable, "apply.py", "db/migrations/{target}.up.sql"],
        "rollback": [sys.executable, "apply.py", "db/migrations/{target}.down.sql"],
    }
    report = verify_migrations(files, "sqlite", commands=commands, runner=LocalRunner())
    assert report.pairs[0].verdict == "restored", (report, sqlite3)


def test_a_setting_that_a_tools_rollback_leaves_is_seen(tmp_path: Path) -> None:
    script = "import os, sqlite3; link = sqlite3.connect(os.environ['DATABASE_PATH']); link.execute('{}'); link.commit()"
    commands = {
        "forward": [sys.executable, "-c", script.format("PRAGMA user_version = 5")],
        "rollback": [sys.executable, "-c", script.format("SELECT 1")],
    }
    files = {"db/1_a.up.sql": "SELECT 1;", "db/1_a.down.sql": "SELECT 1;"}
    (found,) = verify_migrations(files, "sqlite", commands=commands, runner=LocalRunner()).pairs
    assert (found.verdict, found.settings) == ("restored", ("~ user_version: 5, was 0",))


def test_a_seed_script_is_not_left_out_in_silence() -> None:
    with pytest.raises(UsageError, match="seed"):
        verify_migrations(
            ALEMBIC, "sqlite", commands="alembic", runner=RUNNER, seed="INSERT INTO t VALUES (1);"
        )
