"""CREATE TABLE, ALTER TABLE and CREATE INDEX on a shadow schema.

Owns: column definitions, the actions of ALTER TABLE, indexes.
Must never know: other objects, comparing.
"""

from __future__ import annotations

from backend_engineer.migrations.lexer import Dialect, Lexeme
from backend_engineer.migrations.shadow.constraints import (
    Inline,
    add_constraint,
    automatic_name,
    column_text,
    conflict_clause,
    deferral,
    inline_constraint,
    put_inline,
    set_column,
)
from backend_engineer.migrations.shadow.reading import Cursor, canonical_type, joined, split_commas, words_of
from backend_engineer.migrations.shadow.schema import Entry, Shadow, Trouble

__all__ = ["alter_table", "create_index", "create_table"]

_TABLE_LEVEL = frozenset({"constraint", "primary", "unique", "check", "foreign", "exclude"})
_COLUMN_STOP = frozenset(
    [
        "constraint",
        "not",
        "null",
        "default",
        "primary",
        "unique",
        "check",
        "references",
        "collate",
        "generated",
        "autoincrement",
        "as",
        "deferrable",
        "initially",
        "storage",
        "compression",
    ]
)


def create_table(shadow: Shadow, cursor: Cursor, dialect: Dialect) -> None:
    """CREATE TABLE, from behind the word TABLE."""
    quiet = cursor.take("if", "not", "exists")
    table = cursor.name()
    if quiet and f"table {table}" in shadow.objects:
        return
    body = cursor.group()
    options = joined(cursor.rest())
    shadow.add(f"table {table}", Entry(options if body else None, mentions=words_of(cursor.tokens)))
    if not body:
        shadow.opaque.append(joined(cursor.tokens))
        return
    for part in split_commas(body):
        if part[0][0] == "w" and part[0][1] in _TABLE_LEVEL:
            add_constraint(shadow, table, Cursor(part), dialect)
        elif part[0][:2] == ("w", "like"):
            shadow.opaque.append(joined(cursor.tokens))
        else:
            _add_column(shadow, table, Cursor(part), dialect)


def _add_column(shadow: Shadow, table: str, cursor: Cursor, dialect: Dialect, *, quiet: bool = False) -> None:
    column = cursor.name()
    key = f"column {table}.{column}"
    if quiet and key in shadow.objects:
        return
    kind = _type_tokens(cursor)
    if not kind and dialect == "postgresql":
        shadow.troubles.append(Trouble("syntax", key, shadow.line, "a column without a type"))
    shown = canonical_type(kind)
    null, default, rest = "", "", ""
    if kind and kind[-1][1].endswith(_SERIAL) and shown != joined(kind):
        null, default = "not null", "nextval"
        shadow.objects[f"sequence {table}_{column}_seq"] = Entry(None, table, frozenset({column}))
    name = ""
    constraints: list[tuple[Inline, str]] = []
    while not cursor.done:
        word = cursor.peek()
        if word == "not" and cursor.take("not", "null"):
            null = "not null"
            conflict_clause(cursor)
        elif word == "default":
            cursor.at += 1
            default = _default(cursor)
        elif word in ("primary", "unique", "check", "references"):
            if word == "primary":
                null = "not null" if dialect == "postgresql" else null
            constraints.append((inline_constraint(table, column, cursor), name))
            name = ""
        elif word == "constraint":
            cursor.at += 1
            name = cursor.name()
        elif word == "null":
            cursor.at += 1
            null = ""
        else:
            rest = f"{rest} {word}".strip()
            group = joined(cursor.group()) if word == "(" else ""
            if group:
                rest += f"{group} )"
            else:
                cursor.at += 1
    mentions = frozenset([column, *[token[1] for token in kind if token[0] in "wq"]])
    shadow.add(key, Entry(column_text(shown, null, default, rest), table, mentions))
    for read, given in constraints:
        put_inline(shadow, table, read, given, dialect)


_SERIAL = ("serial", "serial4", "serial8")


def _type_tokens(cursor: Cursor) -> list[Lexeme]:
    start = cursor.at
    cursor.skip(_COLUMN_STOP)
    return cursor.tokens[start : cursor.at]


def _default(cursor: Cursor) -> str:
    start = cursor.at
    cursor.take("null")
    cursor.skip(_COLUMN_STOP)
    return _canonical_default(cursor.tokens[start : cursor.at])


def _canonical_default(tokens: list[Lexeme]) -> str:
    kept: list[str] = []
    place = 0
    while len(tokens) > 1 and tokens[0][1] == "(" and tokens[-1][1] == ")" and tokens[0][0] == "p":
        tokens = tokens[1:-1]
    while place < len(tokens):
        if tokens[place][1] == "::":
            # A cast of the default says nothing that the column's type does not say.
            place += 2
            while (
                place < len(tokens)
                and tokens[place][1]
                in ("varying", "precision", "[", "]", "with", "without", "time", "zone", ".")
            ) or (place < len(tokens) and place and tokens[place - 1][1] == "."):
                place += 1
            if place < len(tokens) and tokens[place][1] == "(":
                while place < len(tokens) and tokens[place][1] != ")":
                    place += 1
                place += 1
            continue
        kept.append(tokens[place][1])
        place += 1
    while len(kept) > 2 and kept[0] == "(" and kept[-1] == ")":
        kept = kept[1:-1]
    text = " ".join(kept)
    if text == "null":
        return ""
    return {"'t'": "true", "'f'": "false", "'true'": "true", "'false'": "false"}.get(text, text)


def alter_table(shadow: Shadow, cursor: Cursor, dialect: Dialect) -> None:
    """ALTER TABLE, from behind the word TABLE."""
    quiet = cursor.take("if", "exists")
    cursor.take("only")
    table = cursor.name()
    cursor.take("*")
    if f"table {table}" not in shadow.objects and f"view {table}" not in shadow.objects:
        if quiet:
            return
        shadow.miss(f"table {table}")
    if cursor.take("rename"):
        _rename(shadow, table, cursor)
        return
    for part in split_commas(cursor.rest()):
        _action(shadow, table, Cursor(part), dialect)


def _rename(shadow: Shadow, table: str, cursor: Cursor) -> None:
    if cursor.take("to"):
        new = cursor.name()
        prefix = table.rpartition(".")[0]
        shadow.rename_table(table, f"{prefix}.{new}" if prefix and "." not in new else new)
        return
    if cursor.take("constraint"):
        old = cursor.name()
        cursor.take("to")
        new = cursor.name()
        shadow.rename(f"constraint {table}.{old}", f"constraint {table}.{new}")
        return
    cursor.take("column")
    old = cursor.name()
    cursor.take("to")
    shadow.rename_column(table, old, cursor.name())


_HARMLESS = frozenset(
    [
        "owner",
        "enable",
        "disable",
        "validate",
        "replica",
        "cluster",
        "set",
        "reset",
        "inherit",
        "no",
        "attach",
        "detach",
        "force",
        "of",
        "not",
        "options",
    ]
)


def _action(shadow: Shadow, table: str, cursor: Cursor, dialect: Dialect) -> None:
    if cursor.take("add"):
        if cursor.peek() in _TABLE_LEVEL and cursor.tokens[cursor.at][0] == "w":
            add_constraint(shadow, table, cursor, dialect)
            return
        cursor.take("column")
        quiet = cursor.take("if", "not", "exists")
        _add_column(shadow, table, cursor, dialect, quiet=quiet)
    elif cursor.take("drop"):
        _drop_action(shadow, table, cursor, dialect)
    elif cursor.take("alter"):
        if cursor.peek() == "constraint" and cursor.peek(1) != "set" and cursor.peek(1) != "type":
            _alter_constraint(shadow, table, cursor)
            return
        cursor.take("column")
        _alter_column(shadow, table, cursor)
    elif cursor.take("validate", "constraint"):
        key = f"constraint {table}.{cursor.name()}"
        entry = shadow.objects.get(key)
        if entry is None:
            shadow.miss(key)
        elif entry.text is not None:
            shadow.objects[key] = entry._replace(text=entry.text.replace(" not valid", ""))
    elif cursor.take("rename"):
        _rename(shadow, table, cursor)
    elif cursor.peek() not in _HARMLESS:
        shadow.troubles.append(
            Trouble("syntax", f"table {table}", shadow.line, f"ALTER TABLE ... {cursor.peek()}")
        )
    elif cursor.peek() in ("enable", "disable", "force", "no"):
        text = joined(cursor.rest())
        if "level security" in text:
            key = f"setting {table} {text.split()[-2] if 'force' not in text else 'forced'} security"
            if text.startswith(("disable", "no")):
                shadow.objects.pop(key, None)
            else:
                shadow.objects[key] = Entry(text, table)


def _drop_action(shadow: Shadow, table: str, cursor: Cursor, dialect: Dialect) -> None:
    if cursor.peek() == "constraint" and cursor.tokens[cursor.at][0] == "w":
        cursor.at += 1
        quiet = cursor.take("if", "exists")
        name = cursor.name()
        if cursor.peek() == "(":
            shadow.troubles.append(
                Trouble("syntax", f"table {table}", shadow.line, "DROP CONSTRAINT takes a name")
            )
            return
        # Names of NOT NULL are not kept.
        quiet = quiet or name.endswith("not_null")
        entry = shadow.remove(f"constraint {table}.{name}", quiet=quiet)
        if entry is not None and entry.text is not None and entry.text.startswith("primary key"):
            return
        return
    cursor.take("column")
    quiet = cursor.take("if", "exists")
    column = cursor.name()
    shadow.remove_column(
        table, column, quiet=quiet, cascade=cursor.take("cascade"), takes_indexes=dialect == "postgresql"
    )


def _alter_constraint(shadow: Shadow, table: str, cursor: Cursor) -> None:
    cursor.at += 1
    key = f"constraint {table}.{cursor.name()}"
    entry = shadow.objects.get(key)
    if entry is None:
        shadow.miss(key)
    elif entry.text is not None:
        plain = entry.text.replace(" deferrable", "").replace(" initially deferred", "")
        shadow.objects[key] = entry._replace(text=plain + deferral(cursor))


_TYPE_STOP = frozenset({"using", "collate"})


def _alter_column(shadow: Shadow, table: str, cursor: Cursor) -> None:
    column = cursor.name()
    if f"column {table}.{column}" not in shadow.objects:
        shadow.miss(f"column {table}.{column}")
    if cursor.take("set", "not", "null"):
        set_column(shadow, table, column, null="not null")
    elif cursor.take("drop", "not", "null"):
        set_column(shadow, table, column, null="")
    elif cursor.take("set", "default"):
        set_column(shadow, table, column, default=_canonical_default(cursor.rest()))
    elif cursor.take("drop", "default"):
        set_column(shadow, table, column, default="")
    elif cursor.take("type") or cursor.take("set", "data", "type"):
        start = cursor.at
        cursor.skip(_TYPE_STOP)
        kind = cursor.tokens[start : cursor.at]
        set_column(shadow, table, column, kind=canonical_type(kind))
        key = f"column {table}.{column}"
        shadow.objects[key] = shadow.objects[key]._replace(mentions=words_of(kind) | {column})


def _index_part(part: list[Lexeme]) -> str:
    """What PostgreSQL takes from a part of an index into its automatic name."""
    plain = part[0][0] in "wq" and (len(part) == 1 or part[1][1] != "(")
    call = part[0][0] in "wq" and len(part) > 1 and part[1][1] == "("
    return part[0][1] if plain or call else "expr"


def _free_index(shadow: Shadow, name: str) -> str:
    """The name, with the number that PostgreSQL puts behind one that is taken."""
    number = 0
    while f"index {name}{number or ''}" in shadow.objects:
        number += 1
    return f"{name}{number or ''}"


def create_index(shadow: Shadow, cursor: Cursor, *, unique: bool) -> None:
    """CREATE INDEX, from behind the word INDEX."""
    cursor.take("concurrently")
    quiet = cursor.take("if", "not", "exists")
    name = cursor.name() if cursor.peek() != "on" else ""
    cursor.take("on")
    cursor.take("only")
    table = cursor.name()
    rest = cursor.rest()
    if [token[1] for token in rest[:2]] == ["using", "btree"]:
        rest = rest[2:]
    if not name:
        cursor = Cursor(list(rest))
        if cursor.take("using"):
            cursor.at += 1
        columns = [_index_part(part) for part in split_commas(cursor.group())]
        name = _free_index(shadow, automatic_name(table, "_".join(columns), "idx"))
    if f"temporary {table}" in shadow.objects:
        return
    prefix = table.rpartition(".")[0]
    if prefix and "." not in name:
        name = f"{prefix}.{name}"
    text = joined(token for token in rest if token[1] != "asc" or token[0] == "q")
    words = words_of(rest)
    if f"table {table}" not in shadow.objects and f"view {table}" not in shadow.objects:
        shadow.miss(f"table {table}")
    else:
        for part in split_commas(Cursor(list(rest)).group()):
            plain = len(part) == 1 and part[0][0] in "wq"
            if not plain or f"column {table}.{part[0][1]}" in shadow.objects:
                continue
            # A table of which no column is known may have any.
            if any(key.startswith(f"column {table}.") for key in shadow.objects):
                shadow.miss(f"column {table}.{part[0][1]}")
    label = "unique " if unique else ""
    shadow.add(f"index {name}", Entry(f"{label}{text}", table, words), quiet=quiet)
