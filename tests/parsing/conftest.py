"""What the parser's tests share: the cases that every property is held against, and the labelled replies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

F3, F4, T3 = "```", "````", "~~~"


def _text(*lines: str) -> str:
    return "\n".join(lines) + "\n"


CASES: dict[str, str] = {
    "one file and prose": _text(F3 + "ts", "// file: a.ts", "body", F3, "prose"),
    "two headers": _text(F3 + "text", "// file: a", "body", "// file: b", "body2", F3),
    "empty first file": _text(F3 + "text", "// file: a", "// file: b", "body2", F3),
    "orphan lines": _text(F3 + "ts", "x", "y", "// file: a.ts", "body", F3),
    "markdown with a named example": _text(F3 + "markdown", "<!-- file: d.md -->", "t", F3 + "bash", "x", F3, "t", F3),
    "markdown with a bare example": _text(F3 + "md", "// file: d.md", "t", F3, "x", F3, "t", F3, "", "Validation: ok"),
    "markdown closed before prose": _text(F3 + "md", "// file: d.md", "t", F3, "prose", "", F3 + "ts", "// file: b.ts", F3),
    "longer fence": _text(F4 + "markdown", "// file: d.md", F3 + "a", "x", F3, F3 + "b", "y", F4, "prose"),
    "tildes around": _text(T3, "// file: a", F3, "x", F3, T3, F3, "// file: b", T3, "x", T3, F3),
    "longer closer": _text(F3, "// file: a", "x", "```````", F4, "// file: b", F3, F4, F3, "# file: c", F3 + " end", F3 + "  "),
    "carriage returns": _text(F3 + "ts", "// file: a.ts", "body", "more", F3, "prose").replace("\n", "\r\n"),
    "byte order marks": "\ufeff" + _text(F3 + "ts", "// file: a.ts", "\ufeffbody", F3),
    "cut header": F3 + "ts\n// file: src/mod",
    "cut second header": F3 + "ts\n// file: a\nx\n// file: src/mod",
    "forgotten closer": _text(F3 + "ts", "// file: a.ts", "a", F3 + "ts", "// file: b.ts", "b", F3),
    "shebang": _text(F3 + "sh", "#!/bin/sh", "# file: a.sh", "a", F3),
    "refused paths": _text(F3, "// file: ../x", "x", F3, F3, "// file: ok.ts", "x", F3),
    "collisions": _text(F3, "// file: A.ts", F3, F3, "// file: a.ts", F3, F3, "// file: a.ts/b", F3),
    "findings": _text(
        F3 + "json",
        '{"tool": "t", "version": "v", "status": "ready", "findings": [{"type": "risk", "category": "data",',
        '"severity": "minor", "title": "t", "where": {"path": "a", "lines": "1"}, "evidence": "e", "recommendation": "r"}]}',
        F3,
        "after",
    ),
    "fence in a JSON string": _text(F3 + "json", '{"plan": {"summary": "a', F3, 'b", "files": []}}', F3, "after"),
    "broken JSON string": _text(F3 + "json", '{"plan": {"summary": "a', F3, "after", F3 + "ts", "// file: a.ts", "x", F3),
    "thinking": _text("<think>", F3 + "ts", "// file: a.ts", "x", "</think>", F3 + "ts", "// file: b.ts", "</think>", F3),
    "thinking ends in mid-line": _text("<think>", "x", "</think>" + F3 + "md", F3 + "md", F3, "", "# file: b.md", F3 + "ts", "// file: c.ts", F3),
    "open thinking": _text("a", "<think>", F3 + "ts", "// file: a.ts"),
    "format example": _text(F4 + "md", "// file: d.md", F3 + "ts", "// file: x.ts", "x", F3, F4),
    "half fence": F3 + "ts\n// file: a.ts\nx\n``",
    "no final newline": F3 + "ts\n// file: a.ts (no final newline)\nx\n" + F3,
    "indented": "   " + F3 + "ts\n   // file: a.ts\n   x\n     y\n z\n   " + F3 + "\n",
    "whole contract": _text(
        "Sure.", "", "- one", "- two", "  wrapped", "- three", "", "## Migrations", "", F3 + "sql",
        "-- file: db/migrations/1.up.sql", "select 1;", F3, "Validation: fine", "", "## Docs", F3, "// file: a.txt", "é😀", F3,
        "**Validation:** good", "", "## Questions", "- Which region?", "Question: /tech_spec/stack which one?",
    ),
    "rename and delete": _text(F3, "// file: b.ts (rename from a.ts)", F3, F3, "// file: c.ts (delete)", F3),
    "names around": _text("### `src/a.ts`", "", F3 + "ts", "a", F3, "", "b.ts", F3, "b", F3, F3 + "py:c.py", "c", F3, F3, "# d/e.py",
                          "x", "", "# d/f.py", "y", F3, "g.txt", "<source>", "g", "</source>"),
    "wrapped reply": _text(F3 + "markdown", "# Title", "**a.ts**", F3 + "ts", "x", F3, "text"),
    "prose only": "Nothing to see.\n\n# Heading\n",
    "empty": "",
    "fences only": _text(F3, F3, F3),
    "stray fence": _text(F3 + "ts", "// file: a.ts", "x", F3, F3, "prose", F3 + "ts", "// file: b.ts", F3),
}  # fmt: skip


@pytest.fixture(params=sorted(CASES), scope="session")
def case(request: pytest.FixtureRequest) -> str:
    """The text of one case."""
    return CASES[request.param]


@pytest.fixture(scope="session")
def cases() -> dict[str, str]:
    """All cases by name."""
    return CASES


REPLIES = Path(__file__).parents[2].parent / "shared" / "replies"


@pytest.fixture(scope="session")
def labelled() -> list[tuple[dict[str, Any], str]]:
    """Each labelled reply with its label; the test is skipped, and says so, where they are absent."""
    if not (REPLIES / "labels.jsonl").is_file():
        pytest.skip("the labelled replies are not at ../shared/replies")
    names = {path.stem: path for path in (REPLIES / "docs").iterdir()}
    labels = [json.loads(line) for line in (REPLIES / "labels.jsonl").read_text("utf-8").splitlines()]
    return [(label, names[label["id"]].read_bytes().decode()) for label in labels]
