"""FND002 and FND003 on findings of other tools, put mechanically into the findings document of a reply.

The tree is a real one. Against the tree that the tools read, no place may be refused; against the tree some commits
earlier, exactly the findings whose file or line is not there, which is counted here with git's text alone.
"""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from backend_engineer import SourceTree, check, parse_reply
from backend_engineer.contract import IDENTITY
from reply_accuracy.repository import git
from reply_accuracy.tally import Tally

__all__ = ["findings", "titles"]

_AT_ONCE = 150


def findings(tally: Tally, repository: str, folder: str, back: str = "300", most: str = "6000") -> None:
    """ruff, and bandit and mypy where they are installed, over a folder of a repository's newest commit."""
    name = Path(repository).resolve().parent.name
    old = git(repository, "rev-parse", f"HEAD~{back}")[1].decode().strip()
    with tempfile.TemporaryDirectory() as scratch:
        now = _tree(repository, "HEAD", folder, Path(scratch) / "now")
        before = _tree(repository, old, folder, Path(scratch) / "before")
        rows = [row for tool in (_ruff, _bandit, _mypy) for row in tool(Path(scratch) / "now")]
    step = max(len(rows) // int(most), 1)
    rows = rows[::step]
    print(f"{name}: {len(rows)} findings of tools, {len(now)} files now, {len(before)} at {old[:10]}")
    for start in range(0, len(rows), _AT_ONCE):
        part = [
            {**row, "title": f"{number}: {row['title']}"}
            for number, row in enumerate(rows[start : start + _AT_ONCE])
        ]
        for tree, which in ((now, "the same tree"), (before, f"the tree {back} commits earlier")):
            _judge(tally, part, tree, f"{name}, {which}")


def _judge(tally: Tally, rows: list[dict[str, Any]], tree: dict[str, str], place: str) -> None:
    document = {"tool": IDENTITY.id, "version": IDENTITY.version, "status": "blocked", "findings": rows}
    reply = parse_reply(f"```json\n{json.dumps(document)}\n```\n", base=tree)
    report = check(reply, base=SourceTree.from_mapping(tree), rules=tally.rules("FND002", "FND003"))
    said: dict[str, set[str]] = {"FND002": set(), "FND003": set()}
    for item in report.findings:
        code = item.code or ""
        if item.title in ("A finding may quote what is not there", "A finding is praise"):
            tally.hit(item, "open", place)
            continue
        match = re.search(r"\b(\d+): ", item.evidence)
        said[code].add(match[1] if match else item.evidence)
    due = {
        "FND002": {
            str(n)
            for n, row in enumerate(rows)
            if not (row["evidence"].strip() and row["recommendation"].strip())
        },
        "FND003": {str(n) for n, row in enumerate(rows) if not _there(row["where"], tree)},
    }
    for code in ("FND002", "FND003"):
        shown = {str(n): f"{n}: {row['where']} {row['title']}" for n, row in enumerate(rows)}
        tally.compare(
            code,
            {shown.get(item, item) for item in said[code]},
            {shown[item] for item in due[code]},
            place,
            len(rows),
        )


def _there(where: dict[str, str], tree: dict[str, str]) -> bool:
    text = tree.get(where["path"])
    if text is None:
        return False
    first, _, last = where["lines"].partition("-")
    return int(first) <= int(last or first) <= len(text.splitlines() or [""]) + text.endswith("\n")


def _tree(repository: str, revision: str, folder: str, target: Path) -> dict[str, str]:
    target.mkdir()
    packed = git(repository, "archive", "--format=tar", revision, "--", folder)[1]
    subprocess.run(["tar", "-x", "-C", str(target)], input=packed, check=False)
    tree: dict[str, str] = {}
    for path in sorted(target.rglob("*")):
        if path.is_file() and not path.is_symlink():
            data = path.read_bytes()
            if b"\0" not in data:
                tree[path.relative_to(target).as_posix()] = data.decode("utf-8", "replace")
    return tree


def _row(path: str, lines: str, title: str, evidence: str, recommendation: str) -> dict[str, Any]:
    return {
        "type": "evidence",
        "category": "architecture",
        "severity": "minor",
        "title": title,
        "where": {"path": path, "lines": lines},
        "evidence": evidence,
        "recommendation": recommendation,
    }


def _json(*argv: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *argv], capture_output=True, text=True, check=False, cwd=folder
    )
    return done.stdout


def _ruff(folder: Path) -> Iterator[dict[str, Any]]:
    out = _json(
        "ruff",
        "check",
        "--isolated",
        "--no-cache",
        "--select",
        "ALL",
        "--output-format",
        "json",
        ".",
        folder=folder,
    )
    for row in json.loads(out or "[]"):
        first, last = row["location"]["row"], row["end_location"]["row"]
        path = Path(row["filename"]).relative_to(folder.resolve()).as_posix()
        fix = (row["fix"] or {}).get("message") or ""
        yield _row(
            path, f"{first}-{max(first, last)}", row["message"], f"{row['code']}: {row['message']}", fix
        )


def _bandit(folder: Path) -> Iterator[dict[str, Any]]:
    if importlib.util.find_spec("bandit") is None:
        print("NOT MEASURED with bandit: it is not installed")
        return
    out = _json("bandit", "-q", "-r", "-f", "json", ".", folder=folder)
    for row in json.loads(out or '{"results": []}')["results"]:
        path = row["filename"].removeprefix("./")
        lines = f"{min(row['line_range'])}-{max(row['line_range'])}"
        code = "\n".join(re.sub(r"^\d+ ", "", line) for line in row["code"].split("\n"))
        yield _row(path, lines, row["test_name"], f"{row['issue_text']}\n{code}", row["more_info"])


def _mypy(folder: Path) -> Iterator[dict[str, Any]]:
    if importlib.util.find_spec("mypy") is None:
        print("NOT MEASURED with mypy: it is not installed")
        return
    options = ("--ignore-missing-imports", "--follow-imports=skip", "--no-incremental", "--no-error-summary")
    out = _json("mypy", *options, "--output=json", "--explicit-package-bases", ".", folder=folder)
    for line in out.splitlines():
        if line.startswith("{"):
            row = json.loads(line)
            yield _row(
                row["file"], str(max(row["line"], 1)), row["message"], row["message"], row["hint"] or ""
            )


def titles(tally: Tally, repository: str, count: str) -> None:
    """FND002's word on praise, on the subjects of real commits as the titles of findings of type `evidence`."""
    name = Path(repository).resolve().parent.name
    words = ("log", f"--max-count={count}", "--no-merges", "--format=%s")
    subjects = git(repository, *words)[1].decode("utf-8", "replace").split("\n")
    rows = [_row("a.md", "1", line.strip() or "-", "It is so.", "Mend it.") for line in subjects]
    for start in range(0, len(rows), _AT_ONCE):
        document = {"tool": IDENTITY.id, "version": IDENTITY.version, "status": "blocked"}
        text = json.dumps({**document, "findings": rows[start : start + _AT_ONCE]})
        report = check(
            parse_reply(f"```json\n{text}\n```\n"),
            base=SourceTree.from_mapping({"a.md": "# A\n"}),
            rules=tally.rules("FND002"),
        )
        for item in report.findings:
            tally.hit(item, "open", name)
    print(f"{name}: {len(rows)} subjects")
