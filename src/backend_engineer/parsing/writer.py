"""A reply written in the grammar that the parser reads.

Owns: fences that are long enough, header lines, the order of the parts.
Must never know: models, prompts, what the files are for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from backend_engineer import outputs
from backend_engineer.contract import Section
from backend_engineer.errors import UsageError
from backend_engineer.outputs import Change, FileChange
from backend_engineer.parsing.block import Content
from backend_engineer.parsing.events import Validation
from backend_engineer.parsing.header import MID_NEEDLE, Header, header_line, read_header
from backend_engineer.paths import check_path, classify

if TYPE_CHECKING:  # at run time `outputs` brings each model when it is first used
    from backend_engineer.outputs import Attestation, Clarification, Plan, ReviewFindings

__all__ = ["write_reply"]

_TICKS: Final = re.compile("`{3,}")
_WORD: Final = re.compile(r"[A-Za-z0-9+#_.-]*\Z")
_INFO: Final = {
    "py": "python", "md": "markdown", "yml": "yaml", "rb": "ruby", "rs": "rust", "sh": "bash", "kt": "kotlin", "cs": "csharp"
}  # fmt: skip


def write_reply(
    change: Change | Iterable[FileChange],
    *,
    checklist: Sequence[str] = (),
    plan: Plan | None = None,
    validations: Mapping[str, str] | Iterable[Validation] | None = None,
    attestations: Sequence[Attestation] = (),
    findings: ReviewFindings | None = None,
    clarification: Clarification | None = None,
    seal: str | None = None,
) -> str:
    """The text that `parse_reply` reads back as the same files and documents.

    change: the files in order; a heading is written wherever the section changes. validations: a text
    for each path, or the records of a parsed reply. seal: the word that every header carries.
    Raises UnsafePath for a path that the policy refuses, and UsageError for content that no reply could
    carry: a line that would be read as the next file's header (without a seal; with one, only a line
    that carries it).
    """
    UsageError.each(checklist, str, "checklist")
    claimed = UsageError.each(attestations, outputs.Attestation, "attestations")
    UsageError.unless(plan, (outputs.Plan, type(None)), "plan")
    UsageError.unless(clarification, (outputs.Clarification, type(None)), "clarification")
    UsageError.unless(findings, (outputs.ReviewFindings, type(None)), "findings")
    UsageError.unless(seal, (str, type(None)), "seal")
    files = UsageError.each(change, FileChange, "change")
    out: list[str] = []
    if checklist:
        out.append("".join(f"- {' '.join(item.split())}\n" for item in checklist))
    if plan is not None:
        out.append(_document({"plan": plan.model_dump(mode="json")}))
    if clarification is not None:
        out.append(_document({"clarification": clarification.model_dump(mode="json")}))
    said = _validations(validations)
    section: Section | None = None
    for file in files:
        own = file.section or classify(file.path)
        if own is not section:
            out.append(f"## {own.value}\n")
            section = own
        out.append(_file(file, seal) + "".join(f"Validation: {text}\n" for text in said.get(file.path, ())))
    if claimed:
        claims = [claim.model_dump(mode="json") for claim in claimed]
        out.append(_document({"attestations": claims}))
    if findings is not None:
        out.append(_document(_plain_findings(findings)))
    return "\n".join(out)


def _validations(given: Mapping[str, str] | Iterable[Validation] | None) -> dict[str, list[str]]:
    said: dict[str, list[str]] = {}
    if isinstance(given, Mapping):
        UsageError.each(given.values(), str, "validations")
        return {path: [" ".join(text.split())] for path, text in given.items()}
    for item in UsageError.each(given or (), Validation, "validations"):
        said.setdefault(item.path or "", []).append(" ".join(item.text.split()))
    return said


def _plain_findings(findings: ReviewFindings) -> dict[str, Any]:
    """The document without keys that say nothing, so that a plain finding has its seven keys."""
    document = findings.model_dump(mode="json", exclude_none=True)
    for item in document["findings"]:
        if not item.get("clauses"):
            item.pop("clauses", None)
    return document


def _document(data: dict[str, Any]) -> str:
    return f"```json\n{json.dumps(data, indent=2, ensure_ascii=False)}\n```\n"


def _file(file: FileChange, seal: str | None) -> str:
    path = check_path(file.path)
    previous = check_path(file.previous_path) if file.previous_path is not None else None
    body = file.patch if file.patch is not None else file.content if file.content is not None else ""
    if file.action == "delete":
        body = ""
    # A rename to an empty file is told from one that keeps its content by a line that is taken back.
    emptied = file.action == "rename" and file.content == "" and file.patch is None
    open_ended = emptied or (body != "" and not body.endswith("\n"))
    action = file.action if file.stated or file.action in ("delete", "rename") else None
    header = Header(path, action, previous if file.action == "rename" else None, open_ended)
    _refuse_headers(path, body, seal)
    fence = "`" * max(3, 1 + max((len(run) for run in _TICKS.findall(body)), default=0))
    text = body + ("\n" if open_ended else "")
    return f"{fence}{_info(file)}\n{header_line(header, seal=seal)}\n{text}{fence}\n"


def _info(file: FileChange) -> str:
    if file.patch is not None:
        return "diff"
    ending = file.path.rpartition("/")[2].rpartition(".")[2].lower() if "." in file.path else ""
    word = file.language or _INFO.get(ending, ending)
    return word if _WORD.match(word) and word not in ("diff", "patch") else ""


def _refuse_headers(path: str, body: str, seal: str | None) -> None:
    """Refuse a body in which the parser would find the next file's header."""
    at = body.find(MID_NEEDLE)
    if at < 0:
        return
    size = max(3, 1 + max((len(run) for run in _TICKS.findall(body)), default=0))
    content, settled = Content(), 0
    content.fence = ("`", size)
    while at >= 0:
        begin = body.rfind("\n", 0, at) + 1
        stop = body.find("\n", at)
        line = body[begin : stop if stop >= 0 else len(body)]
        if read_header(line, first=False, seal=seal) is not None:
            content.add(body[settled:begin], len(body))
            settled = begin
            if not content.inside_inner_fence():
                number = body.count("\n", 0, begin) + 1
                raise UsageError(
                    f"{path}, line {number} would be read as the header of another file: {line[:80]!r}.",
                    hint="Write the reply with a seal that does not occur in any file."
                    if seal is None
                    else "Choose another seal.",
                )
        at = body.find(MID_NEEDLE, at + 1)
