"""PAT001 on the patches of real commits, held against what `git apply` says.

Each modified text file of a commit becomes a reply with one `diff` block: once against the text that the commit
starts from, where nothing may be refused, and once against the same file BACK commits earlier. git moves a hunk that
stands elsewhere ("offset"); this library refuses it, as the contract asks for an exact place, so such a hit is true
and counted apart in the last line.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

from backend_engineer import SourceTree, check, parse_reply
from reply_accuracy.repository import git, revisions, text_at, touched
from reply_accuracy.tally import Tally

__all__ = ["patches"]

BACK = 40
_LARGEST = 400_000
_SEAL = "q9x4"


def patches(tally: Tally, repository: str, count: str) -> None:
    """The newest commits of a repository, each file of each."""
    name = Path(repository).resolve().parent.name
    files = offsets = older = 0
    for revision in revisions(repository, int(count)):
        for item in touched(repository, revision):
            if item.status != "M":
                continue
            old = text_at(repository, f"{revision}^", item.path)
            words = (
                "diff",
                "--no-ext-diff",
                "--no-renames",
                f"{revision}^",
                revision,
                "--",
                f":(literal){item.path}",
            )
            patch = git(repository, *words)[1]
            if old is None or len(patch) > _LARGEST or b"\n@@" not in patch:
                continue
            try:
                text = patch.decode("utf-8")
            except UnicodeDecodeError:
                continue
            files += 1
            place = f"{name} {revision[:10]} {item.path}"
            made = _judge(tally, f"{place} (own base)", item.path, old, text, "applies")
            if made is not None and made != text_at(repository, revision, item.path):
                tally.add("PAT001", "major", "missed", f"{place}: it was applied, and the text is not git's")
            other = text_at(repository, f"{revision}~{BACK}", item.path)
            if other is not None and other != old:
                older += 1
                said = _git_says(item.path, other, patch)
                offsets += said == "offset"
                _judge(tally, f"{place} (base ~{BACK}, git: {said})", item.path, other, text, said)
    print(f"{name}: {files} patches on their own base, {older} on an older one; git would move {offsets}")


def _judge(tally: Tally, place: str, path: str, base: str, patch: str, said: str) -> str | None:
    """Count one patch; what the library made of the file, None where it refused."""
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", patch))])
    quoted = f'"{path}"' if " " in path else path
    text = f"{fence}diff\n# file: {quoted} {_SEAL} (modify)\n{patch}{fence}\n"
    reply = parse_reply(text, seal=_SEAL, base={path: base})
    report = check(reply, base=SourceTree.from_mapping({path: base}), rules=tally.rules("PAT001"))
    found = [item.evidence for item in report.findings if item.code == "PAT001"]
    key = found[0] if found else "git refuses it"
    tally.compare("PAT001", {key} if found else set(), {key} if said != "applies" else set(), place)
    return None if found or not reply.files else reply.files[0].content


def _git_says(path: str, base: str, patch: bytes) -> str:
    """`applies` at the very lines, `offset` at others, or `refused`, by git itself."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(base.encode("utf-8"))
        argv = ["git", "apply", "--check", "--verbose", "-"]
        done = subprocess.run(argv, input=patch, capture_output=True, check=False, cwd=folder)
    if done.returncode:
        return "refused"
    return "offset" if b"offset" in done.stdout + done.stderr else "applies"
