"""A patch applied to exactly the text that it was made from, or refused.

Owns: the exact applier and which lines of the new text a patch or a comparison changed.
Must never know: file systems, git, how a patch reads as text.

There is no fuzz and no offset: a hunk that fits elsewhere is a hunk that was made from another text.
"""

from __future__ import annotations

from backend_engineer.diffs.patch import FilePatch, Hunk
from backend_engineer.errors import BadPatch

__all__ = ["apply_patch", "split_lines"]


def split_lines(text: str) -> list[str]:
    """The lines of a text with their line ends; only LF ends a line."""
    lines = text.split("\n")
    last = lines.pop()
    return [line + "\n" for line in lines] + ([last] if last else [])


def apply_patch(patch: FilePatch, old_text: str) -> str:
    """The new text of a file; for a deletion the empty text.

    old_text: the file as it is, the empty text for a new file. Raises BadPatch with the hunk and the
    1-based line of the base where a context or removed line is not what stands there, where hunks
    overlap or are out of order, where a new file would replace one, or where git gave no text at all.
    """
    if patch.binary:
        raise BadPatch("it is a binary difference, which holds no text to apply.", path=patch.path)
    if patch.action == "add" and old_text and patch.previous_path is None:
        raise BadPatch("it adds a file that the base already holds.", path=patch.path, line=1)
    old = split_lines(old_text)
    out: list[str] = []
    at = 0
    for number, hunk in enumerate(patch.hunks, 1):
        start = _start(hunk)
        if start < at:
            raise BadPatch(
                "it overlaps the hunk before it, or they are out of order.",
                path=patch.path,
                hunk=number,
                line=hunk.old_start,
            )
        if start > len(old):
            raise BadPatch(
                f"it begins at line {hunk.old_start}, but the base has {len(old)} lines.",
                path=patch.path,
                hunk=number,
                line=hunk.old_start,
            )
        out += old[at:start]
        _verify(patch, hunk, number, old, start)
        out += hunk.new_lines
        at = start + len(hunk.old_lines)
    out += old[at:]
    _verify_ends(patch, out)
    if patch.action == "delete" and patch.hunks and out:
        raise BadPatch("it deletes the file but leaves lines of it.", path=patch.path, hunk=len(patch.hunks))
    return "" if patch.action == "delete" else "".join(out)


def _start(hunk: Hunk) -> int:
    """Index of the first old line; a hunk without old lines names the line that it follows."""
    return hunk.old_start - 1 if hunk.old_lines and hunk.old_start else hunk.old_start


def _verify(patch: FilePatch, hunk: Hunk, number: int, old: list[str], start: int) -> None:
    wanted = hunk.old_lines
    if tuple(old[start : start + len(wanted)]) == wanted:
        return
    offset = next(i for i, line in enumerate(wanted) if start + i >= len(old) or old[start + i] != line)
    line = start + offset + 1
    found = repr(old[line - 1]) if line <= len(old) else "the end of the file"
    raise BadPatch(
        f"the base does not hold the hunk's line {wanted[offset]!r} here but {found}{_elsewhere(old, wanted)}.",
        path=patch.path,
        hunk=number,
        line=line,
    )


def _elsewhere(old: list[str], wanted: tuple[str, ...]) -> str:
    """Where the hunk's old lines do stand, when that is one place."""
    first = wanted[0]
    places = [
        i
        for i, line in enumerate(old)
        if line == first and tuple(old[i : i + len(wanted)]) == wanted
    ]  # fmt: skip
    return f"; the same lines stand at line {places[0] + 1}" if len(places) == 1 else ""


def _verify_ends(patch: FilePatch, out: list[str]) -> None:
    """A line without its line feed can only be the last one."""
    for line in out[:-1]:
        if not line.endswith("\n"):
            raise BadPatch(
                f"the line {line!r} loses its line end in the middle of the file.",
                path=patch.path,
                hunk=len(patch.hunks),
            )
