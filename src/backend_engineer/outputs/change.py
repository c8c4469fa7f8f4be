"""Files of a change with their actions, and the change that they make up.

Owns: `FileChange`, `Change`, and the hash by which contents are compared.
Must never know: reply text, diffs, folders, git, rules.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from backend_engineer.contract import Section

__all__ = ["Action", "Change", "FileChange", "FileStatus", "text_hash"]

Action = Literal["add", "modify", "delete", "rename"]
FileStatus = Literal["complete", "truncated", "implicit"]


def text_hash(text: str) -> str:
    """The SHA-256 of a file's text in UTF-8, as 64 hexadecimal digits; lone surrogates are kept apart."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of a change.

    path: POSIX path relative to the root of the source tree.
    content: the whole new text; None for a deletion, for a rename that keeps its content, and for a
        diff that has not been applied to a base yet.
    section: the section it was emitted in, or None where the source has no sections.
    language: the info string's first word (`ts`, `sql`, `diff`), empty if there is none.
    action: `add`, `modify`, `delete` or `rename`; where the reply states none, `modify` if the base
        holds the path, else `add`.
    stated: whether the source itself stated the action.
    previous_path: where a renamed file came from.
    status: `complete`, `implicit` (its end was inferred) or `truncated`.
    start_line, end_line: 1-based inclusive lines of the content in the reply; 0 where there is no
        reply; an empty file has end_line = start_line - 1.
    patch: the unified diff as the reply gave it, None for a file given whole.
    base_hash: `text_hash` of the text that a modification, deletion or rename starts from, if known.
    changed_lines: 1-based inclusive ranges of the new content that differ from the base; None means
        not known, and then every line counts as new.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    path: str
    content: str | None
    section: Section | None = None
    language: str = ""
    action: Action = "add"
    stated: bool = False
    previous_path: str | None = None
    status: FileStatus = "complete"
    start_line: int = 0
    end_line: int = 0
    patch: str | None = None
    base_hash: str | None = None
    changed_lines: tuple[tuple[int, int], ...] | None = None

    @property
    def hash(self) -> str | None:
        """The `text_hash` of the content, None where there is no content."""
        return None if self.content is None else text_hash(self.content)

    def is_changed(self, line: int) -> bool:
        """Whether a 1-based line of the content is new or changed, as far as is known."""
        if self.changed_lines is None:
            return True
        return any(first <= line <= last for first, last in self.changed_lines)


@dataclass(frozen=True, slots=True)
class Change:
    """An ordered set of file changes, one for each path.

    files: in the order in which they are to be read and written.
    base: the fingerprint of the source tree that it starts from, None if there was none.
    origin: where it came from: `reply`, `directory`, `diff`, `git` or `caller`.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    files: tuple[FileChange, ...] = ()
    base: str | None = None
    origin: str = "caller"

    def __iter__(self) -> Iterator[FileChange]:
        return iter(self.files)

    def __len__(self) -> int:
        return len(self.files)

    def get(self, path: str) -> FileChange | None:
        """The file with this path, or None."""
        return next((file for file in self.files if file.path == path), None)

    @property
    def paths(self) -> tuple[str, ...]:
        """All paths, in order; a rename stands under its new path only (CONS-02 counts these)."""
        return tuple(file.path for file in self.files)

    @property
    def hash(self) -> str:
        """What reports of a run name the change by: a SHA-256 over paths, actions and contents, whatever their order.

        A file that is given by its patch alone is told apart by that patch.
        """
        digest = hashlib.sha256()
        for file in sorted(self.files, key=lambda item: item.path):
            told = file.hash or (None if file.patch is None else text_hash(file.patch))
            digest.update(repr((file.path, file.action, file.previous_path, told)).encode())
        return digest.hexdigest()

    def with_files(self, files: tuple[FileChange, ...]) -> Change:
        """The same change with other files."""
        return replace(self, files=files)
