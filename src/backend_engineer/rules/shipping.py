"""What a change must bring along, and whether it has anything that calls for it (CONS-03).

Owns: which files of a change are code of the product, and how severe an absence is.
Must never know: any particular rule.
"""

from __future__ import annotations

import re

from backend_engineer.contract import Severity
from backend_engineer.outputs import FileChange
from backend_engineer.paths import is_test_path
from backend_engineer.rules.reading import has_order, sorted_files
from backend_engineer.rules.rule import Context

__all__ = ["lacked_before", "product_code", "severity_of_absence", "without_comments"]

# Code that builds, configures or measures the product but is none of it; or that runs in a browser.
_BESIDE = re.compile(
    r"(?:^|/)(?:\.[^/]+|scripts?|tools?|bin|_?examples?|samples?|benchmarks?|bench|perf|ci|\.github|\.gitlab|\.ci|build|dist"
    r"|vendor|third_party|generated|frontend|web|ui|client-app|public|assets|static|templates?|docs?|doc"
    r"|internal/testutil|testdata|fixtures|mocks?|e2e)/"
    r"|(?:^|/)(?:setup|noxfile|conf|manage|fabfile|tasks|versioneer|_version|version|__init__|__main__)\.py\Z"
    r"|(?:^|/)[\w.-]*\.config\.[cm]?[jt]s\Z|\.d\.[cm]?ts\Z|\.(?:tsx|jsx|vue|svelte)\Z|(?:^|/)\.[^/]*\Z"
    r"|(?:_pb2(?:_grpc)?\.pyi?|\.pb\.go|\.gen\.\w+|_generated\.\w+|\.pyi)\Z"
    r"|(?:^|/)(?:Gruntfile|Gulpfile|gulpfile|webpack[\w.-]*|rollup[\w.-]*|vite[\w.-]*|babel[\w.-]*)\.[cm]?[jt]s\Z",
    re.IGNORECASE,
)
_SOURCE = re.compile(r"\.(?:py|ts|mts|cts|js|mjs|cjs|go|java|kt|kts|rb|rs|cs|php|scala|swift|exs?)\Z")


def product_code(context: Context) -> tuple[FileChange, ...]:
    """The files of the change that are running code of the product and have a text."""

    def make() -> tuple[FileChange, ...]:
        return tuple(
            file
            for file in sorted_files(context).code
            if file.content is not None
            and file.content.strip()
            and _SOURCE.search(file.path)
            and not _BESIDE.search(file.path)
        )

    files: tuple[FileChange, ...] = context.shared("shipping.code", make)
    return files


def severity_of_absence(context: Context) -> Severity:
    """How much it weighs that something was left out.

    A reply is the whole answer to the contract. A commit of a folder or a repository may be one of several
    that together bring what the contract asks for, in a tree that has the rest already: there an absence is
    a remark that goes with the clause's question for review.
    """
    return Severity.MAJOR if has_order(context) else Severity.INFO


def lacked_before(context: Context, path: str) -> bool:
    """Whether a commit merely touches a file that stood in the base: what it lacks is not the commit's doing."""
    file = context.change.get(path)
    before = path if file is None or file.previous_path is None else file.previous_path
    return not has_order(context) and context.base is not None and before in context.base


_COMMENT = re.compile(r"^\s*(?://|#|\*|/\*).*$", re.MULTILINE)
_BUILT = re.compile(r"(?:^|/)(?:dist|build|out|vendor|node_modules)/")


def without_comments(file: FileChange) -> str:
    """The code of a file that the product runs, whole lines of comment left out; empty for tests and built files."""
    if file.content is None or is_test_path(file.path) or _BUILT.search(file.path):
        return ""
    return _COMMENT.sub("", file.content)
