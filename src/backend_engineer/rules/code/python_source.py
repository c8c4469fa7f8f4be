"""Read Python with the standard library's own parser.

Owns: turning an `ast` tree into the neutral records.
Must never know: other languages, rules.
"""

from __future__ import annotations

import ast
import string
import warnings

from backend_engineer.outputs import FileChange
from backend_engineer.rules.code.source import (
    Argument,
    ArgumentKind,
    Call,
    Function,
    SourceView,
    Text,
    Unreadable,
    filled,
)

__all__ = ["read_python"]

_LOOPS = (ast.For, ast.AsyncFor, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def read_python(file: FileChange, language: str, test: bool) -> SourceView | Unreadable:
    """The view of a Python file, or why it cannot be read."""
    content = file.content or ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape in someone's string is not our warning
            tree = ast.parse(content)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return Unreadable(file.path, f"it does not parse as Python: {error}")
    reader = _Reader(content)
    try:
        reader.visit(tree)
    except RecursionError:
        return Unreadable(file.path, "it is nested too deeply to be read")
    return SourceView(
        file=file,
        language=language,
        calls=tuple(reader.calls),
        texts=tuple(reader.texts),
        functions=tuple(reader.functions),
        test=test,
    )


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    if isinstance(node, ast.Call):
        inner = ", ".join(_plain(item) for item in node.args)
        return f"{_dotted(node.func)}({inner})"
    return _plain(node)


def _plain(node: ast.AST) -> str:
    try:
        return ast.unparse(node)
    except (ValueError, RecursionError):
        return "..."


def _formatted(node: ast.JoinedStr) -> tuple[str, tuple[str, ...]]:
    parts: list[str] = []
    holes: list[str] = []
    for item in node.values:
        if isinstance(item, ast.Constant) and isinstance(item.value, str):
            parts.append(item.value)
        elif isinstance(item, ast.FormattedValue):
            parts.append("{}")
            holes.append(_plain(item.value))
    return "".join(parts), tuple(holes)


def _concatenated(node: ast.BinOp) -> tuple[str, tuple[str, ...]] | None:
    """The text and holes of `"..." + x` or `"..." % x`; None where no string takes part."""
    if (
        isinstance(node.op, ast.Mod)
        and isinstance(node.left, ast.Constant)
        and isinstance(node.left.value, str)
    ):
        return _percent(node.left.value, node.right)
    if not isinstance(node.op, ast.Add):
        return None
    parts: list[str] = []
    holes: list[str] = []
    strings = 0
    stack: list[ast.expr] = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, ast.BinOp) and isinstance(item.op, ast.Add):
            stack += [item.right, item.left]
        elif isinstance(item, ast.Constant) and isinstance(item.value, str):
            strings += 1
            parts.append(item.value)
        elif isinstance(item, ast.JoinedStr):
            strings += 1
            text, inner = _formatted(item)
            parts.append(text)
            holes += inner
        else:
            parts.append("{}")
            holes.append(_plain(item))
    return ("".join(parts), tuple(holes)) if strings else None


def _percent(text: str, right: ast.expr) -> tuple[str, tuple[str, ...]]:
    """The text and holes of `"..." % right`."""
    given: dict[str, str] = {}
    if isinstance(right, ast.Tuple):
        given = {str(at): _plain(item) for at, item in enumerate(right.elts)}
    elif isinstance(right, ast.Dict):
        given = {
            str(key.value): _plain(value)
            for key, value in zip(right.keys, right.values, strict=True)
            if isinstance(key, ast.Constant)
        }
    return filled(text, given, _plain(right))


def _placed(node: ast.Call) -> tuple[str, tuple[str, ...]] | None:
    """The text and holes of `"...{}...".format(x)`; None for any other call."""
    called = node.func
    if not (
        isinstance(called, ast.Attribute)
        and called.attr == "format"
        and isinstance(called.value, ast.Constant)
        and isinstance(called.value.value, str)
    ):
        return None
    given = {str(at): _plain(item) for at, item in enumerate(node.args)}
    given |= {item.arg: _plain(item.value) for item in node.keywords if item.arg is not None}
    parts: list[str] = []
    holes: list[str] = []
    count = 0
    try:
        for before, name, spec, _ in string.Formatter().parse(called.value.value):
            parts.append(before)
            if name is None:
                continue
            key = name.partition(".")[0].partition("[")[0]
            rest = name[len(key) :]
            if not key:
                key, count = str(count), count + 1
            hole = given.get(key, key) + rest
            parts.append("{}")
            holes.append(f"int({hole})" if spec and spec[-1] in "bdoxXeEfFgGn%" else hole)
    except ValueError:
        return None
    return "".join(parts), tuple(holes)


def _argument(node: ast.expr, name: str | None = None) -> Argument:
    text = _plain(node)
    kind: ArgumentKind = "other"
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return Argument(text, "string", value=node.value, name=name)
    if isinstance(node, ast.JoinedStr):
        value, holes = _formatted(node)
        return Argument(text, "format", value=value, name=name, holes=holes)
    if isinstance(node, ast.BinOp) and (joined := _concatenated(node)) is not None:
        return Argument(text, "concat", value=joined[0], name=name, holes=joined[1])
    if isinstance(node, ast.Dict):
        keys = tuple(
            str(key.value) if isinstance(key, ast.Constant) else "**" if key is None else _plain(key)
            for key in node.keys
        )
        return Argument(text, "object", name=name, keys=keys)
    if isinstance(node, ast.Starred):
        return Argument(text, "spread", name=name)
    if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
        kind = "name"
    elif isinstance(node, ast.Call):
        kind = "call"
    return Argument(text, kind, name=name)


class _Reader(ast.NodeVisitor):
    """Walks one tree; the stacks say where it stands."""

    def __init__(self, content: str) -> None:
        self.lines = content.split("\n")
        self.calls: list[Call] = []
        self.texts: list[Text] = []
        self.functions: list[Function] = []
        self.where: list[str] = []
        self.owners: list[tuple[Call, ...]] = []
        self.loops = 0

    def _call(self, node: ast.Call) -> Call:
        arguments = [_argument(item) for item in node.args]
        for keyword in node.keywords:
            if keyword.arg is None:
                arguments.append(Argument(f"**{_plain(keyword.value)}", "spread"))
            else:
                arguments.append(_argument(keyword.value, keyword.arg))
        return Call(
            callee=_dotted(node.func),
            arguments=tuple(arguments),
            line=node.lineno,
            end_line=node.end_lineno or node.lineno,
            function=self.where[-1] if self.where else "",
            in_loop=self.loops > 0,
        )

    def _decorators(self, nodes: list[ast.expr]) -> tuple[Call, ...]:
        found = []
        for node in nodes:
            if isinstance(node, ast.Call):
                found.append(self._call(node))
            else:
                found.append(Call(_dotted(node), (), node.lineno, node.end_lineno or node.lineno))
        return tuple(found)

    def generic_visit(self, node: ast.AST) -> None:
        if not isinstance(node, _LOOPS):
            super().generic_visit(node)
            return
        # What is looped over is looked at once, so it stands outside the loop.
        if isinstance(node, ast.While):
            once: list[ast.expr] = []
        else:
            once = [node.iter if isinstance(node, ast.For | ast.AsyncFor) else node.generators[0].iter]
        for item in once:
            self.visit(item)
        self.loops += 1
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.comprehension):
                for part in ast.iter_child_nodes(child):
                    if part not in once:
                        self.visit(part)
            elif child not in once:
                self.visit(child)
        self.loops -= 1

    def visit_Call(self, node: ast.Call) -> None:
        self.calls.append(self._call(node))
        placed = _placed(node)
        if placed is None:
            self.generic_visit(node)
            return
        self.texts.append(Text(placed[0], node.lineno, node.end_lineno or node.lineno, placed[1]))
        for item in (*node.args, *node.keywords):
            self.visit(item)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._note_docstring(node)
        self.owners.append(self._decorators(node.decorator_list))
        self.generic_visit(node)
        self.owners.pop()

    def _visit_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._note_docstring(node)
        end = node.end_lineno or node.lineno
        first = min([node.lineno, *(item.lineno for item in node.decorator_list)])
        self.functions.append(
            Function(
                name=node.name,
                line=first,
                end_line=end,
                decorators=self._decorators(node.decorator_list),
                parameters=_plain(node.args),
                owner_decorators=self.owners[-1] if self.owners else (),
                body="\n".join(self.lines[node.lineno - 1 : end]),
            )
        )
        self.where.append(node.name)
        loops, self.loops = self.loops, 0
        self.generic_visit(node)
        self.loops = loops
        self.where.pop()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._visit_function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._visit_function(node)

    def visit_Module(self, node: ast.Module) -> None:
        self._note_docstring(node)
        self.generic_visit(node)

    def _note_docstring(
        self, node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    ) -> None:
        if node.body and isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant):
            node.body[0].value.kind = "docstring"

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            end = node.end_lineno or node.lineno
            self.texts.append(Text(node.value, node.lineno, end, docstring=node.kind == "docstring"))

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        value, holes = _formatted(node)
        self.texts.append(Text(value, node.lineno, node.end_lineno or node.lineno, holes))
        for item in node.values:
            if isinstance(item, ast.FormattedValue):
                self.visit(item.value)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        joined = _concatenated(node)
        if joined is None:
            self.generic_visit(node)
            return
        self.texts.append(Text(joined[0], node.lineno, node.end_lineno or node.lineno, joined[1]))
        stack: list[ast.expr] = [node.right, node.left]
        while stack:
            item = stack.pop()
            if isinstance(item, ast.BinOp) and isinstance(item.op, ast.Add):
                stack += [item.right, item.left]
            elif not isinstance(item, ast.Constant | ast.JoinedStr):
                self.visit(item)
