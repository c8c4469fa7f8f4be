"""How goose, sql-migrate and Play cut a script into statements: by lines and semicolons, not by the language.

Owns: finding where they cut a statement in the middle, or run past its end.
Must never know: which lines are a file's directions, file names, databases.

What they cut wrongly never reaches a server as it was written; the same text is fine for everybody else.
"""

from __future__ import annotations

import re

__all__ = ["badly_cut"]

_MARK = re.compile(r"--[\s-]*\+(?:goose|migrate)\s+Statement(Begin|End)\b", re.IGNORECASE)
_TAG = re.compile(r"\$(?:[A-Za-z_]\w*)?\$")
_COMMENTS = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_LITERAL = re.compile(r"'(?:[^']|'')*'")
_BLOCK = re.compile(
    r"\bcreate\s+(?:\w+\s+)*?(?:trigger|function|procedure)\b.*\bbegin\b", re.IGNORECASE | re.DOTALL
)
_BLOCK_ENDS = re.compile(r"\bend\b[^;]*;?\s*\Z", re.IGNORECASE)
_SINGLE = re.compile(r"(?<!;);(?!;)")


def badly_cut(tool: str, sql: str, line: int) -> str:
    """Where a direction's first statement is cut wrongly, with its line in the file; empty where none is."""
    if tool == "play":
        return _by_semicolons(sql, line)
    return _by_lines(tool, sql, line) if tool in ("goose", "sql-migrate") else ""


def _by_semicolons(sql: str, line: int) -> str:
    place = 0
    for found in _SINGLE.finditer(sql):
        if _is_open(sql[place : found.end()]):
            at = line + sql.count("\n", 0, found.start())
            return f"line {at}: play cuts at the semicolon inside a body; it wants two there"
        place = found.end()
    return ""


def _by_lines(tool: str, sql: str, line: int) -> str:
    rows: list[str] = []
    began = inside = 0
    for number, text in enumerate(sql.split("\n"), line):
        mark = _MARK.match(text)
        if mark is not None:
            inside = number if mark[1].lower() == "begin" else 0
            rows = []
            continue
        bare = text.strip()
        # Comments before a statement are left out; sql-migrate leaves out those that begin a line anywhere.
        if inside or (not rows and (not bare or bare.startswith("--"))):
            continue
        if tool == "sql-migrate" and text.startswith("-- "):
            continue
        began = began if rows else number
        rows.append(text)
        if _ends(bare):
            if _is_open("\n".join(rows)):
                words = f"line {number}: {tool} ends a statement at the semicolon, inside a body"
                return f"{words}; it wants the statement between StatementBegin and StatementEnd"
            rows = []
    if inside:
        return f"line {inside}: {tool} finds no StatementEnd to this StatementBegin"
    if _COMMENTS.sub("", "\n".join(rows)).strip():
        return f"line {began}: {tool} finds no semicolon at the end of a line that ends this statement"
    return ""


def _ends(text: str) -> bool:
    """Whether the last word before a comment ends with a semicolon."""
    last = ""
    for word in text.split():
        if word.startswith("--"):
            break
        last = word
    return last.endswith(";")


def _is_open(piece: str) -> bool:
    """Whether a piece ends inside a dollar-quoted text, or inside a body between BEGIN and END."""
    bare = _LITERAL.sub("''", _COMMENTS.sub(" ", piece))
    tag = ""
    for found in _TAG.finditer(bare):
        tag = "" if tag == found[0] else tag or found[0]
    if tag:
        return True
    outside = re.sub(r"(\$\w*\$).*?\1", " ", bare, flags=re.DOTALL)
    return _BLOCK.search(outside) is not None and _BLOCK_ENDS.search(outside) is None
