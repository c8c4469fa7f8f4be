"""Texts that a model or a file supplied, made safe to show: nothing invisible, nothing that a format takes for its own.

Owns: one function for each way in which a text can be shown.
Must never know: reports, findings, where a text came from.
"""

from __future__ import annotations

import re

__all__ = ["clean", "for_markdown", "for_terminal", "for_xml", "one_line"]

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


def clean(text: str) -> str:
    """The text with lone surrogates replaced, so that it can be written as UTF-8."""
    return _SURROGATE.sub("\ufffd", text)


def for_terminal(text: str) -> str:
    """The text with everything invisible written out as `\\xNN` or `\\uNNNN`; CRLF becomes a line feed."""
    return _INVISIBLE.sub(_written_out, text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """The text for one line: invisible characters written out, runs of white space as one blank."""
    return " ".join(for_terminal(text).split())


def for_xml(text: str) -> str:
    """The text without characters that no XML document may hold; `<` and `&` are left to the XML writer."""
    return _NOT_XML.sub("\ufffd", text)


def for_markdown(text: str) -> str:
    """The text as one line of literal Markdown: no markup, link, image, mention, reference or HTML comes out of it."""
    literal = one_line(text).replace("&", "&amp;").replace("<", "&lt;")
    # A blank of no width after the mark keeps a page from making a link or a mention of it.
    return _LINKS_ITSELF.sub(rf"\g<0>{_NOTHING}", _MARKDOWN.sub(r"\\\g<0>", literal))


def _written_out(match: re.Match[str]) -> str:
    number = ord(match[0])
    return (
        f"\\x{number:02x}"
        if number < 0x100
        else f"\\u{number:04x}"
        if number < 0x10000
        else f"\\U{number:08x}"
    )
