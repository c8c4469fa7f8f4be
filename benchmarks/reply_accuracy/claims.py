"""ATT001, TRC001 and INP001 on claims about real texts, each made so that what is true of it is known.

Attestations quote real lines of real commits, as they stand, without their indentation, over several lines, or at the
wrong place. Traceability maps name the operations of real OpenAPI documents in the notations that frameworks use, and
operations of other documents. Whether a claim stands is found out here, by searching the text.
"""

from __future__ import annotations

import itertools
import json
import random
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from backend_engineer import Change, FileChange, SourceTree, check, parse_reply
from backend_engineer.contract import CLAUSES
from backend_engineer.inputs import partial
from reply_accuracy.repository import revisions, text_at, touched
from reply_accuracy.tally import Tally

__all__ = ["attestations", "inputs", "traceability"]

_METHODS = ("get", "put", "post", "delete", "patch", "head", "options")


def attestations(tally: Tally, repository: str, count: str) -> None:
    """Claims on the files of the newest commits."""
    name = Path(repository).resolve().parent.name
    draw = random.Random(1)
    total = 0
    for revision in revisions(repository, int(count)):
        texts = {
            item.path: text
            for item in touched(repository, revision)
            if item.status in "AM"
            and (text := text_at(repository, revision, item.path))
            and len(text) < 200_000
        }
        rows = [row for path, text in texts.items() for row in _claims(path, text, draw)]
        if not rows:
            continue
        rows = draw.sample(rows, min(len(rows), 30))
        total += len(rows)
        for wanted, row in rows:
            claim = {**row, "clause": draw.choice(sorted(CLAUSES))}
            one = check(
                parse_reply(f"```json\n{json.dumps({'attestations': [claim]})}\n```\n"),
                base=SourceTree.from_mapping(texts),
                rules=tally.rules("ATT001"),
            )
            said = {str(item.severity) for item in one.findings}
            place = f"{name} {revision[:10]} {row['path']}:{row['lines']} {row['quote'][:80]!r}"
            severity = wanted or (next(iter(said)) if said else "major")
            kind = "true" if wanted else "false"
            if said:
                tally.add(
                    "ATT001", next(iter(said)), kind if not wanted or wanted in said else "false", place
                )
            else:
                tally.add("ATT001", severity, "missed" if wanted else "quiet", place)
    print(f"{name}: {total} attestations")


def _claims(path: str, text: str, draw: random.Random) -> Iterator[tuple[str, dict[str, str]]]:
    """The severity that each claim deserves, empty for one that stands, and the claim."""
    lines = text.split("\n")
    good = [at for at, line in enumerate(lines) if re.search(r"[A-Za-z]{3}", line)]
    if len(good) < 5:
        return
    at = draw.choice(good)
    line = lines[at].strip()
    number = str(at + 1)
    yield "", {"path": path, "lines": number, "quote": lines[at]}
    yield "", {"path": path, "lines": "", "quote": line}
    yield "", {"path": path, "lines": f"{max(at, 1)}-{min(at + 3, len(lines))}", "quote": line}
    part = re.search(r"\w{3,}.*\w", line)
    if part:
        yield "", {"path": path, "lines": number, "quote": part[0]}
    if at + 2 < len(lines):
        three = "\n".join(row.strip() for row in lines[at : at + 3])
        if three.strip() == three:
            yield "", {"path": path, "lines": f"{at + 1}-{at + 3}", "quote": three}
            yield "", {"path": path, "lines": f"{at + 1}-{at + 3}", "quote": "\n".join(lines[at : at + 3])}
    other = draw.choice(good)
    if line not in lines[other]:
        yield "minor", {"path": path, "lines": str(other + 1), "quote": line}
    word = re.sub(r"[A-Za-z]{3,}", lambda found: found[0][::-1], line, count=1)
    if word not in text and word.strip():
        yield "major", {"path": path, "lines": number, "quote": word}
    yield "major", {"path": f"{path}.none", "lines": number, "quote": line}
    yield "major", {"path": path, "lines": str(len(lines) + 7), "quote": line}


def traceability(tally: Tally, folder: str, most: str = "40") -> None:
    """Maps over the OpenAPI documents (JSON) below a folder; at most `most` operations of each."""
    documents = dict(_documents(folder))
    draw = random.Random(1)
    entries = 0
    every = sorted({operation for data in documents.values() for operation in _operations(data)})
    for name, data in documents.items():
        own = sorted(_operations(data))
        known = {_plain(operation) for operation in own}
        given = partial({"api_contract": {"kind": "openapi", "document": data}})
        if getattr(given, "api_contract", None) is None or not own:
            continue
        rows: list[tuple[str, bool]] = []
        for operation in draw.sample(own, min(len(own), int(most))):
            rows += [(text, True) for text in _notations(operation, draw)]
        for operation in draw.sample(every, min(len(every), int(most))):
            rows.append((operation, _plain(operation) in known))
        entries += len(rows)
        traces = [{"endpoint": text, "service": "Service.run", "data": ["a.b"]} for text, _ in rows]
        plan = {
            "summary": "A plan.",
            "files": [{"path": "src/a.py", "action": "add", "section": "Services/Use-Cases", "purpose": "p"}],
            "traceability": traces,
            "schema_change": {"kind": "none", "reason": "no table"},
        }
        reply = parse_reply(f"```json\n{json.dumps({'plan': plan})}\n```\n")
        report = check(reply, given, rules=tally.rules("TRC001"))
        said = {item.evidence.split("`")[1] for item in report.findings}
        due = {text for text, stands in rows if not stands}
        tally.compare("TRC001", said, due, name, len({text for text, _ in rows}))
    print(f"{len(documents)} documents, {entries} entries")


def _documents(folder: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(Path(folder).rglob("*.json")):
        if path.stat().st_size > 1_500_000:
            continue
        try:
            data = json.loads(path.read_text("utf-8"))
        except ValueError:
            continue
        if isinstance(data, dict) and str(data.get("openapi", "")).startswith("3.") and data.get("paths"):
            yield path.relative_to(folder).as_posix(), data


def _operations(data: dict[str, Any]) -> Iterator[str]:
    for path, item in data["paths"].items():
        for method in _METHODS:
            if isinstance(item, dict) and isinstance(item.get(method), dict):
                yield f"{method.upper()} {path}"


def _plain(operation: str) -> str:
    method, _, path = operation.partition(" ")
    return f"{method} {re.sub(r'{[^}]*}', '{}', path.rstrip('/') or '/')}"


def _notations(operation: str, draw: random.Random) -> Iterator[str]:
    method, _, path = operation.partition(" ")
    yield operation
    yield f"{method.lower()} {path}"
    yield f"{method}  {path.rstrip('/')}/"
    yield f"{method} {path}?limit=5"
    if re.fullmatch(r"[\w/{}.-]*", path) and not re.search(r"}[^/]|[^/]{", path):
        coloned = re.sub(r"{([A-Za-z_]\w*)}", r":\1", path)
        renamed = re.sub(r"{[^}]*}", "{" + draw.choice(("id", "key", "name_of_it")) + "}", path)
        yield f"{method} {coloned}"
        yield f"{method} {renamed}"


def inputs(tally: Tally, folder: str) -> None:
    """INP001 on a folder of whole inputs, with every choice of its documents taken away."""
    documents = {
        "INPT-02": "tech_spec",
        "INPT-03": "api_contract",
        "INPT-04": "data_model",
        "INPT-05": "security_policy",
        "INPT-06": "perf_targets",
        "INPT-07": "ops_guides",
    }
    change = Change((FileChange("docs/a.md", "# A\n"),), origin="directory")
    for lost in itertools.product((False, True), repeat=len(documents)):
        gone = {clause for clause, away in zip(documents, lost, strict=True) if away}
        with tempfile.TemporaryDirectory() as scratch:
            target = Path(scratch) / "spec"
            shutil.copytree(folder, target)
            for clause in gone:
                for path in target.glob(f"{documents[clause]}.*"):
                    path.unlink()
            report = check(change, partial(target), rules=tally.rules("INP001"))
        said = {clause for clause in documents if report.clauses[clause] == "not checked"}
        whole = report.clauses["FLOW-01"] == "held"
        tally.compare(
            "INP001",
            said | ({"whole"} if not whole else set()),
            gone | ({"whole"} if gone else set()),
            folder,
            7,
        )
    print("64 choices of six documents; a clause that is not checked counts as a hit")
