"""Text of a reply in, events and values out; and the same grammar written backwards.

Owns: the reply format, its streaming parser, its writer, and where names and sections come from.
Must never know: prompts, rules, sessions, folders, git, models.
"""

from backend_engineer.parsing.events import Diagnostic, ParserEvent, Question, Validation
from backend_engineer.parsing.reply import Reply

__all__ = ["Diagnostic", "ParserEvent", "Question", "Reply", "Validation"]
