"""ENV317: code reads an environment variable or feature flag that no document names.

Owns: this one rule. Must never know: what a variable is for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.outputs import FileChange
from backend_engineer.paths import is_test_path
from backend_engineer.rules.code.source import language_of
from backend_engineer.rules.reading import has_order
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

_SWITCHES = ("isEnabled", "is_enabled", "feature_enabled", "featureFlag", "variation", "IsEnabled")
# Each read with words of which one stands in every match: a search for words costs next to nothing.
_READS = (
    (
        ("os.environ",),
        re.compile(r"\bos\.environ(?:\.get\(|\[)\s*['\"]([A-Z][A-Z0-9_]*[A-Z0-9])['\"](?!\s*\]\s*=[^=])"),
    ),
    (("os.getenv",), re.compile(r"\bos\.getenv\(\s*['\"]([A-Z][A-Z0-9_]+)['\"]")),
    (("process.env.",), re.compile(r"\bprocess\.env\.([A-Z][A-Z0-9_]+)\b")),
    (("process.env[",), re.compile(r"\bprocess\.env\[\s*['\"]([A-Z][A-Z0-9_]+)['\"]")),
    (
        ("os.Getenv", "os.LookupEnv"),
        re.compile(r"\bos\.(?:Getenv|LookupEnv)\(\s*\"([A-Z][A-Z0-9_]+)\""),
    ),
    (("System.getenv",), re.compile(r"\bSystem\.getenv\(\s*\"([A-Z][A-Z0-9_]+)\"")),
    (_SWITCHES, re.compile(rf"(?:{'|'.join(_SWITCHES)})\(\s*['\"]([\w.-]+)['\"]")),
)
_COMMON = frozenset(
    {
        "PATH",
        "HOME",
        "PWD",
        "USER",
        "LANG",
        "TZ",
        "CI",
        "NODE_ENV",
        "TMPDIR",
        "NO_COLOR",
        "DEBUG",
        "TERM",
        "TERM_PROGRAM",
        "PUBLIC_URL",
    }
)
# Set by whatever runs the build, or read by what is no part of the running service.
_GIVEN = re.compile(
    r"^(?:BUILDKITE|GITHUB|GITLAB|CI|JENKINS|TRAVIS|CIRCLE|npm|VERCEL|NETLIFY|KUBERNETES|AWS_LAMBDA|XDG|RENDER|RAILWAY|FLY|NEXT_PUBLIC_VERCEL|HEROKU)_|^NODE_|^RENDER$"
)
_BESIDE = re.compile(
    r"(?:^|/)(?:[\w-]*scripts?|ci|suites?|e2e|examples?|\w*tools?|bench\w*|[\w-]*tests?|test\w*|seeds?|dist|build|docs?)/|(?:^|/)[\w.-]*\.config\.[cm]?[jt]s$",
    re.IGNORECASE,
)
_LIKELY = re.compile(r"\.env|README|Dockerfile|docs?/|config|compose", re.IGNORECASE)
_DOCUMENT = re.compile(r"(?:\.(?:md|rst|adoc|txt|ya?ml|json|toml)|\.env(?:\.\w+)?|Dockerfile|README)$")


def _documents(context: Context) -> Iterator[str]:
    yield from (file.content or "" for file in context.change.files if _DOCUMENT.search(file.path))
    if context.base is not None:
        paths = [
            path
            for path in context.base.paths
            if _DOCUMENT.search(path)
            and context.change.get(path) is None
            and "node_modules/" not in path
            and "lock" not in path
        ]
        # Where settings are explained comes first: the search ends when every name was found.
        for path in sorted(paths, key=lambda item: (not _LIKELY.search(item), item.count("/"), item)):
            yield context.base.get(path) or ""


def _unnamed(context: Context, names: set[str]) -> set[str]:
    """The names that no document names."""
    left = set(names)
    for text in _documents(context):
        if not left:
            break
        left -= {
            name
            for name in left
            if name in text and re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)
        }
    return left


def _is_new(file: FileChange, line: int) -> bool:
    return file.changed_lines is None or any(first <= line <= last for first, last in file.changed_lines)


def _check(context: Context) -> Iterator[Hit | Silence]:
    reads: list[tuple[str, str, int]] = []
    for file in context.change.files:
        if (
            file.content
            and language_of(file.path)
            and not is_test_path(file.path)
            and not _BESIDE.search(file.path)
        ):
            for words, pattern in _READS:
                if not any(word in file.content for word in words):
                    continue
                for match in pattern.finditer(file.content):
                    line = file.content.count("\n", 0, match.start()) + 1
                    if match[1] not in _COMMON and not _GIVEN.match(match[1]) and _is_new(file, line):
                        reads.append((match[1], file.path, line))
    if not reads:
        yield Silence(
            Verdict.NEEDS_REVIEW, "no new read of an environment variable or feature flag was recognised"
        )
        return
    unnamed = _unnamed(context, {name for name, _, _ in reads})
    for name, path, line in sorted(reads, key=lambda item: (item[1], item[2])):
        if name in unnamed:
            unnamed.discard(name)
            # Documents may lie outside a repository; an answer to the contract brings its own.
            yield Hit(
                path,
                f"`{name}` is read here and named in no document",
                (line, line),
                severity=None if has_order(context) else Severity.INFO,
            )


RULE = Rule(
    code="ENV317",
    title="Undocumented environment variable or flag",
    clauses=("FLOW-11",),
    severity=Severity.MINOR,
    category=Category.DOCUMENTATION,
    reason="Whoever runs the service can only set what is written down.",
    recommendation="Name the variable or flag in the operating notes, with its meaning, its default and an example.",
    check=_check,
    exact=False,
    question="Are the API document, runbooks, environment variables and feature flags up to date?",
    look="the Docs section against what the code reads",
    settles="each variable and flag that the code reads has its line in a document",
    line_rule=True,
    invalid=(
        Example({"src/config.py": 'import os\n\nURL = os.environ["MAIL_URL"]\n'}),
        Example(
            {
                "src/config.ts": "export const url = process.env.MAIL_URL;\n",
                "docs/run.md": "# Running\n\nSet `MAIL_HOST`.\n",
            }
        ),
    ),
    valid=(
        Example(
            {
                "src/config.py": 'import os\n\nURL = os.environ["MAIL_URL"]\n',
                "docs/run.md": "# Running\n\n`MAIL_URL`: where mail goes.\n",
            }
        ),
        Example({"src/config.py": "URL = 'fixed'\n"}),
        Example(
            {"src/cli.py": 'import os\n\nos.environ["MAIL_INSECURE"] = "1"\n'}, note="set here, not read"
        ),
    ),
)
