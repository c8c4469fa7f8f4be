"""One statement applied to a shadow schema.

Owns: which statement does what; everything but tables and indexes.
Must never know: files, comparing, databases.
"""

from __future__ import annotations

from backend_engineer.migrations.lexer import Dialect, Lexeme
from backend_engineer.migrations.shadow.dropping import drop, of_type
from backend_engineer.migrations.shadow.reading import (
    SIMPLE_KINDS,
    Cursor,
    argument_types,
    joined,
    words_of,
)
from backend_engineer.migrations.shadow.rows import write
from backend_engineer.migrations.shadow.schema import Entry, Shadow, Trouble
from backend_engineer.migrations.shadow.tables import alter_table, create_index, create_table
from backend_engineer.migrations.statements import Statement

__all__ = ["apply", "calls_something"]


def apply(shadow: Shadow, statement: Statement, dialect: Dialect) -> None:
    """Do to the shadow what the statement would do to a schema; what cannot be told becomes opaque."""
    shadow.line = statement.line
    head = statement.head
    cursor = Cursor(statement.tokens, 1)
    if head == "create":
        _create(shadow, cursor, statement, dialect)
    elif head == "alter":
        _alter(shadow, cursor, statement, dialect)
    elif head == "drop":
        drop(shadow, cursor, dialect)
    elif head in ("update", "insert"):
        write(shadow, head, cursor)
    elif head == "comment":
        if cursor.take("on"):
            _comment(shadow, cursor)
    elif head in ("do", "call", "execute", "prepare") or (
        head == "select" and calls_something(statement.tokens)
    ):
        shadow.opaque += (statement.text.lower(),)


_QUIET_CALLS = frozenset(
    [
        "setval",
        "set_config",
        "nextval",
        "currval",
        "count",
        "max",
        "min",
        "coalesce",
        "now",
        "current_setting",
        "pg_sleep",
        "pg_advisory_lock",
        "raise",
        "abs",
    ]
)


def calls_something(tokens: list[Lexeme]) -> bool:
    """Whether a query calls a function that may do something: one of the project's own, or one that nobody knows."""
    for place, token in enumerate(tokens[:-1]):
        follows = tokens[place + 1][1] == "(" and tokens[place + 1][0] == "p"
        if (
            token[0] in "wq"
            and follows
            and token[1] not in _QUIET_CALLS
            and token[1] not in ("in", "exists", "values")
        ):
            return True
    return False


def _create(shadow: Shadow, cursor: Cursor, statement: Statement, dialect: Dialect) -> None:
    # Nearly every CREATE is one of these two.
    if cursor.take("table"):
        create_table(shadow, statement, cursor, dialect)
        return
    if cursor.take("index"):
        create_index(shadow, cursor, unique=False)
        return
    replace = cursor.take("or", "replace")
    if cursor.take_any("temp", "temporary") and cursor.peek() == "table":
        # A temporary table is gone with the connection; statements that drop it are none of the schema's.
        cursor.take("table")
        cursor.take("if", "not", "exists")
        shadow.objects[f"temporary {cursor.name()}"] = Entry("")
        return
    cursor.take_any("unlogged", "foreign", "recursive", "trusted", "global", "local")
    unique = cursor.take("unique")
    constraint = cursor.take("constraint")
    if cursor.take("table"):
        create_table(shadow, statement, cursor, dialect)
    elif cursor.take("index"):
        create_index(shadow, cursor, unique=unique)
    elif cursor.take("virtual", "table"):
        quiet = cursor.take("if", "not", "exists")
        shadow.add(f"table {cursor.name()}", Entry(joined(cursor.rest())), quiet=quiet)
    elif cursor.take("type"):
        name = cursor.name()
        shadow.add(f"type {name}", Entry(_type_text(cursor)))
    elif cursor.take("materialized", "view") or cursor.take("view"):
        quiet = cursor.take("if", "not", "exists")
        name, rest = cursor.name(), cursor.rest()
        shadow.add(f"view {name}", Entry(joined(rest), mentions=words_of(rest)), quiet=quiet, replace=replace)
    elif cursor.peek() in ("function", "procedure", "aggregate"):
        cursor.at += 1
        name = cursor.name()
        arguments = argument_types(cursor.group())
        body = _function_text(cursor.rest())
        key = f"function {name}({arguments})"
        shadow.add(key, Entry(body, mentions=words_of(statement.tokens)), replace=replace)
    elif cursor.take("trigger"):
        _create_trigger(shadow, cursor, dialect, replace=replace or constraint)
    else:
        _create_simple(shadow, cursor, replace=replace)


def _create_trigger(shadow: Shadow, cursor: Cursor, dialect: Dialect, *, replace: bool) -> None:
    quiet = cursor.take("if", "not", "exists")
    name = cursor.name()
    rest = cursor.rest()
    table = _after(rest, "on")
    key = f"trigger {table}.{name}" if dialect == "postgresql" else f"trigger {name}"
    mentions = words_of(rest) - {"before", "after"}
    text = joined(rest).replace("execute procedure", "execute function")
    if f"table {table}" not in shadow.objects and f"view {table}" not in shadow.objects:
        shadow.miss(f"table {table}")
    shadow.add(key, Entry(text, table, mentions), quiet=quiet, replace=replace)


def _after(tokens: list[Lexeme], word: str) -> str:
    for place, token in enumerate(tokens):
        if token[:2] == ("w", word):
            return Cursor(tokens, place + 1).name()
    return ""


def _type_text(cursor: Cursor) -> str:
    cursor.take("as")
    if cursor.take("enum"):
        labels = [token[1] for token in cursor.group() if token[0] == "s"]
        return "enum " + " , ".join(labels)
    return joined(cursor.rest())


def _function_text(tokens: list[Lexeme]) -> str:
    parts = []
    for token in tokens:
        if token[0] == "d":
            body = token[1]
            tag = body[: body.index("$", 1) + 1]
            parts.append(" ".join(body[len(tag) : -len(tag)].split()))
        elif token[0] == "s":
            parts.append(" ".join(token[1].strip("'").replace("''", "'").split()))
        else:
            parts.append(token[1])
    # The order of LANGUAGE and AS is a matter of writing.
    return " ".join(sorted(parts)) if len(parts) < 40 else " ".join(parts)


def _create_simple(shadow: Shadow, cursor: Cursor, *, replace: bool) -> None:
    kind = cursor.take_any(*SIMPLE_KINDS)
    if not kind:
        text = joined(cursor.tokens)
        if cursor.peek() not in (
            "text",
            "foreign",
            "conversion",
            "transform",
            "access",
            "subscription",
            "default",
        ):
            shadow.troubles += (
                Trouble("syntax", f"statement {cursor.peek()}", shadow.line, f"CREATE {cursor.peek()}"),
            )
        shadow.opaque += (text,)
        return
    quiet = cursor.take("if", "not", "exists")
    name = cursor.name()
    rest = cursor.rest()
    table = ""
    if kind in ("policy", "rule"):
        table = _after(rest, "on") if kind == "policy" else _after(rest, "to")
        name = f"{table}.{name}"
    if kind == "statistics":
        table = _after(rest, "from")
    elif kind == "sequence" and "owned" in {token[1] for token in rest}:
        table = _after(rest, "by").rpartition(".")[0]
    text = "" if kind == "extension" else joined(rest)
    shadow.add(f"{kind} {name}", Entry(text, table, words_of(rest)), quiet=quiet, replace=replace)


def _alter(shadow: Shadow, cursor: Cursor, statement: Statement, dialect: Dialect) -> None:
    cursor.take("foreign")
    if cursor.take("table"):
        alter_table(shadow, cursor, dialect)
    elif cursor.take("materialized", "view") or cursor.take("view") or cursor.peek() in ("index", "sequence"):
        kind = cursor.tokens[cursor.at - 1][1] if cursor.tokens[cursor.at - 1][1] == "view" else cursor.peek()
        cursor.take_any("index", "sequence")
        quiet = cursor.take("if", "exists")
        name = cursor.name()
        if f"{kind} {name}" not in shadow.objects and (quiet or kind == "sequence"):
            return
        if cursor.take("rename", "to"):
            _rename_simple(shadow, kind, name, cursor.name())
        elif cursor.take("owned", "by"):
            owner = cursor.name()
            table, _, column = owner.rpartition(".")
            entry = shadow.objects.get(f"sequence {name}", Entry(None))
            shadow.objects[f"sequence {name}"] = entry._replace(table=table, mentions=frozenset({column}))
    elif cursor.take("type"):
        _alter_type(shadow, cursor)
    elif cursor.take_any("function", "procedure", "aggregate", "routine"):
        _rename_function(shadow, cursor)
    else:
        kind = cursor.take_any("domain", "policy", "trigger", "schema", "extension", "rule", "publication")
        if kind in ("trigger", "policy", "rule"):
            _rename_on_table(shadow, kind, cursor)
        elif kind:
            name = cursor.name()
            if cursor.take("rename", "to"):
                _rename_simple(shadow, kind, name, cursor.name())
            else:
                shadow.opaque += (statement.text.lower(),)
        elif cursor.peek() not in (
            "default",
            "role",
            "user",
            "database",
            "system",
            "text",
            "operator",
            "large",
            "server",
            "subscription",
            "collation",
            "event",
            "statistics",
        ):
            shadow.troubles += (
                Trouble("syntax", f"statement {cursor.peek()}", shadow.line, f"ALTER {cursor.peek()}"),
            )


def _rename_function(shadow: Shadow, cursor: Cursor) -> None:
    old = cursor.name()
    arguments = argument_types(cursor.group()) if cursor.peek() == "(" else ""
    if not cursor.take("rename", "to"):
        return
    new = cursor.name()
    exact = f"function {old}({arguments})"
    for key in [exact] if exact in shadow.objects else shadow.objects.standing_on(f"function {old}")[:1]:
        shadow.rename(key, f"function {new}{key[len('function ' + old) :]}")
    first, second = old.rpartition(".")[2], new.rpartition(".")[2]
    for key in [key for key in shadow.objects if key.startswith("trigger ")]:
        entry = shadow.objects[key]
        if first in entry.mentions and entry.text is not None:
            text = " ".join(second if word == first else word for word in entry.text.split(" "))
            shadow.objects[key] = entry._replace(text=text, mentions=(entry.mentions - {first}) | {second})


def _rename_on_table(shadow: Shadow, kind: str, cursor: Cursor) -> None:
    old = cursor.name()
    cursor.take("on")
    table = cursor.name()
    if cursor.take("rename", "to"):
        shadow.rename(f"{kind} {table}.{old}", f"{kind} {table}.{cursor.name()}")
    else:
        shadow.opaque += (joined(cursor.tokens),)


def _rename_simple(shadow: Shadow, kind: str, old: str, new: str) -> None:
    prefix = old.rpartition(".")[0]
    target = f"{prefix}.{new}" if prefix and "." not in new else new
    if kind == "index" and f"index {old}" not in shadow.objects:
        # The index of a constraint carries its constraint's name.
        for key in list(shadow.objects):
            if key.startswith("constraint ") and key.endswith(f".{old}"):
                shadow.rename(key, f"{key[: -len(old)]}{new}")
                return
    shadow.rename(f"{kind} {old}", f"{kind} {target}")


def _alter_type(shadow: Shadow, cursor: Cursor) -> None:
    name = cursor.name()
    key = f"type {name}"
    entry = shadow.objects.get(key)
    if entry is None:
        shadow.miss(key)
        entry = Entry(None)
    if cursor.take("rename", "to"):
        shadow.rename(key, f"type {cursor.name()}")
        for other, item in list(shadow.objects.items()):
            if other.startswith("column ") and name in item.mentions and item.text is not None:
                new = next(reversed(shadow.objects)).removeprefix("type ")
                head, mark, tail = item.text.partition("\t")
                renamed = " ".join(new if part == name else part for part in head.split(" "))
                shadow.objects[other] = item._replace(
                    text=f"{renamed}{mark}{tail}", mentions=(item.mentions - {name}) | {new}
                )
        return
    if cursor.take("add", "value"):
        quiet = cursor.take("if", "not", "exists")
        label = cursor.tokens[cursor.at][1] if not cursor.done else ""
        cursor.at += 1
        labels = (entry.text or "enum ").removeprefix("enum ").split(" , ") if entry.text else []
        if label in labels and quiet:
            return
        place = len(labels)
        where = cursor.take_any("before", "after")
        if where and not cursor.done and cursor.tokens[cursor.at][1] in labels:
            place = labels.index(cursor.tokens[cursor.at][1]) + (where == "after")
        labels.insert(place, label)
        shadow.objects[key] = entry._replace(text="enum " + " , ".join(item for item in labels if item))
    elif cursor.take("rename", "value"):
        values = [token[1] for token in cursor.rest() if token[0] == "s"]
        if entry.text is not None and len(values) == 2:
            labels = entry.text.removeprefix("enum ").split(" , ")
            text = "enum " + " , ".join(values[1] if label == values[0] else label for label in labels)
            shadow.objects[key] = entry._replace(text=text)
            _rename_default(shadow, name, values[0], values[1])
    elif not cursor.take("owner"):
        shadow.objects[key] = entry._replace(text=None)


def _rename_default(shadow: Shadow, kind: str, old: str, new: str) -> None:
    """Defaults follow a label that is renamed: the server keeps the value and not its name."""
    for key, entry in list(shadow.objects.items()):
        if key.startswith("column ") and entry.text is not None and of_type(entry, kind):
            parts = entry.text.split("\t")
            if len(parts) > 2 and parts[2] == old:
                parts[2] = new
                shadow.objects[key] = entry._replace(text="\t".join(parts))


def _comment(shadow: Shadow, cursor: Cursor) -> None:
    start = cursor.at
    while not cursor.done and cursor.peek() != "is":
        cursor.at += 1
    target = cursor.tokens[start : cursor.at]
    cursor.take("is")
    text = cursor.rest()
    kind = target[0][1] if target else ""
    inner = Cursor(target, 1)
    name = inner.name()
    # Of tables and columns it is told what becomes of the comment, and so these keys go with their tables.
    key = f"comment {name}" if kind == "column" else f"comment on {joined(target)}"
    if kind == "table":
        key = f"comment {name}."
    if joined(text) in ("null", "''"):
        shadow.objects.pop(key, None)
        return
    table = name.rpartition(".")[0] if kind == "column" else name if kind == "table" else ""
    words = joined(text) if [token[0] for token in text] == ["s"] else None
    short = name.rpartition(".")[2]
    mentions = {short} if kind == "column" else set() if kind == "table" else {f"{kind} {name}", short}
    shadow.objects[key] = Entry(words, table, frozenset(mentions))
