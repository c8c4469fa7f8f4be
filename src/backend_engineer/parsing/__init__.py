"""Text of a reply in, events and values out; and the same grammar written backwards.

Owns: the reply format, its streaming parser, its writer, and where names and sections come from.
Must never know: prompts, rules, sessions, folders, git, models.
"""

from backend_engineer.parsing.events import Diagnostic, ParserEvent, Question, Validation
from backend_engineer.parsing.limits import Limits
from backend_engineer.parsing.parser import ReplyParser, parse_reply, reply_from_events
from backend_engineer.parsing.reply import Reply
from backend_engineer.parsing.spans import Span, spans_of
from backend_engineer.parsing.writer import write_reply

__all__ = [
    "Diagnostic",
    "Limits",
    "ParserEvent",
    "Question",
    "Reply",
    "ReplyParser",
    "Span",
    "Validation",
    "parse_reply",
    "reply_from_events",
    "spans_of",
    "write_reply",
]
