"""What each grammar of tree-sitter calls the nodes that the reader looks for.

Owns: the table of grammars.
Must never know: how a tree is read, rules.
"""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["GRAMMARS", "MODULES", "Grammar"]

MODULES: dict[str, tuple[str, str]] = {
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "tsx": ("tree_sitter_typescript", "language_tsx"),
    "javascript": ("tree_sitter_javascript", "language"),
    "go": ("tree_sitter_go", "language"),
    "java": ("tree_sitter_java", "language"),
}


@dataclass(frozen=True, slots=True)
class Grammar:
    """The node names of one grammar that the reader looks for."""

    calls: frozenset[str]
    functions: frozenset[str]
    loops: frozenset[str]
    strings: frozenset[str]
    templates: frozenset[str] = frozenset()
    objects: frozenset[str] = frozenset()
    names: frozenset[str] = field(default_factory=frozenset)
    formatters: frozenset[str] = frozenset()

    @property
    def looked_for(self) -> frozenset[str]:
        """Every node that the reader stops at."""
        joined = frozenset({"binary_expression"})
        return self.calls | self.functions | self.loops | self.strings | self.templates | joined


_SCRIPT = Grammar(
    calls=frozenset({"call_expression", "new_expression"}),
    functions=frozenset(
        {"function_declaration", "method_definition", "arrow_function", "function_expression"}
    ),
    loops=frozenset({"for_statement", "for_in_statement", "while_statement", "do_statement"}),
    strings=frozenset({"string"}),
    templates=frozenset({"template_string"}),
    objects=frozenset({"object"}),
    names=frozenset({"identifier", "member_expression", "subscript_expression", "this"}),
)
GRAMMARS: dict[str, Grammar] = {
    "typescript": _SCRIPT,
    "tsx": _SCRIPT,
    "javascript": _SCRIPT,
    "go": Grammar(
        calls=frozenset({"call_expression"}),
        functions=frozenset({"function_declaration", "method_declaration", "func_literal"}),
        loops=frozenset({"for_statement"}),
        strings=frozenset({"interpreted_string_literal", "raw_string_literal"}),
        objects=frozenset({"composite_literal"}),
        names=frozenset({"identifier", "selector_expression", "index_expression"}),
        formatters=frozenset({"fmt.Sprintf"}),
    ),
    "java": Grammar(
        calls=frozenset({"method_invocation", "object_creation_expression"}),
        functions=frozenset({"method_declaration", "constructor_declaration"}),
        loops=frozenset({"for_statement", "enhanced_for_statement", "while_statement", "do_statement"}),
        strings=frozenset({"string_literal"}),
        names=frozenset({"identifier", "field_access", "array_access", "this"}),
        formatters=frozenset({"String.format"}),
    ),
}
