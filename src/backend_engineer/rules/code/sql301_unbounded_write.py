"""SQL301: an UPDATE or DELETE in code has no WHERE.

Owns: this one rule. Must never know: migrations (their rules look at writes of their own).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.rules.code.sql_text import sql_texts
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

# With the table's name behind it: a bare `DELETE FROM` is a piece that something else is compared with or put to.
_WRITE = re.compile(r"^\s*(?:UPDATE|DELETE\s+FROM)\s+[\w\"`\[{$%]", re.IGNORECASE)
_BOUND = re.compile(r"\b(WHERE|LIMIT|USING|JOIN)\b", re.IGNORECASE)


def _check(context: Context) -> Iterator[Hit | Silence]:
    statements = [item for item in sql_texts(context) if _WRITE.match(item.bare)]
    if not statements:
        yield Silence(Verdict.NEEDS_REVIEW, "no UPDATE or DELETE was recognised in the change's code")
        return
    for item in statements:
        if _BOUND.search(item.bare) or item.may_continue or item.bare.rstrip().endswith("{}"):
            continue
        yield Hit(item.file.path, f"`{item.bare.strip()[:80]}` has no WHERE", (item.line, item.end_line))


RULE = Rule(
    code="SQL301",
    title="Unbounded UPDATE or DELETE",
    clauses=("CONS-06",),
    severity=Severity.CRITICAL,
    category=Category.DATA,
    reason="A write without a WHERE touches every row, locks the table and cannot be undone by the code.",
    recommendation="Bound the write by a WHERE on a key, or move a wanted write of all rows into a batched migration.",
    check=_check,
    exact=False,
    question="Is every UPDATE and DELETE of this change bounded, those built by an ORM included?",
    look="repositories and data access code in the change",
    settles="each write names the rows it touches by a key or a range",
    line_rule=True,
    invalid=(
        Example({"src/repo.py": 'def clear(db):\n    db.execute("DELETE FROM sessions")\n'}),
        Example(
            {"src/repo.ts": "export const off = (db: Db) => db.query(`UPDATE users SET active = false`);\n"}
        ),
    ),
    valid=(
        Example(
            {
                "src/repo.py": 'def clear(db, key):\n    db.execute("DELETE FROM sessions WHERE id = ?", (key,))\n'
            }
        ),
        Example(
            {
                "src/repo.ts": "export const off = (db: Db) => db.query('UPDATE users SET active = false WHERE id = $1');\n"
            }
        ),
        Example(
            {
                "db/versions/b0_scope.py": 'down_revision = "a0"\n\n\ndef upgrade():\n    op.execute("UPDATE kinds SET scope = 1")\n'
            },
            note="a migration, which has rules of its own",
        ),
        Example({"src/text.py": 'LABEL = "Update the settings of all users"\n'}, note="prose is not SQL"),
        Example(
            {"src/kind.js": "const isDelete = (sql) => sql.startsWith('DELETE FROM');\n"},
            note="no table is named",
        ),
    ),
)
