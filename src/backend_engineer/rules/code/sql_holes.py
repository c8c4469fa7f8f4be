"""What is put into the text of a statement: a value, or a piece of SQL that cannot be bound as a parameter.

Owns: telling the two apart by how the code that fills the place is written.
Must never know: statements, severities, any rule.
"""

from __future__ import annotations

import re

__all__ = ["comes_from_request", "is_harmless", "is_piece_of_sql"]

# `request.args["x"]`, `c.Param("id")`, `r.URL.Query()`: what a caller of the service sends, as frameworks hand it over.
_REQUEST = re.compile(
    r"\b(?:req|request)\b\??[.\[]|\bctx\.(?:query|params|request|body)\b"
    r"|\.?\b(?:getParameter|getHeader|FormValue|PostFormValue|PathValue|URLParam|QueryParam|DefaultQuery|PostForm)\("
    r"|\b(?:c|ctx|context)\.(?:Param|Query|FormValue|Cookie|GetHeader)\(|\.URL\.Query\(\)"
)
_GIVEN = re.compile(r"\b(?:params|query|body|args|input|payload|form)\b\??[.\[(]")
# A literal, or the name of a constant: `LIMIT`, `Names.MAIL_SERVICE`, `self.TABLE`.
_CONSTANT = re.compile(
    r"^['\"][^'\"{}]*['\"]$|^[\d._]+$|^(?:(?:[A-Z]\w*|self|cls|this)\.)*[A-Z][A-Z0-9_.]*$|^(?:\w+\.)+[A-Z0-9]+_[A-Z0-9_]+$"
    r"|^(?:[A-Z]\w*\.)+[A-Z][A-Z0-9_]+\.(?:get\w+|name|value|ordinal|code|id|toString)(?:\(\))?$"
)
_NUMBER = re.compile(
    r"^\(?\s*(?:int|float|bool|len|Number|BigInt|parseInt|parseFloat|Math\.\w+|strconv\.(?:Itoa|Format(?:Ui|I)nt|FormatBool)"
    r"|Integer\.\w+|Long\.\w+|Double\.\w+|int64|uint64|time\.time|Date\.now)\(|(?:\.length|\.size\(\)|\.getTime\(\)|\.isoformat\(\)"
    r"|\.toISOString\(\)|\.total_seconds\(\))$|^[+-]?\d|^int\b|\.(?:Format(?:Ui|I)nt|Itoa)\("
    r"|\.strftime\(|\.Format\((?:time\.|\"[^\"]*06)|^\w+\((?:len\(\w+\)|\w+\.(?:length|size\(\)))\)$"
)
# Whatever such a function gives back is safe in a statement.
_QUOTING = re.compile(
    r"\b\w*(?:quote|escape|ident|literal|placeholder|sanitiz|bind)\w*\s*(?:\(|\.)", re.IGNORECASE
)
# What stands for a value that is bound: `"?"`, `"%s"`, `'$' + i`, `":name"`, `"(?, ?)"`.
_MARKS = re.compile(r"['\"`][(\s,]*(?:\?|%s|\$|:\w|@\w)")

_NAMES_OF_OBJECTS = frozenset(
    {"table", "tables", "tbl", "column", "columns", "col", "cols", "field", "fields", "schema", "schemas", "index", "sequence", "database", "db", "catalog", "namespace"}
)  # fmt: skip
_PIECES = frozenset(
    {
        "placeholder", "placeholders", "mark", "marks", "bind", "binds", "binding", "bindings", "param", "params", "clause", "clauses",
        "where", "order", "join", "joins", "condition", "conditions", "predicate", "predicates", "subquery", "query", "statement", "select",
        "expr", "expression", "fragment", "ident", "identifier", "identifiers", "literal", "q", "operator", "op", "direction",
        "values", "vals", "pattern", "now",
    }
)  # fmt: skip
_ABOUT_NAMES = frozenset({"name", "names", "list", "str", "string", "ref", "alias", "expr", "def", "defs"})
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_WRAPPER = re.compile(
    r"^(?:(?:str|String|String\.valueOf)\((?P<whole>.*)\)|strings\.(?:Join|Repeat)\((?P<first>[^,]*),.*\)"
    r"|String\.join\([^,]*,(?P<last>.*)\))$",
    re.DOTALL,
)
_JOINED = re.compile(
    r"^(?:['\"`][^'\"`]*['\"`]\.join\((?P<python>.*)\)|(?P<javascript>.*)\.join\([^()]*\))$", re.DOTALL
)


def comes_from_request(hole: str) -> bool:
    """Whether the code reads what a caller of the service sends."""
    return bool(_REQUEST.search(hole) or _GIVEN.search(hole))


def is_harmless(hole: str) -> bool:
    """Whether the code gives a constant, a number, a date, marks for bound values, or something that was quoted."""
    text = hole.strip()
    return bool(
        _CONSTANT.match(text)
        or _NUMBER.search(text)
        or _MARKS.search(text)
        or _QUOTING.search(text)
        or {"quoted", "escaped"} & set(_words(_last_name(text)))
    )


def is_piece_of_sql(hole: str, quoted: bool) -> bool:
    """Whether the code is named like a part of a statement: a list of columns, a clause, placeholders.

    quoted: whether the place stands between quotation marks, where a statement has values, and at most the name of
    a table as one. What a request gives is never one.
    """
    if _REQUEST.search(hole):
        return False
    bare = _unwrapped(hole.strip())
    if any(word.startswith("sql") for word in _words(bare)):
        return True
    words = _words(_last_name(bare))
    if not words:
        return False
    if words[-1] in _ABOUT_NAMES | {"by"} and len(words) > 1:
        words = words[:-1]
        if words[-1] in ("order", "sort", "group"):
            return True
    if words[-1] in _NAMES_OF_OBJECTS:
        return True
    return not quoted and (words[-1] in _PIECES or (words[0] in ("param", "placeholder") and len(words) == 2))


def _unwrapped(text: str) -> str:
    """What is joined or turned into text."""
    for _ in range(3):
        joined = _JOINED.match(text)
        wrapped = _WRAPPER.match(text)
        if joined:
            text = (joined["python"] or joined["javascript"] or "").strip()
        elif wrapped:
            text = (wrapped["whole"] or wrapped["first"] or wrapped["last"] or "").strip()
        else:
            break
    return text


def _last_name(text: str) -> str:
    """The last name of a dotted one, calls and indices off: `id` of `order.items[0].id()`."""
    named = re.sub(r"\[['\"](\w+)['\"]\]", r".\1", text)
    bare = re.sub(r"\[[^\[\]]*\]|\([^()]*\)|[?!]", "", named)
    names = re.findall(r"[A-Za-z_]\w*", bare.rpartition(".")[2] or bare)
    return names[-1] if names else ""


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(name)]
