"""Git, as far as the measurements need it.

Nothing here goes through the library: what it says is the oracle.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Touched", "git", "revisions", "text_at", "touched"]


class Touched(NamedTuple):
    """One file of a commit: git's letter, the path, and where it was before."""

    status: str
    path: str
    before: str


def git(repository: str, *words: str, input_: bytes | None = None) -> tuple[int, bytes, bytes]:
    """Exit code, output and errors of one git command."""
    done = subprocess.run(["git", "-C", repository, *words], input=input_, capture_output=True, check=False)
    return done.returncode, done.stdout, done.stderr


def revisions(repository: str, count: int, *paths: str) -> list[str]:
    """The newest commits with one parent, as full hashes."""
    words = ("rev-list", "--no-merges", "--min-parents=1", f"--max-count={count}", "HEAD", "--", *paths)
    return git(repository, *words)[1].decode().split()


def touched(repository: str, revision: str) -> Iterator[Touched]:
    """The files that a commit touches, renames found."""
    words = ("diff-tree", "-r", "-z", "-M", "--name-status", "--no-commit-id", revision)
    parts = git(repository, *words)[1].decode("utf-8", "surrogateescape").split("\0")
    at = 0
    while at < len(parts) - 1:
        status = parts[at][0]
        if status in "RC":
            yield Touched(status, parts[at + 2], parts[at + 1])
            at += 3
        else:
            yield Touched(status, parts[at + 1], parts[at + 1])
            at += 2


def text_at(repository: str, revision: str, path: str) -> str | None:
    """A file's text at a revision; None where it is not there or no UTF-8 text."""
    code, out, _ = git(repository, "show", f"{revision}:{path}")
    if code or b"\0" in out:
        return None
    try:
        return out.decode("utf-8")
    except UnicodeDecodeError:
        return None
