"""Real pairs with one mechanical edit each: does the rule that the edit is about say so, and was it silent before?

    python benchmarks/seeded_real_migrations.py DIALECT FOLDER[=REPORT]...

The edits know nothing of the rules' code: a rollback emptied, a bracket too many, a version taken back, a BEGIN
without a COMMIT, an index built CONCURRENTLY, a check that asks for nothing, one that writes, a section without a
duration, and an annotation on a pair of which a kept report (see `accuracy_migrations.py folder --run`) knows
whether its rollback restores the schema. Pairs are drawn with a fixed seed. Prints told / edited for each edit,
and how often the same rule spoke of the same pair before the edit.
"""

from __future__ import annotations

import random
import re
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from accuracy_migrations import SETTINGS, one_by_one, rules_for
from seeded_migrations import _Inputs

from backend_engineer.migrations import Migration, discover
from backend_engineer.migrations.gathering import migration_files
from backend_engineer.outputs import Change, FileChange, MigrationReport, text_hash
from backend_engineer.rules import check
from backend_engineer.workspace import SourceTree

PAIRS = 25
Files = dict[str, str]
Edit = Callable[[Files, Migration], Files | None]


def emptied(files: Files, item: Migration) -> Files | None:
    """The rollback says nothing."""
    if item.rollback is None or item.rollback.path == item.forward.path or item.rollback.parts:
        return None
    return {**files, item.rollback.path: "-- nothing\n"}


def bracket(files: Files, item: Migration) -> Files | None:
    """A closing bracket too many at the end of the forward script's first statement."""
    text = files.get(item.forward.path, "")
    place = text.find(";\n")
    return {**files, item.forward.path: f"{text[:place]}){text[place:]}"} if place > 0 else None


def taken_back(files: Files, item: Migration) -> Files | None:
    """A version below all others."""
    if not item.version.isdigit():
        return None
    low = "0" * len(item.version)
    return {path.replace(item.version, low): text for path, text in files.items()}


def unclosed(files: Files, item: Migration) -> Files | None:
    """BEGIN without an end."""
    text = files.get(item.forward.path, "")
    if re.search(r"\b(?:begin|commit|transaction)\b|\+goose|\+migrate", text, re.IGNORECASE):
        return None
    return {**files, item.forward.path: f"BEGIN;\n{text}"}


def concurrently(files: Files, item: Migration) -> Files | None:
    """The first index of a script that its runner wraps is built CONCURRENTLY."""
    text = files.get(item.forward.path, "")
    changed = re.sub(r"(?im)^(create (?:unique )?index)(?! concurrently)", r"\1 CONCURRENTLY", text, count=1)
    return {**files, item.forward.path: changed} if changed != text and item.transactional is True else None


def checked_by(sql: str) -> Edit:
    """A VERIFY section with this check at the end of the forward script."""

    def edit(files: Files, item: Migration) -> Files | None:
        text = files.get(item.forward.path, "")
        if item.rollback is not None and item.rollback.path == item.forward.path:
            return None
        return {**files, item.forward.path: f"{text}\n-- VERIFY\n-- {sql}\n"}

    return edit


def no_duration(files: Files, item: Migration) -> Files | None:
    """An OPERATIONS section that says nothing of the duration."""
    text = files.get(item.forward.path, "")
    if item.rollback is not None and item.rollback.path == item.forward.path:
        return None
    return {**files, item.forward.path: f"{text}\n-- OPERATIONS\n-- impact: none\n-- throttling: none\n"}


EDITS: tuple[tuple[str, str, Edit], ...] = (
    ("an emptied rollback", "MIG002", emptied),
    ("a version taken back", "MIG003", taken_back),
    ("a bracket too many", "MIG010", bracket),
    ("CONCURRENTLY in a transaction", "MIG011", concurrently),
    ("BEGIN without an end", "MIG012", unclosed),
    ("a check that asks for nothing", "MIG051", checked_by("SELECT 1;")),
    ("a check that writes", "MIG052", checked_by("DELETE FROM probe WHERE id = 1;")),
    ("no duration", "MIG053", no_duration),
)


def speaks(
    code: str, files: Files, base: SourceTree, dialect: str, verified: tuple[MigrationReport, ...]
) -> bool:
    """Whether a rule has a hit on a change."""
    change = Change(tuple(FileChange(path, text) for path, text in files.items()), origin="git")
    report = check(change, base=base, rules=rules_for(code), inputs=_Inputs(dialect), verified=verified)
    return any(
        item.severity.value != "info" or code == "MIG053" for item in report.findings if item.code == code
    )


def annotated(
    files: Files, item: Migration, base: SourceTree, dialect: str, report: MigrationReport
) -> tuple[str, bool] | None:
    """How a pair's rollback ends, and whether MIG067 speaks once it is annotated as irreversible."""
    outcome = next((pair for pair in report.pairs if pair.forward == item.forward.path), None)
    if outcome is None or item.rollback is None or outcome.verdict.value not in ("different", "restored"):
        return None
    text = files.get(item.forward.path, "")
    if item.forward.parts or item.rollback.path == item.forward.path:
        return None
    files = {**files, item.forward.path: f"-- IRREVERSIBLE: a test; restore the backup\n{text}"}
    marked = report.model_copy(
        update={
            "pairs": (outcome,),
            "lint": (),
            "files": {path: text_hash(one) for path, one in files.items()},
        }
    )
    return outcome.verdict.value, speaks("MIG067", files, base, dialect, (marked,))


def main() -> int:
    """Edit, judge, print."""
    dialect, *sources = sys.argv[1:]
    edited: Counter[str] = Counter()
    told: Counter[str] = Counter()
    before: Counter[str] = Counter()
    for source in sources:
        folder, _, kept = source.partition("=")
        report = MigrationReport.model_validate_json(Path(kept).read_text("utf-8")) if kept else None
        files = migration_files(SourceTree.from_directory(folder))
        chains = discover(files, dialect=dialect).chains
        settings = {path: text for path, text in files.items() if path.endswith(SETTINGS)}
        steps = [step for step in one_by_one(chains, files, settings) if step[2].forward.runnable]
        for change, base, item in random.Random(1).sample(steps[1:], min(PAIRS, max(len(steps) - 1, 0))):
            mine = {file.path: file.content or "" for file in change}
            for name, code, edit in EDITS:
                wrong = edit(mine, item)
                if wrong is not None:
                    edited[f"{code} {name}"] += 1
                    told[f"{code} {name}"] += speaks(code, wrong, base, dialect, ())
                    before[f"{code} {name}"] += code != "MIG053" and speaks(code, mine, base, dialect, ())
            seen = annotated(mine, item, base, dialect, report) if report is not None else None
            if seen is not None:
                edited[f"MIG067 annotated, {seen[0]}"] += 1
                told[f"MIG067 annotated, {seen[0]}"] += seen[1]
    for key in sorted(edited):
        print(f"{key}: {told[key]} told of {edited[key]} edited; {before[key]} told before the edit")
    return 0


if __name__ == "__main__":
    sys.exit(main())
