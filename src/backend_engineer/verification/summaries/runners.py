"""The test runners whose words are known, and what each of them prints.

Owns: one reader for each runner, and by which words a command starts it.
Must never know: how a command is run, what a count means for a change.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from backend_engineer.verification.summaries.counted import Counted, words
from backend_engineer.verification.summaries.scripts import bun, deno, jest, mocha, node, vitest

__all__ = ["RUNNERS", "Runner"]


@dataclass(frozen=True, slots=True)
class Runner:
    """read: its figures from an output, None where its summary is absent.

    starts: the words of a command that starts it, in their order; empty where it may well end without a summary.
    """

    read: Callable[[str], Counted | None]
    starts: tuple[tuple[str, ...], ...] = ()

    def started_by(self, argv: Sequence[str]) -> bool:
        """Whether a command starts it."""
        return any(_holds(argv, group) for group in self.starts)


def _holds(argv: Sequence[str], group: tuple[str, ...]) -> bool:
    size = len(group)
    return any(tuple(argv[at : at + size]) == group for at in range(len(argv) - size + 1))


_PYTEST = re.compile(
    r"^(?:=+ )?((?:\d+ (?:subtests )?[a-z]+(?:, )?)+|no tests (?:ran|collected)[^=\n]*?) in [\d.]+s(?: \([\d:]+\))?(?: =+)?$",
    re.MULTILINE,
)
_PYTEST_NAME = re.compile(r"^(FAILED|SUBFAILED\S*|SUBFAIL|ERROR) (\S.*?)(?: - .*)?$")
_PYTEST_STOPS = re.compile(r"^!+ (?:Interrupted|stopping after)\b", re.MULTILINE)


def _pytest(text: str) -> Counted | None:
    ends = _PYTEST.findall(text)
    if not ends:
        return None
    count = words(" ".join(ends))
    run = count["passed"] + count["failed"] + count["xpassed"]
    names: list[str] = []
    for part in text.split("short test summary info")[1:]:
        for line in part.split("\n")[1:]:
            if _PYTEST.match(line):
                break
            if found := _PYTEST_NAME.match(line):
                names.append(found[2])
    failed = count["failed"] + count["error"]
    partial = _PYTEST_STOPS.search(text) is not None
    if run == 0 and names and all("::" in name for name in names):
        # No test gets past its set-up: what they all need is absent, which is one failure and not one of each.
        names, failed, partial = ["the set-up of every test"], 1, True
    return Counted(run, failed, count["skipped"] + count["xfailed"], tuple(names), partial)


_UNITTEST = re.compile(
    r"^Ran (\d+) tests? in [\d.]+s$(?:\n+(?:OK|FAILED|NO TESTS RAN)(?: \((.*)\))?)?", re.MULTILINE
)
_UNITTEST_NAME = re.compile(r"^={60,}\n(?:FAIL|ERROR|UNEXPECTED SUCCESS): (.+)$", re.MULTILINE)
_EQUAL = re.compile(r"([a-z][a-z ]*)=(\d+)")


def _unittest(text: str) -> Counted | None:
    ends = _UNITTEST.findall(text)
    if not ends:
        return None
    run = failed = skipped = 0
    for number, details in ends:
        count = {word: int(figure) for word, figure in _EQUAL.findall(details)}
        left_out = count.get("skipped", 0) + count.get("expected failures", 0)
        run += max(0, int(number) - left_out)
        skipped += left_out
        failed += sum(count.get(word, 0) for word in ("failures", "errors", "unexpected successes"))
    return Counted(run, failed, skipped, tuple(_UNITTEST_NAME.findall(text)))


_GO_TEST = re.compile(r"^\s*--- (PASS|FAIL|SKIP): (\S+)", re.MULTILINE)
_GO_JSON = re.compile(r'"Action":"(pass|fail|skip)","Package":"([^"\n]+)","Test":"([^"\n]+)"')
_GO_PACKAGE = re.compile(
    r"^(ok|FAIL|\?) *\t(\S+)(.*\[(?:no test files|no tests to run|build failed|setup failed)\])?",
    re.MULTILINE,
)


def _go(text: str) -> Counted | None:
    rows = [(word, name) for word, name in _GO_TEST.findall(text)]
    rows += [(word.upper(), f"{package}.{name}") for word, package, name in _GO_JSON.findall(text)]
    packages = _GO_PACKAGE.findall(text)
    if not rows and not packages:
        return None
    # A package that cannot be built, or panics, names no test.
    broken = [path for word, path, _ in packages if word == "FAIL"]
    # Without -v only failures are named: then what passed is not counted, unless there was nothing to pass.
    told = any(word == "PASS" for word, _ in rows) or "=== RUN" in text
    none = all(word == "?" or "[no test" in why for word, _, why in packages) and not rows
    run = 0 if none else sum(word != "SKIP" for word, _ in rows) if told else None
    failing = [name for word, name in rows if word == "FAIL"] + broken
    return Counted(run, len(failing), sum(word == "SKIP" for word, _ in rows), tuple(failing))


_CARGO = re.compile(r"^test result: \w+\. (\d+) passed; (\d+) failed(?:; (\d+) ignored)?", re.MULTILINE)
_CARGO_LIST = re.compile(r"^failures:\n((?:    \S.*\n)+)", re.MULTILINE)
_CARGO_STOPS = re.compile(r"^error: test failed, to rerun", re.MULTILINE)
_NEXTEST = re.compile(r"^\s*Summary \[.*?\] +(?:\d+/)?\d+ tests? run: (.*)$", re.MULTILINE)
_NEXTEST_NAME = re.compile(r"^ *(?:FAIL|SIGABRT|SIGSEGV|TIMEOUT) \[.*?\] (?:\(.*?\) )?(\S.*)$", re.MULTILINE)


def _cargo(text: str) -> Counted | None:
    if rows := _CARGO.findall(text):
        passed, failed, ignored = (sum(int(row[at] or 0) for row in rows) for at in range(3))
        listed = [line.strip() for block in _CARGO_LIST.findall(text) for line in block.splitlines()]
        stops = _CARGO_STOPS.search(text) is not None
        return Counted(passed + failed, failed, ignored, tuple(listed), stops)
    if ends := _NEXTEST.findall(text):
        count = words(" ".join(ends))
        failed = count["failed"] + count["timed"]
        names = tuple(dict.fromkeys(_NEXTEST_NAME.findall(text)))
        return Counted(count["passed"] + failed, failed, count["skipped"], names)
    return None


_SUREFIRE = re.compile(
    r"^(?:\[\w+\] )?Tests run: (\d+), Failures: (\d+), Errors: (\d+)(?:, Skipped: (\d+))?\s*$", re.MULTILINE
)
_SUREFIRE_NAME = re.compile(
    r"^(?!(?:\[\w+\] )?Tests run:)(?:\[\w+\] )?(\S[^\n]*?) +(?:-- )?Time elapsed: [^\n]*<<< (?:FAILURE|ERROR)!",
    re.MULTILINE,
)


def _surefire(text: str) -> Counted | None:
    rows = [[int(figure or 0) for figure in row] for row in _SUREFIRE.findall(text)]
    if not rows:
        return None
    total, failures, errors, skipped = (sum(column) for column in zip(*rows, strict=True))
    return Counted(total - skipped, failures + errors, skipped, tuple(_SUREFIRE_NAME.findall(text)))


_GRADLE = re.compile(r"^(\d+) tests? completed(.*)$", re.MULTILINE)
_GRADLE_NAME = re.compile(r"^(\S[^\n]* > [^\n]+) FAILED$", re.MULTILINE)


def _gradle(text: str) -> Counted | None:
    rows = _GRADLE.findall(text)
    if not rows:
        return None
    count = words(" ".join(rest for _, rest in rows))
    names = tuple(name for name in _GRADLE_NAME.findall(text) if not name.startswith("> "))
    run = sum(int(total) for total, _ in rows) - count["skipped"]
    return Counted(run, count["failed"], count["skipped"], names)


_EXAMPLES = re.compile(r"^(\d+) examples?, (\d+) failures?(.*)$", re.MULTILINE)
_EXAMPLE = re.compile(r"^rspec \S+ # (.+)$", re.MULTILINE)


def _rspec(text: str) -> Counted | None:
    rows = _EXAMPLES.findall(text)
    if not rows:
        return None
    rest = words(" ".join(row[2] for row in rows))
    run = sum(int(row[0]) for row in rows) - rest["pending"]
    failed = sum(int(row[1]) for row in rows) + rest["error"]
    return Counted(run, failed, rest["pending"], tuple(_EXAMPLE.findall(text)))


_MINITEST = re.compile(
    r"^(\d+) (?:runs|tests), \d+ assertions, (\d+) failures, (\d+) errors, (\d+) (?:skips|pendings)",
    re.MULTILINE,
)
_MINITEST_NAME = re.compile(r"^(?: *\d+\) )?(?:Failure|Error):\n(\S+?)(?::| \[)", re.MULTILINE)


def _minitest(text: str) -> Counted | None:
    rows = [[int(figure) for figure in row] for row in _MINITEST.findall(text)]
    if not rows:
        return None
    total, failures, errors, skipped = (sum(column) for column in zip(*rows, strict=True))
    return Counted(total - skipped, failures + errors, skipped, tuple(_MINITEST_NAME.findall(text)))


_PHPUNIT_OK = re.compile(r"^OK \((\d+) tests?, ", re.MULTILINE)
_PHPUNIT = re.compile(r"^Tests: (\d+), Assertions: \d+(.*)$", re.MULTILINE)
_PHPUNIT_NAME = re.compile(r"^\d+\) ([\w\\]+::\S.*)$", re.MULTILINE)
_PHPUNIT_PART = re.compile(r"(Failures|Errors|Skipped|Incomplete): (\d+)")


def _phpunit(text: str) -> Counted | None:
    fine, rows = _PHPUNIT_OK.findall(text), _PHPUNIT.findall(text)
    if not fine and not rows:
        return Counted(0) if re.search(r"^No tests executed!", text, re.MULTILINE) else None
    run, failed, skipped = sum(map(int, fine)), 0, 0
    for total, rest in rows:
        count = {word: int(figure) for word, figure in _PHPUNIT_PART.findall(rest)}
        left_out = count.get("Skipped", 0) + count.get("Incomplete", 0)
        run, skipped = run + int(total) - left_out, skipped + left_out
        failed += count.get("Failures", 0) + count.get("Errors", 0)
    names = tuple(_PHPUNIT_NAME.findall(text)) if failed else ()
    return Counted(run, failed, skipped, names)


_DOTNET = re.compile(
    r"^(?:Passed|Failed|Skipped)! +- Failed: +(\d+), Passed: +(\d+), Skipped: +(\d+)", re.MULTILINE
)
_DOTNET_NAME = re.compile(r"^ +Failed (\S.*?) \[[^\]\n]*\]$", re.MULTILINE)


def _dotnet(text: str) -> Counted | None:
    rows = [[int(figure) for figure in row] for row in _DOTNET.findall(text)]
    if not rows:
        return None
    failed, passed, skipped = (sum(column) for column in zip(*rows, strict=True))
    return Counted(passed + failed, failed, skipped, tuple(_DOTNET_NAME.findall(text)))


_EXUNIT = re.compile(r"^(?:\d+ \w+, )*?(\d+) tests?, (\d+) failures?(.*)$", re.MULTILINE)
_EXUNIT_NAME = re.compile(r"^ +\d+\) ((?:test|property|doctest) .+)$", re.MULTILINE)


def _exunit(text: str) -> Counted | None:
    rows = _EXUNIT.findall(text)
    if not rows:
        return None
    rest = words(" ".join(row[2] for row in rows))
    left_out = rest["skipped"] + rest["excluded"]
    run = max(0, sum(int(row[0]) for row in rows) - left_out)
    return Counted(run, sum(int(row[1]) for row in rows), left_out, tuple(_EXUNIT_NAME.findall(text)))


RUNNERS = (
    Runner(_pytest, (("pytest",), ("py.test",))),
    Runner(_unittest, (("unittest",), ("manage.py", "test"))),
    Runner(jest, (("jest",),)),
    Runner(vitest, (("vitest",),)),
    Runner(node, (("node", "--test"),)),
    Runner(mocha, (("mocha",),)),
    Runner(bun, (("bun", "test"),)),
    Runner(deno, (("deno", "test"),)),
    Runner(_cargo, (("cargo", "test"), ("cargo", "nextest", "run"))),
    Runner(_rspec, (("rspec",),)),
    Runner(_phpunit, (("phpunit",),)),
    Runner(_exunit, (("mix", "test"),)),
    Runner(_dotnet, (("dotnet", "test"),)),
    Runner(_minitest),
    # Without -v, with -q, or when all is well, these may print no count.
    Runner(_go),
    Runner(_surefire),
    Runner(_gradle),
)
