"""The rules about form on recorded answers of models.

`answers`: a folder of answers to other prompts, with the right files beside them (`labels.jsonl`, where it is there).
What an answer lacks is found out here by patterns over its text. `model`: the replies that `model_replies.py` wrote;
every hit is printed to be judged, as nothing but reading tells what such a reply claims.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

from backend_engineer import SourceTree, check, parse_reply
from backend_engineer.contract import Section
from backend_engineer.rules.reading import CODE_SECTIONS
from backend_engineer.testing.builders import build
from reply_accuracy.tally import Tally

__all__ = ["answers", "model"]

CODES = (
    *("CHK001", "PLN001", "PLN002", "PLN003", "TRC001", "PAT001", "FND001", "FND002", "FND003"),
    *("ATT001", "SHP004", "ORD001", "ORD002", "BLK001", "VAL001", "SUP001", "SUP002"),
)
_HEADINGS = re.compile(
    rf"^#{{1,6}} *(?:\d+[.)] *)?(?:{'|'.join(re.escape(s.value) for s in Section)})\b", re.MULTILINE
)
_BULLET = re.compile(r"[ \t]*(?:[-*+]|\d+[.)])[ \t]+\S")
_IN_BLOCK = ("comment-first-line", "header", "first-line")


def answers(tally: Tally, folder: str) -> None:
    """Answers to other prompts: `FOLDER/docs/*.md`, or `FOLDER/*.md`."""
    root = Path(folder)
    labels = {}
    if (root / "labels.jsonl").is_file():
        rows = (json.loads(line) for line in (root / "labels.jsonl").read_text("utf-8").splitlines())
        labels = {row["id"]: {file["path"]: file["named_by"] for file in row["files"]} for row in rows}
    paths = sorted((root / "docs").glob("*.md") if (root / "docs").is_dir() else root.glob("*.md"))
    for path in paths:
        text = path.read_bytes().decode("utf-8", "replace")
        reply = parse_reply(text, names="any")
        report = check(reply, rules=tally.rules(*CODES))
        lacks = {
            "PLN001": re.search(r'"plan"\s*:\s*\{', text) is None,
            "FND001": re.search(r'"findings"\s*:\s*\[', text) is None,
            "VAL001": re.search(r"^Validation:", text, re.MULTILINE) is None,
        }
        first = min((file.start_line for file in reply.files if file.start_line > 0), default=0)
        before = "\n".join(text.split("\n")[:first])
        named = labels.get(path.stem, {})
        bullets = _opening_bullets(text)
        for item in report.findings:
            code, where = item.code or "", item.where.path
            kind = "open"
            if code in lacks:
                kind = "true" if lacks[code] else "open"
            elif code == "ORD001" and item.title == "A file has no section":
                kind = "false" if _HEADINGS.search(before) else "true"
            elif code == "ORD001":
                kind = "open" if _HEADINGS.search(text) else "false"
            elif code == "BLK001" and "outside of its block" in item.evidence and where in named:
                kind = "false" if named[where].startswith(_IN_BLOCK) else "true"
            elif code == "CHK001":
                kind = "true" if not 3 <= bullets <= 7 else "open"
            tally.hit(item, kind, path.stem)
        said = {item.code for item in report.findings}
        for code, lacking in lacks.items():
            if code not in said and lacking:
                code_files = [file.path for file in reply.files if file.section in CODE_SECTIONS]
                kind = "missed" if code != "VAL001" or code_files else "quiet"
                tally.add(code, "major", kind, f"{path.stem}: silent on {code_files[:3]}")
        if "CHK001" not in said:
            tally.add(
                "CHK001",
                "major",
                "quiet" if 3 <= bullets <= 7 else "missed",
                f"{path.stem}: {bullets} bullets",
            )
    print(f"{len(paths)} answers, {len(labels)} of them with the right files beside them")


def _opening_bullets(text: str) -> int:
    """Bullets of the first list, counted to the first heading or fence after it began."""
    count = 0
    for line in text.split("\n"):
        if _BULLET.match(line) and not line.startswith((" " * 2, "\t")):
            count += 1
        elif (count and re.match(r"#|```|~~~", line)) or re.match(r"```|~~~", line):
            break
    return count


def model(tally: Tally, folder: str) -> None:
    """Replies of a small model to this library's own prompts; each hit is to be judged."""
    paths = sorted(Path(folder).glob("*.json"))
    tokens = 0
    for path in paths:
        facts = json.loads(path.read_text("utf-8"))
        tokens += facts["reply_tokens"]
        made = build(facts["spec"])
        base = dict(made.base)
        reply = parse_reply(facts["text"], seal=facts["seal"] or None, ending=facts["ending"], base=base)
        codes = set(CODES)
        if facts["phase"] in ("verify", "repair", "implement"):
            # The answer to one phase is no whole reply; what another phase brings is not asked for here.
            codes -= {"CHK001", "PLN001"}
        if facts["phase"] != "verify" and facts["phase"] != "all":
            codes -= {"FND001"}
        if facts["phase"] == "verify":
            shown = parse_reply(made.text(), base=base)
            reply = replace(
                shown, attestations=reply.attestations, findings=reply.findings, diagnostics=reply.diagnostics
            )
        report = check(
            reply, made.inputs, base=SourceTree.from_mapping(base), rules=tally.rules(*sorted(codes))
        )
        for item in report.findings:
            tally.hit(item, "open", path.stem)
    print(f"{len(paths)} replies, {tokens} tokens")
