"""The decoration of a prompt for a family of models; the words of a clause are the same in all.

Owns: `Dialect` and the three that ship: claude, gpt, plain.
Must never know: clauses, phases, documents.
"""

from __future__ import annotations

from dataclasses import dataclass

from backend_engineer.errors import UsageError

__all__ = ["DIALECTS", "Dialect", "dialect_named"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How blocks are set off from each other.

    name: for `dialect=`. opening, closing: the lines around a block, with `{tag}` (a lower-case word)
    and `{title}`. part: the line above a group inside a block, with `{title}`. Documents look the same
    in every dialect. An own dialect is an own value of this class.
    """

    name: str
    opening: str
    closing: str
    part: str

    def block(self, tag: str, title: str, body: str) -> str:
        """The body between the block's lines."""
        return self.opening.format(tag=tag, title=title) + body + self.closing.format(tag=tag, title=title)


DIALECTS: dict[str, Dialect] = {
    row.name: row
    for row in (
        Dialect("claude", "<{tag}>\n", "</{tag}>\n", "{title}:\n"),
        Dialect("gpt", "# {title}\n", "\n", "## {title}\n"),
        Dialect("plain", "{title}\n\n", "\n", "{title}:\n"),
    )
}


def dialect_named(dialect: str | Dialect) -> Dialect:
    """The dialect of this name, or the dialect itself; `UsageError` for an unknown name."""
    if isinstance(dialect, Dialect):
        return dialect
    try:
        return DIALECTS[dialect]
    except (KeyError, TypeError):
        names = ", ".join(DIALECTS)
        raise UsageError(
            f"There is no prompt dialect {dialect!r}.", hint=f"Use {names}, or a Dialect of your own."
        ) from None
