"""`backend-engineer parse REPLY`: what a reply holds, at once or while it streams in.

Owns: the command's arguments and the layout of the listing.
Must never know: how a reply is parsed.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Iterator
from typing import Any

from backend_engineer.cli.console import Console, read_bytes, standard_input
from backend_engineer.cli.exit_codes import ExitCode
from backend_engineer.cli.sources import base_tree
from backend_engineer.cli.watching import event_data, event_lines
from backend_engineer.contract import ENDINGS
from backend_engineer.errors import UsageError
from backend_engineer.outputs import FileChange
from backend_engineer.parsing import Reply, ReplyParser, parse_reply
from backend_engineer.reporting.escaping import one_line

__all__ = ["act", "configure"]

_CHUNK = 65_536


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "reply",
        metavar="REPLY",
        nargs="?",
        default="-",
        help="the reply's file; - or nothing for standard input",
    )
    parser.add_argument(
        "--names",
        choices=("header", "any"),
        default="header",
        help="where files may be named: by a header only, or anywhere, for replies to other prompts",
    )
    parser.add_argument("--seal", metavar="WORD", help="the answer seal of the prompt, where there was one")
    parser.add_argument(
        "--base",
        metavar="FOLDER",
        help="the source tree that the change starts from; diffs are applied to it",
    )
    parser.add_argument(
        "--ending",
        choices=[str(item) for item in ENDINGS],
        default="complete",
        help="how the reply ended (default: complete)",
    )
    parser.add_argument(
        "--watch",
        action="store_true",
        help="show each event as it comes; standard input is followed while it streams",
    )
    parser.add_argument("--json", action="store_true", help="print JSON; with --watch one line an event")


def act(arguments: argparse.Namespace, console: Console) -> int:
    """List the reply's parts; 0 when it could be read, whatever stands in it."""
    base = base_tree(arguments.base)
    if arguments.watch:
        parser = ReplyParser(names=arguments.names, seal=arguments.seal, base=base)
        _watch(parser, arguments, console)
        return ExitCode.OK
    reply = parse_reply(read_bytes(arguments.reply), arguments.names, arguments.ending, arguments.seal, base)
    if arguments.json:
        console.say_json(reply_data(reply))
    else:
        console.say("\n".join(reply_lines(reply)))
    return ExitCode.OK


def _watch(parser: ReplyParser, arguments: argparse.Namespace, console: Console) -> None:
    def show(events: Iterable[Any]) -> None:
        for event in events:
            if arguments.json:
                console.say_json_line(event_data(event))
            else:
                for line in event_lines(event):
                    console.say(line)

    for chunk in _chunks(arguments.reply):
        show(parser.feed(chunk))
    show(parser.close(arguments.ending))


def _chunks(name: str) -> Iterator[bytes]:
    """Pieces as they come; a pipe gives what is there without waiting for more."""
    number = standard_input().fileno() if name == "-" else _open(name)
    try:
        while chunk := os.read(number, _CHUNK):
            yield chunk
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}.", hint="Check the path.") from None
    finally:
        if name != "-":
            os.close(number)


def _open(name: str) -> int:
    try:
        return os.open(name, os.O_RDONLY)
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}.", hint="Check the path.") from None


def reply_lines(reply: Reply) -> Iterator[str]:
    """The reply's parts as labelled lines."""
    yield f"Ending: {reply.ending}"
    yield f"Checklist: {len(reply.checklist)} item(s)"
    yield from (f"  Item: {one_line(item)}" for item in reply.checklist)
    yield (
        "Plan: none"
        if reply.plan is None
        else f"Plan: {len(reply.plan.files)} file(s). {one_line(reply.plan.summary)}"
    )
    yield f"Files: {len(reply.files)}"
    for number, file in enumerate(reply.files, 1):
        yield from _file_lines(number, file)
    yield f"Validation lines: {len(reply.validations)}"
    yield f"Attestations: {len(reply.attestations)}"
    if reply.findings is None:
        yield "Findings document: none"
    else:
        yield f"Findings document: status {reply.findings.status}, {len(reply.findings.findings)} finding(s)"
    for question in reply.questions:
        yield f"Question: {one_line(question.text)}"
    yield f"Diagnostics: {len(reply.diagnostics)}"
    for item in reply.diagnostics:
        yield f"  Diagnostic: {item.code}, line {item.line}. {one_line(item.message)}"


def _file_lines(number: int, file: FileChange) -> Iterator[str]:
    yield f"  File {number}: {one_line(file.path)}"
    yield f"    Section: {file.section or 'none'}"
    moved = f" from {one_line(file.previous_path)}" if file.previous_path else ""
    yield f"    Action: {file.action}{moved}"
    yield f"    Status: {file.status}"
    if file.start_line:
        yield f"    Lines of the reply: {file.start_line}-{file.end_line}"


def reply_data(reply: Reply) -> dict[str, Any]:
    """The reply's parts as JSON data, contents included."""
    return {
        "ending": str(reply.ending),
        "checklist": list(reply.checklist),
        "plan": None if reply.plan is None else reply.plan.model_dump(mode="json"),
        "files": [
            {name: _plain(getattr(file, name)) for name in FileChange.__slots__} for file in reply.files
        ],
        "validations": [item._asdict() for item in reply.validations],
        "attestations": [item.model_dump(mode="json") for item in reply.attestations],
        "findings": None if reply.findings is None else reply.findings.model_dump(mode="json"),
        "clarification": None if reply.clarification is None else reply.clarification.model_dump(mode="json"),
        "questions": [item._asdict() for item in reply.questions],
        "diagnostics": [item._asdict() for item in reply.diagnostics],
    }


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, (bool, int, tuple)) else str(value)
