"""Texts that a model or a file supplied, made safe to show: nothing invisible, nothing that a format takes for its own.

Owns: one function for each way in which a text can be shown.
Must never know: reports, findings, where a text came from.
"""

from __future__ import annotations

import re

__all__ = ["for_json", "for_markdown", "for_terminal", "for_xml", "one_line"]

# Controls but for tab and newline, line and paragraph separators, bidirectional controls, zero-width
# characters, tag characters, and lone surrogates: what can move a cursor, hide text or end a line.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_MARKDOWN = re.compile(r"[\\`*_{}\[\]()#+\-.!|~>$=^\"']")
_LINKS_ITSELF = re.compile(r"@|(?<=:)(?=//)|(?<=www)(?=\\\.)|(?<=mailto)(?=:)|\\#(?=[0-9])", re.IGNORECASE)
_NOTHING = "&#8203;"
# A CI runner takes a line of its step's output for a command when it starts so, blanks aside, or holds that.
_COLONS = re.compile(r"(?<![^\n])[^\S\n]*:(?=:)")
_BRACKETED = re.compile(r"#(?=#\w*\[)")


def for_json(document: str) -> str:
    """A JSON document with everything invisible, and a runner's commands, escaped in its strings; nothing is lost.

    Lone surrogates, which UTF-8 cannot hold, are replaced.
    """
    visible = _INVISIBLE.sub(_escaped_in_json, _SURROGATE.sub("\ufffd", document))
    return _BRACKETED.sub(_escaped_in_json, visible)


def for_terminal(text: str) -> str:
    """The text with everything invisible written out as `\\xNN` or `\\uNNNN`; CRLF becomes a line feed.

    So is the first sign of what a runner would take for a command: `::` at a line's start, `##[` anywhere.
    """
    visible = _INVISIBLE.sub(_written_out, text.replace("\r\n", "\n"))
    return _BRACKETED.sub(_written_out, _COLONS.sub(_written_out, visible))


def one_line(text: str) -> str:
    """The text for one line: as for the terminal, with runs of white space as one blank."""
    return " ".join(for_terminal(text).split())


def for_xml(text: str) -> str:
    """The text without characters that no XML document may hold; `<` and `&` are left to the XML writer."""
    return _NOT_XML.sub("\ufffd", text)


def for_markdown(text: str) -> str:
    """The text as one line of literal Markdown: no markup, link, image, mention, reference or HTML comes out of it."""
    literal = one_line(text).replace("&", "&amp;").replace("<", "&lt;")
    # A blank of no width after the mark keeps a page from making a link or a mention of it.
    return _LINKS_ITSELF.sub(rf"\g<0>{_NOTHING}", _MARKDOWN.sub(r"\\\g<0>", literal))


def _escaped_in_json(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def _written_out(match: re.Match[str]) -> str:
    before, sign = match[0][:-1], match[0][-1]
    number = ord(sign)
    return before + (
        f"\\x{number:02x}"
        if number < 0x100
        else f"\\u{number:04x}"
        if number < 0x10000
        else f"\\U{number:08x}"
    )
