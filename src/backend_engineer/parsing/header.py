"""The comment line that names a file: its leaders, its path, its seal, its actions.

Owns: what is a file header and what only looks like one, read and written.
Must never know: fences, blocks, where in a reply a line stands beyond "first of a block or not".
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from backend_engineer.outputs import Action
from backend_engineer.paths import PLAIN_PATH

__all__ = [
    "LONGEST_HEADER",
    "MID_NEEDLE",
    "Header",
    "header_line",
    "is_preamble",
    "quoted_path",
    "read_header",
]

LONGEST_HEADER: Final = 4096
"""A longer line is never a header, so that a decision on a line need not wait for its end."""

MID_NEEDLE: Final = "file:"
"""What a header in the middle of a block must hold, in this case exactly."""

_CLOSERS: Final = {"/*": "*/", "/**": "*/", "<!--": "-->", "(*": "*)", "{#": "#}"}
_SHAPE: Final = re.compile(
    r"(?P<space>[ \t]*)(?P<leader>//|#|--|;;?|%|/\*\*?|<!--|\(\*|\{#|REM(?=[ \t])|')[ \t]*"
    r"(?P<key>file|filename|path)(?P<gap>[ \t]*):[ \t]*(?P<rest>[^ \t].*)\Z",
    re.IGNORECASE | re.DOTALL,
)
# The common case in one match: it needs no further look, and its path neither.
_PLAIN: Final = re.compile(rf"(?://|--|\#|;|%) file: ({PLAIN_PATH})(?: ([^ \t()\"]+))?\r?\Z", re.IGNORECASE)
_SHORT: Final = 200
_new: Final = tuple.__new__
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"(?=[ \t]|\Z)')
_ACTION: Final = re.compile(
    r"\([ \t]*(?:(?P<plain>add|modify|delete|no[ ]final[ ]newline)"
    r"|rename[ ]from[ ]+(?:\"(?P<quoted>(?:[^\"\\]|\\.)*)\"|(?P<bare>[^ \t\"]+)))[ \t]*\)(?=[ \t]|\Z)",
    re.IGNORECASE,
)
_BARE_WORD: Final = re.compile(r"(?:[\w@+-]|[^\x00-\x7f])+\Z")
_NOT_IN_A_PATH: Final = re.compile(r"[<>|*?\"`,;=]|://|[{}]|\Z(?<=[:])")
_PREAMBLE: Final = re.compile(r"#!|<\?php|<\?xml|#.*coding[:=]|@charset", re.IGNORECASE)


class Header(NamedTuple):
    """What a header line says.

    path: as written, not yet judged. action: as stated, None if it was not. previous_path: of a rename.
    no_final_newline: the file ends without one. sealed: the seal in force stands after the path.
    extra: words after the path that are neither a seal nor an action. plain: the path is one that the
    policy allows, in its normal form.
    """

    path: str
    action: Action | None = None
    previous_path: str | None = None
    no_final_newline: bool = False
    sealed: bool = False
    extra: str = ""
    plain: bool = False


def is_preamble(line: str) -> bool:
    """Whether a line may stand before the header: a shebang, `<?php`, `<?xml`, an encoding line."""
    return len(line) <= LONGEST_HEADER and _PREAMBLE.match(line) is not None


def read_header(line: str, *, first: bool, seal: str | None = None) -> Header | None:
    """The header that a line is, or None where it is content.

    first: whether it is the first line of a block, where any case, all three keys, blanks before the
    leader, a missing seal and words after the path are allowed. Elsewhere all of that is content.
    """
    plain = _PLAIN.match(line) if len(line) < _SHORT else None
    if plain is not None and (plain[2] == seal or (first and plain[2] is None)):
        path, word = plain.groups()
        return _new(Header, (path, None, None, False, word is not None, "", True))
    if len(line) > LONGEST_HEADER:
        return None
    match = _SHAPE.match(line)
    if match is None:
        return None
    if not first and (match["key"] != "file" or match["gap"] or match["space"]):
        return None
    rest = match["rest"].rstrip(" \t\r")
    leader = match["leader"]
    closer = _CLOSERS.get(leader)
    if closer is not None:
        if not rest.endswith(closer):
            return None
        rest = rest[: -len(closer)].rstrip(" \t")
    header = _read_rest(rest, seal)
    if header is None or (leader == "'" and header.path.endswith("'")):
        return None
    if not first and (header.extra or (seal is not None and not header.sealed)):
        return None
    return header


def _read_rest(rest: str, seal: str | None) -> Header | None:
    """Path, seal and actions; None where the path has not the shape of one."""
    quoted = _QUOTED.match(rest)
    if quoted is not None:
        path, tail = _unescaped(quoted.group(1)), rest[quoted.end() :].strip(" \t")
    else:
        path, _, tail = rest.partition(" ") if " " in rest else rest.partition("\t")
        tail = tail.strip(" \t")
    sealed = False
    if seal is not None and (tail == seal or tail.startswith((seal + " ", seal + "\t"))):
        sealed, tail = True, tail[len(seal) :].lstrip(" \t")
    action, previous, no_newline, tail = _read_actions(tail)
    if tail and action is None:
        # One strange word, such as a seal of another request, does not hide the actions behind it.
        word, _, after = tail.partition(" ")
        action, previous, no_newline, left = _read_actions(after.strip(" \t"))
        tail = word if not left else tail
    if not _has_shape(path, quoted is not None, tail):
        return None
    return Header(path, action, previous, no_newline, sealed, tail)


def _read_actions(tail: str) -> tuple[Action | None, str | None, bool, str]:
    action: Action | None = None
    previous: str | None = None
    no_newline = False
    while tail:
        match = _ACTION.match(tail)
        if match is None:
            break
        plain = (match["plain"] or "").lower()
        if plain == "no final newline":
            no_newline = True
        elif plain:
            action = "add" if plain == "add" else "modify" if plain == "modify" else "delete"
        else:
            action = "rename"
            previous = match["bare"] if match["quoted"] is None else _unescaped(match["quoted"])
        tail = tail[match.end() :].lstrip(" \t")
    return action, previous, no_newline, tail


def _has_shape(path: str, quoted: bool, tail: str) -> bool:
    """Whether it reads as a path: quoted, or with a slash or a dot, or one bare word and nothing after it."""
    if quoted:
        return bool(path.strip())
    if "/" in path or "." in path or "\\" in path or path[1:2] == ":":
        return _NOT_IN_A_PATH.search(path) is None
    return not tail and _BARE_WORD.match(path) is not None


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text) if "\\" in text and '\\"' in text else text


def quoted_path(path: str) -> str:
    """A path as a header writes it: in quotes where a bare one would not be read back as itself."""
    plain = _has_shape(path, False, "") and not path.startswith('"')
    if plain and not any(sign.isspace() for sign in path) and not path.endswith("'"):
        return path
    return '"' + path.replace('"', '\\"') + '"'


_LINE_COMMENT: Final = {
    **dict.fromkeys(("sql", "lua", "hs", "elm", "adb", "ads", "vhd"), "--"),
    **dict.fromkeys(
        ("py", "rb", "sh", "bash", "zsh", "yml", "yaml", "toml", "r", "pl", "ex", "exs", "tf", "hcl", "nix",
         "dockerfile", "makefile", "mk", "env", "gitignore", "dockerignore", "conf", "graphql", "gql", "prisma_",
         "jl", "cmake", "properties", "txt", "ps1", "feature", "editorconfig", "procfile", "gemfile", "rake"),
        "#",
    ),
    **dict.fromkeys(("ini", "asm", "clj", "cljs", "lisp", "el", "scm"), ";"),
    **dict.fromkeys(("tex", "erl", "hrl", "m"), "%"),
    **dict.fromkeys(("bat", "cmd"), "REM"),
    **dict.fromkeys(("vb", "vbs", "bas"), "'"),
}  # fmt: skip
_PAIRED: Final = {
    **dict.fromkeys(("html", "htm", "xml", "md", "markdown", "mdx", "svg", "vue", "svelte", "xhtml"), ("<!--", "-->")),
    **dict.fromkeys(("css",), ("/*", "*/")),
    **dict.fromkeys(("ml", "mli", "pas"), ("(*", "*)")),
    **dict.fromkeys(("jinja", "j2", "jinja2", "twig"), ("{#", "#}")),
}  # fmt: skip


def header_line(header: Header, *, seal: str | None = None) -> str:
    """The header as a line without its line end, in the comment style of the path's own kind of file."""
    name = header.path.rpartition("/")[2].lower()
    kind = name.rpartition(".")[2]
    parts = [f"file: {quoted_path(header.path)}"]
    if seal is not None:
        parts.append(seal)
    if header.action == "rename":
        parts.append(f"(rename from {quoted_path(header.previous_path or '')})")
    elif header.action is not None:
        parts.append(f"({header.action})")
    if header.no_final_newline:
        parts.append("(no final newline)")
    text = " ".join(parts)
    if kind in _PAIRED:
        opener, closer = _PAIRED[kind]
        return f"{opener} {text} {closer}"
    return f"{_LINE_COMMENT.get(kind, '//')} {text}"
