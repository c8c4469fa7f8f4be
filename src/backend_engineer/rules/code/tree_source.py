"""Read TypeScript, JavaScript, Go and Java with tree-sitter (extra `code`).

Owns: turning a syntax tree into the neutral records.
Must never know: Python sources, rules, what a grammar calls its nodes.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from functools import cache
from typing import Any

from backend_engineer.outputs import FileChange
from backend_engineer.rules.code.source import Argument, Call, Function, SourceView, Text, Unreadable, filled
from backend_engineer.rules.code.tree_grammars import GRAMMARS, MODULES, Grammar

__all__ = ["INSTALL", "read_tree"]

INSTALL = "not checked: install 'backend-engineer[code]'"


@cache
def _tools(language: str) -> tuple[Any, Any] | None:
    """The parser for a language and the query for what is looked for, or None where the extra is not installed."""
    module, maker = MODULES[language]
    try:
        binding: Any = importlib.import_module("tree_sitter")
        grammar: Any = importlib.import_module(module)
    except ImportError:
        return None
    made = binding.Language(getattr(grammar, maker)())
    # Grammars of one family differ in a name or two, and a query with an unknown one is refused.
    known = [name for name in sorted(GRAMMARS[language].looked_for) if made.id_for_node_kind(name, True)]
    query = binding.Query(made, "[" + " ".join(f"({name})" for name in known) + "] @found")
    return binding.Parser(made), binding.QueryCursor(query)


def read_tree(file: FileChange, language: str, test: bool) -> SourceView | Unreadable:
    """The view of a source file, or why it cannot be read."""
    tools = _tools(language)
    if tools is None:
        return Unreadable(file.path, INSTALL)
    parser, cursor = tools
    data = (file.content or "").encode("utf-8", "replace")
    reader = _Reader(data, GRAMMARS[language])
    nodes = cursor.captures(parser.parse(data).root_node).get("found", ())
    reader.read(sorted(nodes, key=_place))
    return SourceView(
        file=file,
        language="typescript" if language == "tsx" else language,
        calls=tuple(reader.calls),
        texts=tuple(reader.texts),
        functions=tuple(reader.functions),
        test=test,
    )


class _Reader:
    """Reads the nodes that matter of one tree, in the order of the source, outer ones first.

    A tree of a large file has a few hundred thousand nodes; to see each from here costs more than to parse it.
    """

    def __init__(self, data: bytes, grammar: Grammar) -> None:
        self.data = data
        self.grammar = grammar
        self.calls: list[Call] = []
        self.texts: list[Text] = []
        self.functions: list[Function] = []

    def read(self, nodes: Iterable[Any]) -> None:
        """Collect every call, string and function among the nodes. The one hot loop of this room."""
        grammar = self.grammar
        # What is around a node: where it ends, the function's name, and whether it is a loop.
        around: list[tuple[int, str, bool]] = [(len(self.data) + 1, "", False)]
        told: set[int] = set()
        for node in nodes:
            start = node.start_byte
            while around[-1][0] <= start:
                around.pop()
            _, function, in_loop = around[-1]
            kind = node.type
            if kind in grammar.strings:
                if not told or node.id not in told:
                    self.texts.append(Text(self.string(node), _line(node), _end(node)))
            elif kind in grammar.calls:
                call = self.call(node, function, in_loop)
                self.calls.append(call)
                if call.callee in grammar.formatters or call.callee.endswith('".formatted'):
                    told |= self.formatted(node)
            elif kind in grammar.functions:
                found = self.function(node)
                self.functions.append(found)
                around.append((node.end_byte, found.name or function, False))
            elif kind in grammar.loops:
                around.append((node.end_byte, function, True))
                # What is looped over is looked at once, so it stands outside the loop.
                around.append((_once_until(node), function, in_loop))
            elif kind in grammar.templates:
                value, holes = self.template(node)
                if self.is_tagged(node):
                    holes = ()  # a tag is handed the values apart from the text, as the query builders' tags are
                self.texts.append(Text(value, _line(node), _end(node), holes))
            elif node.id not in told and (joined := self.joined(node)) is not None:
                self.texts.append(Text(joined[0], _line(node), _end(node), joined[1]))
                told |= self.links(node)

    def text(self, node: Any) -> str:
        """A node's source."""
        return self.data[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def string(self, node: Any) -> str:
        """A string literal's value, quotes off, the common escapes read."""
        body = self.text(node)
        if body.startswith('"""') and len(body) >= 6:
            return body[3:-3]
        body = body[1:-1]
        return (
            body
            if node.type == "raw_string_literal"
            else body.replace("\\n", "\n").replace('\\"', '"').replace("\\'", "'")
        )

    def template(self, node: Any) -> tuple[str, tuple[str, ...]]:
        """A template string with `{}` for each interpolation, and the interpolated code."""
        parts: list[str] = []
        holes: list[str] = []
        position = node.start_byte + 1
        for child in node.named_children:
            if child.type == "template_substitution":
                parts.append(self.data[position : child.start_byte].decode("utf-8", "replace"))
                parts.append("{}")
                holes.append(self.text(child)[2:-1])
                position = child.end_byte
        parts.append(self.data[position : node.end_byte - 1].decode("utf-8", "replace"))
        return "".join(parts), tuple(holes)

    def is_tagged(self, node: Any) -> bool:
        """Whether a template belongs to a tag; with type arguments the grammar may take them for a comparison."""
        parent = node.parent
        before = self.data[max(node.start_byte - 2, 0) : node.start_byte]
        return (parent is not None and parent.type == "call_expression") or (
            before.endswith(b">") and before != b"=>"
        )

    def operands(self, node: Any) -> list[Any]:
        """The operands of a chain of `+`, from left to right."""
        found: list[Any] = []
        stack = [node]
        while stack:
            item = stack.pop()
            if item.type == "binary_expression" and _operator(item) == "+":
                stack += [item.child_by_field_name("right"), item.child_by_field_name("left")]
            else:
                found.append(item)
        return found

    def links(self, node: Any) -> set[int]:
        """The parts of a chain of `+` that its own text has told: the shorter chains and the strings in it."""
        found: set[int] = set()
        stack = [node]
        while stack:
            item = stack.pop()
            if item.type == "binary_expression" and _operator(item) == "+":
                found.add(item.id)
                stack += [item.child_by_field_name("left"), item.child_by_field_name("right")]
            elif item.type in self.grammar.strings:
                found.add(item.id)
        return found

    def joined(self, node: Any) -> tuple[str, tuple[str, ...]] | None:
        """The text and holes of `"..." + x`; None where no string takes part."""
        if _operator(node) != "+":
            return None
        parts: list[str] = []
        holes: list[str] = []
        strings = 0
        for item in self.operands(node):
            if item.type in self.grammar.strings:
                strings += 1
                parts.append(self.string(item))
            elif item.type in self.grammar.templates:
                strings += 1
                text, inner = self.template(item)
                parts.append(text)
                holes += inner
            else:
                parts.append("{}")
                holes.append(self.text(item))
        return ("".join(parts), tuple(holes)) if strings else None

    def formatted(self, node: Any) -> set[int]:
        """Tell the text of `fmt.Sprintf("...", x)` or `"...".formatted(x)`; returns the nodes that it has told."""
        values = [
            item for item in node.child_by_field_name("arguments").named_children if item.type != "comment"
        ]
        own = node.child_by_field_name("object") if node.type == "method_invocation" else None
        if own is not None and own.type in self.grammar.strings:
            values.insert(0, own)
        # Java may name a language before the format.
        for at, item in enumerate(values[:2]):
            text = self.literal(item)
            if text is not None:
                given = {str(place): self.text(value) for place, value in enumerate(values[at + 1 :])}
                value, holes = filled(text, given, "...")
                self.texts.append(Text(value, _line(node), _end(node), holes))
                return self.links(item)
        return set()

    def literal(self, node: Any) -> str | None:
        """The value of a string literal or a chain of them; None for anything else."""
        if node.type in self.grammar.strings:
            return self.string(node)
        joined = self.joined(node) if node.type == "binary_expression" else None
        return joined[0] if joined is not None and not joined[1] else None

    def callee(self, node: Any) -> str:
        """The callee as written, white space folded."""
        if node.type == "method_invocation":
            target, name = node.child_by_field_name("object"), node.child_by_field_name("name")
            text = f"{self.text(target)}.{self.text(name)}" if target is not None else self.text(name)
        elif node.type == "object_creation_expression":
            text = "new " + self.text(node.child_by_field_name("type"))
        elif node.type == "new_expression":
            text = "new " + self.text(node.child_by_field_name("constructor"))
        else:
            text = self.text(node.child_by_field_name("function"))
        return "".join(text.split()) if not text.startswith("new ") else text

    def call(self, node: Any, function: str, in_loop: bool) -> Call:
        """A call with its arguments."""
        arguments = node.child_by_field_name("arguments")
        found = [self.argument(item) for item in arguments.named_children] if arguments is not None else []
        return Call(
            callee=self.callee(node),
            arguments=tuple(item for item in found if item is not None),
            line=_line(node),
            end_line=_end(node),
            function=function,
            in_loop=in_loop,
        )

    def argument(self, node: Any) -> Argument | None:
        """One argument; None for a comment."""
        kind, text, grammar = node.type, self.text(node), self.grammar
        if kind == "comment":
            return None
        if kind in grammar.strings:
            return Argument(text, "string", value=self.string(node))
        if kind in grammar.templates:
            value, holes = self.template(node)
            return Argument(text, "format" if holes else "string", value=value, holes=holes)
        if kind == "binary_expression" and (joined := self.joined(node)) is not None:
            return Argument(text, "concat" if joined[1] else "string", value=joined[0], holes=joined[1])
        if kind in grammar.objects:
            return Argument(text, "object", keys=self.keys(node))
        if kind == "spread_element":
            return Argument(text, "spread")
        if kind in grammar.calls:
            return Argument(text, "call")
        return Argument(text, "name" if kind in grammar.names else "other")

    def keys(self, node: Any) -> tuple[str, ...]:
        """The keys of an object literal; a spread gives `**` and its source."""
        found: list[str] = []
        for item in node.named_children:
            if item.type == "pair":
                found.append(self.text(item.child_by_field_name("key")).strip("\"'"))
            elif item.type in ("shorthand_property_identifier", "method_definition"):
                found.append(self.text(item.child_by_field_name("name") or item))
            elif item.type == "spread_element":
                found.append("**" + self.text(item)[3:])
            elif item.type == "literal_value":
                found += [
                    self.text(entry.named_children[0]).strip('"')
                    for entry in item.named_children
                    if entry.named_children
                ]
        return tuple(found)

    def function(self, node: Any) -> Function:
        """A function with its decorators (TypeScript) or annotations (Java)."""
        name = node.child_by_field_name("name")
        parameters = node.child_by_field_name("parameters")
        return Function(
            name=self.text(name) if name is not None else self.assigned_name(node),
            line=_line(node),
            end_line=_end(node),
            decorators=self.decorators(node),
            parameters=self.text(parameters) if parameters is not None else "",
            owner_decorators=self.owner_decorators(node),
            body=self.text(node),
        )

    def assigned_name(self, node: Any) -> str:
        """The name a function expression is bound to, or an empty string."""
        parent = node.parent
        if parent is not None and parent.type in ("variable_declarator", "public_field_definition", "pair"):
            name = parent.child_by_field_name("name") or parent.child_by_field_name("key")
            return self.text(name) if name is not None else ""
        return ""

    def decorators(self, node: Any) -> tuple[Call, ...]:
        """Decorators that stand before a method, or annotations among its modifiers."""
        found = [child for child in node.named_children if child.type in ("decorator", "modifiers")]
        before = node.prev_named_sibling
        while before is not None and before.type == "decorator":
            found.insert(0, before)
            before = before.prev_named_sibling
        marks: list[Any] = []
        for item in found:
            marks += item.named_children if item.type == "modifiers" else [item]
        return tuple(call for call in map(self.mark, marks) if call is not None)

    def owner_decorators(self, node: Any) -> tuple[Call, ...]:
        """The decorators or annotations of the class around a method."""
        owner = node.parent
        while owner is not None and owner.type not in ("class_declaration", "class"):
            owner = owner.parent
        if owner is None:
            return ()
        holder = (
            owner.parent if owner.parent is not None and owner.parent.type == "export_statement" else owner
        )
        extra = self.decorators(holder) if holder is not owner else ()
        return extra + self.decorators(owner)

    def mark(self, node: Any) -> Call | None:
        """One decorator or annotation as a call; None for a plain modifier."""
        if node.type == "decorator":
            inner = node.named_children[0] if node.named_children else node
            if inner.type == "call_expression":
                return self.call(inner, "", False)
            return Call(self.text(inner), (), _line(node), _end(node))
        if node.type in ("annotation", "marker_annotation"):
            name = node.child_by_field_name("name")
            arguments = node.child_by_field_name("arguments")
            values = (
                [self.argument(item) for item in arguments.named_children] if arguments is not None else []
            )
            kept = tuple(item for item in values if item is not None)
            return Call(self.text(name), kept, _line(node), _end(node))
        return None


def _place(node: Any) -> tuple[int, int]:
    return node.start_byte, -node.end_byte


def _once_until(loop: Any) -> int:
    """Where the part of a loop ends that is run once: the collection that it goes over."""
    listed = loop.child_by_field_name("right") or loop.child_by_field_name("value")
    if listed is None and loop.type == "for_statement":
        clause = next((item for item in loop.named_children if item.type == "range_clause"), None)
        listed = clause.child_by_field_name("right") if clause is not None else None
    end: int = loop.start_byte if listed is None else listed.end_byte
    return end


def _line(node: Any) -> int:
    return int(node.start_point[0]) + 1


def _end(node: Any) -> int:
    return int(node.end_point[0]) + 1


def _operator(node: Any) -> str:
    operator = node.child_by_field_name("operator")
    return operator.type if operator is not None else ""
