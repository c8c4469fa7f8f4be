"""Mutators of the change: how many files, which paths, what is missing from it, what is left out of a file.

Owns: these mutators.
Must never know: how the rules find them.
"""

from __future__ import annotations

import random
from dataclasses import replace

from backend_engineer.contract import Section
from backend_engineer.outputs import SchemaChange
from backend_engineer.testing.builders import Built
from backend_engineer.testing.mutators.mutator import Mutator

__all__ = ["MUTATORS"]


def _too_many(built: Built, chance: random.Random) -> Built:
    for number in range(chance.randint(4, 9)):
        built = built.add(Section.DOCS, f"docs/notes/page-{number}.md", f"# Page {number}\n")
    return built


def _refused_path(built: Built, chance: random.Random) -> Built:
    path = chance.choice(
        ("../outside.md", "/etc/notes.md", "docs/../../x.md", ".git/hooks/run", "docs/NUL", "C:/x.md")
    )
    text = built.add(Section.DOCS, "docs/to-be-refused.md", "# Notes\n").text()
    return replace(built, raw=text.replace("docs/to-be-refused.md", path))


def _colliding_paths(built: Built, chance: random.Random) -> Built:
    name = f"page{chance.randint(1, 99)}"
    return built.add(Section.DOCS, f"docs/{name}.md", "# One\n").add(
        Section.DOCS, f"docs/{name.upper()}.md", "# Two\n"
    )


def _migrations_last(built: Built, chance: random.Random) -> Built:
    files = list(built.change.files)
    up, down = files.pop(0), files.pop(0)
    place = chance.randint(1, len(files))
    files[place:place] = [up, down]
    return replace(built, change=built.change.with_files(tuple(files)))


def _no_tests(built: Built, chance: random.Random) -> Built:
    return built.without(built.file(Section.TESTS).path)


def _no_docs(built: Built, chance: random.Random) -> Built:
    for file in built.change.files:
        if file.section is Section.DOCS:
            built = built.without(file.path)
    return built


def _no_observability(built: Built, chance: random.Random) -> Built:
    # What the code counts and logs by itself is observability too, so it goes as well.
    controller = built.file(Section.CONTROLLERS)
    lines = (controller.content or "").split("\n")
    words = ("logg", "COUNTS", "SECONDS", "monotonic", "import time", "finally")
    quiet = [line for line in lines if not any(word in line for word in words)]
    built = built.with_file(replace(controller, content="\n".join(quiet)))
    return built.without(built.file(Section.OBSERVABILITY).path)


def _schema_said_to_stay(built: Built, chance: random.Random) -> Built:
    assert built.plan is not None
    word = SchemaChange(kind="none", reason="nothing is stored")
    return replace(built, plan=built.plan.model_copy(update={"schema_change": word}))


def _elided(built: Built, chance: random.Random) -> Built:
    mark = chance.choice(
        ("# ... rest of the file unchanged ...", "# ... existing code ...", "# (remaining methods unchanged)")
    )
    return built.append(built.file(Section.CONTROLLERS).path, f"\n\n{mark}\n")


MUTATORS: tuple[Mutator, ...] = (
    Mutator("more than fifteen files", "CAP001", _too_many),
    Mutator("path that is refused", "PTH001", _refused_path),
    Mutator("paths that collide", "PTH002", _colliding_paths),
    Mutator("migrations after code", "ORD002", _migrations_last),
    Mutator("no tests", "SHP001", _no_tests),
    Mutator("no documents", "SHP002", _no_docs),
    Mutator("no observability", "SHP003", _no_observability),
    Mutator("schema said to stay as it is", "SHP004", _schema_said_to_stay),
    Mutator("code left out", "ELI001", _elided),
)
