"""SQL301: an UPDATE or DELETE in code has no WHERE.

Owns: this one rule. Must never know: migrations (their rules look at writes of their own).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.rules.code.source import Call, sources
from backend_engineer.rules.code.sql_text import is_left_out, sql_texts
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

# With the table's name behind it: a bare `DELETE FROM` is a piece that something else is compared with or put to.
_WRITE = re.compile(r"^\s*(?:UPDATE|DELETE\s+FROM)\s+[\w\"`\[{$%]", re.IGNORECASE)
_BOUND = re.compile(r"\b(WHERE|LIMIT|USING|JOIN)\b", re.IGNORECASE)
# A condition that every row meets, with nothing behind it.
_EVERY = re.compile(r"\bWHERE\s+\(?\s*(?:TRUE|(\d+)\s*=\s*\1)\s*\)?\s*;?\s*\Z", re.IGNORECASE)
# Query builders, arguments of inner calls taken out but for the table's: all rows of a model, nothing in between.
_ALL_ROWS = re.compile(
    r"(?:^|\.)objects(?:\.all\(\))?\.(?:delete|update)$"
    r"|\.query\([A-Z]\w*\)\.(?:delete|update)$"
    r"|^(?:knex|db|trx|tx|database)\(['\"][\w.]+['\"]\)\.(?:del|delete|update)$"
)
_BESIDE = re.compile(
    r"(?:^|/)(?:seeds?|seeders?|fixtures?|scripts?|examples?)(?:/|\.[jt]s\Z|\.py\Z)", re.IGNORECASE
)


def _takes_all(call: Call) -> bool:
    """Whether a call of a query builder writes every row of a table."""
    callee = "".join(call.callee.split())
    if call.name in ("deleteMany", "updateMany") and "." in callee:
        first = call.arguments[0] if call.arguments else None
        if first is None or first.text.replace(" ", "") == "{}":
            return True
        return call.name == "updateMany" and first.kind == "object" and first.keys == ("data",)
    return _ALL_ROWS.search(callee) is not None and not callee.startswith("self.assert")


def _check(context: Context) -> Iterator[Hit | Silence]:
    statements = [item for item in sql_texts(context) if _WRITE.match(item.bare)]
    calls = [
        (view, call)
        for view in sources(context)
        if not is_left_out(view) and not _BESIDE.search(view.path)
        for call in view.calls
        if _takes_all(call)
    ]
    for view, call in calls:
        yield Hit(
            view.path,
            f"`{call.callee[:80]}` writes every row",
            (call.line, call.end_line),
            severity=Severity.MAJOR,
        )
    if not statements and not calls:
        yield Silence(Verdict.NEEDS_REVIEW, "no UPDATE or DELETE was recognised in the change's code")
        return
    for item in statements:
        bound = _BOUND.search(item.bare) and not _EVERY.search(item.bare)
        if bound or item.may_continue or item.bare.rstrip().endswith("{}"):
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
        Example(
            {"src/repo.py": 'def clear(db):\n    db.execute("DELETE FROM sessions WHERE 1 = 1")\n'},
            note="every row meets it",
        ),
        Example(
            {"src/repo.py": "def clear():\n    Session.objects.all().delete()\n"}, note="by a query builder"
        ),
        Example(
            {
                "src/repo.ts": "export const off = (prisma: Db) => prisma.user.updateMany({ data: { active: false } });\n"
            },
            note="no `where` beside the data",
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
        Example(
            {"src/repo.py": "def clear(key):\n    Session.objects.filter(id=key).delete()\n"},
            note="a query builder with a key",
        ),
        Example({"prisma/seed.ts": "await prisma.user.deleteMany();\n"}, note="data that is made up anew"),
        Example({"src/text.py": 'LABEL = "Update the settings of all users"\n'}, note="prose is not SQL"),
        Example(
            {"src/kind.js": "const isDelete = (sql) => sql.startsWith('DELETE FROM');\n"},
            note="no table is named",
        ),
    ),
)
