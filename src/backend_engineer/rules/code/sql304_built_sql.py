"""SQL304: a value is put into SQL by building a string.

Owns: this one rule. Must never know: migrations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.outputs import FileChange
from backend_engineer.rules.code.source import sources
from backend_engineer.rules.code.sql_holes import comes_from_request, is_harmless, is_piece_of_sql
from backend_engineer.rules.code.sql_text import SqlText, sql_conditions, sql_texts
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

# A hole counts only where SQL expects a value; names of tables and columns cannot be bound as parameters, and what
# stands before a dot is one of them.
_VALUE = re.compile(
    r"(?:=|<|>|\bLIKE|\bILIKE|\bBETWEEN|\bVALUES\s*\((?:[^()]*,)?|\bIN\s*\()\s*(['\"%]*)\{\}(?!\"?\.\"?[\w{])",
    re.IGNORECASE,
)


def _holes_at_values(item: SqlText) -> Iterator[tuple[str, bool]]:
    """Each hole that stands where a value belongs, and whether it is quoted like one."""
    text = re.sub(r"--[^\n]*", " ", item.text)
    for match in _VALUE.finditer(text):
        ordinal = text.count("{}", 0, match.end()) - 1
        if ordinal < len(item.holes):
            yield item.holes[ordinal], "'" in match[1]


def _check(context: Context) -> Iterator[Hit | Silence]:
    statements, conditions = sql_texts(context), sql_conditions(context)
    if not statements and not conditions:
        yield Silence(Verdict.NEEDS_REVIEW, "no SQL was recognised in the change's code")
    for item in statements:
        if item.holes and not _is_logged(context, item) and (found := _value_in(context, item)):
            yield _hit(item, *found)
    for item in conditions:
        # A piece could be of another language, so only what is surely a value counts.
        if (found := _value_in(context, item)) and found[1]:
            yield _hit(item, *found)


def _hit(item: SqlText, hole: str, sure: bool) -> Hit:
    return Hit(
        item.file.path,
        f"`{hole.strip()[:60]}` is put into the text of `{item.bare.strip()[:60]}`",
        (item.line, item.end_line),
        severity=None if sure else Severity.MINOR,
    )


def _value_in(context: Context, item: SqlText) -> tuple[str, bool] | None:
    """The first value that is put into the text, and whether it is surely one."""
    for hole, quoted in _holes_at_values(item):
        if is_harmless(hole) or is_piece_of_sql(hole, quoted):
            continue
        kind = _parameter(context, item, hole)
        if kind is None and (_is_constant(item.file.content or "", hole) or _is_of_package(item.file, hole)):
            continue
        return hole, kind not in _PLAIN and (quoted or kind is not None or comes_from_request(hole))
    return None


_LOG = re.compile(r"(?i)(?:^|\.)_?(?:log|logger|logging|slog|console|zap)\.\w+$")


def _is_logged(context: Context, item: SqlText) -> bool:
    """Whether the text is written to a log: it is an argument of the call, and not of one inside it."""
    return any(
        call.line <= item.line
        and item.end_line <= call.end_line
        and _LOG.search(call.callee)
        and any(
            argument.value == item.text
            or re.match(
                r"(?:fmt\.Sprintf|String\.format)\(|\w?['\"].*\.format(?:ted)?\(", argument.text, re.DOTALL
            )
            for argument in call.arguments
        )
        for view in sources(context)
        if view.path == item.file.path
        for call in view.calls
    )


_PLAIN = frozenset(
    [
        "int", "integer", "int8", "int16", "int32", "int64", "uint", "uint8", "uint16", "uint32", "uint64", "number",
        "float", "float32", "float64", "double", "bool", "boolean", "bigint", "long", "short", "uuid", "date",
        "datetime", "instant", "localdate", "localdatetime",
    ]
)  # fmt: skip


def _parameter(context: Context, item: SqlText, hole: str) -> str | None:
    """The type of the parameter of the innermost function that the value is, lower case; None when it is none.

    Empty where no type is written.
    """
    if not hole.isidentifier():
        return None
    around = [
        (function.end_line - function.line, function.parameters, view.language)
        for view in sources(context)
        if view.path == item.file.path
        for function in view.functions
        if function.line <= item.line <= function.end_line
    ]
    if not around:
        return None
    _, parameters, language = min(around)
    word = rf"\b{re.escape(hole)}\b"
    if not re.search(word, parameters):
        return None
    if language == "java":
        typed = re.search(rf"(\w+)\s+{word}", parameters)
    elif language == "go":  # `first, second int`
        typed = re.search(rf"{word}(?:\s*,\s*\w+)*\s+\*?(?:\w+\.)?(\w+)", parameters)
    else:
        typed = re.search(rf"{word}\s*:\s*(?:\w+\.)?(\w+)", parameters)
    return typed[1].lower() if typed else ""


_LITERAL = re.compile(r"(?:\"[^\"]*\"|'[^']*'|`[^`]*`|\d+)\s*[;,)]?\s*(?:#.*|//.*)?$")


def _is_constant(content: str, hole: str) -> bool:
    """Whether the file gives the name nothing but literals."""
    if not hole.isidentifier():
        return False
    word = rf"(?<![\w.]){re.escape(hole)}\b"
    given = re.findall(rf"{word}\s*(?::?\s*\w+\s*)?(?::|\+)?=(?![=>])\s*(.*)", content)
    looped = re.search(rf"\bfor\b[^\n]*{word}[^\n]*(?:\bin\b|\bof\b|\brange\b|:)", content)
    return (
        bool(given)
        and looped is None
        and all(_LITERAL.match(value) or (is_harmless(value) and "{" not in value) for value in given)
    )


_GO_MEMBER = re.compile(r"^(?:string\()?(?P<package>[a-z]\w*)\.[A-Z]\w*(?:\.String\(\))?\)?$")


def _is_of_package(file: FileChange, hole: str) -> bool:
    """Whether the value is a constant or variable of a package that a Go file imports: no caller reaches those."""
    match = _GO_MEMBER.match(hole.strip()) if file.path.endswith(".go") else None
    if match is None:
        return False
    name = re.escape(match["package"])
    return (
        re.search(
            rf'^\s*(?:import\s+)?(?:{name}\s+"|"(?:[^"\s]*[/.-])?{name}(?:/v\d+)?"\s*(?://.*)?$)',
            file.content or "",
            re.MULTILINE,
        )
        is not None
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
                "src/orders.ts": "export const one = (db: Db, req: Req) => db.query(`SELECT total FROM orders WHERE id = ${req.params.id}`);\n"
            },
            note="what a request gives, whatever it is called",
        ),
        Example(
            {
                "src/orders.ts": "export const of = (db: Db, orderId: string) => db.query(`SELECT total FROM orders WHERE order_id = '${orderId}'`);\n"
            },
            note="a name that begins with a word of SQL",
        ),
        Example(
            {
                "src/Users.java": 'class Users {\n  List<User> q(String name) { return em.createQuery("from User u where u.name = \'" + name + "\'").getResultList(); }\n}\n'
            },
            note="HQL",
        ),
        Example(
            {
                "src/repo.py": "def get(db, name):\n    return db.execute(f\"select id, email from users where name = '{name}'\")\n"
            },
            note="in small letters",
        ),
        Example(
            {
                "store/users.go": 'package store\n\nfunc find(db DB, c Ctx) {\n\tdb.Where("name = \'" + c.Query("name") + "\'").Find(&users)\n}\n'
            },
            note="a condition for a query builder",
        ),
        Example(
            {
                "src/repo.py": "def get(db, name):\n    return db.execute(\"SELECT id FROM users WHERE name = '{}'\".format(name))\n"
            },
            note="format",
        ),
        Example(
            {
                "src/repo.py": "def get(db, state, name):\n    return db.execute(\"SELECT id FROM users WHERE state = %d AND name = '%s'\" % (state, name))\n"
            },
            note="a per cent sign",
        ),
        Example(
            {
                "store/repo.go": 'package store\n\nimport "fmt"\n\nfunc q(db DB, r Request) {\n\tdb.Query(fmt.Sprintf("SELECT id FROM users WHERE name = \'%s\'", r.Name))\n}\n'
            },
            note="Sprintf",
        ),
        Example(
            {
                "src/Users.java": 'class Users {\n  String q(String name) { return String.format("SELECT id FROM users " + "WHERE name = \'%s\'", name); }\n}\n'
            },
            note="String.format",
        ),
        Example(
            {
                "src/Users.java": "class Users {\n  String q(String name) { return \"SELECT id FROM users WHERE name = '%s'\".formatted(name); }\n}\n"
            },
            note="formatted",
        ),
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
                "src/repo.ts": "export const of = async (db: Db, id: string) =>\n  db.$queryRaw<Array<{ at: Date | null }>>`SELECT at FROM talks WHERE id = ${id}`;\n"
            },
            note="a tag with the type of its rows",
        ),
        Example(
            {
                "store/profiles.go": "package store\n\nimport \"example.com/lib/go-tc\"\n\nconst q = `SELECT id FROM profiles WHERE type = '` + tc.RouterType + `'`\n"
            },
            note="a constant of a package",
        ),
        Example(
            {
                "src/items.ts": "export const stocked = (item) => `(SELECT SUM(l.quantity) FROM levels l WHERE l.item_id = ${item}.id)`;\n"
            },
            note="the name of a table",
        ),
        Example(
            {
                "src/repo.py": "def get(db, entry, names):\n    key = int(entry['id'])\n    values = ', '.join(f':{name}' for name in names)\n"
                '    db.execute(f"INSERT INTO people (name) VALUES ({values})")\n    return db.execute(f"SELECT name FROM people WHERE id={key}")\n'
            },
            note="a number by the line above, and marks for bound values",
        ),
        Example(
            {
                "src/repo.ts": "export const by = (qb: Qb, name: string) => qb.andWhere('user.name = :name', { name });\n"
            },
            note="a condition whose value is bound",
        ),
        Example(
            {
                "src/repo.py": 'STATES = "users"\n\n\ndef get(db, marks, number, limit):\n    db.execute("SELECT id FROM {} WHERE id IN ({})".format(STATES, marks))\n'
                '    return db.execute("SELECT id FROM users WHERE age > %d" % number)\n'
            },
            note="a table, placeholders and a number put in by formats",
        ),
        Example(
            {
                "src/repo.py": "import logging\n\nlogger = logging.getLogger(__name__)\n\n\ndef get(db, name):\n"
                "    logger.info(\"SELECT id FROM users WHERE name = '{}'\".format(name))\n"
                '    return db.execute("SELECT id FROM users WHERE name = ?", (name,))\n'
            },
            note="the statement goes to the log",
        ),
        Example(
            {
                "store/repo.go": 'package store\n\nimport "fmt"\n\nconst active = "active"\n\nfunc q(id int64) string {\n'
                "\treturn fmt.Sprintf(\"SELECT name FROM users WHERE state = '%s' AND id = %d\", active, id)\n}\n"
            },
            note="a constant and a number",
        ),
        Example(
            {
                "store/repo.go": 'package store\n\nimport "strconv"\n\nfunc q(db DB, most int) {\n\tsqlIDs, args := build()\n'
                '\tdb.Query("SELECT name FROM users WHERE id IN (" + sqlIDs + ")", args...)\n'
                '\tdb.Query("SELECT name FROM users WHERE age < " + strconv.Itoa(most))\n}\n'
            },
            note="a piece of SQL and a number",
        ),
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
