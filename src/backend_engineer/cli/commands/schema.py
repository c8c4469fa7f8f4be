"""`backend-engineer schema NAME`: the published JSON Schemas.

Owns: the command's arguments.
Must never know: how a schema is made.
"""

from __future__ import annotations

import argparse

from backend_engineer.cli.console import Console
from backend_engineer.cli.exit_codes import ExitCode
from backend_engineer.reporting import SCHEMA_NAMES, schema

__all__ = ["act", "configure"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "name", metavar="NAME", nargs="?", help=f"one of {', '.join(SCHEMA_NAMES)}; nothing lists them"
    )
    parser.add_argument("--json", action="store_true", help="print the list of names as JSON")


def act(arguments: argparse.Namespace, console: Console) -> int:
    """Print one schema, or the names of all."""
    if arguments.name is not None:
        console.say_json(schema(arguments.name))
    elif arguments.json:
        console.say_json({"schemas": list(SCHEMA_NAMES)})
    else:
        for name in SCHEMA_NAMES:
            console.say(f"Schema: {name}")
    return ExitCode.OK
