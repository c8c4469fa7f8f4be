"""What this room asks of the git program: the files of a revision or of the index, and how two of them differ.

Owns: how git is called, with which safeguards, and how its answers are read.
Must never know: changes, diffs' meaning, working copies (only committed and staged content is read).
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from backend_engineer.errors import UsageError

__all__ = [
    "GitRevision",
    "MissingObject",
    "RawEntry",
    "has_head",
    "index_of_hook",
    "is_folder",
    "raw_differences",
    "raw_staged",
    "repository_folder",
    "resolve",
]

_TIMEOUT = 120
# Starting git costs more than reading a few megabytes, so a file is read together with its neighbours.
_AHEAD_BYTES = 4 * 1024 * 1024
_LINK, _SUBMODULE = "120000", "160000"


class MissingObject(UsageError):
    """A partial clone lacks the content of a file; `blob` is git's name for it."""

    def __init__(self, repo: Path, blob: str) -> None:
        self.blob = blob
        super().__init__(
            f"The repository {repo} lacks the object {blob}.",
            hint="Fetch the whole history, without a filter.",
        )


def _git(repo: Path, arguments: Sequence[str], given: bytes | None = None, index: str | None = None) -> bytes:
    # Settings of the repository must not make git start other programs or write to it.
    command = ["git", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false", "-C", str(repo), *arguments]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "LC_ALL": "C",
        **({} if index is None else {"GIT_INDEX_FILE": index}),
    }
    try:
        done = subprocess.run(
            command, input=given or b"", capture_output=True, env=environment, timeout=_TIMEOUT, check=False
        )
    except FileNotFoundError as error:
        raise UsageError("The git program is not installed.", hint="Install git or pass a folder.") from error
    except subprocess.TimeoutExpired as error:
        raise UsageError(f"git {arguments[0]} did not end within {_TIMEOUT} s.") from error
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        reason = said[-1] if said else f"exit code {done.returncode}"
        raise UsageError(
            f"git {arguments[0]} failed in {repo}: {reason}.", hint="Name a repository and a revision."
        )
    return done.stdout


def is_folder(path: Path) -> bool:
    """Whether there is such a folder; a name that no file system takes is none."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _sayable(rev: str) -> bool:
    """Whether a text can be an argument of a program; one with a lone surrogate may not be."""
    try:
        os.fsencode(rev)
    except UnicodeEncodeError:
        return False
    return True


def resolve(repo: Path, rev: str) -> str:
    """The commit that a revision names, as its full id."""
    UsageError.unless(rev, str, "The revision")
    if not rev or rev.startswith("-") or any(ord(character) < 32 for character in rev) or not _sayable(rev):
        raise UsageError(f"{rev!r} is not a git revision.", hint="Name a commit, a tag or a branch.")
    asked = ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{rev}^{{commit}}"]
    try:
        return _git(repo, asked).decode("ascii").strip()
    except UsageError as error:
        if "rev-parse failed" not in error.message:
            raise
        raise UsageError(
            f"{repo} has no git revision {rev!r}, or is no git repository.",
            hint="Name a commit, a tag or a branch of the repository.",
        ) from error


def _blobs(repo: Path, ids: Iterable[str]) -> Iterator[bytes | None]:
    """The contents of objects in order; None for one that the repository lacks."""
    wanted = list(ids)
    if not wanted:
        return
    output = _git(repo, ["cat-file", "--batch"], "".join(f"{blob}\n" for blob in wanted).encode("ascii"))
    at = 0
    for _ in wanted:
        end = output.index(b"\n", at)
        fields = output[at:end].split()
        if len(fields) != 3 or fields[1] != b"blob":
            yield None
            at = end + 1
            continue
        size = int(fields[2])
        yield output[end + 1 : end + 1 + size]
        at = end + 1 + size + 1


class GitRevision:
    """The files of one commit, or of the index (`commit` is then empty); no symbolic links and submodules."""

    def __init__(self, repo: Path, commit: str, blobs: dict[str, str], sizes: dict[str, int]) -> None:
        self._repo, self.commit, self._blobs, self._sizes = repo, commit, blobs, sizes
        self._ahead: dict[str, bytes | None] = {}

    @classmethod
    def open(cls, repo: str | os.PathLike[str], rev: str) -> GitRevision:
        """Resolve the revision and list its files."""
        folder = repository_folder(repo)
        commit = resolve(folder, rev)
        listing = _git(folder, ["ls-tree", "-r", "-z", "--full-tree", commit])
        rows = (_listed(line) for line in listing.split(b"\0") if line)
        return cls(folder, commit, {row.path: row.fields[2] for row in rows if row.regular}, {})

    @classmethod
    def open_index(cls, repo: Path, index: str | None) -> GitRevision:
        """The files of the index, as the next commit will hold them."""
        top = Path(os.fsdecode(_git(repo, ["rev-parse", "--show-toplevel"]).removesuffix(b"\n")))
        listing = _git(top, ["ls-files", "--stage", "-z"], index=index)
        rows = [_listed(line) for line in listing.split(b"\0") if line]
        unmerged = next((row.path for row in rows if row.fields[2] != "0"), None)
        if unmerged is not None:
            raise UsageError(
                f"The merge of {unmerged!r} is not done.", hint="Resolve it and stage the outcome."
            )
        return cls(repo, "", {row.path: row.fields[1] for row in rows if row.regular}, {})

    def paths(self) -> Iterable[str]:
        return self._blobs

    def read(self, path: str) -> bytes:
        if path not in self._ahead:
            near = self._near(path)
            self._ahead.update(
                zip(near, _blobs(self._repo, (self._blobs[name] for name in near)), strict=True)
            )
        data = self._ahead.pop(path)
        if data is None:
            raise MissingObject(self._repo, self._blobs[path])
        return data

    def _near(self, path: str) -> list[str]:
        """The path and its unread neighbours: of the widest folder around it that is small enough."""
        if not self._sizes:
            self._measure()
        if self._sizes[path] > _AHEAD_BYTES:
            return [path]
        parts = path.split("/")[:-1]
        for depth in range(len(parts) + 1):
            prefix = "".join(f"{part}/" for part in parts[:depth])
            near = [name for name in self._blobs if name.startswith(prefix) and name not in self._ahead]
            if sum(self._sizes[name] for name in near) <= _AHEAD_BYTES:
                return near
        return [path]

    def _measure(self) -> None:
        """Learn the sizes of all files; a lacking one counts as large, so that nobody reads it unasked."""
        ids = "".join(f"{blob}\n" for blob in self._blobs.values()).encode("ascii")
        lines = _git(self._repo, ["cat-file", "--batch-check=%(objectsize)"], ids).split(b"\n")
        self._sizes = {
            name: int(line) if line.isdigit() else _AHEAD_BYTES + 1
            for name, line in zip(self._blobs, lines, strict=False)
        }

    def read_all(self) -> Iterator[tuple[str, bytes]]:
        names = list(self._blobs)
        # One call for some hundred files keeps the memory of a large repository bounded.
        for start in range(0, len(names), 256):
            some = names[start : start + 256]
            for name, data in zip(
                some, _blobs(self._repo, (self._blobs[name] for name in some)), strict=True
            ):
                if data is None:
                    raise MissingObject(self._repo, self._blobs[name])
                yield name, data


class _Listed(NamedTuple):
    """One line of a listing: the path, the mode with what follows it, and whether it is a regular file."""

    path: str
    fields: list[str]
    regular: bool


def _listed(line: bytes) -> _Listed:
    facts, _, name = line.partition(b"\t")
    fields = facts.decode("ascii").split(" ")
    return _Listed(os.fsdecode(name), fields, fields[0] not in (_LINK, _SUBMODULE))


def repository_folder(repo: str | os.PathLike[str]) -> Path:
    """The folder that is said to be a repository; `UsageError` when there is none."""
    UsageError.unless(repo, (str, os.PathLike), "The repository")
    folder = Path(repo)
    if not is_folder(folder):
        raise UsageError(f"{folder} is not a folder.", hint="Pass the folder of a git repository.")
    return folder


def has_head(repo: Path) -> bool:
    """Whether HEAD names a commit; a repository before its first commit, or a new branch without history, has none."""
    try:
        _git(repo, ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])
    except UsageError as error:
        if "rev-parse failed" not in error.message:
            raise
        _git(repo, ["rev-parse", "--git-dir"])
        return False
    return True


def index_of_hook(repo: Path) -> str | None:
    """The index that git made for a commit with `-a` or of some paths, as it tells its hooks; None for the usual one.

    The variable is heeded only where it names a file of this repository's own folder.
    """
    named = os.environ.get("GIT_INDEX_FILE")
    if not named:
        return None
    own = Path(os.fsdecode(_git(repo, ["rev-parse", "--absolute-git-dir"]).removesuffix(b"\n")))
    path = Path(named).absolute()
    return str(path) if path.parent.resolve() == own.resolve() and path.is_file() else None


@dataclass(frozen=True, slots=True)
class RawEntry:
    """One line of git's raw difference: status letter, paths, and whether both sides are regular files."""

    status: str
    path: str
    previous_path: str | None
    regular: bool


def raw_differences(repo: Path, base: str, head: str, paths: Sequence[str] | None) -> list[RawEntry]:
    """The files that differ between two commits, with renames found."""
    for path in paths or ():
        if "\0" in path or not _sayable(path):
            raise UsageError(f"{path!r} is no path.", hint="Name a file or a folder of the repository.")
        if not any(_git(repo, ["ls-tree", "-z", commit, "--", path]) for commit in (head, base)):
            raise UsageError(
                f"Neither revision holds {path!r}.", hint="Name a file or a folder of the repository."
            )
    arguments = [
        "diff-tree", "-r", "-z", "-M", "--raw", "--no-ext-diff", "--no-textconv", "--no-commit-id",
        base, head, "--", *(paths or ()),
    ]  # fmt: skip
    return _entries(_git(repo, arguments))


def raw_staged(repo: Path, index: str | None) -> list[RawEntry]:
    """The files that differ between HEAD, or nothing before the first commit, and the index, with renames found."""
    against = (
        "HEAD" if has_head(repo) else _git(repo, ["hash-object", "-t", "tree", "--stdin"]).decode().strip()
    )
    options = [
        "-z",
        "-M",
        "--raw",
        "--no-ext-diff",
        "--no-textconv",
        "--no-relative",
        "--ignore-submodules=none",
    ]
    return _entries(_git(repo, ["diff-index", "--cached", *options, against, "--"], index=index))


def _entries(output: bytes) -> list[RawEntry]:
    fields = output.split(b"\0")
    entries: list[RawEntry] = []
    at = 0
    while at < len(fields) and fields[at]:
        old_mode, new_mode, _, _, status = fields[at].decode("ascii").lstrip(":").split(" ")
        two = status[0] in "RC"
        first = os.fsdecode(fields[at + 1])
        second = os.fsdecode(fields[at + 2]) if two else None
        special = {old_mode, new_mode} & {_LINK, _SUBMODULE}
        entries.append(
            RawEntry(status[0], second or first, first if second is not None else None, not special)
        )
        at += 3 if two else 2
    return entries
