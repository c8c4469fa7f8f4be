"""How the files of an answer join the files that were accepted before.

Owns: what is accepted, set aside or missing; pins; the joining of a continued file.
Must never know: prompts, streams, what a rule thinks of a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from backend_engineer.contract import FILE_CAP
from backend_engineer.diffs import changed_ranges, split_lines
from backend_engineer.outputs import FileChange, Finding, Plan, PlannedFile
from backend_engineer.parsing import Reply
from backend_engineer.paths import classify
from backend_engineer.session.prompting import whole_lines
from backend_engineer.session.state import Part, SessionState
from backend_engineer.session.tree import standing, standing_texts

__all__ = ["Taken", "join", "missing", "planned_paths", "take", "with_files"]

_OVERLAP_LINES = 2
_OVERLAP_CHARACTERS = 12


@dataclass(slots=True)
class Taken:
    """What an answer brought: files in order, a file that is cut, and paths that were not taken, with reasons."""

    accepted: tuple[FileChange, ...]
    cut: FileChange | None = None
    aside: list[tuple[str, str]] = field(default_factory=list)
    fresh: list[str] = field(default_factory=list)


def join(head: str, more: str) -> str:
    """The text of a file whose answer was cut and continued: a repeated tail stands once."""
    kept = whole_lines(head)
    if kept and more.startswith(kept):
        return more
    before, after = split_lines(kept), split_lines(more)
    for count in range(min(len(before), len(after)), 0, -1):
        overlap = after[:count]
        # A short line such as a closing brace may rightly stand twice; a longer stretch is a repetition.
        long_enough = count >= _OVERLAP_LINES or len(overlap[0].strip()) >= _OVERLAP_CHARACTERS
        if long_enough and before[-count:] == overlap:
            return kept + "".join(after[count:])
    return kept + more


def planned_paths(plan: Plan | None, number: int) -> tuple[str, ...]:
    """The paths of one part of the plan; none without a plan."""
    return tuple(file.path for file in plan.files if file.part == number) if plan is not None else ()


def missing(document: SessionState) -> tuple[str, ...]:
    """Planned paths of the part that is being made that no answer brought yet."""
    have = {file.path for file in document.part.accepted}
    return tuple(path for path in planned_paths(document.plan, document.part.number) if path not in have)


def take(document: SessionState, reply: Reply, stopped: Sequence[Finding], *, agreed: bool) -> Taken:
    """Work out what an answer adds to the part that is being made.

    stopped: why the stream was broken off; the files that these findings name are not taken. agreed: the plan
    stood before the answer, so that a file which it does not name is set aside.
    """
    part = document.part
    taken = Taken(part.accepted)
    files = _joined(part, reply.files)
    refused = _refused(stopped, files)
    for file in files:
        if file.path in refused:
            taken.aside.append((file.path, "a streaming rule ended the answer here"))
        elif file.status == "truncated":
            taken.cut = file
        elif file.content is None and file.action in ("add", "modify"):
            taken.aside.append((file.path, "its diff could not be applied"))
        else:
            _accept(document, file, taken, agreed=agreed)
    if part.sources:
        taken.accepted = _in_section_order(taken.accepted)
    if any(finding.code == "CAP001" for finding in stopped):
        _keep_planned(document, taken)
    return taken


def _joined(part: Part, files: Iterable[FileChange]) -> list[FileChange]:
    """The answer's files, with the first one joined to the file that was cut before."""
    cut = part.cut if part.task == "continue" else None
    made: list[FileChange] = []
    for file in files:
        if cut is not None and file.path == cut.path and file.content is not None and file.patch is None:
            text = join(cut.content or "", file.content)
            file = replace(
                file,
                content=text,
                section=file.section or cut.section,
                language=file.language or cut.language,
            )
            cut = None
        made.append(file)
    return made


def _refused(stopped: Sequence[Finding], files: Sequence[FileChange]) -> set[str]:
    named = {finding.where.path for finding in stopped if finding.where.path}
    if stopped and not named and files:
        return {files[-1].path}
    return named


def _accept(document: SessionState, file: FileChange, taken: Taken, *, agreed: bool) -> None:
    part = document.part
    before = next((item for item in taken.accepted if item.path == file.path), None)
    if before is not None and before.hash == file.hash and before.action == file.action:
        return
    if before is not None and _is_pinned(part, file.path):
        taken.aside.append((file.path, "the file was accepted before and is pinned"))
        return
    planned = planned_paths(document.plan, part.number)
    if planned and file.path not in planned and part.task != "repair" and agreed:
        taken.aside.append((file.path, "the plan does not list it"))
        return
    if planned and file.path not in planned and document.plan is not None and part.task != "repair":
        other = next((row.part for row in document.plan.files if row.path == file.path), None)
        if other is not None:
            taken.aside.append((file.path, f"the plan lists it for part {other}"))
            return
    if before is None and len(taken.accepted) >= FILE_CAP and agreed:
        taken.aside.append((file.path, f"a change has at most {FILE_CAP} files"))
        return
    settled = _settled(document, file, before)
    taken.fresh.append(file.path)
    if before is None:
        taken.accepted = (*taken.accepted, settled)
    else:
        taken.accepted = tuple(settled if item.path == file.path else item for item in taken.accepted)


def _is_pinned(part: Part, path: str) -> bool:
    if part.task == "continue":
        return True
    return part.task == "repair" and not part.open and path not in part.wanted


def _settled(document: SessionState, file: FileChange, before: FileChange | None) -> FileChange:
    """The file with the facts that only the session knows: section, action and hash by the true base."""
    # An answer to a repair or a continuation need not repeat the headings.
    later = bool(document.part.sources) or document.part.task in ("repair", "continue")
    if file.section is None and later:
        section = before.section if before is not None else None
        file = replace(file, section=section or classify(file.path, file.content))
    if document.base is None:
        return file
    hashes = standing(document)
    if file.action == "rename" and file.previous_path is not None:
        return replace(file, base_hash=hashes.get(file.previous_path))
    if file.action == "delete":
        return replace(file, base_hash=hashes.get(file.path))
    known = hashes.get(file.path)
    old = standing_texts(document).get(file.path)
    changed = changed_ranges(old, file.content) if old is not None and file.content is not None else None
    return replace(
        file,
        action="add" if known is None else "modify",
        base_hash=known,
        changed_lines=changed,
        previous_path=None,
    )


def _in_section_order(files: Sequence[FileChange]) -> tuple[FileChange, ...]:
    """Files of several answers in the order of the sections; within one they stay as they came."""
    return tuple(sorted(files, key=lambda file: (file.section or classify(file.path, file.content)).position))


def _keep_planned(document: SessionState, taken: Taken) -> None:
    """Too many files came: those that the plan does not list make room."""
    planned = planned_paths(document.plan, document.part.number)
    if planned:
        for file in taken.accepted:
            if file.path not in planned:
                taken.aside.append((file.path, "the plan does not list it and the cap is reached"))
        taken.accepted = tuple(file for file in taken.accepted if file.path in planned)


def with_files(plan: Plan, files: Iterable[FileChange], number: int) -> Plan:
    """The plan with files added that a repair forced, so that it lists what the change holds."""
    known = {file.path for file in plan.files}
    added = [
        PlannedFile(
            path=file.path,
            action=file.action,
            section=file.section or classify(file.path, file.content),
            purpose="Added by a repair.",
            previous_path=file.previous_path,
            part=number,
        )
        for file in files
        if file.path not in known
    ]
    return plan.model_copy(update={"files": (*plan.files, *added)}) if added else plan
