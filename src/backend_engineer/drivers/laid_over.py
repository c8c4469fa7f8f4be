"""The tree that a later part of a split series starts from.

Owns: laying the earlier changes over the base, byte for byte.
Must never know: effects, sessions, clients.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from backend_engineer.outputs import FileChange
from backend_engineer.workspace import SourceTree
from backend_engineer.workspace.git import MissingObject

__all__ = ["laid_over"]


def laid_over(base: SourceTree | None, earlier: Sequence[Sequence[FileChange]]) -> SourceTree | None:
    """The base with the earlier changes of a series; files that are no text keep their bytes, moved ones too."""
    if not earlier:
        return base
    files: dict[str, str | bytes] = {path: path for path in base.paths} if base is not None else {}
    for part in earlier:
        for file in part:
            moved = files.pop(file.previous_path, None) if file.previous_path is not None else None
            if file.action == "delete":
                files.pop(file.path, None)
            elif file.content is not None:
                files[file.path] = file.content.encode("utf-8", "surrogatepass")
            elif moved is not None:
                files[file.path] = moved
    return SourceTree(_LaidOver(base, files))


class _LaidOver:
    """Bytes of earlier changes, and the places in the base of everything else, read when they are asked for."""

    def __init__(self, base: SourceTree | None, files: dict[str, str | bytes]) -> None:
        self._base, self._files = base, files

    def paths(self) -> Iterable[str]:
        return self._files

    def read(self, path: str) -> bytes:
        found = self._files[path]
        if isinstance(found, bytes):
            return found
        data = self._base.read(found) if self._base is not None else None
        if data is None:
            raise MissingObject(Path(), found)
        return data

    def read_all(self) -> Iterator[tuple[str, bytes]]:
        return ((path, self.read(path)) for path in self._files)
