"""Real commits, put mechanically into the reply format: the rules about plans, sections, blocks and the schema.

The files, their order among themselves, the words and the bullets are the commit's; the plan lists what git lists. So
the oracle is git: a rule must be silent where the plan says what git says, and must speak exactly at the place that
one of the seeded alterations changed. What a migration is in a project is told by a pattern on the command line, and
not by this library.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from backend_engineer import SourceTree, change_from_git, check, parse_reply
from backend_engineer.contract import IDENTITY, Section
from backend_engineer.errors import BackendEngineerError
from backend_engineer.paths import classify
from backend_engineer.rules.reading import CODE_SECTIONS
from reply_accuracy.repository import git, revisions, text_at, touched
from reply_accuracy.tally import Tally

__all__ = ["commits", "schema"]

CODES = ("CHK001", "PLN001", "PLN002", "PLN003", "ORD001", "ORD002", "BLK001", "VAL001", "FND001", "SHP004")
_CODE = CODE_SECTIONS | {Section.MIGRATIONS}
_MOST_FILES, _LARGEST = 40, 150_000
_SEAL = "q9x4"
_LEADERS = (
    (".sql", "-- ", ""),
    (".md", "<!-- ", " -->"),
    (".html", "<!-- ", " -->"),
    (".xml", "<!-- ", " -->"),
)
_SLASHED = (".ts", ".tsx", ".js", ".jsx", ".go", ".java", ".rs", ".kt", ".scss", ".prisma", ".mjs")


@dataclass(frozen=True)
class File:
    """One file of the reply, with the section it stands under; `script` by the pattern of the command line."""

    path: str
    action: str
    section: Section
    text: str
    before: str = ""
    script: bool = False


@dataclass(frozen=True)
class Case:
    """One reply in parts, and what each rule ought to say: code -> places."""

    files: tuple[File, ...]
    planned: tuple[File, ...]
    schema: str
    bullets: tuple[str, ...]
    word: str
    unvalidated: str = ""
    plan: bool = True
    findings: bool = True
    due: tuple[tuple[str, frozenset[str]], ...] = ()

    def expecting(self, **due: frozenset[str]) -> Case:
        """The same with what the rules ought to say."""
        return replace(self, due=tuple(due.items()))


def _cases(repository: str, chosen: list[str], migration: re.Pattern[str]) -> Iterator[tuple[str, Case]]:
    for revision in chosen:
        files = []
        for item in touched(repository, revision):
            text = "" if item.status == "D" else text_at(repository, revision, item.path)
            if text is None or len(text) > _LARGEST or item.status not in "AMDR":
                continue
            action = {"A": "add", "M": "modify", "D": "delete", "R": "rename"}[item.status]
            section = classify(item.path)
            if migration.search(item.path):
                section = Section.MIGRATIONS
            before = item.before if item.status == "R" else ""
            if before and text == text_at(repository, f"{revision}^", before):
                # A file that only moved is given without its text.
                text = ""
            script = migration.search(item.path) is not None and action != "delete"
            files.append(File(item.path, action, section, text, before, script))
        if not files or len(files) > _MOST_FILES:
            continue
        files.sort(key=lambda file: file.section.position)
        message = git(repository, "log", "-1", "--format=%B", revision)[1].decode("utf-8", "replace")
        bullets = tuple(line for line in message.split("\n")[1:] if re.match(r"[-*] \S", line))
        scripts = [file for file in files if file.script and (file.text or not file.before)]
        word = re.sub(r"\s+", " ", message.split("\n")[0]).strip().replace("`", "'") or "no words"
        kind = "migration" if scripts else "none"
        yield revision, Case(tuple(files), tuple(files), kind, bullets, word)


def _header(file: File) -> str:
    before, after = next(
        ((lead, tail) for ending, lead, tail in _LEADERS if file.path.endswith(ending)),
        ("// ", "") if file.path.endswith(_SLASHED) else ("# ", ""),
    )
    shown = f'"{file.path}"' if " " in file.path else file.path
    actions = (
        [f"rename from {json.dumps(file.before) if ' ' in file.before else file.before}"]
        if file.before
        else []
    )
    actions += [] if file.before else [file.action]
    if file.text and not file.text.endswith("\n"):
        actions.append("no final newline")
    return f"{before}file: {shown} {_SEAL} ({', '.join(actions)}){after}\n".replace(
        ", no final", ") (no final"
    )


def text_of(case: Case) -> str:
    """The reply, written by hand and not by the library's writer."""
    out = ["".join(f"{line}\n" for line in case.bullets)]
    if case.plan:
        rows = [
            {"path": f.path, "action": f.action, "section": f.section.value, "purpose": case.word}
            | ({"previous_path": f.before} if f.before else {})
            for f in case.planned
        ]
        plan = {
            "summary": case.word,
            "files": rows,
            "schema_change": {"kind": case.schema, "reason": case.word},
        }
        out.append(f"```json\n{json.dumps({'plan': plan}, ensure_ascii=False)}\n```\n")
    last = None
    for file in case.files:
        if file.section is not last:
            out.append(f"## {file.section.value}\n")
            last = file.section
        body = file.text if not file.text or file.text.endswith("\n") else file.text + "\n"
        fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", body))])
        out.append(f"{fence}text\n{_header(file)}{body}{fence}\n")
        if file.path != case.unvalidated:
            out.append(f"Validation: {case.word}.\n")
    if case.findings:
        findings = {"tool": IDENTITY.id, "version": IDENTITY.version, "status": "ready", "findings": []}
        out.append(f"```json\n{json.dumps(findings)}\n```\n")
    return "\n".join(out)


# What each alteration breaks is known from the alteration; what a second rule must say of it too, as well.


def _one_not_planned(case: Case, draw: random.Random) -> Case:
    left = draw.choice(case.files)
    planned = tuple(file for file in case.planned if file is not left)
    return replace(case, planned=planned).expecting(PLN003=frozenset({left.path})) if planned else case


def _one_too_many(case: Case, draw: random.Random) -> Case:
    more = replace(
        draw.choice(case.files), path=f"src/services/planned_{draw.randrange(99)}.txt", action="add"
    )
    more = replace(more, section=case.files[-1].section, before="")
    return replace(case, planned=(*case.planned, more)).expecting(PLN003=frozenset({more.path}))


def _schema_turned(case: Case, draw: random.Random) -> Case:
    turned = "none" if case.schema == "migration" else "migration"
    return replace(case, schema=turned).expecting(SHP004=frozenset({"1"}))


def _plan_turned(case: Case, draw: random.Random) -> Case:
    rows = tuple(sorted(case.planned, key=lambda file: file.section is Section.MIGRATIONS))
    late = {f.path for f in rows if f.section is Section.MIGRATIONS}
    return (
        replace(case, planned=rows).expecting(PLN002=frozenset(late)) if 0 < len(late) < len(rows) else case
    )


def _one_not_validated(case: Case, draw: random.Random) -> Case:
    code = [file for file in case.files if file.section in _CODE]
    if not code:
        return case
    left = draw.choice(code)
    return replace(case, unvalidated=left.path).expecting(VAL001=frozenset({left.path}))


def _files_turned(case: Case, draw: random.Random) -> Case:
    files = tuple(reversed(case.files))
    late: set[str] = set()
    highest = files[0].section.position
    for file in files:
        if file.section.position < highest:
            late.add(file.path)
        else:
            highest = file.section.position
    code = False
    after: set[str] = set()
    for file in files:
        if file.script and code:
            after.add(file.path)
        code = code or (file.section in _CODE - {Section.MIGRATIONS} and file.action != "delete")
    return (
        replace(case, files=files).expecting(ORD001=frozenset(late), ORD002=frozenset(after))
        if late
        else case
    )


def _no_plan(case: Case, draw: random.Random) -> Case:
    return replace(case, plan=False).expecting(PLN001=frozenset({""}))


def _no_findings(case: Case, draw: random.Random) -> Case:
    return replace(case, findings=False).expecting(FND001=frozenset({""}))


ALTERATIONS: tuple[Callable[[Case, random.Random], Case], ...] = (
    _one_not_planned,
    _one_too_many,
    _schema_turned,
    _plan_turned,
    _one_not_validated,
    _files_turned,
    _no_plan,
    _no_findings,
)


def commits(tally: Tally, repository: str, count: str, migration: str, *paths: str) -> None:
    """The newest commits, and as many of the newest that touch `paths` (the folder of migrations)."""
    name = Path(repository).resolve().parent.name
    chosen = revisions(repository, int(count))
    if paths:
        chosen += [item for item in revisions(repository, int(count), *paths) if item not in set(chosen)]
    draw = random.Random(1)
    whole = altered = 0
    for revision, case in _cases(repository, chosen, re.compile(migration)):
        whole += 1
        _judge(tally, case, f"{name} {revision[:10]}", "as it is")
        for alter in ALTERATIONS:
            broken = alter(case, draw)
            if broken is not case:
                altered += 1
                _judge(tally, broken, f"{name} {revision[:10]}", alter.__name__)
    print(f"{name}: {whole} commits as replies, and {altered} altered ones")


def _judge(tally: Tally, case: Case, place: str, how: str) -> None:
    text = text_of(case)
    reply = parse_reply(text, seal=_SEAL)
    report = check(reply, rules=tally.rules(*CODES))
    due = dict(case.due)
    bullets = len(case.bullets)
    found: dict[str, list[str]] = {code: [] for code in CODES}
    for item in report.findings:
        found[item.code or ""].append(item.where.path if item.code != "SHP004" else "1")
    wanted = {code: set(due.get(code, ())) for code in CODES}
    if not 3 <= bullets <= 7:
        wanted["CHK001"] = {""}
    for code in CODES:
        chances = len(case.files) if code in ("PLN003", "ORD001", "ORD002", "BLK001", "VAL001") else 1
        where = f"{place} ({how}{f', {bullets} bullets' if code == 'CHK001' else ''})"
        tally.compare(code, found[code], wanted[code], where, chances)


def schema(tally: Tally, repository: str, count: str, migration: str, *paths: str) -> None:
    """SHP004 without a plan: commits that touch models and hold no migration; its question is printed."""
    name = Path(repository).resolve().parent.name
    pattern = re.compile(migration)
    asked = judged = with_scripts = 0
    for revision in revisions(repository, int(count), *paths):
        try:
            base = SourceTree.from_git(repository, f"{revision}^")
            change = change_from_git(repository, f"{revision}^", revision)
        except BackendEngineerError as error:
            print(f"{revision[:10]}: {error}")
            continue
        judged += 1
        report = check(change, base=base, rules=tally.rules("SHP004"))
        reason = next((row.reason for row in report.verdicts if row.clause == "CONS-03"), "") or ""
        scripts = any(pattern.search(path) for path in change.paths)
        with_scripts += scripts
        if "without a migration" in reason:
            asked += 1
            path = reason.split("`")[1]
            facts: Any = git(repository, "show", "--format=%s", "--shortstat", revision, "--", path)[1]
            words = " ".join(facts.decode("utf-8", "replace").split())[:160]
            tally.add(
                "SHP004", "info", "false" if scripts else "open", f"{name} {revision[:10]} {path}: {words}"
            )
    print(
        f"{name}: {judged} commits, {with_scripts} with migrations, {asked} questions whether the schema changes"
    )
