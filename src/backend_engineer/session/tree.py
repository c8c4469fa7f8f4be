"""The source tree as a session sees it: the base, with the finished parts of a split series laid over it.

Owns: what stands at a path now, which texts are known, and which a check still wants.
Must never know: folders, prompts, rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend_engineer.errors import UsageError
from backend_engineer.outputs import FileChange, text_hash
from backend_engineer.session.state import SessionState
from backend_engineer.workspace import SourceTree, TreeDigest

__all__ = ["AskingTree", "Overlay", "digest_of", "standing", "standing_texts", "tree_of"]


def digest_of(base: Any) -> TreeDigest | None:
    """The digest of whatever a base was given as; `UsageError` for what is none."""
    if isinstance(base, Mapping):
        base = SourceTree.from_mapping(base)
    if isinstance(base, SourceTree):
        return base.digest()
    if base is None or isinstance(base, TreeDigest):
        return base
    raise UsageError(
        f"{type(base).__name__} is no source tree.",
        hint="Pass a SourceTree, its digest(), or a mapping of path to text; a session reads no folder.",
    )


def standing(document: SessionState) -> dict[str, str]:
    """Path -> hash of everything that stands before the change that is being made."""
    hashes = dict(document.base.files) if document.base is not None else {}
    for part in document.done:
        for file in part.accepted:
            left = None
            if file.action in ("delete", "rename"):
                left = hashes.pop(file.previous_path or file.path, None)
            if file.action != "delete":
                hashes[file.path] = file.hash or left or ""
    return hashes


def standing_texts(document: SessionState) -> dict[str, str | None]:
    """Path -> text of what stands before the change that is being made, as far as it was read."""
    texts = dict(document.texts)
    for part in document.done:
        _lay(texts, part.accepted)
    return texts


def _lay(texts: dict[str, str | None], files: tuple[FileChange, ...]) -> None:
    for file in files:
        moved = texts.pop(file.previous_path, None) if file.previous_path is not None else None
        if file.action == "delete":
            texts.pop(file.path, None)
        else:
            texts[file.path] = file.content if file.content is not None else moved


def tree_of(document: SessionState) -> SourceTree | None:
    """The tree before the change that is being made, with the texts that are at hand; None without a base."""
    if document.base is None:
        return None
    if not document.done:
        known = {path: text for path, text in document.texts.items() if text is not None}
        return SourceTree.from_digest(document.base, known)
    hashes = standing(document)
    known = {
        path: text
        for path, text in standing_texts(document).items()
        if text is not None and hashes.get(path) == text_hash(text)
    }
    digest = TreeDigest(
        fingerprint=document.base.fingerprint,
        files=hashes,
        binary=tuple(path for path in document.base.binary if path in hashes),
    )
    return SourceTree.from_digest(digest, known)


class Overlay:
    """The texts that an answer's diffs are applied to: the tree with the accepted files laid over it."""

    def __init__(self, document: SessionState) -> None:
        texts = standing_texts(document)
        _lay(texts, document.part.accepted)
        self._texts = texts
        self._paths = {*standing(document), *texts}

    def get(self, path: str, /) -> str | None:
        """The text at a path, None when it is absent or not at hand."""
        return self._texts.get(path)

    def __contains__(self, path: object, /) -> bool:
        return path in self._paths


class AskingTree:
    """A tree that notes which texts were asked for and are not at hand, so that they can be read and asked again."""

    def __init__(self, tree: SourceTree, unreadable: frozenset[str]) -> None:
        self._tree, self._unreadable = tree, unreadable
        self.wanted: dict[str, None] = {}

    @property
    def paths(self) -> tuple[str, ...]:
        """All paths, sorted."""
        return self._tree.paths

    def __contains__(self, path: object, /) -> bool:
        return path in self._tree

    def get(self, path: str, /) -> str | None:
        """The text of a file, None when it is absent, binary, or not read yet."""
        text = self._tree.get(path)
        if text is None and path in self._tree and path not in self._unreadable:
            self.wanted[path] = None
        return text

    def hash(self, path: str, /) -> str | None:
        """The hash of a file, None when it is absent."""
        return self._tree.hash(path)
