"""SQL302: code reads `SELECT *`.

Owns: this one rule. Must never know: migrations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.rules.code.sql_text import sql_texts
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

# `SELECT * FROM (` and a named sub-select only pass on columns that were listed once already.
_STAR = re.compile(
    r"(?<!EXISTS \()(?<!EXISTS\()\bSELECT\s+(?:DISTINCT\s+)?(?:\w+\.)?\*\s+FROM\s+(?!\(|(?:FINAL|OLD|NEW)\s+TABLE\b|FINAL\s*$|pg_|information_schema|sqlite_|sys\.)([\w.\"`]*\w[\w.\"`]*)(?![\w.])(?!\s*\()",
    re.IGNORECASE,
)


def _check(context: Context) -> Iterator[Hit | Silence]:
    statements = sql_texts(context)
    if not statements:
        yield Silence(Verdict.NEEDS_REVIEW, "no SQL was recognised in the change's code")
    for item in statements:
        bare = re.sub(r"\s+", " ", item.bare)
        named = {
            name.lower()
            for name in re.findall(r"(?:\bWITH|,)\s+(?:RECURSIVE\s+)?(\w+)\s+AS\s*\(", bare, re.IGNORECASE)
        }
        for match in _STAR.finditer(bare):
            if match[1].strip('"`').lower() not in named and not _passed_on(bare, match.start()):
                yield Hit(item.file.path, f"`{match[0]}`", (item.line, item.end_line))


def _passed_on(bare: str, start: int) -> bool:
    """Whether the star stands in a sub-select of a read that lists its own columns, or in a piece that is one."""
    before = bare[:start]
    if re.match(r"\s*\($", before):
        return True
    inside = before.count("(") > before.count(")")
    return inside and re.match(r"\s*SELECT\s+(?!\*|\w+\.\*)", bare, re.IGNORECASE) is not None


RULE = Rule(
    code="SQL302",
    title="SELECT * in new code",
    clauses=("CONS-06",),
    severity=Severity.MAJOR,
    category=Category.DATA,
    reason="A star reads columns that nobody asked for, personal data among them, and breaks when a column is added.",
    recommendation="List the columns that the code uses.",
    check=_check,
    exact=False,
    question="Does every read of this change list its columns and bound its rows?",
    look="repositories and data access code in the change",
    settles="each query names its columns and has a limit or a key",
    line_rule=True,
    invalid=(
        Example(
            {
                "src/repo.py": 'def get(db, key):\n    return db.execute("SELECT * FROM users WHERE id = ?", (key,))\n'
            }
        ),
        Example({"store/repo.go": 'package store\n\nconst byID = "SELECT u.* FROM users WHERE id = $1"\n'}),
    ),
    valid=(
        Example(
            {"src/q.ts": "const q = `SELECT * FROM app.create_user( name := $1 ) WHERE id > 1`;\n"},
            note="the rows of a function",
        ),
        Example(
            {
                "src/Npa.java": 'class Npa {\n  String from = " (SELECT l.* FROM loans l WHERE l.status = 300) late";\n}\n'
            },
            note="a piece that is put into another statement",
        ),
        Example(
            {
                "src/q.js": "const wrap = (insert) => 'SELECT * FROM FINAL TABLE (' + insert + ') WHERE id = ?';\n"
            },
            note="the rows that a write has just made",
        ),
        Example({"src/repo.py": 'Q = "SELECT id, email FROM users WHERE id = ?"\n'}),
        Example(
            {
                "src/repo.py": 'Q = "SELECT name, srid FROM (SELECT * FROM lands UNION ALL SELECT * FROM seas) AS t WHERE name = ?"\n'
            },
            note="the outer read lists its columns",
        ),
        Example({"src/repo.py": 'Q = "SELECT COUNT(*) FROM users WHERE active = 1"\n'}),
        Example({"src/repo.py": 'Q = "SELECT 1 AS found WHERE EXISTS (SELECT * FROM users WHERE id = ?)"\n'}),
    ),
)
