"""`backend-engineer agent-file`: the contract as an agent file.

Owns: the command's arguments.
Must never know: how the file is written.
"""

from __future__ import annotations

import argparse

from backend_engineer.cli.console import Console, write_text
from backend_engineer.cli.exit_codes import ExitCode
from backend_engineer.prompts import write_agent_file

__all__ = ["act", "configure"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--output", metavar="FILE", help="write it there")


def act(arguments: argparse.Namespace, console: Console) -> int:
    """Print the file, or write it."""
    if arguments.output:
        write_text(arguments.output, write_agent_file())
        console.say(f"Agent file: {arguments.output}")
    else:
        console.say(write_agent_file())
    return ExitCode.OK
