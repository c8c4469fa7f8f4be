"""Where a block gets its path from when no header names it: the lenient mode's conventions.

Owns: info strings, path comments, lines and sentences before a fence.
Must never know: scanning, contents beyond a block's first line, events.

The order is that of the parts: info string, path comment on the first line, the line before the fence,
a sentence that introduces a path in backticks, a heading with a short description. A shell block is a
file only if its path is that of a script.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from backend_engineer.parsing.filewords import is_file_path

__all__ = [
    "CONTEXT_LINES",
    "Name",
    "comment_path",
    "info_path",
    "introduced_path",
    "is_edit",
    "name_before",
    "name_block",
    "path_line",
]

CONTEXT_LINES: Final = 12
"""How many lines before a fence are looked at."""

_SHELLS: Final = frozenset(
    re.findall(
        r"\S+", "bash sh shell zsh console terminal powershell ps1 pwsh cmd bat batch shell-session fish"
    )
)
_SCRIPT_ENDINGS: Final = (".sh", ".bash", ".zsh", ".fish", ".ps1", ".bat", ".cmd", ".bats", ".env")
_NOT_FILES: Final = frozenset(re.findall(r"\S+", "tree mermaid output stdout stderr log console-output"))

_FIRST_WORD: Final = re.compile(r"[^\s:{,=]*")
_INFO_KEY: Final = re.compile(
    r"(?:file|filename|file_name|filepath|title|name|path)[ \t]*=[ \t]*(?:\"([^\"]+)\"|'([^']+)'|\{[\"']([^\"']+)[\"']\}|([^\s\"'}]+))",
    re.IGNORECASE,
)
_INFO_COLON: Final = re.compile(r"(?:[A-Za-z][A-Za-z0-9+#_-]*:)?(?:\d+:\d+:)?(\S+)\Z")

_COMMENT: Final = re.compile(
    r"[ \t]*(?:(?P<leader>//+!?|\#+|--+|;+|%+|REM(?=[ \t])|'(?![^']*'))[ \t]*(?P<line>.*?)"
    r"|(?P<open>/\*+|<!--+|\(\*|\{\#|\"\"\"|''')[ \t]*(?P<paired>.*?)[ \t]*(?:\*+/|--+>|\*\)|\#\}|\"\"\"|'''))[ \t\r]*\Z",
    re.IGNORECASE,
)
_ORNAMENT: Final = re.compile(r"\A[=*~─━═-]{2,}[ \t]+|[ \t]+[=*~─━═#/-]{2,}[ \t]*\Z")
_LABEL: Final = re.compile(
    r"(?:(?:new |updated? |modified )?file|file ?name|file ?path|path|title|name|source|migration|script|module|component)[ \t]*:[ \t]*",
    re.IGNORECASE,
)
_NOTE: Final = re.compile(r"(?:[ \t]+\(.*\)|[ \t]+[-–—][ \t]+.*|[ \t]*[:：])?[ \t]*\Z")
_PATH_IN: Final = r"[`\"'“”‘’*]*(?P<path>[^\s`\"'“”‘’]+?)[`\"'“”‘’*]*"

_LEAD: Final = re.compile(r"(?:#{1,6}|[-*+•▪●>]|\(?[0-9]{1,3}(?:\.[0-9]{1,3})*[.):]?|[A-Za-z][.)])[ \t]+")
_STEP: Final = re.compile(r"(?:step|file|part|section)[ \t]+[0-9]+[ \t]*[:.–—-]*[ \t]*", re.IGNORECASE)
_SYMBOLS: Final = re.compile(r"[^\w`*./@\[({\"'~\\$+-]+")
_RULE: Final = re.compile(r"[ \t]*([-=_*~─━═—–]{3,}|[─━═]+)[ \t\r]*\Z")
_ALONE: Final = re.compile(
    r"(?:(?:new |updated? |modified |create |created |edit |full |complete )?(?:the )?(?:code|file ?name|file ?path|file|path|filename|source|module|script|create|update|edit|modify|add|new file)"
    rf"[ \t]*[:：]?[ \t]+)?{_PATH_IN}[ \t]*[:：]?[ \t]*\Z",
    re.IGNORECASE,
)
_NOTED: Final = re.compile(
    rf"{_PATH_IN}[ \t]*(?:\([^()]*\)|\[[^\[\]]*\]|[-–—:：][ \t]+\S.*|<[-=].*|#.*)[ \t]*[:：]?[ \t]*\Z"
)
_ESCAPED: Final = re.compile(r"\\([_*~`\[\]()#+\-.!])")
_DIFF_LINE: Final = re.compile(r"(?:--- |\+\+\+ |diff --git )(?:[ab]/)?(\S+)")
_LABELS: Final = re.compile(r"[^:：`]{1,40}(?:[:：][ \t]+|：)(?=\S)")
_TAGS: Final = re.compile(
    r"</?(?:b|strong|i|em|code|summary|h[1-6]|p)>|(?<![^\s*_#])\[[A-Za-z]{2,12}\](?=[ \t]+\S)", re.IGNORECASE
)
_FRAMED: Final = re.compile(r"([=~─━═-]{2,})[ \t]+(\S+)[ \t]+\1\Z|\[([^\[\]\s]+)\]:?\Z|__([^\s_]\S*)__:?\Z")
_TITLED: Final = re.compile(r"(?:[^\s.]+[ \t]+){1,5}[-–—|][ \t]+(?=\S+\Z)")
_EDIT: Final = re.compile(r"<{5,9} ?(?:SEARCH|ORIGINAL|HEAD)\b")
_SENTENCES: Final = re.compile(r"(?<=[.!?])[ \t]+(?=[A-Z\"'`*])")
_QUOTED: Final = re.compile(r"`([^`\n]+)`|\*\*([^*\n]+)\*\*|<code>([^<\n]+)</code>")
_INTRO: Final = re.compile(
    r"\b(?:creat\w*|updat\w*|modif\w*|edit\w*|replac\w*|add\w*|chang\w*|writ\w*|sav\w*|put|place|complete|full|entire|contents?"
    r"|here'?s|here is|here are|below|following|files?|implement\w*|defin\w*|configur\w*|set ?up|revis\w*|refactor\w*|rewrit\w*"
    r"|new|version of|code (?:for|of|in)|(?:goes|lives|belongs) (?:in|into|under))\b",
    re.IGNORECASE,
)
_CHANGE: Final = "create|add|update|modify|edit|replace|change|write|configure|set up|define|implement|insert|register|paste|put"
_BECOMES: Final = re.compile(
    r"[`*]*(?: file)?[ \t]+(?:(?:should|will|must)[ \t]+(?:now[ \t]+)?(?:look|be|contain|read)|now[ \t]+(?:looks?|reads?|becomes?|contains?)|becomes?|looks? like)\b",
    re.IGNORECASE,
)
_JUST_TOLD: Final = re.compile(
    r"\b(?:see|call\w*|run\w*|execut\w*|launch\w*|invok\w*|from|us(?:e|ing)|via|import\w*|unlike|like)[ \t]+[`*]*\Z",
    re.IGNORECASE,
)
# "In `a.ts`, add:" names the file; "In `a.ts`, the code below is slow:" only talks about it.
_INSIDE: Final = re.compile(r"\bin(?:side|to)?[ \t]+(?:the |your |our |a )?[`*]*\Z", re.IGNORECASE)
_THEN_CHANGE: Final = re.compile(
    rf"[`*]*(?: file)?,?[ \t]+(?:please |now |we |you |let'?s |let us )?(?:can |will |should |must |need to |have to )?(?:{_CHANGE})\b",
    re.IGNORECASE,
)
_ORDER: Final = re.compile(
    rf"(?:\*\*)?(?:(?:now|next|then|first|second|third|finally|lastly|also)\b,?[ \t]+)?(?:let'?s[ \t]+)?(?:{_CHANGE})\b(?:[ \t]+[^\s`*]+){{0,5}}[ \t]+[`*]*\Z",
    re.IGNORECASE,
)
_USING: Final = re.compile(
    r"\b(?:run|running|execut\w*|start\w*|launch\w*|invok\w*|call\w*|usage|install\w*|outputs?|prints?|result|import(?:ed|ing)? (?:it|this|them)"
    r"|use (?:it|this|the)|you can use|example of|for example|test it)\b",
    re.IGNORECASE,
)
_HEADING: Final = re.compile(
    r"[ \t]*#{1,6}[ \t]+\S|[ \t]*(?:[0-9]{1,3}[.)][ \t]+)?\*\*[^*]+\*\*[ \t]*:?[ \t\r]*\Z"
)


class Name(NamedTuple):
    """A path that a convention gives a block, and which: `info`, `comment`, `line`, `sentence`, `heading`.

    other: a second name that disagrees with it, empty if there is none. leader: of a path comment.
    """

    path: str
    source: str
    other: str = ""
    leader: str = ""


def _cleaned(word: str) -> str:
    return word.strip("`\"'“”‘’*").rstrip(":,")


def info_path(info: str) -> str | None:
    """The path in an info string: `file=`, `title=` and the like, `lang:path`, or a bare path."""
    if not info or not any(sign in info for sign in "=:./"):
        return None
    match = _INFO_KEY.search(info)
    if match is not None:
        path = next(part for part in match.groups() if part)
        return path if is_file_path(path, strict=False) else None
    for word in info.split():
        found = _INFO_COLON.match(word.strip("{}()\"'`"))
        path = found.group(1) if found else ""
        if is_file_path(path) or (":" in word and is_file_path(path, strict=False)):
            return path
    return None


def comment_path(line: str) -> tuple[str, str] | None:
    """The path and the leader of a line that is nothing but a path in a comment, with or without a key."""
    if len(line) > 400 or line.startswith(("---", "+++")):
        return None
    match = _COMMENT.match(line)
    if match is None:
        return None
    text = _ORNAMENT.sub("", match["line"] if match["leader"] else match["paired"])
    label = _LABEL.match(text)
    if label is not None:
        text = text[label.end() :]
    word, _, note = text.partition(" ")
    if "/" in word and word.endswith(":"):
        note = ""
    word = _cleaned(word)
    if not is_file_path(word, strict="/" not in word) or _NOTE.match(f" {note}" if note else "") is None:
        return None
    return word, match["leader"] or match["open"]


def _undecorated(line: str) -> str:
    """A line without heading marks, list marks, numbers, symbols and bold."""
    text = line.strip(" \t\r").replace("**", "").strip()
    for _ in range(4):
        lead = _LEAD.match(text) or _STEP.match(text) or _SYMBOLS.match(text)
        if lead is None or lead.end() == len(text):
            break
        text = text[lead.end() :]
    if text[:1] == "_" and text.rstrip(":")[-1:] == "_" and not text.startswith("__"):
        text = text[1:].rstrip(":")[:-1]
    return text.rstrip("#").rstrip() if line.lstrip().startswith("#") else text


def path_line(line: str) -> str | None:
    """The path of a line that is one: alone, labelled, with a note after it, or in parentheses after a title."""
    if len(line) > 400:
        return None
    if line.lstrip().startswith(("<!--", "//", "/*")):
        found = comment_path(line)
        return found[0] if found is not None else None
    line = _ESCAPED.sub(r"\1", line) if "\\" in line else line
    text = _undecorated(_TAGS.sub("", line) if "<" in line or "[" in line else line)
    framed = _FRAMED.match(line.strip(" \t\r")) or _FRAMED.match(text)
    if framed is not None:
        text = next(part for part in framed.groups()[1:] if part)
    elif (
        (titled := _TITLED.match(text)) is not None
        and not _USING.search(titled[0])
        and is_file_path(_cleaned(text[titled.end() :]))
    ):
        text = text[titled.end() :]
    label = _LABELS.match(text)
    for words in (text, text[label.end() :]) if label is not None else (text,):
        for shape in (_ALONE, _NOTED):
            match = shape.match(words)
            if match is not None:
                path = _cleaned(match["path"])
                if is_file_path(path):
                    return path
    return _path_in_parens(text)


def _path_in_parens(text: str) -> str | None:
    """The path in parentheses or brackets at the end of a short title."""
    text = text.rstrip(" \t:：")
    if not text.endswith((")", "]")):
        return None
    close, opened = text[-1], "(" if text[-1] == ")" else "["
    at, depth = len(text) - 1, 0
    while at >= 0:
        depth += (text[at] == close) - (text[at] == opened)
        if not depth:
            break
        at -= 1
    title, path = text[:at], _cleaned(text[at + 1 : -1].strip())
    return path if title.strip() and len(title.split()) <= 10 and is_file_path(path) else None


def introduced_path(line: str) -> str | None:
    """The path in backticks or bold that a heading or a sentence ending in a colon introduces."""
    text = line.strip(" \t\r")
    if len(text) > 1000:
        return None
    heading = _HEADING.match(text) is not None
    if not heading:
        sentences = _SENTENCES.split(text)
        text = sentences[-1]
        if not text.rstrip("*_ \t").endswith((":", "：")):
            return _ordered_path(sentences)
        if _USING.search(text) and not _INTRO.search(text[: _first_path_at(text)]):
            return None
    found: dict[str, re.Match[str]] = {}
    for match in _QUOTED.finditer(text):
        path = _cleaned(next(part for part in match.groups() if part))
        if is_file_path(path):
            found.setdefault(path, match)
    if not found:
        return _last_path(text)
    if len(found) != 1:
        return None
    path, match = next(iter(found.items()))
    # What introduces a file names it after the verb, or with nothing behind it; else it is only mentioned.
    before, after = text[: match.start()], text[match.end() :]
    alone = not after.strip("*_: \t：") and len(before.split()) <= 4
    inside = _INSIDE.search(before) is not None and _THEN_CHANGE.match(after) is not None
    if _JUST_TOLD.search(before):
        return None
    inside = inside or _BECOMES.match(after) is not None
    return path if heading or alone or inside or _INTRO.search(before) else None


def _last_path(text: str) -> str | None:
    """The path that a heading or a short introduction ends with, plain, after at most three words."""
    words = text.rstrip("*_ \t:：").lstrip("#*_ \t").split()
    if not 1 < len(words) <= 4 or not is_file_path(words[-1]):
        return None
    before = " ".join(words[:-1]) + " "
    return (
        words[-1]
        if _INTRO.search(before) and not _USING.search(before) and not _JUST_TOLD.search(before)
        else None
    )


def _ordered_path(sentences: Sequence[str]) -> str | None:
    """The one path of a line without a colon at its end, if one of its last two sentences orders a change of it."""
    found = {_cleaned(path[0] or path[1] or path[2]) for one in sentences for path in _QUOTED.findall(one)}
    paths = [path for path in found if is_file_path(path)]
    if len(paths) != 1:
        return None
    for sentence in sentences[-2:]:
        lead = _LEAD.match(sentence)
        words = sentence[lead.end() :] if lead is not None else sentence
        at = words.find(paths[0])
        if at > 0 and _ORDER.match(words[:at]) is not None and not _USING.search(words):
            return paths[0]
    return None


def _first_path_at(text: str) -> int:
    match = _QUOTED.search(text)
    return match.start() if match else len(text)


def name_before(lines: Sequence[str]) -> tuple[str, str] | None:
    """The path and the kind of place that the lines before a fence give it; the last line is the nearest."""
    at = len(lines) - 1
    blanks = 0
    while at >= 0 and (not lines[at].strip() or _RULE.match(lines[at])):
        blanks += not lines[at].strip()
        at -= 1
    if at < 0 or blanks > 2:
        return None
    path = path_line(lines[at])
    if path is not None:
        return path, "line"
    path = introduced_path(lines[at])
    if path is not None and not _ends_a_list(lines, at):
        return path, "sentence"
    return _heading_above(lines, at)


def _ends_a_list(lines: Sequence[str], at: int) -> bool:
    """Whether a line is the last of several things to do, no one of which introduces what follows them all."""
    item, above = lines[at].strip(" \t\r"), lines[at - 1].strip(" \t\r") if at else ""
    told = item.rstrip("*_").endswith((":", "："))
    return not told and _LEAD.match(item) is not None and _LEAD.match(above) is not None and above[0] != "#"


def _heading_above(lines: Sequence[str], at: int) -> tuple[str, str] | None:
    """A heading that is a path, with at most a few lines of description between it and the fence."""
    described = 0
    while at >= 0:
        line = lines[at]
        if _HEADING.match(line):
            path = path_line(line) or introduced_path(line)
            return (path, "heading") if path is not None and described <= 4 else None
        described += bool(line.strip())
        if described > 4 or _LEAD.match(line.lstrip()):
            return None
        at -= 1
    return None


def _agree(one: str, other: str) -> bool:
    one, other = one.replace("\\", "/").lstrip("./"), other.replace("\\", "/").lstrip("./")
    return one == other or one.endswith("/" + other) or other.endswith("/" + one)


def is_edit(first_line: str) -> bool:
    """Whether a block begins as a search-and-replace edit, which is no file."""
    return _EDIT.match(first_line) is not None


def name_block(info: str, first_line: str, lines: Sequence[str]) -> Name | None:
    """The name that the conventions give a block, or None for a block that is no file.

    info: the info string. first_line: of the block. lines: the lines before the fence, nearest last.
    Two names of which one is the end of the other agree, and the longer one counts.
    """
    language = _FIRST_WORD.match(info)[0].lower()  # type: ignore[index]
    comment = comment_path(first_line)
    before = name_before(lines)
    found: list[tuple[str, str]] = []
    if (told := info_path(info)) is not None:
        found.append((told, "info"))
    if (
        language in ("diff", "patch")
        and (changed := _DIFF_LINE.match(first_line))
        and changed[1] != "/dev/null"
    ):
        found.append((changed[1], "comment"))
    if comment is not None:
        found.append((comment[0], "comment"))
    if before is not None:
        found.append(before)
    if language in _SHELLS:
        found = [item for item in found if item[0].lower().endswith(_SCRIPT_ENDINGS)]
    if not found or language in _NOT_FILES or is_edit(first_line):
        return None
    found = [(one.replace("\\", "/"), kind) for one, kind in found]
    path, source = found[0]
    other = ""
    for candidate, _ in found[1:]:
        if not _agree(path, candidate):
            other = other or candidate
        elif len(candidate) > len(path):
            path = candidate
    leader = comment[1] if comment is not None and source == "comment" else ""
    return Name(path, source, other, leader)
