"""SUP001 and SUP002 on suppression comments of real trees, written anew in this library's words.

A comment of another tool (noqa, nosec, type: ignore, pylint, nolint, eslint-disable, rubocop, SuppressWarnings in a
comment) is found by a pattern of this file; its code, reason and place stay. Where the original gives a reason, the
new comment counts and SUP001 has to be silent; where it gives none, SUP001 has to speak at its line. Of those
with a reason three in four get an end: the day on which the file came, held against a fixed day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from backend_engineer import Change, FileChange, check
from reply_accuracy.repository import git, text_at
from reply_accuracy.tally import Tally

__all__ = ["suppressions"]

TODAY = date(2025, 9, 1)
_CODES = r"[A-Za-z@][\w./@-]*(?:, ?[A-Za-z@][\w./@-]*)*"
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"#\s*noqa:? ?(?P<codes>{_CODES})?(?P<rest>.*)$",
        r"#\s*nosec:?\s*(?P<codes>B[0-9]+(?:,\s*B[0-9]+)*)?(?P<rest>.*)$",
        rf"#\s*type:\s*ignore(?:\[(?P<codes>{_CODES})\])?(?P<rest>.*)$",
        rf"#\s*pylint:\s*disable=(?P<codes>{_CODES})(?P<rest>.*)$",
        rf"//\s*nolint:?(?P<codes>{_CODES})?(?P<rest>.*)$",
        rf"(?://|/\*)\s*eslint-disable(?:-next-line|-line)?\s*(?P<codes>{_CODES})?(?P<rest>.*)$",
        r"(?://|/\*)\s*@ts-(?:ignore|expect-error)(?P<codes>)(?P<rest>.*)$",
        rf"(?://|/\*)\s*(?:biome-ignore|prettier-ignore)\s*(?P<codes>{_CODES})?(?P<rest>.*)$",
        rf"#\s*rubocop:disable\s*(?P<codes>{_CODES})(?P<rest>.*)$",
    )
)
_LED = re.compile(r"^[\s:;,.\-–—#/|()*\]]+|[\s*/\]]+$")
_CLOSERS = ("*/", "-->", "*)", "#}")


def suppressions(tally: Tally, repository: str, most: str = "2000") -> None:
    """Every such comment of a repository's newest commit, up to `most`."""
    name = Path(repository).resolve().parent.name
    total = with_reason = 0
    for path in _paths(repository):
        text = text_at(repository, "HEAD", path)
        if text is None or len(text) > 400_000:
            continue
        days = (
            git(repository, "log", "--diff-filter=A", "--format=%cs", "HEAD", "--", path)[1].decode().split()
        )
        added = days[-1] if days else ""
        lines, unclear, expired = [], set(), set()
        for number, line in enumerate(text.split("\n"), 1):
            made = _made(line)
            if made is None or "\r" in line:
                lines.append(line)
                continue
            before, codes, reason, tail = made
            total += 1
            ends = ""
            if reason:
                with_reason += 1
                if number % 4 and added:
                    ends = f" until {added}"
                    if date.fromisoformat(added) < TODAY:
                        expired.add(f"{number} {line.strip()[:150]}")
            else:
                unclear.add(f"{number} {line.strip()[:150]}")
            because = f" because {reason}" if reason else ""
            lines.append(f"{before}backend-engineer: allow {codes}{ends}{because}{tail}")
        if "\n".join(lines) == text:
            continue
        change = Change((FileChange(path, "\n".join(lines)),), origin="directory")
        report = check(change, rules=tally.rules("SUP001", "SUP002"), today=TODAY)
        shown = {str(n): f"{n} {line.strip()[:150]}" for n, line in enumerate(text.split("\n"), 1)}
        for code, due in (("SUP001", unclear), ("SUP002", expired)):
            said = {
                shown.get(str(item.where.span[0] if item.where.span else 0), item.evidence)
                for item in report.findings
                if item.code == code
            }
            tally.compare(code, said, due, f"{name} {path}", sum(_MARK in line for line in lines))
        if total >= int(most):
            break
    print(f"{name}: {total} comments, {with_reason} with a reason")


_MARK = "backend-engineer: allow"


def _paths(repository: str) -> Iterator[str]:
    words = (
        "grep",
        "-lIE",
        r"noqa|nosec|type: *ignore|pylint:|nolint|eslint-disable|@ts-|biome-ignore|rubocop:",
    )
    found = git(repository, *words, "HEAD", "--")[1].decode("utf-8", "replace")
    for row in found.split("\n"):
        path = row.partition(":")[2]
        if path and not path.startswith(".") and "node_modules" not in path and "vendor/" not in path:
            yield path


def _made(line: str) -> tuple[str, str, str, str] | None:
    """What stands before the comment's words, our codes, the reason and what closes the comment."""
    for form in _FORMS:
        match = form.search(line)
        if match is None:
            continue
        opener = re.match(r"#\s*|//\s*|/\*\s*", match[0])
        lead = opener[0] if opener else "# "
        rest = match["rest"].rstrip()
        tail = ""
        for closer in _CLOSERS:
            if rest.endswith(closer):
                rest, tail = rest.removesuffix(closer).rstrip(), f" {closer}"
        words = (match["codes"] or "").split(",")
        codes = ", ".join(dict.fromkeys(_code(word) for word in words if _code(word))) or "ALL"
        reason = _LED.sub("", rest)
        reason = reason if re.search(r"[A-Za-z]{3}", reason) else ""
        return line[: match.start()] + lead, codes, reason, tail
    return None


def _code(word: str) -> str:
    """Another tool's code in the letters of ours: `no-console` becomes `NO-CONSOLE`."""
    made = re.sub(r"[^A-Z0-9]+", "-", word.strip().upper()).strip("-")
    return made if re.match(r"[A-Z]", made) else ""
