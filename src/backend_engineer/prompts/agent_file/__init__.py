"""Agent files: the contract in Markdown with front matter, metadata lines and sections (META-06).

Owns: reading such a file, saying clause by clause what it lacks, and writing the contract out as one.
Must never know: prompts' messages, documents, replies.
"""

from backend_engineer.prompts.agent_file.reading import AgentFile, AgentLine, read_agent_file
from backend_engineer.prompts.agent_file.templating import templates_from_agent_file
from backend_engineer.prompts.agent_file.writing import write_agent_file

__all__ = ["AgentFile", "AgentLine", "read_agent_file", "templates_from_agent_file", "write_agent_file"]
