"""The tables and columns that SQL in code names, so that a schema can be asked for them.

Owns: reading names out of one statement: tables behind FROM, JOIN, INTO and UPDATE, and the columns that are surely theirs.
Must never know: migrations, rules, files.

It would rather miss a name than make one up: what is put together at run time, what a CTE, a sub-select or a
function makes, and every column whose table is not plain from the statement itself is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from backend_engineer.migrations.lexer import Dialect, Token, tokenize

__all__ = ["Use", "uses_in"]


class Use(NamedTuple):
    """A table, or with `column` one of its columns, named in a statement, and the 0-based line in its text."""

    table: str
    column: str
    line: int


_CLAUSES = frozenset(
    [
        "select", "from", "where", "join", "inner", "left", "right", "full", "cross", "natural", "outer",
        "on", "using", "set", "values", "returning", "group", "order", "having", "limit", "offset",
        "fetch", "for", "union", "intersect", "except", "as", "and", "or", "not", "window", "with", "when",
        "then", "else", "end", "case", "is", "in", "like", "ilike", "between", "exists", "distinct", "all",
        "any", "some", "null", "true", "false", "default", "do", "conflict", "nothing", "update", "delete",
        "insert", "into", "only", "lateral", "tablesample", "asc", "desc", "nulls", "by", "overriding",
        "current", "force", "indexed", "straight_join", "use", "ignore", "materialized",
    ]
)  # fmt: skip
_NO_COLUMN = _CLAUSES | frozenset(
    [
        "current_date", "current_time", "current_timestamp", "current_user", "session_user", "user",
        "localtime", "localtimestamp", "interval", "cast", "array", "row", "excluded", "new", "old",
        "ctid", "xmin", "xmax", "oid", "tableoid", "rowid", "_rowid_", "date", "time", "timestamp",
        "timestamptz", "collate", "similar", "glob", "regexp", "match", "escape", "isnull", "notnull",
        "at", "zone", "both", "leading", "trailing", "over", "partition", "filter", "within", "rows",
        "range", "cube", "rollup", "grouping", "sets", "raise", "no", "key", "share", "skip", "locked",
        "nowait", "of", "dual",
    ]
)  # fmt: skip
_OF_EVERY_TABLE = frozenset(
    ["ctid", "xmin", "xmax", "cmin", "cmax", "oid", "tableoid", "rowid", "_rowid_", "*"]
)
_COMPARED = frozenset(["=", "<", ">", "<=", ">=", "<>", "!=", "is", "in", "like", "ilike", "between"])
_SYSTEM = ("pg_", "sqlite_", "information_schema", "sys.", "pragma_", "mysql.", "performance_schema")


def uses_in(sql: str, dialect: Dialect) -> tuple[Use, ...]:
    """The tables and columns of one statement; none where it does not read as one."""
    read = tokenize(sql, dialect)
    if read.unclosed is not None or not read.tokens:
        return ()
    return tuple(dict.fromkeys(_Reading(sql, read.tokens).uses()))


class _Reading:
    """One statement: its tokens, and what its aliases stand for."""

    def __init__(self, sql: str, tokens: list[Token]) -> None:
        self.sql, self.tokens = sql, tokens
        self.aliases: dict[str, set[str]] = {}
        self.tables: list[tuple[str, int]] = []
        self.consumed: set[int] = set()
        self.unlisted = False  # something besides tables gives columns: a function, a sub-select
        self.made = self._made()
        self.selects = sum(token[:2] == ("w", "select") for token in tokens)

    def uses(self) -> Iterator[Use]:
        """Tables first, then the columns that are surely of one of them."""
        for place in range(len(self.tokens)):
            self._table_at(place)
        for name, place in self.tables:
            yield Use(name, "", self._line(place))
        for table, place in [*self._inserted(), *self._assigned(), *self._qualified(), *self._plain()]:
            yield Use(table, self.tokens[place][1], self._line(place))

    def _line(self, place: int) -> int:
        return self.sql.count("\n", 0, self.tokens[place][2])

    def _value(self, place: int) -> str:
        """A word or mark in place; a quoted name or a string is never one."""
        if not 0 <= place < len(self.tokens):
            return ""
        token = self.tokens[place]
        return token[1] if token[0] in "wpn" else ""

    def _is_name(self, place: int) -> bool:
        """Whether a whole name stands here: no key word, and nothing put together at run time."""
        if not 0 <= place < len(self.tokens):
            return False
        kind, value, start, end = self.tokens[place]
        if kind not in "wq" or (kind == "w" and value in _CLAUSES) or not value:
            return False
        inside = any(mark in value for mark in "{}%$")
        return (
            not inside
            and self.sql[start - 1 : start] not in (*":@$#{}%?&", "]")
            and (self.sql[end : end + 1] not in (*"{}%$#@", "["))
        )

    def _made(self) -> frozenset[str]:
        """Names that the statement gives itself: of CTEs and of what stands in parentheses."""
        found: set[str] = set()
        for place, token in enumerate(self.tokens):
            if token[:2] == ("w", "as"):
                after = place + 1
                while self._value(after) in ("not", "materialized"):
                    after += 1
                if self._value(after) == "(":
                    before = self._opening(place - 1) - 1 if self._value(place - 1) == ")" else place - 1
                    if before >= 0:
                        found.add(self.tokens[before][1].lower())
            if token[:2] == ("p", ")"):
                after = place + 2 if self._value(place + 1) == "as" else place + 1
                if self._is_name(after):
                    found.add(self.tokens[after][1].lower())
        return frozenset(found)

    def _opening(self, place: int) -> int:
        depth = 0
        for at in range(place, -1, -1):
            depth += {")": 1, "(": -1}.get(self._value(at), 0)
            if depth == 0:
                return at
        return 0

    def _enclosing(self, place: int) -> int:
        """The parenthesis that this place stands in, -1 for none."""
        depth = 0
        for at in range(place - 1, -1, -1):
            depth += {")": 1, "(": -1}.get(self._value(at), 0)
            if depth < 0:
                return at
        return -1

    def _table_at(self, place: int) -> None:
        word = self._value(place) if self.tokens[place][0] == "w" else ""
        if word == "from":
            opened = self._enclosing(place)
            # `extract(epoch FROM x)`, `IS DISTINCT FROM x`
            if self._value(place - 1) == "distinct" or (
                opened > 0
                and self.tokens[opened - 1][0] == "w"
                and self._value(opened + 1) not in ("select", "with", "delete")
            ):
                return
            self._sources(place + 1)
        elif word == "join" or (
            word == "update" and self._value(place - 1) not in ("for", "on", "do", "key")
        ):
            self._source(place + 1)
        elif word == "into" and self._value(place - 1) in ("insert", "ignore", "replace", "overwrite"):
            self._source(place + 1, inserting=True)

    def _sources(self, place: int) -> None:
        """A FROM list: on behind a comma as long as each part is plain."""
        while True:
            after = self._source(place)
            if after < 0 or self._value(after) != ",":
                return
            place = after + 1

    def _source(self, place: int, *, inserting: bool = False) -> int:
        """Note one table with its alias; the place behind it, -1 where none is plain."""
        while self._value(place) in ("only", "lateral"):
            place += 1
        if self._value(place) == "(":
            self.unlisted = True
            return self._behind_group(place)
        if not self._is_name(place):
            self.unlisted = True
            return -1
        start, parts = place, [self.tokens[place][1]]
        while self._value(place + 1) == "." and self._is_name(place + 2):
            parts.append(self.tokens[place + 2][1])
            place += 2
        self.consumed.update(range(start, place + 1))
        after = place + 1
        if self._value(after) == "." or (self._value(after) == "(" and not inserting):
            self.unlisted = True
            return -1
        name = ".".join(part for part in parts if part.lower() not in ("public", "main")) or parts[-1]
        alias = parts[-1].lower()
        made = len(parts) == 1 and alias in self.made
        known = not made and not name.lower().startswith(_SYSTEM)
        if known:
            self.tables.append((name.lower(), start))
        self.aliases.setdefault(alias, set()).add(name.lower() if known else "")
        return self._alias(after, name.lower() if known else "", inserting=inserting)

    def _alias(self, place: int, table: str, *, inserting: bool) -> int:
        if self._value(place) == "*":
            place += 1
        explicit = self._value(place) == "as"
        if explicit or (not inserting and self._is_name(place)):
            place += explicit
            if self._is_name(place):
                self.consumed.add(place)
                self.aliases.setdefault(self.tokens[place][1].lower(), set()).add(table)
                place += 1
        return place

    def _behind_group(self, place: int) -> int:
        depth = 0
        for at in range(place, len(self.tokens)):
            depth += {"(": 1, ")": -1}.get(self._value(at), 0)
            if depth == 0:
                return self._alias(at + 1, "", inserting=False)
        return -1

    def _inserted(self) -> Iterator[tuple[str, int]]:
        """The columns of `INSERT INTO t (a, b)`."""
        for table, start in self.tables:
            if self._value(start - 1) != "into":
                continue
            place = start
            while place in self.consumed:
                place += 1
            if self._value(place) == "as":
                continue
            if self._value(place) == "(" and self._value(place + 1) not in ("select", "with"):
                for at in range(place + 1, len(self.tokens)):
                    if self._value(at) == ")":
                        break
                    if (
                        self._value(at - 1) in ("(", ",")
                        and self._value(at + 1) in (",", ")")
                        and self._is_name(at)
                    ):
                        yield table, at

    def _assigned(self) -> Iterator[tuple[str, int]]:
        """The columns of `UPDATE t SET a = 1, b = 2`."""
        for table, start in self.tables:
            if self._value(start - 1) not in ("update", "only"):
                continue
            place = start
            while place in self.consumed or self._value(place) in ("as", "*"):
                place += 1
            if self._value(place) != "set":
                continue
            depth = 0
            for at in range(place + 1, len(self.tokens)):
                word = self._value(at)
                depth += {"(": 1, ")": -1}.get(word, 0)
                if depth < 0 or (depth == 0 and word in ("from", "where", "returning", ";")):
                    break
                starts = at == place + 1 or (depth == 0 and self._value(at - 1) == ",")
                if starts and self._value(at + 1) == "=" and self._is_name(at):
                    yield table, at

    def _qualified(self) -> Iterator[tuple[str, int]]:
        """`alias.column`, where the alias stands for one table in the whole statement."""
        for place in range(1, len(self.tokens) - 1):
            if (
                self._value(place) != "."
                or place - 1 in self.consumed
                or place + 1 in self.consumed
                or self._value(place - 2) == "."
                or self._value(place + 2) in (".", "(")
                or not (self._is_name(place - 1) and self._is_name(place + 1))
            ):
                continue
            stands_for = self.aliases.get(self.tokens[place - 1][1].lower(), set())
            table = next(iter(stands_for), "") if len(stands_for) == 1 else ""
            if table and self.tokens[place + 1][1].lower() not in _OF_EVERY_TABLE:
                yield table, place + 1

    def _plain(self) -> Iterator[tuple[str, int]]:
        """Names without an alias, in a statement that has one table and nothing else to take a column from."""
        named = {name for name, _ in self.tables}
        if len(named) != 1 or len(self.tables) != 1 or self.selects > 1 or self.made or self.unlisted:
            return
        if any(token[:2] in (("w", "join"), ("w", "union")) for token in self.tokens):
            return
        table = self.tables[0][0]
        aliases = {alias for alias, tables in self.aliases.items() if tables}
        outputs = self._outputs()
        for place in range(len(self.tokens)):
            name = self.tokens[place][1].lower()
            if (
                place in self.consumed
                or not self._is_name(place)
                or (self.tokens[place][0] == "w" and name in _NO_COLUMN)
                or name in aliases
                or name in outputs
                or "." in (self._value(place - 1), self._value(place + 1))
                or self.tokens[place][0] == "q"
            ):
                continue
            before, after = self._value(place - 1), self._value(place + 1)
            compared = after in _COMPARED and before in ("where", "and", "or", "(", "not", "when")
            listed = (
                before in ("select", ",", "distinct")
                and after in (",", "from", "as")
                and self._in_list(place)
            )
            if compared or listed:
                yield table, place

    def _outputs(self) -> frozenset[str]:
        """What the statement itself names by AS."""
        return frozenset(
            self.tokens[place + 1][1].lower()
            for place, token in enumerate(self.tokens[:-1])
            if token[:2] == ("w", "as")
        )

    def _in_list(self, place: int) -> bool:
        """Whether this place stands in the list between SELECT and FROM, in no parentheses."""
        for at in range(place - 1, -1, -1):
            word = self._value(at)
            if word in ("(", ")"):
                if word == "(":
                    return False
                continue
            if word == "select":
                return self._enclosing(place) == self._enclosing(at)
            if word in ("from", "where", "set", "values", "order", "group", "returning"):
                return False
        return False
