"""Where the common frameworks keep their files: the table by which a path gets its section.

Owns: one row for each folder name, file name or ending that tells a section, with the frameworks that use it.
Must never know: how rows are looked up, replies, a project's own layout.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from backend_engineer.contract import Section

__all__ = ["LAYOUTS", "LayoutRow"]


class LayoutRow(NamedTuple):
    """Words that tell a section.

    how: `folder` (a folder of the path has this name), `folders` (these folders follow each other),
    `name` (the file's name), `role` (the word before the ending: `users.controller.ts`), `suffix`
    (the stem's last word: `user_service.py`, `UserService.java`), `stem` (the name without its ending).
    frameworks: who lays files out like this; empty where the habit is general.
    """

    section: Section
    how: str
    words: tuple[str, ...]
    frameworks: str = ""


def _row(section: Section, how: str, words: str, frameworks: str = "") -> LayoutRow:
    return LayoutRow(section, how, tuple(words.split()), frameworks)


LAYOUTS: Final[tuple[LayoutRow, ...]] = (
    _row(Section.MIGRATIONS, "folders", "db/migrate", "Rails"),
    _row(Section.MIGRATIONS, "folders", "alembic/versions migrations/versions database/revisions db/revisions", "Alembic"),
    _row(
        Section.MIGRATIONS,
        "folder",
        "migrations migration",
        "Django, Prisma, Knex, TypeORM, Flyway, golang-migrate, dbmate, goose",
    ),
    _row(Section.MIGRATIONS, "folders", "db/changelog db/goose db/deploy db/revert db/verify", "Liquibase, goose, sqitch"),
    _row(Section.MIGRATIONS, "name", "sqitch.plan sqitch.conf", "sqitch"),
    _row(Section.MODELS, "folder", "models model entities entity domain schema", "Rails, Django, NestJS, Spring, Go"),
    _row(Section.MODELS, "name", "schema.prisma schema.rb structure.sql schema.sql models.py models.ts", "Prisma, Rails, dbmate, Django"),
    _row(Section.MODELS, "role", "entity model schema", "NestJS, TypeORM"),
    _row(Section.MODELS, "suffix", "entity model"),
    _row(Section.PORTS, "folder", "ports port adapters adapter repositories repository gateways clients client "
         "infrastructure infra persistence store stores storage dao crud integrations mailers outbox", "Spring, FastAPI, Rails, Go"),
    _row(Section.PORTS, "role", "repository adapter port client gateway provider", "NestJS"),
    _row(Section.PORTS, "suffix", "repository adapter port client gateway dao store repo crud"),
    _row(Section.SERVICES, "folder", "services service usecases use-cases use_cases usecase application interactors"),
    _row(Section.SERVICES, "role", "service usecase use-case module", "NestJS"),
    _row(Section.SERVICES, "suffix", "service usecase interactor"),
    _row(Section.CONTROLLERS, "folder", "controllers controller resolvers resolver routes routers router handlers "
         "handler http rest api views endpoints graphql serializers", "Rails, NestJS, Spring, FastAPI, Go, Django"),
    _row(Section.CONTROLLERS, "name", "routes.rb urls.py views.py viewsets.py serializers.py"),
    _row(Section.CONTROLLERS, "role", "controller resolver routes router handler route", "NestJS"),
    _row(Section.CONTROLLERS, "suffix", "controller resolver router routes handler view viewset serializer"),
    _row(Section.VALIDATION, "folder", "validation validators validator auth authentication authorization security "
         "middleware middlewares policies guards pipes dto dtos schemas permissions", "Rails, NestJS, FastAPI, Spring, Go"),
    _row(Section.VALIDATION, "name", "permissions.py forms.py validators.py dependencies.py deps.py auth.py security.py"),
    _row(Section.VALIDATION, "role", "dto guard pipe strategy middleware validator policy", "NestJS"),
    _row(Section.VALIDATION, "suffix", "validator policy guard middleware dto auth permission"),
    _row(Section.JOBS, "folder", "jobs job workers worker tasks queues queue cron schedulers scheduler consumers "
         "commands processors", "Rails, Django, NestJS"),
    _row(Section.JOBS, "name", "tasks.py celery.py"),
    _row(Section.JOBS, "role", "job worker processor consumer task cron scheduler", "NestJS"),
    _row(Section.JOBS, "suffix", "job worker consumer processor task scheduler"),
    _row(Section.TESTS, "folder", "tests test __tests__ spec specs e2e testing", "Rails, Django, Spring, Go"),
    _row(Section.TESTS, "name", "conftest.py tests.py pytest.ini jest.config.js jest.config.ts vitest.config.ts"),
    _row(Section.TESTS, "role", "test spec e2e-spec integration-test", "NestJS"),
    _row(Section.OBSERVABILITY, "folder", "observability monitoring metrics telemetry logging dashboards alerts "
         "grafana prometheus health tracing probes"),
    _row(Section.OBSERVABILITY, "role", "metrics logger tracing health telemetry interceptor"),
    _row(Section.OBSERVABILITY, "suffix", "metrics logger logging tracing health telemetry dashboard alerts"),
    _row(Section.OBSERVABILITY, "stem", "alerts dashboard dashboards prometheus grafana logging"),
    _row(Section.DOCS, "folder", "docs doc documentation runbooks runbook openapi"),
    _row(Section.DOCS, "stem", "readme changelog contributing runbook openapi swagger"),
)  # fmt: skip
"""Rows of one section stand together; which section wins is said in `classify`."""
