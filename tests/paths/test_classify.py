"""The section of a path, framework by framework."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from backend_engineer.contract import SECTIONS, Section
from backend_engineer.paths import LAYOUTS, classify, is_migration_path, is_rollback_path, is_test_path

M, MO, P, S, C, V, J, T, OB, D = SECTIONS


@pytest.mark.parametrize(
    ("path", "section"),
    [
        # Rails
        ("db/migrate/20250101_add_x.rb", M), ("app/models/user.rb", MO), ("app/controllers/users_controller.rb", C), ("config/routes.rb", C),
        ("app/services/charge.rb", S), ("app/jobs/sync_job.rb", J), ("app/policies/user_policy.rb", V), ("spec/models/user_spec.rb", T),
        # Django
        ("shop/migrations/0002_auto.py", M), ("shop/models.py", MO), ("shop/views.py", C), ("shop/urls.py", C), ("shop/forms.py", V),
        ("shop/tasks.py", J), ("shop/tests.py", T), ("shop/management/commands/purge.py", J),
        # Alembic, Prisma, Knex, TypeORM
        ("alembic/versions/ab12_add.py", M), ("shop/database/revisions/tenant/versions/2025-01-01_ab12.py", M), ("prisma/migrations/2025_add/migration.sql", M), ("prisma/schema.prisma", MO),
        ("migrations/20250101_users.js", M), ("src/migration/1700000-AddUsers.ts", M),
        # Flyway, golang-migrate, dbmate, goose, sqitch
        ("src/main/resources/db/migration/V1__init.sql", M), ("sql/000001_init.up.sql", M), ("db/migrations/2025_init.sql", M), ("db/schema.sql", MO),
        ("internal/migrations/00001_init.go", M), ("deploy/users.sql", M), ("verify/users.sql", M), ("sqitch.plan", M),
        # Spring
        ("src/main/java/com/x/user/UserController.java", C), ("src/main/java/com/x/user/UserService.java", S),
        ("src/main/java/com/x/user/UserRepository.java", P), ("src/test/java/com/x/UserServiceTest.java", T), ("src/main/java/com/x/entity/User.java", MO),
        # NestJS
        ("src/users/users.controller.ts", C), ("src/users/users.service.ts", S), ("src/users/user.entity.ts", MO), ("src/users/dto/create-user.dto.ts", V),
        ("src/auth/jwt.guard.ts", V), ("src/users/users.repository.ts", P), ("src/mail/mail.processor.ts", J), ("src/users/users.controller.spec.ts", T),
        # FastAPI
        ("app/routers/users.py", C), ("app/schemas/user.py", V), ("app/crud/user.py", P), ("app/dependencies.py", V), ("app/services/users.py", S),
        # Go
        ("internal/handler/users.go", C), ("internal/store/users.go", P), ("internal/service/users.go", S), ("internal/middleware/auth.go", V),
        ("internal/store/users_test.go", T),
        # What no framework tells
        ("README.md", D), ("docs/runbooks/replay.md", D), ("openapi.yaml", D), ("ops/dashboards/users.json", OB), ("src/metrics.py", OB),
        ("package.json", D), (".env.example", D), ("src/money.py", S), ("e2e/login.cy.ts", T),
    ],
)  # fmt: skip
def test_common_layouts_are_told_by_the_path(path: str, section: Section) -> None:
    assert classify(path) is section


@dataclass(frozen=True)
class _Entry:
    path: str
    section: Section | None


def test_the_projects_own_layout_wins_by_its_longest_folder() -> None:
    layout = [_Entry("src", S), _Entry("src/web", C), _Entry("src/web/raw", None)]
    assert classify("src/web/raw/models.py", layout=layout) is C
    assert classify("lib/models.py", layout=layout) is MO


def test_an_openapi_document_is_told_by_its_text() -> None:
    assert classify("contract.rb", "openapi: 3.1.0\n") is D


@pytest.mark.parametrize(
    "path",
    ["db/migrations/0001_a.down.sql", "db/U1__a.sql", "revert/users.sql", "prisma/migrations/x/down.sql"],
)
def test_rollbacks_are_told_from_forward_scripts(path: str) -> None:
    assert is_rollback_path(path)
    assert not is_rollback_path("db/migrations/0001_a.up.sql")


def test_tests_and_notes_in_a_migrations_folder_are_no_migrations() -> None:
    assert is_test_path("tests/migrations/test_0001.py")
    assert not any(
        is_migration_path(path)
        for path in (
            "tests/migrations/test_0001.py",
            "db/migrations/README.md",
            "db/migrations/0002_why.markdown",
            "shop/migrations/__init__.py",
        )
    )


def test_a_folder_of_features_holds_code_and_its_scenarios_are_tests() -> None:
    assert not is_test_path("src/features/counter/counterSlice.ts")
    assert is_test_path("features/checkout.feature")


def test_notes_in_a_migrations_folder_are_documentation() -> None:
    assert classify("db/migrations/0002_why_we_split_users.md") is Section.DOCS
    assert classify("prisma/migrations/notes.rst") is Section.DOCS


@pytest.mark.parametrize(
    "path",
    [
        "web/src/app/(main)/settings/migrations/steps.ts",
        "web/src/app/[team]/migrations/page.ts",
        "web/src/settings/migrations/Review.tsx",
        "web/migrations/table.css",
    ],
)
def test_pages_about_migrations_are_no_migrations(path: str) -> None:
    assert not is_migration_path(path)
    assert classify(path) is not Section.MIGRATIONS


def test_scripts_of_seeds_stand_with_the_migrations_and_are_none() -> None:
    assert classify("store/seed/10001__user.sql") is Section.MIGRATIONS
    assert not is_migration_path("store/seed/10001__user.sql")
    assert is_migration_path("db/migrations/seeds/10001__user.sql")


def test_no_word_of_the_table_is_told_twice_in_one_way() -> None:
    for how in ("folder", "folders", "name", "role", "suffix", "stem"):
        words = [word for row in LAYOUTS if row.how == how for word in row.words]
        assert len(words) == len(set(words))
