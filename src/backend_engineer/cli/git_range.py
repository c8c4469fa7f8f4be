"""What git is asked for by the command line: the two ends of a range.

Owns: the forms of a range (`A...B`, `A..B`, `A`) and the git call that they need.
Must never know: changes, trees, rules.
"""

from __future__ import annotations

import os
import subprocess
from typing import NamedTuple

from backend_engineer.errors import UsageError

__all__ = ["GitRange", "parse_range"]

_SECONDS = 120


class GitRange(NamedTuple):
    """Two revisions: the change leads from `base` to `head`."""

    base: str
    head: str


def parse_range(repository: str, text: str) -> GitRange:
    """`A...B` starts where the two parted, `A..B` at A, and `A` alone ends at HEAD; an absent end is HEAD."""
    if "..." in text:
        first, _, last = text.partition("...")
        ends = GitRange(first or "HEAD", last or "HEAD")
        return GitRange(_merge_base(repository, ends), ends.head)
    first, _, last = text.partition("..")
    return GitRange(first or "HEAD", last or "HEAD")


def _merge_base(repository: str, ends: GitRange) -> str:
    for end in ends:
        if end.startswith("-"):
            raise UsageError(f"{end!r} is no git revision.", hint="Name a commit, a tag or a branch.")
    try:
        return _git(repository, "merge-base", *ends).strip()
    except UsageError as error:
        raise UsageError(
            f"{ends.base} and {ends.head} have no common ancestor here ({error.message})",
            hint="Fetch more history: in CI, fetch-depth 0.",
        ) from None


def _git(repository: str, *arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = [
        "git",
        "-c",
        "core.quotePath=false",
        "-c",
        "core.fsmonitor=false",
        "-C",
        repository,
        *arguments,
    ]
    try:
        done = subprocess.run(
            command, capture_output=True, env=environment | {"LC_ALL": "C"}, timeout=_SECONDS, check=False
        )
    except FileNotFoundError:
        raise UsageError("The git program is not installed.", hint="Install git, or pass --diff.") from None
    except subprocess.TimeoutExpired:
        raise UsageError(f"git {arguments[0]} did not end within {_SECONDS} s.") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        reason = said[-1] if said else f"exit code {done.returncode}"
        raise UsageError(f"git {arguments[0]} failed: {reason}.", hint="Check --repo and the revisions.")
    return done.stdout.decode("utf-8", "surrogateescape")
