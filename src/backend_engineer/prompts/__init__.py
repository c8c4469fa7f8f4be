"""Prompts: typed documents sealed into templates of this project's own words.

Owns: how the contract, the documents and the task of each phase become messages.
Must never know: replies, rules, sessions, providers.
"""

from backend_engineer.prompts.agent_file import (
    AgentFile,
    read_agent_file,
    templates_from_agent_file,
    write_agent_file,
)
from backend_engineer.prompts.characters import Suspicion
from backend_engineer.prompts.comparing import PromptDiff, diff_prompts
from backend_engineer.prompts.dialects import DIALECTS, Dialect
from backend_engineer.prompts.explaining import Coverage, ExplainedSpan, cited, coverage, explain
from backend_engineer.prompts.material import Cut
from backend_engineer.prompts.phases import (
    LEAN_SHEDDING,
    PROMPT_PHASES,
    SHEDDING,
    PhasePlan,
    PromptPhase,
    Shed,
)
from backend_engineer.prompts.reader import ReadDocument, parse_prompt, restored_inputs
from backend_engineer.prompts.rendered import Lack, RenderedPrompt
from backend_engineer.prompts.rendering import PROSE_TOKENS, render
from backend_engineer.prompts.spans import SECTION_ORDER, Kind, SectionName, Span
from backend_engineer.prompts.wording import Templates

__all__ = [
    "DIALECTS",
    "LEAN_SHEDDING",
    "PROMPT_PHASES",
    "PROSE_TOKENS",
    "SECTION_ORDER",
    "SHEDDING",
    "AgentFile",
    "Coverage",
    "Cut",
    "Dialect",
    "ExplainedSpan",
    "Kind",
    "Lack",
    "PhasePlan",
    "PromptDiff",
    "PromptPhase",
    "ReadDocument",
    "RenderedPrompt",
    "SectionName",
    "Shed",
    "Span",
    "Suspicion",
    "Templates",
    "cited",
    "coverage",
    "diff_prompts",
    "explain",
    "parse_prompt",
    "read_agent_file",
    "render",
    "restored_inputs",
    "templates_from_agent_file",
    "write_agent_file",
]
