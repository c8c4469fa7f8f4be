"""From arguments to a command, and from whatever a command meets to an exit code and a sentence.

Owns: the list of commands, and that no traceback ever reaches the user.
Must never know: what a command does.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import sys
from collections.abc import Sequence
from typing import NamedTuple, NoReturn, Protocol, cast

from backend_engineer import __version__
from backend_engineer.cli.console import Console
from backend_engineer.cli.exit_codes import ExitCode
from backend_engineer.cli.questions import show_clarification
from backend_engineer.errors import BackendEngineerError, ClientError, IncompleteInputs, InputError
from backend_engineer.redaction import redact
from backend_engineer.reporting.escaping import for_terminal

__all__ = ["COMMANDS", "build_parser", "main"]


class CommandModule(Protocol):
    """What a module under `commands` offers."""

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's arguments."""

    def act(self, arguments: argparse.Namespace, console: Console) -> int:
        """Do it, and say with what the process ends."""


class Command(NamedTuple):
    """One command: its name, the module under `commands`, and its line in the help."""

    name: str
    module: str
    summary: str


COMMANDS: tuple[Command, ...] = (
    Command("run", "run", "run the stage: specifications and a wanted change in, a checked change out"),
    Command(
        "check", "check", "judge a reply, a folder, a diff or a git range, and give every clause its verdict"
    ),
    Command("parse", "parse", "list what a reply holds: files, plan, findings, diagnostics"),
    Command("render", "render", "render the prompt of a phase, explain it, or compare it with another"),
    Command("migrations", "migrations", "run migrations forward and back on scratch databases"),
    Command("rules", "rules", "list all rules"),
    Command("explain", "explain", "explain one rule or one clause"),
    Command("clauses", "clauses", "list the clauses of the contract"),
    Command("schema", "schema", "print a published JSON Schema"),
    Command("agent-file", "agent_file", "print the contract as an agent file"),
)

_NOTES = """exit codes:
  0  done, and nothing stands against it
  1  a clause is violated, or the run is blocked
  2  bad use, or an input that cannot be used
  3  the inputs have gaps: answer the clarification
  4  the model or the transport failed
  5  nothing is violated, but something was not checked

NO_COLOR and output that is no terminal give plain text; colour only repeats what a word says."""


class _Parser(argparse.ArgumentParser):
    """Complains in the words of the other errors."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        sys.stderr.write(f"Error: {_shown(message)}\nWhat to do: `{self.prog} --help` lists the arguments.\n")
        raise SystemExit(ExitCode.BAD_USE)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code; nothing but bad arguments raises `SystemExit`."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    console = Console()
    try:
        return _run(given, console)
    except BackendEngineerError as error:
        _tell(error, console, as_json="--json" in given)
        return error.exit_code
    except KeyboardInterrupt:
        console.complain("Interrupted: nothing more was done.")
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output is gone; the interpreter must not try to write to it once more at its end.
        _look_away()
        return ExitCode.PIPE_CLOSED
    except OSError as error:
        # Standard output itself may be what failed, on a full disk for one.
        _look_away()
        _complain(
            console,
            f"{error.filename or 'The system'}: {error.strerror or error}.",
            "Check the path and its rights, and the space that is left.",
        )
        return ExitCode.BAD_USE
    except Exception as error:
        # The last line: a defect is told in a sentence, never as a traceback.
        if os.environ.get("BACKEND_ENGINEER_DEBUG"):
            raise
        _complain(
            console,
            f"This is a defect of backend-engineer ({type(error).__name__}: {error}).",
            "Report it; BACKEND_ENGINEER_DEBUG=1 shows where it came from.",
        )
        return ExitCode.DEFECT


def _look_away() -> None:
    """Send what is still buffered for standard output nowhere, so that the interpreter's end does not fail on it."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(given: list[str], console: Console) -> int:
    parser, modules = build_parser(given)
    parsed = parser.parse_args(given)
    return modules[parsed.command].act(parsed, console)


def build_parser(given: Sequence[str]) -> tuple[argparse.ArgumentParser, dict[str, CommandModule]]:
    """The parser for these words: every command has its line in the help, and the one meant its arguments."""
    parser = _Parser(
        prog="backend-engineer",
        description="The backend-engineer stage of a delivery pipeline.",
        epilog=_NOTES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"backend-engineer {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=_Parser)
    wanted = next((word for word in given if not word.startswith("-")), None)
    modules: dict[str, CommandModule] = {}
    for command in COMMANDS:
        own = commands.add_parser(
            command.name,
            help=command.summary,
            description=command.summary[0].upper() + command.summary[1:] + ".",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if command.name == wanted:
            name = f"backend_engineer.cli.commands.{command.module}"
            modules[command.name] = cast(CommandModule, importlib.import_module(name))
            modules[command.name].configure(own)
    return parser, modules


def _tell(error: BackendEngineerError, console: Console, *, as_json: bool) -> None:
    """An error as two labelled lines, or as JSON; a clarification with all its questions."""
    if isinstance(error, IncompleteInputs):
        show_clarification(error.clarification, console, as_json=as_json)
        return
    hint = error.hint or next(text for kind, text in _HINTS if isinstance(error, kind))
    message = str(error).removesuffix(error.hint).strip() if error.hint else str(error)
    if as_json:
        facts = {"kind": type(error).__name__, "message": redact(message), "what_to_do": redact(hint)}
        console.say_json({"error": facts})
    _complain(console, message, hint)


_HINTS: tuple[tuple[type[BackendEngineerError], str], ...] = (
    (InputError, "Mend the document at the place that is named, and run the command again."),
    (ClientError, "Check the server and the network, and run the command again."),
    (BackendEngineerError, "Mend what is named, and run the command again; --help lists the arguments."),
)
"""What to do about an error that does not say so itself, the first kind that fits."""


def _shown(text: str) -> str:
    """What is told of a text that may quote an argument or a file: no credential, nothing that moves a cursor."""
    return for_terminal(redact(text))


def _complain(console: Console, message: str, hint: str) -> None:
    console.complain(f"Error: {_shown(message)}" + (f"\nWhat to do: {_shown(hint)}" if hint else ""))
