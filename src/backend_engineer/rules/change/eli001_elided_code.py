"""A file that is given whole really is whole: no comment stands in for code that was left out.

Owns: this rule and its examples.
Must never know: other rules.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable

from backend_engineer.contract import Category, Severity
from backend_engineer.outputs import FileChange
from backend_engineer.rules.reading import has_order, lines_holding
from backend_engineer.rules.rule import Context, Example, Hit, Rule

__all__ = ["RULE"]

# Looked for first: nearly every text holds none of them.
_NEEDLES = (
    "...",
    "…",
    "unchanged",
    "existing",
    "remain",
    "omitted",
    "same as",
    "previous",
    "no change",
    "brevity",
    "as before",
)
_LEADER = r"^\s*(?://+|#+|--|/\*+|<!--|\{/\*|;+|%)\s*"
_END = r"\s*(?:\*/\}?|-->)?\s*$"
_PART = (
    r"(?:code|file|files|content|contents|implementation|methods?|functions?|imports?|lines?|fields?|class|logic"
    r"|routes?|handlers?|tests?|body|module|config(?:uration)?|endpoints?|setup|models?|columns?)"
)
_PHRASES = (
    rf"(?:\[|\()?(?:the )?(?:rest|remainder) of (?:the |this |your )?(?:\w+ ){{0,2}}{_PART}\b.{{0,40}}"
    r"(?:unchanged|same|as before|omitted|here|\.{3}|…).*",
    rf"(?:\[|\()?(?:the )?(?:existing|previous|remaining|other) (?:\w+ )?{_PART} (?:stays?|remains?|is|are|goes|go)? ?"
    r"(?:unchanged|the same|as before|omitted|here)\b.*",
    rf"(?:\[|\()?(?:existing|previous|remaining) (?:\w+ )?{_PART} ?(?:\.{{3}}|…)(?:\]|\))?",
    rf".{{0,40}}\b{_PART} (?:omitted|left out|elided)(?: for (?:brevity|clarity|space))?[.)\]]*",
    r".{0,30}\bomitted for (?:brevity|clarity)\b.*",
    r"(?:unchanged|same as (?:before|original)|no changes?)\s*(?:\.{3,}|…)?",
)
_PHRASE = re.compile(_LEADER + "(?:" + "|".join(_PHRASES) + ")" + _END, re.IGNORECASE)
# Dots alone, dots around a remark, or dots before a word that says what was left; other words carry a sentence on.
_LEFT = (
    r"(?:rest|existing|other|previous|remaining|same|your|omitted|lots|more|additional|assertions?|tests?|test"
    r"|all (?:other|the)|similar|repeat)\b"
)
_DOTS = re.compile(
    _LEADER
    + rf"\(?(?:\.{{3}}|…)(?![.=])(?:\s*(?:\*/.*|-->.*)?$|[ (][^.…\n]*(?:\.{{3}}|…)\s*(?:\*/.*|-->.*)?$|\s*\(?{_LEFT})",
    re.IGNORECASE,
)
# One word beside code remarks on it, unless a model writes it in place of code.
_BARE = re.compile(_LEADER + r"(?:unchanged|same as (?:before|original)|no changes?)" + _END, re.IGNORECASE)
# People who commit write dots alone for a pause, or above a line that explains itself; models in place of code.
_ONLY_DOTS = re.compile(_LEADER + r"(?:\.{3}|…)" + _END)
_HASH_ONLY = (".yaml", ".yml", ".toml", ".py", ".rb", ".sh", ".env")
_IS_CODE = re.compile(r"\.(?!(?:md|markdown|txt|rst|adoc)\Z)[A-Za-z0-9]+\Z", re.IGNORECASE)
_COMMENT = re.compile(r"\s*(?://|#|--|/\*|\*|<!--|\{/\*|;|%)")
_EMPTY_BODY = re.compile(r"[{([]\s*/\*\s*(?:\.{3}|…)(?!\w)[^*\n]*\*/\s*[})\]]")


def _check(context: Context) -> Iterable[Hit]:
    for file in context.change:
        # A diff leaves code out by design, and prose may speak of what stays unchanged.
        if file.content is not None and file.patch is None and _IS_CODE.search(file.path):
            yield from _elided(file, context)


def _elided(file: FileChange, context: Context) -> Iterable[Hit]:
    text = file.content or ""
    lowered = text.lower()
    if not any(needle in lowered for needle in _NEEDLES):
        return
    found = list(_candidates(text, lowered))
    if not found:
        return
    old = context.base.get(file.previous_path or file.path) if context.base is not None else None
    known = {line.strip() for line in old.split("\n")} if old is not None else set()
    found = [(number, line) for number, line in found if line not in known and _means_it(line, file, context)]
    comments = _python_comments(text) if found and file.path.endswith((".py", ".pyi")) else None
    for number, line in found:
        if comments is None or number in comments:
            evidence = f"Line {line!r} stands for code that is not there."
            mild = Severity.INFO if _ONLY_DOTS.match(line) and not has_order(context) else None
            yield Hit(file.path, evidence, (number, number), severity=mild, clauses=("PROT-04",))


def _means_it(line: str, file: FileChange, context: Context) -> bool:
    """Whether a line is a comment in its language, and more than a word that a commit's author may well write."""
    if line.startswith("//") and file.path.endswith(_HASH_ONLY):
        return False
    return has_order(context) or not _BARE.match(line)


def _candidates(text: str, lowered: str) -> Iterable[tuple[int, str]]:
    lines = text.split("\n")
    for number in lines_holding(lowered, _NEEDLES):
        line, before = lines[number - 1], lines[number - 2] if number > 1 else ""
        if _stands_for_code(line, before):
            yield number, line.strip()


def _python_comments(text: str) -> set[int] | None:
    """The lines of Python that hold a comment, docstrings left out; None where the text does not parse."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError):
        return None
    return {token.start[0] for token in tokens if token.type == tokenize.COMMENT}


def _stands_for_code(line: str, before: str) -> bool:
    """Whether a comment takes the place of code; dots that carry on the comment of the line before do not."""
    if _PHRASE.match(line) or _EMPTY_BODY.search(line):
        return True
    return _DOTS.match(line) is not None and not _COMMENT.match(before)


RULE = Rule(
    code="ELI001",
    title="Code is left out",
    clauses=(),
    also=("PROT-04",),
    severity=Severity.MAJOR,
    category=Category.ARCHITECTURE,
    reason="Written to disk, the comment deletes the code that it stands for.",
    recommendation="Give the whole file, or a diff against the base.",
    check=_check,
    line_rule=True,
    valid=(
        Example(
            files={"config/app.yaml": "# The rest of the settings come from the environment.\nport: 80\n"},
            note="a remark",
        ),
        Example(
            files={"src/call.js": "const bound = function (/* ...args */) {};\n"},
            note="parameters named in a comment",
        ),
        Example(
            files={"src/list_test.go": "package list\n\nvar same = []int{\n\t// unchanged\n\t1,\n}\n"},
            origin="git",
            note="a remark on the line below, in a commit",
        ),
        Example(
            files={"config/notes.yaml": "note: |\n  call it so:\n  // ...\n  end\n"}, note="a text in YAML"
        ),
        Example(files={"docs/a.md": "The rest of the code remains unchanged.\n"}, note="prose"),
        Example(
            files={"config/app.yaml": "# ... existing settings ...\nport: 80\n"},
            base={"config/app.yaml": "# ... existing settings ...\nport: 81\n"},
            note="the base holds the comment already",
        ),
    ),
    invalid=(
        Example(
            files={"config/app.yaml": "port: 80\n# ... rest of the configuration unchanged ...\n"},
            note="YAML",
        ),
        Example(
            files={"config/app.conf": "# existing code remains the same\nport 80\n"},
            note="a remark in its place",
        ),
        Example(
            files={"src/list.go": "package list\n\nfunc all() {\n\t// ...\n}\n"},
            note="dots alone, which are a remark in a commit",
        ),
    ),
)
