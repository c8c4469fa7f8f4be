"""What of a change no rule could read: a diff that was not applied, a text in another encoding, a link.

Owns: which of these leave a clause unchecked, and the note about the rest.
Must never know: rules, verdicts, where the change came from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_engineer.outputs import Change, FileChange
from backend_engineer.paths import is_test_path
from backend_engineer.rules.rule import Context

__all__ = ["not_read", "unseen"]

# What is text by its name; anything else without text is taken for an image, an archive and the like.
_TEXTS = frozenset(
    re.findall(
        r"\w+",
        "bash c cc cfg clj conf cpp cs cts dart env ex exs fs go gradle graphql groovy h hcl hpp ini java js json jsonc"
        " jsx kt kts lua mjs cjs mts php pl properties proto ps1 py pyi rb rs scala sh sql swift tf toml ts tsx vb vue"
        " xml yaml yml",
    )
)
_NAMES = frozenset(("Dockerfile", "Makefile", "Jenkinsfile", "Procfile", "Gemfile"))
_SHOWN = 5


def unseen(context: Context) -> str:
    """Why the clauses about the change cannot be told: the first file that rules would have read, empty for none."""
    return str(context.shared("unseen", lambda: next(_reasons(context.change), "")))


def _reasons(change: Change) -> Iterator[str]:
    for file in change:
        if file.content is not None or file.action == "delete":
            continue
        if file.patch is not None:
            yield f"`{file.path}` came as a diff, and what it makes is not known; pass `base=`."
        elif file.language == "binary" and _is_text_by_name(file.path) and not is_test_path(file.path):
            yield f"`{file.path}` is no text in UTF-8, so that no rule could read it."


def _is_text_by_name(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name.rpartition(".")[2].lower() in _TEXTS or name in _NAMES


def not_read(change: Change) -> Iterator[str]:
    """Sentences about what was not read: nothing at all, files without text, links and submodules."""
    if not change.files:
        yield "The change holds no file, so that there was nothing to look at."
    kinds = (("binary", "hold no text in UTF-8"), ("link", "are symbolic links or submodules"))
    for language, what in kinds:
        found = [file for file in change if _is_unread(file, language)]
        if found:
            yield f"{len(found)} file(s) {what} and were not looked at: {_listed(found)}."


def _is_unread(file: FileChange, language: str) -> bool:
    return file.language == language and file.content is None and file.action != "delete"


def _listed(files: list[FileChange]) -> str:
    more = f" and {len(files) - _SHOWN} more" if len(files) > _SHOWN else ""
    return ", ".join(file.path for file in files[:_SHOWN]) + more
