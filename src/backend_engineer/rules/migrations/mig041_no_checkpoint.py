"""Work in batches stores how far it came.

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


_LOOP = re.compile(r"\b(?:loop|while)\b", re.IGNORECASE)
_WRITES = re.compile(r"\b(?:update|delete\s+from|insert\s+into)\s+([a-z_][\w.]*)", re.IGNORECASE)
_STORED = re.compile(r"checkpoint|progress|backfill|cursor|watermark|batch|job", re.IGNORECASE)


def _check(context: Context) -> Iterator[Hit | Silence]:
    for item in with_dialect(context, "postgresql", "sqlite"):
        if isinstance(item, Silence):
            yield item
            continue
        for statement in item.forward.statements:
            if statement.head != "do":
                continue
            loop = _LOOP.search(statement.text)
            names = _WRITES.findall(statement.text[loop.start() :]) if loop is not None else []
            written = [name for name in names if item.existed(name.lower(), statement)]
            if written and not any(_STORED.search(name) for name in names):
                yield item.hit(
                    statement,
                    f"`{quote(statement)}` writes {', '.join(sorted(set(written)))} and no checkpoint.",
                    # A loop may as well wait, or go through a handful of rows: in a commit it is a question.
                    severity=None if has_order(context) else Severity.INFO,
                )


RULE = Rule(
    code="MIG041",
    title="A batch loop stores no checkpoint",
    clauses=("MIGR-03",),
    severity=Severity.MAJOR,
    category=Category.MIGRATIONS,
    reason="What broke off at row nine million starts again at row one.",
    recommendation="Write the last key of each batch into a checkpoint table in the same transaction, and begin from it.",
    check=_check,
    exact=False,
    question="Can the work go on where it broke off?",
    look="loops in the forward script and the job that runs them",
    settles="the last key of each batch is stored with the batch",
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
            note="with a checkpoint",
        ),
        Example(
            files=scripts(
                "CREATE TEMPORARY TABLE seen (id integer);\nDO $$ DECLARE at integer; BEGIN FOR at IN SELECT id FROM users LIMIT 100 LOOP INSERT INTO seen VALUES (at); PERFORM pg_sleep(0.1); END LOOP; END $$;\nALTER TABLE users ADD COLUMN age integer;",
                "ALTER TABLE users DROP COLUMN age;\n",
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="a loop that fills a temporary table",
        ),
    ),
    invalid=(
        Example(
            files=scripts(
                "CREATE TABLE done (id integer PRIMARY KEY);\nDO $$ BEGIN LOOP UPDATE users SET name = 'x' WHERE id IN (SELECT id FROM users WHERE name IS NULL LIMIT 100); EXIT WHEN NOT FOUND; PERFORM pg_sleep(0.1); END LOOP; END $$;",
                "DROP TABLE done;\n",
                verify="SELECT id FROM done;",
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="no checkpoint",
        ),
        Example(
            files=scripts(
                "CREATE TABLE done (id integer PRIMARY KEY);\nDO $$ BEGIN LOOP DELETE FROM users WHERE id IN (SELECT id FROM users WHERE name IS NULL LIMIT 100); EXIT WHEN NOT FOUND; PERFORM pg_sleep(0.1); END LOOP; END $$;",
                "DROP TABLE done;\n",
                verify="SELECT id FROM done;",
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="deletes",
        ),
    ),
)
