"""What the test runners of JavaScript print.

Owns: the readers of jest, vitest, node, mocha, bun and deno.
Must never know: how a command is run, what a count means for a change.
"""

from __future__ import annotations

import re

from backend_engineer.verification.summaries.counted import Counted, words

__all__ = ["bun", "deno", "jest", "mocha", "node", "vitest"]

_NOTHING = re.compile(r"^No test(?: file)?s found, exiting with code", re.MULTILINE)

_JEST = re.compile(r"^Tests: +((?:\d+ \w+, )*\d+ total)$", re.MULTILINE)
_JEST_FILE = re.compile(r"^(FAIL|PASS) (.+?)(?: \([\d.]+ m?s\))?$")
_JEST_NAME = re.compile(r"^  ● (.+)$")
_UNREADABLE = "Test suite failed to run"


def jest(text: str) -> Counted | None:
    """Its figures; a file that cannot be loaded counts as one failure."""
    ends = _JEST.findall(text)
    if not ends:
        return Counted(0) if _NOTHING.search(text) else None
    names: dict[str, None] = {}
    file = ""
    for line in text.split("\n"):
        if found := _JEST_FILE.match(line):
            file = found[2] if found[1] == "FAIL" else ""
        elif file and (found := _JEST_NAME.match(line)) and found[1] != "Console":
            names[f"{file} › {found[1].strip()}"] = None
    count = words(" ".join(ends))
    unreadable = sum(name.endswith(_UNREADABLE) for name in names)
    run = count["passed"] + count["failed"]
    return Counted(run, count["failed"] + unreadable, count["skipped"] + count["todo"], tuple(names))


_VITEST = re.compile(r"^ *Tests +(no tests|\d+ [^\n]*\(\d+\))$", re.MULTILINE)
_VITEST_NAME = re.compile(r"^ *FAIL +(.+)$", re.MULTILINE)
_VITEST_ERRORS = re.compile(r"^ *Errors +(\d+) errors?$", re.MULTILINE)


def vitest(text: str) -> Counted | None:
    """Its figures; files that cannot be loaded and errors outside of tests count as failures."""
    ends = _VITEST.findall(text)
    if not ends:
        return Counted(0) if "\nNo test files found" in text else None
    count = words(" ".join(ends))
    names = tuple(dict.fromkeys(_VITEST_NAME.findall(text)))
    unreadable = sum(name.endswith("]") and " [ " in name for name in names)
    outside = sum(map(int, _VITEST_ERRORS.findall(text)))
    failed = count["failed"] + unreadable + outside
    return Counted(count["passed"] + count["failed"], failed, count["skipped"] + count["todo"], names)


_NODE = re.compile(r"^(?:#|ℹ) (tests|pass|fail|cancelled|skipped|todo) +(\d+)$", re.MULTILINE)
_NODE_NAME = re.compile(
    r"^ *(?:not ok \d+ - |✖ )(?!failing tests:)(.+?)(?: \([\d.]+m?s\))?( # (?:TODO|SKIP).*)?$", re.MULTILINE
)


def node(text: str) -> Counted | None:
    """Its figures, and those of other tools that end with TAP's comments."""
    rows = _NODE.findall(text)
    if not any(word == "tests" for word, _ in rows):
        return None
    count: dict[str, int] = {}
    for word, number in rows:
        count[word] = count.get(word, 0) + int(number)
    failed = count.get("fail", 0) + count.get("cancelled", 0)
    left_out = count.get("skipped", 0) + count.get("todo", 0)
    names = dict.fromkeys(name for name, excuse in _NODE_NAME.findall(text) if not excuse)
    return Counted(count.get("pass", 0) + failed, failed, left_out, tuple(names) if failed else ())


_MOCHA = re.compile(r"^ *(\d+) (passing|failing|pending)\b", re.MULTILINE)
_MOCHA_FIRST = re.compile(r"^  \d+\) (.+)$")


def mocha(text: str) -> Counted | None:
    """Its figures, with the names that stand in a stair below the count of failures."""
    rows = _MOCHA.findall(text)
    if not any(word != "pending" for _, word in rows):
        nothing = re.search(r"^Error: No test files found", text, re.MULTILINE)
        return Counted(0) if nothing else None
    count: dict[str, int] = {}
    for number, word in rows:
        count[word] = count.get(word, 0) + int(number)
    failed = count.get("failing", 0)
    return Counted(count.get("passing", 0) + failed, failed, count.get("pending", 0), tuple(_stairs(text)))


def _stairs(text: str) -> list[str]:
    names: list[str] = []
    open_name: list[str] | None = None
    seen = False
    for line in text.split("\n"):
        if re.match(r"^ *\d+ failing\b", line):
            seen = True
        elif seen and (found := _MOCHA_FIRST.match(line)):
            open_name = [found[1]]
        elif open_name is not None and line.startswith("     ") and not line.startswith("      at "):
            open_name.append(line.strip())
        else:
            open_name = None
        if open_name and open_name[-1].endswith(":"):
            names.append(" ".join(open_name).removesuffix(":"))
            open_name = None
    return names


_BUN = re.compile(r"^ *(\d+) (pass|fail|skip|todo|error)s?$", re.MULTILINE)
_BUN_NAME = re.compile(r"^\(fail\) (.+?)(?: \[[\d.]+m?s\])?$", re.MULTILINE)


def bun(text: str) -> Counted | None:
    """Its figures."""
    if not re.search(r"^Ran \d+ tests? across \d+ files?\.", text, re.MULTILINE):
        return None
    count: dict[str, int] = {}
    for number, word in _BUN.findall(text):
        count[word] = count.get(word, 0) + int(number)
    failed = count.get("fail", 0) + count.get("error", 0)
    left_out = count.get("skip", 0) + count.get("todo", 0)
    return Counted(
        count.get("pass", 0) + count.get("fail", 0), failed, left_out, tuple(_BUN_NAME.findall(text))
    )


_DENO = re.compile(r"^(?:ok|FAILED) \| (\d+ passed[^\n]*)$", re.MULTILINE)
_DENO_NAME = re.compile(r"^(\S[^\n]*?) => \./[^\n]+$", re.MULTILINE)


def deno(text: str) -> Counted | None:
    """Its figures."""
    ends = _DENO.findall(text)
    if not ends:
        return None
    count = words(" ".join(ends))
    names = tuple(dict.fromkeys(_DENO_NAME.findall(text)))
    return Counted(count["passed"] + count["failed"], count["failed"], count["ignored"], names)
