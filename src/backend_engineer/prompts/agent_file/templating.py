"""An own agent file in place of the contract's clauses in every prompt.

Owns: the way from such a file to a set of templates.
Must never know: documents, dialects, messages.
"""

from __future__ import annotations

from pathlib import Path

from backend_engineer.errors import UnreadableDocument
from backend_engineer.prompts.agent_file.reading import read_agent_file
from backend_engineer.prompts.wording import PACKAGED, Templates

__all__ = ["templates_from_agent_file"]


def templates_from_agent_file(path: str | Path) -> Templates:
    """The packaged templates with the file's sections where the clauses stand otherwise.

    What the file lacks is reported with every prompt (`lacking`), never filled in. Raises
    `UnreadableDocument` when the file cannot be read, `InvalidDocument` when it is no agent file.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableDocument(str(error), path=str(path), hint="Pass a readable UTF-8 file.") from None
    agent = read_agent_file(text)
    lines = tuple((line.text, line.clauses) for line in agent.lines)
    lacks = {lack.clause: lack.reason for lack in agent.lacking}
    return Templates(PACKAGED.sources, f"agent-file:{Path(path).name}", lines, lacks)
