"""A read-only, hashed view of a source tree: a folder, a git revision, a mapping, or a digest of one.

Owns: `SourceTree`, `TreeDigest`, what counts as text, and which folders of a working copy are left out.
Must never know: changes, plans, prompts, how a tree is written.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

from backend_engineer.errors import UsageError
from backend_engineer.outputs import text_hash
from backend_engineer.outputs.value import Value
from backend_engineer.workspace.git import GitRevision, MissingObject, is_folder

__all__ = ["IGNORED", "SourceTree", "TreeDigest", "as_text"]

IGNORED: frozenset[str] = frozenset(
    {
        ".git", ".hg", ".svn", ".venv", "venv", "node_modules", "__pycache__", ".mypy_cache", ".pytest_cache",
        ".ruff_cache", ".tox", ".nox", ".idea", ".gradle", ".backend-engineer-write",
    }
)  # fmt: skip
"""Names of folders that `from_directory` leaves out: version control, caches, installed packages."""


class TreeDigest(Value):
    """What a tree holds without its texts: path -> hash, and the fingerprint over both.

    fingerprint: SHA-256 over all paths and hashes; two trees of the same content have the same one.
    binary: paths whose content is no UTF-8 text.
    """

    fingerprint: str
    files: dict[str, str]
    binary: tuple[str, ...] = ()


class Source(Protocol):
    """Where the bytes of a tree come from; paths are POSIX and relative."""

    def paths(self) -> Iterable[str]: ...

    def read(self, path: str) -> bytes: ...

    def read_all(self) -> Iterator[tuple[str, bytes]]: ...


def as_text(data: bytes) -> str | None:
    """The bytes as text with their newlines as they are, or None when they are no UTF-8 text."""
    if b"\0" in data:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _fingerprint(hashes: Mapping[str, str]) -> str:
    digest = hashlib.sha256()
    for path in sorted(hashes):
        name = path.encode("utf-8", "surrogatepass")
        digest.update(b"%d:%s:%s\n" % (len(name), name, hashes[path].encode("ascii")))
    return digest.hexdigest()


class SourceTree:
    """A read-only view of a tree; texts and hashes are read when they are first asked for and then kept.

    Symbolic links and submodules are not part of it. A file that changes on disk after it was read keeps
    the text that was read; `write_change` finds out.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._paths = tuple(sorted(source.paths()))
        self._known = frozenset(self._paths)
        self._texts: dict[str, str | None] = {}
        self._hashes: dict[str, str] = {}
        self._fingerprint: str | None = None
        self._binary: frozenset[str] | None = None
        self._at_hand: frozenset[str] | None = None

    @classmethod
    def from_directory(cls, path: str | os.PathLike[str], *, ignore: Iterable[str] = IGNORED) -> SourceTree:
        """The files below a folder.

        ignore: names of folders that are left out at any depth. Raises `UsageError` when `path` is no folder.
        """
        UsageError.unless(path, (str, os.PathLike), "The folder")
        root = Path(path)
        if not is_folder(root):
            raise UsageError(f"{root} is not a folder.", hint="Pass the root of the source tree.")
        return cls(_Folder(root, frozenset(UsageError.each(ignore, str, "ignore"))))

    @classmethod
    def from_git(cls, repo: str | os.PathLike[str], rev: str = "HEAD") -> SourceTree:
        """The files of a git revision, read with the git program; the working copy is not looked at.

        Raises `UsageError` when git is not installed, `repo` is no repository or `rev` is unknown.
        """
        return cls(GitRevision.open(repo, rev))

    @classmethod
    def from_mapping(cls, files: Mapping[str, str]) -> SourceTree:
        """The files of a mapping of path to text; `UsageError` for anything else."""
        UsageError.unless(files, Mapping, "The tree")
        UsageError.each(files, str, "the tree's paths")
        UsageError.each(files.values(), str, "the tree's texts")
        tree = cls(_Texts({path: text.encode("utf-8", "surrogatepass") for path, text in files.items()}))
        tree._texts.update(files)
        tree._hashes.update((path, text_hash(text)) for path, text in files.items())
        return tree

    @classmethod
    def from_digest(cls, digest: TreeDigest, texts: Mapping[str, str | None]) -> SourceTree:
        """A tree of which only some texts are at hand: every path and hash is known, other texts are None.

        Raises `UsageError` when a text is not the one that the digest names.
        """
        for path, text in texts.items():
            if text is not None and digest.files.get(path) != text_hash(text):
                raise UsageError(
                    f"The text of {path!r} is not the one in the digest of the tree.",
                    hint="Read the tree again and start anew.",
                )
        tree = cls(_Texts(dict.fromkeys(digest.files, b"")))
        tree._texts = {**dict.fromkeys(digest.files), **texts}
        tree._at_hand = frozenset(path for path, text in texts.items() if text is not None)
        tree._hashes = dict(digest.files)
        tree._fingerprint, tree._binary = digest.fingerprint, frozenset(digest.binary)
        return tree

    @property
    def paths(self) -> tuple[str, ...]:
        """All paths, sorted."""
        return self._paths

    def __contains__(self, path: object) -> bool:
        return path in self._known

    def __len__(self) -> int:
        return len(self._paths)

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __repr__(self) -> str:
        return f"<SourceTree of {len(self)} file(s)>"

    def get(self, path: str) -> str | None:
        """The text of a file with its newlines as they are.

        None when it is absent, no UTF-8 text, or left out of a partial clone.
        """
        if path not in self._known:
            return None
        if path not in self._texts:
            try:
                self._keep(path, self._source.read(path))
            except MissingObject:
                self._texts[path] = None
        return self._texts[path]

    def read(self, path: str) -> bytes | None:
        """The bytes of a file, text or not; None when it is absent or not at hand.

        Not at hand: left out of a partial clone, or of the texts that came with a digest.
        """
        if path not in self._known:
            return None
        text = self._texts.get(path)
        if text is not None:
            return text.encode("utf-8", "surrogatepass")
        if self._at_hand is not None and path not in self._at_hand:
            return None
        try:
            return self._source.read(path)
        except MissingObject:
            return None

    def hash(self, path: str) -> str | None:
        """The SHA-256 of a file's bytes (for a text, its `text_hash`), or None when it is absent."""
        if path not in self._known:
            return None
        if path not in self._hashes:
            self._keep(path, self._source.read(path))
        return self._hashes[path]

    def is_binary(self, path: str) -> bool:
        """Whether the path is in the tree and its content is no UTF-8 text."""
        if self._binary is not None:
            return path in self._binary
        return path in self._known and self.get(path) is None

    @property
    def fingerprint(self) -> str:
        """SHA-256 over all paths and hashes, the same for equal content wherever it was read from."""
        if self._fingerprint is None:
            self._read_rest()
            self._fingerprint = _fingerprint(self._hashes)
        return self._fingerprint

    def digest(self) -> TreeDigest:
        """The tree without its texts, as a value that a session can keep."""
        fingerprint = self.fingerprint
        binary = tuple(path for path in self._paths if self.is_binary(path))
        return TreeDigest(fingerprint=fingerprint, files=dict(sorted(self._hashes.items())), binary=binary)

    def texts(self) -> dict[str, str]:
        """Path -> text of every file that is text."""
        self._read_rest()
        return {path: text for path in self._paths if (text := self._texts[path]) is not None}

    def _read_rest(self) -> None:
        if len(self._hashes) < len(self._paths):
            for path, data in self._source.read_all():
                if path not in self._hashes:
                    self._keep(path, data)

    def _keep(self, path: str, data: bytes) -> None:
        self._texts[path] = as_text(data)
        self._hashes[path] = hashlib.sha256(data).hexdigest()


class _Texts:
    """Bytes that are already at hand."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = dict(files)

    def paths(self) -> Iterable[str]:
        return self._files

    def read(self, path: str) -> bytes:
        return self._files[path]

    def read_all(self) -> Iterator[tuple[str, bytes]]:
        return iter(self._files.items())


class _Folder:
    """Regular files below a folder; symbolic links are neither followed nor listed."""

    def __init__(self, root: Path, ignore: frozenset[str]) -> None:
        self._root = root
        self._ignore = ignore

    def paths(self) -> Iterable[str]:
        found: list[str] = []
        for folder, names, files in os.walk(self._root):
            names[:] = [
                name
                for name in names
                if name not in self._ignore and not os.path.islink(os.path.join(folder, name))
            ]
            relative = Path(folder).relative_to(self._root)
            for name in files:
                full = os.path.join(folder, name)
                if os.path.isfile(full) and not os.path.islink(full):
                    found.append((relative / name).as_posix())
        return found

    def read(self, path: str) -> bytes:
        try:
            return (self._root / path).read_bytes()
        except OSError as error:
            raise UsageError(
                f"{path} can no longer be read: {error.strerror}.", hint="Read the tree again."
            ) from error

    def read_all(self) -> Iterator[tuple[str, bytes]]:
        for path in self.paths():
            yield path, self.read(path)
