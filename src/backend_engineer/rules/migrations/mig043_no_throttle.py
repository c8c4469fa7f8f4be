"""A batch loop leaves room for others.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_engineer.contract import Category, Severity
from backend_engineer.rules.migrations.pairs import quote, with_dialect
from backend_engineer.rules.migrations.samples import BASE, POSTGRESQL, scripts
from backend_engineer.rules.reading import has_order
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

__all__ = ["RULE"]


_LOOP = re.compile(r"\bloop\b", re.IGNORECASE)
_WRITES = re.compile(r"\b(?:update|delete\s+from|insert\s+into)\s+([a-z_][\w.]*)", re.IGNORECASE)
_SIZE = re.compile(r"\blimit\b|<=\s*\w+\s*\+|\bbetween\b|batch", re.IGNORECASE)
_PAUSE = re.compile(r"pg_sleep|sleep", re.IGNORECASE)


def _check(context: Context) -> Iterator[Hit | Silence]:
    for item in with_dialect(context, "postgresql"):
        if isinstance(item, Silence):
            yield item
            continue
        for statement in item.forward.statements:
            loop = _LOOP.search(statement.text) if statement.head == "do" else None
            names = _WRITES.findall(statement.text[loop.start() :]) if loop is not None else []
            if not any(item.existed(name.lower(), statement) for name in names):
                continue
            missing = [
                name for name, sign in (("size", _SIZE), ("pause", _PAUSE)) if not sign.search(statement.text)
            ]
            if missing:
                yield item.hit(
                    statement,
                    f"`{quote(statement)}` has no {' and no '.join(missing)}.",
                    # A loop may as well wait, or go through a handful of rows: in a commit it is a question.
                    severity=None if has_order(context) else Severity.INFO,
                )


RULE = Rule(
    code="MIG043",
    title="A batch loop has no size or no pause",
    clauses=("MIGR-03", "MIGR-05"),
    severity=Severity.MINOR,
    category=Category.MIGRATIONS,
    reason="A loop without a limit or a pause takes the whole disk from the service.",
    recommendation="Bound each batch by a LIMIT or a key range, and pause between batches.",
    check=_check,
    valid=(
        Example(
            files=scripts(
                "ALTER TABLE users ADD COLUMN age integer;", "ALTER TABLE users DROP COLUMN age;\n"
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="a column and back",
        ),
        Example(files={"docs/a.md": "# A\n"}, inputs=POSTGRESQL, base=BASE, note="no migration"),
        Example(
            files=scripts(
                "CREATE TABLE backfill_checkpoint (name text PRIMARY KEY, last_id integer NOT NULL);\nDO $$ DECLARE at integer := 0; BEGIN LOOP UPDATE users SET name = 'x' WHERE id > at AND id <= at + 1000 AND name IS NULL; at := at + 1000; INSERT INTO backfill_checkpoint VALUES ('names', at) ON CONFLICT (name) DO UPDATE SET last_id = at; EXIT WHEN at > (SELECT max(id) FROM users); PERFORM pg_sleep(0.1); END LOOP; END $$; -- batches of LIMIT 1000",
                "DROP TABLE backfill_checkpoint;\n",
                verify="SELECT count(*) > 0 FROM backfill_checkpoint;",
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="size and pause",
        ),
    ),
    invalid=(
        Example(
            files=scripts(
                "CREATE TABLE backfill_checkpoint (name text PRIMARY KEY, last_id integer NOT NULL);\nDO $$ DECLARE at integer := 0; BEGIN LOOP UPDATE users SET name = 'x' WHERE id > at AND id <= at + 1000 AND name IS NULL; at := at + 1000; INSERT INTO backfill_checkpoint VALUES ('names', at) ON CONFLICT (name) DO UPDATE SET last_id = at; EXIT WHEN at > (SELECT max(id) FROM users); END LOOP; END $$; -- batches of LIMIT 1000",
                "DROP TABLE backfill_checkpoint;\n",
                verify="SELECT count(*) > 0 FROM backfill_checkpoint;",
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="no pause",
        ),
        Example(
            files=scripts(
                "CREATE TABLE backfill_checkpoint (last_id integer NOT NULL);\nDO $$ BEGIN LOOP UPDATE users SET name = 'x' WHERE name IS NULL; INSERT INTO backfill_checkpoint VALUES (1); EXIT; END LOOP; END $$;",
                "DROP TABLE backfill_checkpoint;\n",
                verify="SELECT count(*) > 0 FROM backfill_checkpoint;",
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="neither",
        ),
    ),
)
