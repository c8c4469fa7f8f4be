"""SQL304: a value is put into SQL by building a string.

Owns: this one rule. Must never know: migrations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.rules.code.source import sources
from backend_engineer.rules.code.sql_text import SqlText, sql_texts
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

# A hole counts only where SQL expects a value; names of tables and columns cannot be bound as parameters.
_VALUE = re.compile(
    r"(?:=|<|>|\bLIKE|\bILIKE|\bBETWEEN|\bVALUES\s*\((?:[^()]*,)?|\bIN\s*\()\s*(['\"%]*)\{\}", re.IGNORECASE
)
_HARMLESS = re.compile(
    r"placeholder|param|\bmarks?\b|bind|quote|escape|literal|ident|column|table|schema|field|\bsql\b|clause|where|order|"
    r"join|\bint\(|Number\(|parseInt|Integer|\.length\b|\blen\(|^(?-i:(?:(?:[A-Z]\w*|self|cls|this)\.)*[A-Z][A-Z0-9_.]*|(?:\w+\.)+[A-Z0-9]+_[A-Z0-9_]+)$|^['\"]|\bq\b|%s|\?|\$",
    re.IGNORECASE,
)


_OUTSIDE = re.compile(r"\b(?:req|request|ctx|params|query|body|args|input|payload|form)\b[.\[(]")


def _holes_at_values(item: SqlText) -> Iterator[tuple[str, bool]]:
    """Each hole that stands where a value belongs, and whether it is quoted like one."""
    text = re.sub(r"--[^\n]*", " ", item.text)
    for match in _VALUE.finditer(text):
        ordinal = text.count("{}", 0, match.end()) - 1
        if ordinal < len(item.holes):
            yield item.holes[ordinal], "'" in match[1]


def _check(context: Context) -> Iterator[Hit | Silence]:
    statements = sql_texts(context)
    if not statements:
        yield Silence(Verdict.NEEDS_REVIEW, "no SQL was recognised in the change's code")
    for item in statements:
        for hole, quoted in _holes_at_values(item):
            if not _HARMLESS.search(hole):
                sure = quoted or bool(_OUTSIDE.search(hole)) or _is_parameter(context, item, hole)
                yield Hit(
                    item.file.path,
                    f"`{hole.strip()[:60]}` is put into the text of `{item.bare.strip()[:60]}`",
                    (item.line, item.end_line),
                    severity=None if sure else Severity.MINOR,
                )
                break


def _is_parameter(context: Context, item: SqlText, hole: str) -> bool:
    """Whether the value is a parameter of the innermost function around the statement, and no number."""
    if not hole.isidentifier():
        return False
    around = [
        function
        for view in sources(context)
        if view.path == item.file.path
        for function in view.functions
        if function.line <= item.line <= function.end_line
    ]
    if not around:
        return False
    nearest = min(around, key=lambda function: function.end_line - function.line)
    named = re.search(rf"\b{re.escape(hole)}\b\s*:?\s*(\w*)", nearest.parameters)
    return named is not None and named[1].lower() not in (
        "int",
        "number",
        "int64",
        "float",
        "bool",
        "bigint",
        "long",
    )


RULE = Rule(
    code="SQL304",
    title="Value put into SQL by building a string",
    clauses=("SECU-03",),
    severity=Severity.CRITICAL,
    category=Category.SECURITY,
    reason="A value that becomes part of the statement's text can change the statement.",
    recommendation="Pass the value as a bound parameter of the query.",
    check=_check,
    exact=False,
    question="Do all values reach SQL as bound parameters?",
    look="every call that runs SQL in the change",
    settles="no value from outside is part of a statement's text",
    line_rule=True,
    invalid=(
        Example(
            {
                "store/users.go": 'package store\n\nfunc byID(db DB, r Request) {\n\tdb.Query("SELECT name FROM users WHERE id = \'" + r.ID + "\'")\n}\n'
            },
            note="a field in capitals is no constant",
        ),
        Example(
            {
                "src/repo.py": "def get(db, name):\n    return db.execute(f\"SELECT id FROM users WHERE name = '{name}'\")\n"
            }
        ),
        Example(
            {
                "src/repo.ts": "export const get = (db: Db, id: string) => db.query(`SELECT name FROM users WHERE id = ${id}`);\n"
            }
        ),
        Example(
            {
                "store/repo.go": 'package store\n\nfunc q(id string) string {\n\treturn "SELECT name FROM users WHERE id = " + id\n}\n'
            }
        ),
    ),
    valid=(
        Example(
            {
                "src/Mail.java": 'class Mail {\n  String q() { return "SELECT id FROM services WHERE name = \'" + Names.MAIL_SERVICE + "\'"; }\n}\n'
            },
            note="a constant",
        ),
        Example(
            {
                "src/repo.py": 'def get(db, name):\n    return db.execute("SELECT id FROM users WHERE name = ?", (name,))\n'
            }
        ),
        Example(
            {
                "src/repo.ts": "export const get = (db: Db, id: string) => db.query('SELECT name FROM users WHERE id = $1', [id]);\n"
            }
        ),
        Example(
            {
                "src/repo.py": 'def get(db, placeholders, ids):\n    return db.execute(f"SELECT id FROM users WHERE id IN ({placeholders})", ids)\n'
            }
        ),
    ),
)
