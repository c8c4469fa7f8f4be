"""The files of a valid change for a theme: migrations, layers, tests, observability and documents.

Owns: the texts that a valid reply is made of.
Must never know: documents' shapes, replies, rules.
"""

from __future__ import annotations

import json
import textwrap

from backend_engineer.contract import Section
from backend_engineer.testing.documents import openapi_of
from backend_engineer.testing.vocabulary import Theme

__all__ = ["base_of", "files_of"]


def _fill(theme: Theme, text: str) -> str:
    words = {
        "ONE": theme.one, "MANY": theme.many, "TYPE": theme.type_name, "COLUMN": theme.column, "OWNED": theme.personal,
        "TEAM": theme.team, "LATENCY": str(theme.latency), "DAYS": str(theme.days), "NUMBER": theme.number,
        "TIME": "TEXT" if theme.dialect == "sqlite" else "timestamp with time zone",
        "KEY": "INTEGER" if theme.dialect == "sqlite" else "bigint",
        "TEXT_TYPE": "TEXT" if theme.dialect == "sqlite" else "text",
    }  # fmt: skip
    text = textwrap.dedent(text).lstrip("\n")
    for word, value in words.items():
        text = text.replace(f"__{word}__", value)
    return text


_UP_SQLITE = """
    -- Adds __COLUMN__ to __MANY__ and the index by which lists are paged.
    -- dry-run: run this script on a copy of the database first and compare row counts.
    -- guard: fails at once when the table is absent.
    ALTER TABLE __MANY__ ADD COLUMN __COLUMN__ __TIME__;
    CREATE INDEX ix___MANY_____COLUMN__ ON __MANY__ (__COLUMN__, id);

    -- VERIFY
    -- SELECT COUNT(*) = 1 FROM pragma_table_info('__MANY__') WHERE name = '__COLUMN__';
    -- SELECT COUNT(*) = 1 FROM sqlite_master WHERE type = 'index' AND name = 'ix___MANY_____COLUMN__';

    -- OPERATIONS
    -- duration: 2 s for a million rows
    -- impact: writes wait while the index is built
    -- throttling: none needed, one statement each
"""
_UP_POSTGRES = """
    -- Adds __COLUMN__ to __MANY__.
    -- dry-run: run this script on a copy of the database first and compare row counts.
    -- guard: gives up at once when the table is locked for long.
    SET LOCAL lock_timeout = '2s';
    SET LOCAL statement_timeout = '30s';
    ALTER TABLE __MANY__ ADD COLUMN __COLUMN__ __TIME__;

    -- VERIFY
    -- SELECT COUNT(*) = 1 FROM information_schema.columns WHERE table_name = '__MANY__' AND column_name = '__COLUMN__';

    -- OPERATIONS
    -- duration: 1 s
    -- impact: a short lock on the table while the column is added
    -- throttling: none needed, no rows are written
"""
_DOWN_SQLITE = """
    -- Takes __COLUMN__ and its index away again.
    DROP INDEX ix___MANY_____COLUMN__;
    ALTER TABLE __MANY__ DROP COLUMN __COLUMN__;
"""
_DOWN_POSTGRES = """
    -- Takes __COLUMN__ away again.
    SET LOCAL lock_timeout = '2s';
    ALTER TABLE __MANY__ DROP COLUMN __COLUMN__;
"""
_MODEL = '''
    """The __ONE__ as a value."""

    from dataclasses import dataclass


    @dataclass(frozen=True)
    class __TYPE__:
        """One row of __MANY__ as the service hands it out; personal data stays behind."""

        id: int
        __COLUMN__: str | None
'''
_PORT = '''
    """What the service needs of its store."""

    from typing import Protocol

    from src.models.__ONE__ import __TYPE__


    class __TYPE__Store(Protocol):
        """Reads and writes __MANY__."""

        def page(self, after: int, limit: int) -> list[__TYPE__]: ...

        def set___COLUMN__(self, key: int, value: str) -> __TYPE__ | None: ...

        def answer_of(self, idempotency_key: str) -> __TYPE__ | None: ...

        def keep_answer(self, idempotency_key: str, answer: __TYPE__) -> None: ...
'''
_ADAPTER = '''
    """The store on SQL."""

    from src.models.__ONE__ import __TYPE__

    PAGE = "SELECT id, __COLUMN__ FROM __MANY__ WHERE id > ? ORDER BY id LIMIT ?"
    SET = "UPDATE __MANY__ SET __COLUMN__ = ? WHERE id = ?"
    ONE = "SELECT id, __COLUMN__ FROM __MANY__ WHERE id = ?"


    class Sql__TYPE__Store:
        """Reads and writes __MANY__ through one connection; every value is bound."""

        def __init__(self, connection):
            self.connection = connection
            self.answers = {}

        def page(self, after, limit):
            return [__TYPE__(*row) for row in self.connection.execute(PAGE, (after, limit))]

        def set___COLUMN__(self, key, value):
            self.connection.execute(SET, (value, key))
            row = self.connection.execute(ONE, (key,)).fetchone()
            return __TYPE__(*row) if row else None

        def answer_of(self, idempotency_key):
            return self.answers.get(idempotency_key)

        def keep_answer(self, idempotency_key, answer):
            self.answers[idempotency_key] = answer
'''
_SERVICE = '''
    """What can be done with __MANY__: pure but for its ports."""

    from src.models.__ONE__ import __TYPE__
    from src.ports.__ONE___store import __TYPE__Store


    class NotFound(Exception):
        """There is no such __ONE__."""


    class Forbidden(Exception):
        """The caller may not do this."""


    class __TYPE__Service:
        """Lists __MANY__ and sets their __COLUMN__; asks the policy first and denies by default."""

        def __init__(self, store: __TYPE__Store, policy) -> None:
            self.store = store
            self.policy = policy

        def page(self, caller, after: int, limit: int) -> tuple[list[__TYPE__], int | None]:
            if not self.policy.allows(caller, "__ONE__:read"):
                raise Forbidden
            rows = self.store.page(after, limit)
            return rows, rows[-1].id if len(rows) == limit else None

        def set___COLUMN__(self, caller, key: int, value: str, idempotency_key: str) -> __TYPE__:
            if not self.policy.allows(caller, "__ONE__:update"):
                raise Forbidden
            known = self.store.answer_of(idempotency_key)
            if known is not None:
                return known
            changed = self.store.set___COLUMN__(key, value)
            if changed is None:
                raise NotFound
            self.store.keep_answer(idempotency_key, changed)
            return changed
'''
_CONTROLLER = '''
    """The HTTP layer of __MANY__: reads requests, calls the service, counts and times each operation."""

    import logging
    import time
    import uuid

    from src.services.__ONE___service import Forbidden, NotFound
    from src.validation.__ONE__ import parse_page, parse_patch

    logger = logging.getLogger("__MANY__")
    COUNTS = {"requests": 0, "errors": 0}
    SECONDS = []


    def envelope(code, message):
        """The one error shape."""
        return {"error": {"code": code, "message": message, "correlation_id": str(uuid.uuid4()), "details": {}}}


    def list___MANY__(service, limiter, caller, query):
        """GET /__MANY__, a page by cursor."""
        return _run(limiter, caller, lambda: _page(service, caller, query))


    def patch___ONE__(service, limiter, caller, key, headers, body):
        """PATCH /__MANY__/{id}, once for each idempotency key."""
        return _run(limiter, caller, lambda: _patch(service, caller, key, headers, body))


    def _page(service, caller, query):
        after, limit = parse_page(query)
        rows, following = service.page(caller, after, limit)
        items = [{"id": row.id, "__COLUMN__": row.__COLUMN__} for row in rows]
        return 200, {"items": items, "next_cursor": None if following is None else str(following)}


    def _patch(service, caller, key, headers, body):
        value, idempotency_key = parse_patch(headers, body)
        row = service.set___COLUMN__(caller, key, value, idempotency_key)
        return 200, {"id": row.id, "__COLUMN__": row.__COLUMN__}


    def _run(limiter, caller, operation):
        started = time.monotonic()
        COUNTS["requests"] += 1
        try:
            if not limiter.admits(caller):
                return 429, envelope("RATE_LIMITED", "Too many requests.")
            return operation()
        except ValueError:
            return 400, envelope("MALFORMED", "The request is malformed.")
        except Forbidden:
            return 403, envelope("FORBIDDEN", "The caller may not do this.")
        except NotFound:
            return 404, envelope("NOT_FOUND", "There is no such row.")
        finally:
            SECONDS.append(time.monotonic() - started)
            logger.info("operation done", extra={"seconds": SECONDS[-1]})
'''
_VALIDATION = '''
    """What a request may hold; everything else is refused."""


    def parse_page(query):
        """The cursor and the limit of a list request."""
        after, limit = int(query.get("cursor", 0)), int(query.get("limit", 20))
        if after < 0 or not 1 <= limit <= 100:
            raise ValueError("out of range")
        return after, limit


    def parse_patch(headers, body):
        """The new value and the idempotency key; unknown fields are refused."""
        key = headers.get("Idempotency-Key", "")
        if not key or set(body) != {"__COLUMN__"} or not isinstance(body["__COLUMN__"], str):
            raise ValueError("malformed")
        return body["__COLUMN__"], key
'''
_TESTS = '''
    """Unit, integration, property, migration and end-to-end tests of __MANY__."""

    import random
    import unittest

    from src.validation.__ONE__ import parse_page, parse_patch


    class UnitTest(unittest.TestCase):
        def test_a_patch_without_a_key_is_refused(self):
            with self.assertRaises(ValueError):
                parse_patch({}, {"__COLUMN__": "2026-01-01T00:00:00Z"})


    class PropertyTest(unittest.TestCase):
        def test_any_limit_in_range_is_taken(self):
            for _ in range(100):
                limit = random.randint(1, 100)
                self.assertEqual(parse_page({"limit": limit}), (0, limit))


    class IntegrationTest(unittest.TestCase):
        def test_a_repeated_request_has_its_effect_once(self):
            self.assertEqual(parse_patch({"Idempotency-Key": "k"}, {"__COLUMN__": "x"}), ("x", "k"))


    class MigrationTest(unittest.TestCase):
        def test_the_rollback_restores_the_schema(self):
            with open("db/migrations/__NUMBER___add___COLUMN__.down.sql", encoding="utf-8") as script:
                self.assertIn("DROP COLUMN __COLUMN__", script.read())


    class EndToEndTest(unittest.TestCase):
        """e2e: through the HTTP layer, from the request to the answer."""

        def test_an_unknown_field_is_refused(self):
            with self.assertRaises(ValueError):
                parse_patch({"Idempotency-Key": "k"}, {"role": "admin"})
'''
_RUNBOOK = """
    # __TYPE__ runbook

    ## Migration

    Run the forward script, then its VERIFY section. To go back, deploy the earlier version and run the rollback.

    ## Retention

    Rows of __MANY__ are removed __DAYS__ days after they were closed by the nightly job.

    ## Personal data

    `__OWNED__` is personal data. It stays in the table; no answer, log or metric holds it.

    ## Objectives

    The team `__TEAM__` is paged when an objective in `observability/__MANY__.json` is missed for ten minutes.
"""


def _alerts(theme: Theme) -> str:
    table = {
        "objectives": [
            {"route": f"GET /{theme.many}", "metric": "latency_p95", "target": theme.latency, "unit": "ms"},
            {"route": f"PATCH /{theme.many}/{{id}}", "metric": "error_rate", "target": 1, "unit": "%"},
        ],
        "red": ["requests", "errors", "seconds"],
    }
    return json.dumps(table, indent=2) + "\n"


def files_of(theme: Theme) -> tuple[tuple[Section, str, str, str], ...]:
    """Section, path, text and purpose of every file, in section order."""
    lite = theme.dialect == "sqlite"
    name = f"db/migrations/{theme.number}_add_{theme.column}"
    one, many = theme.one, theme.many
    rows: list[tuple[Section, str, str, str]] = [
        (Section.MIGRATIONS, f"{name}.up.sql", _UP_SQLITE if lite else _UP_POSTGRES, "adds the column"),
        (Section.MIGRATIONS, f"{name}.down.sql", _DOWN_SQLITE if lite else _DOWN_POSTGRES, "takes it away"),
        (Section.MODELS, f"src/models/{one}.py", _MODEL, "the row as a value"),
        (Section.PORTS, f"src/ports/{one}_store.py", _PORT, "what the service needs"),
        (Section.PORTS, f"src/ports/sql_{one}_store.py", _ADAPTER, "the store on SQL"),
        (Section.SERVICES, f"src/services/{one}_service.py", _SERVICE, "the business logic"),
        (Section.CONTROLLERS, f"src/controllers/{many}.py", _CONTROLLER, "the HTTP layer"),
        (Section.VALIDATION, f"src/validation/{one}.py", _VALIDATION, "what a request may hold"),
        (Section.TESTS, f"tests/test_{many}.py", _TESTS, "tests of every kind"),
        (Section.OBSERVABILITY, f"observability/{many}.json", _alerts(theme), "the objectives' probes"),
        (Section.DOCS, "docs/openapi.json", json.dumps(openapi_of(theme), indent=2) + "\n", "the API"),
        (Section.DOCS, f"docs/runbook-{many}.md", _RUNBOOK, "how to run it"),
    ]
    return tuple((section, path, _fill(theme, text), purpose) for section, path, text, purpose in rows)


def base_of(theme: Theme) -> dict[str, str]:
    """The source tree before the change: the table, and a page about the service."""
    create = """
        -- Creates __MANY__.
        CREATE TABLE __MANY__ (
            id __KEY__ PRIMARY KEY,
            __OWNED__ __TEXT_TYPE__ NOT NULL
        );

        -- VERIFY
        -- SELECT COUNT(*) >= 0 FROM __MANY__;

        -- OPERATIONS
        -- duration: 1 s
        -- impact: none, the table is new
        -- throttling: none needed
    """
    return {
        "db/migrations/0001_create.up.sql": _fill(theme, create),
        "db/migrations/0001_create.down.sql": _fill(theme, "\nDROP TABLE __MANY__;\n"),
        "README.md": _fill(theme, "\n# The service of __MANY__\n"),
    }
