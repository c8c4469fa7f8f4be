"""Import statements read as names: Python by its own parser, the others by the grammar of their lines.

Owns: what a source file imports from outside of its own project.
Must never know: which imports are allowed, manifests.

Go and Java state all imports before any other code, so that reading stops at the first line that is
neither. In JavaScript and TypeScript a statement begins a line; `require` and `import()` of a literal are
taken anywhere outside of comments, as are Python's `__import__` and `import_module`. Of a name that is
computed nobody can tell the package from the text; `computed_imports` says where one stands.
"""

from __future__ import annotations

import ast
import re
import sys
import warnings
from collections.abc import Iterable
from typing import NamedTuple

from backend_engineer.rules.stack.names import NODE_BUILT_IN

__all__ = ["Import", "UnreadableSource", "computed_imports", "imports", "language_of"]


class Import(NamedTuple):
    """An import: the name as written, its 1-based line, its language, and whether the code does without it."""

    name: str
    line: int
    language: str
    optional: bool = False


class UnreadableSource(ValueError):
    """A source file that its language's parser refuses; the message says why."""


_LANGUAGES = {
    "py": "python", "ts": "javascript", "tsx": "javascript", "mts": "javascript", "cts": "javascript",
    "js": "javascript", "jsx": "javascript", "mjs": "javascript", "cjs": "javascript", "go": "go", "java": "java",
}  # fmt: skip


def language_of(path: str) -> str | None:
    """The language whose imports can be read, by the path's ending, or None."""
    return _LANGUAGES.get(path.rpartition(".")[2]) if not path.endswith(".d.ts") else None


def imports(path: str, text: str) -> tuple[Import, ...]:
    """What a file imports that does not come with its language, each name once.

    Raises UnreadableSource for Python that does not parse.
    """
    language = language_of(path)
    if language is None:
        return ()
    found: dict[str, Import] = {}
    for name, line, optional in _READERS[language](text):
        known = found.get(name)
        if not _comes_along(name, language) and (known is None or (known.optional and not optional)):
            found[name] = Import(name, line, language, optional)
    return tuple(found.values())


def computed_imports(path: str, text: str) -> tuple[int, ...]:
    """The 1-based lines on which a file imports by a name that it computes.

    Raises UnreadableSource for Python that does not parse.
    """
    language = language_of(path)
    if language == "python":
        calls = _import_calls(_parsed(text)) if _BY_CALL.search(text) else ()
        return tuple(sorted({call.lineno for call in calls if _literal(call) is None}))
    if language == "javascript":
        plain = _uncommented(text)
        return tuple(
            plain.count("\n", 0, match.start()) + 1
            for match in _JS_COMPUTED.finditer(plain)
            if "//" not in plain[plain.rfind("\n", 0, match.start()) + 1 : match.start()]
        )
    return ()


def _comes_along(name: str, language: str) -> bool:
    if language == "python":
        return name.partition(".")[0] in sys.stdlib_module_names or name in ("typing_extensions", "_typeshed")
    if language == "javascript":
        return name.startswith(("node:", "bun:", "cloudflare:")) or name.split("/")[0] in NODE_BUILT_IN
    if language == "go":
        return "." not in name.split("/")[0]
    return name.startswith(
        ("java.", "javax.crypto.", "javax.net.", "javax.sql.", "javax.xml.", "javax.security.", "jdk.")
    )


_BODIES = ("body", "orelse", "finalbody", "handlers", "cases")


_BY_CALL = re.compile(r"\b(?:__import__|import_module)\s*\(")


def _parsed(text: str) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a file's odd escapes are not this library's to warn of
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UnreadableSource(f"it is no Python: {error}") from None


def _import_calls(tree: ast.Module) -> Iterable[ast.Call]:
    """Calls of `__import__` and `import_module`, wherever they stand."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and _name(node.func) in ("__import__", "import_module"):
            yield node


def _literal(call: ast.Call) -> str | None:
    first = call.args[0]
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def _python(text: str) -> Iterable[tuple[str, int, bool]]:
    tree = _parsed(text)
    if _BY_CALL.search(text):
        for call in _import_calls(tree):
            name = _literal(call)
            if name and not name.startswith("."):
                yield name, call.lineno, False
    # Statements hold the others, expressions never do: only bodies are walked.
    waiting: list[tuple[ast.AST, bool]] = [(node, False) for node in tree.body]
    while waiting:
        node, optional = waiting.pop()
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno, optional
        elif isinstance(node, ast.ImportFrom):
            if node.level == 0 and node.module:
                yield node.module, node.lineno, optional
        else:
            waiting += _inside(node, optional)


def _inside(node: ast.AST, optional: bool) -> list[tuple[ast.AST, bool]]:
    """The statements inside a statement; those for a type checker alone are left out."""
    if isinstance(node, ast.If) and _name(node.test) == "TYPE_CHECKING":
        return [(inner, optional) for inner in node.orelse]
    spared = optional or (isinstance(node, ast.Try) and any(_catches_absence(item) for item in node.handlers))
    return [(inner, spared) for body in _BODIES for inner in getattr(node, body, ())]


def _catches_absence(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(_name(item) in ("ImportError", "ModuleNotFoundError", "Exception") for item in caught)


def _name(node: ast.expr) -> str:
    """The last part of a dotted name, empty for any other expression."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


# Only one that begins a line: elsewhere the two signs may stand in a string, a pattern or a line comment.
_BLOCK_COMMENT = re.compile(r"^[ \t]*/\*.*?\*/", re.DOTALL | re.MULTILINE)
_JS_STATEMENT = re.compile(
    r"^[ \t]*(?:import|export)\b(?!\s*\()(?P<head>[^'\"`;()=]{0,2000}?)(?:\bfrom\s*)?(?P<quote>['\"])(?P<name>[^'\"\n]+)(?P=quote)",
    re.MULTILINE,
)
_JS_CALL = re.compile(
    r"(?<![\w.$])(?:require|import)\s*\(\s*(?P<quote>['\"])(?P<name>[^'\"\n]+)(?P=quote)\s*\)"
)


# A bare name or a member of one: what is put together from parts mostly begins with a path of the project's own.
_JS_COMPUTED = re.compile(
    r"(?<![\w.$])(?<!function )(?:require|import)\s*\(\s*(?!__dirname|__filename)[A-Za-z_$][\w$.]*\s*\)"
)


def _uncommented(text: str) -> str:
    """The text without its block comments, each line where it was."""
    return _BLOCK_COMMENT.sub(lambda match: "\n" * match[0].count("\n"), text) if "/*" in text else text


def _javascript(text: str) -> Iterable[tuple[str, int, bool]]:
    plain = _uncommented(text)
    for pattern in (_JS_STATEMENT, _JS_CALL):
        for match in pattern.finditer(plain):
            name = match["name"]
            if pattern is _JS_STATEMENT and not _is_statement(match["head"]):
                continue
            line_start = plain.rfind("\n", 0, match.start("name")) + 1
            if "//" in plain[line_start : match.start()] or name.startswith(
                (".", "/", "#", "@/", "~", "data:", "http")
            ):
                continue
            yield name, plain.count("\n", 0, match.start("name")) + 1, False


def _is_statement(head: str) -> bool:
    """Whether what stands between the keyword and the name is an import clause and not a declaration."""
    head = head.strip()
    return (
        not head or head.endswith(("}", "*")) or re.fullmatch(r"(?:type\s+)?[\w$*,\s{}]+", head) is not None
    )


_GO_LINE = re.compile(r"\s*(?:[\w.]+\s+)?\"(?P<name>[^\"]+)\"")


def _go(text: str) -> Iterable[tuple[str, int, bool]]:
    plain = _uncommented(text)
    inside = False
    for number, line in enumerate(plain.split("\n"), start=1):
        stripped = line.split("//")[0].strip() if '"' not in line else line.strip()
        if not stripped or stripped.startswith(("//", "package ")):
            continue
        if inside:
            if stripped.startswith(")"):
                inside = False
            elif match := _GO_LINE.match(line):
                yield match["name"], number, False
        elif re.match(r"import\s*\(", stripped):
            inside = True
        elif stripped.startswith("import"):
            if match := _GO_LINE.match(stripped[len("import") :]):
                yield match["name"], number, False
        else:
            return


_JAVA = re.compile(r"\s*import\s+(?:static\s+)?(?P<name>[\w.]+?)(?:\.\*)?\s*;")


def _java(text: str) -> Iterable[tuple[str, int, bool]]:
    plain = _uncommented(text)
    for number, line in enumerate(plain.split("\n"), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith(("//", "package ", "@")):
            continue
        match = _JAVA.match(line)
        if match is None:
            return
        yield match["name"], number, False


_READERS = {"python": _python, "javascript": _javascript, "go": _go, "java": _java}
