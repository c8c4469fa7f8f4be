"""What linters and type checkers count: problems, by their place where they name it.

Owns: their summaries, and the lines that name a problem.
Must never know: test runners, how a command is run.
"""

from __future__ import annotations

import re

from backend_engineer.verification.summaries.counted import Counted

__all__ = ["PROBLEMS"]

# Numbers move with every edit and are part of many messages: lines, lengths, how complex something is.
_NUMBERS = re.compile(r"\d+")
_PLACED = (
    re.compile(r"^(?P<path>[^\s:()][^:\n()]*?):\d+(?::\d+)?(?::| -)? (?P<words>.+)$", re.MULTILINE),
    re.compile(r"^(?P<path>[^\s()][^()\n]*?)\(\d+,\d+\): (?P<words>.+)$", re.MULTILINE),
    re.compile(r"^(?P<words>\S.*)\n *--> (?P<path>[^\s:][^:\n]*):\d+:\d+", re.MULTILINE),
    re.compile(r"^(?P<words>would reformat):? (?P<path>.+)$", re.MULTILINE | re.IGNORECASE),
    re.compile(r"^\[(?P<words>warn)\] (?P<path>\S+\.\w+)$", re.MULTILINE),
    re.compile(r"^(?P<path>) +\d+:\d+ +(?P<words>(?:error|warning) +\S.*)$", re.MULTILINE),
)
_TOTALS = (
    re.compile(r"^Found (\d+) (?:errors?|problems?|issues?)\b", re.MULTILINE),
    re.compile(r"^✖ (\d+) problems? \(", re.MULTILINE),
    re.compile(r"^(\d+) errors?, \d+ warnings?(?:, \d+ \w+)* *$", re.MULTILINE),
    re.compile(r"^\d+ files? inspected, (\d+) offenses? detected", re.MULTILINE),
    re.compile(r"^(\d+) files? would be reformatted", re.MULTILINE),
    re.compile(r"^(\d+) issues?[:.]", re.MULTILINE),
)


def _problems(text: str) -> Counted | None:
    names = [
        f"{row['path']}: {_NUMBERS.sub('', row['words'])}"
        for pattern in _PLACED
        for row in pattern.finditer(text)
        if not row["words"].startswith(("note:", "info:", "help:"))
    ]
    totals = [int(number) for pattern in _TOTALS for number in pattern.findall(text)]
    if not names and not totals:
        return None
    return Counted(failed=sum(totals) or len(names), failing=tuple(names))


PROBLEMS = (_problems,)
