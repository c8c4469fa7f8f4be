"""Two texts in, the unified diff between them out, and the ranges of lines that differ.

Owns: how a diff is written, git's headers and quoting included.
Must never know: file systems, git itself, where the texts come from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from backend_engineer.diffs.apply import split_lines
from backend_engineer.diffs.lines import Block, differences

__all__ = ["changed_ranges", "make_diff"]

_NO_NEWLINE: Final = "\n\\ No newline at end of file\n"
_NEEDS_QUOTES: Final = re.compile('["\\\\\x00-\x1f\x7f]')
_NAMED: Final = {"\n": "\\n", "\t": "\\t", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def changed_ranges(old: str, new: str) -> tuple[tuple[int, int], ...]:
    """1-based inclusive ranges of the new text's lines that are not in the old one; deletions leave none."""
    blocks = differences(split_lines(old), split_lines(new))
    return tuple((b1 + 1, b2) for _, _, b1, b2 in blocks if b2 > b1)


def _groups(blocks: list[Block], context: int) -> Iterator[list[Block]]:
    """Blocks whose context would touch stand in one hunk."""
    group: list[Block] = []
    for block in blocks:
        if group and block[0] - group[-1][1] > 2 * context:
            yield group
            group = []
        group.append(block)
    if group:
        yield group


def _quoted(path: str) -> str:
    """A path as git writes it: in quotes when it holds quotes, backslashes or control characters."""
    if not _NEEDS_QUOTES.search(path):
        return path
    return '"' + _NEEDS_QUOTES.sub(lambda m: _NAMED.get(m[0], f"\\{ord(m[0]):03o}"), path) + '"'


def _file_line(mark: str, path: str | None, side: str) -> str:
    if path is None:
        return f"{mark} /dev/null\n"
    # The tab ends a name that holds blanks, which would else be cut there.
    return f"{mark} {_quoted(side + path)}{chr(9) if ' ' in path else ''}\n"


def _hunk(group: list[Block], old: list[str], new: list[str], context: int) -> str:
    first, last = group[0], group[-1]
    a1, b1 = max(first[0] - context, 0), max(first[2] - context, 0)
    a2, b2 = min(last[1] + context, len(old)), min(last[3] + context, len(new))
    out: list[str] = [f"@@ -{_span(a1, a2)} +{_span(b1, b2)} @@\n"]
    at = a1
    for block in group:
        out += [" " + line for line in old[at : block[0]]]
        out += ["-" + line for line in old[block[0] : block[1]]]
        out += ["+" + line for line in new[block[2] : block[3]]]
        at = block[1]
    out += [" " + line for line in old[at:a2]]
    return "".join(line if line.endswith("\n") else line + _NO_NEWLINE for line in out)


def _span(start: int, end: int) -> str:
    length = end - start
    if length == 1:
        return str(start + 1)
    return f"{start + 1 if length else start},{length}"


def make_diff(
    old: str | None,
    new: str | None,
    path: str,
    *,
    previous_path: str | None = None,
    old_mode: str = "100644",
    new_mode: str = "100644",
    context: int = 3,
) -> str:
    """The unified diff that leads from one text to the other, with git's headers; empty if there is none.

    old, new: the texts, None where the file does not exist. path: its (new) path. previous_path: the
    old path of a rename. old_mode, new_mode: git's modes, written where they tell something. context:
    lines of context. A missing final newline is said with git's note, and CR is kept as it is.
    """
    source = previous_path if previous_path is not None else path
    old_lines, new_lines = split_lines(old or ""), split_lines(new or "")
    blocks = differences(old_lines, new_lines)
    head = [f"diff --git {_quoted('a/' + source)} {_quoted('b/' + path)}\n"]
    if old is None:
        head.append(f"new file mode {new_mode}\n")
    elif new is None:
        head.append(f"deleted file mode {old_mode}\n")
    elif old_mode != new_mode:
        head += [f"old mode {old_mode}\n", f"new mode {new_mode}\n"]
    if previous_path is not None and previous_path != path:
        head += [f"rename from {_quoted(previous_path)}\n", f"rename to {_quoted(path)}\n"]
    if not blocks:
        return "".join(head) if len(head) > 1 else ""
    head.append(_file_line("---", None if old is None else source, "a/"))
    head.append(_file_line("+++", None if new is None else path, "b/"))
    hunks = (_hunk(group, old_lines, new_lines, context) for group in _groups(blocks, context))
    return "".join(head) + "".join(hunks)
