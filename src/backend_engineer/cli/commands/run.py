"""`backend-engineer run`: the whole stage, shown as it happens.

Owns: the command's arguments, what is shown of a run, and where the change goes.
Must never know: how a phase is carried out.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from pydantic import ValidationError

from backend_engineer.cli import sources
from backend_engineer.cli.console import Console, read_text, write_text
from backend_engineer.cli.exit_codes import of_result
from backend_engineer.cli.exports import FORMATS, write_report
from backend_engineer.cli.results import result_lines
from backend_engineer.cli.watching import Watcher
from backend_engineer.clients import PRESETS, Client, ModelClient
from backend_engineer.clients.replay import ReplayClient
from backend_engineer.contract import Parameters, ReasoningEffort, Status, Verbosity
from backend_engineer.drivers import run
from backend_engineer.errors import InvalidDocument, UsageError
from backend_engineer.inputs import StageInputs
from backend_engineer.outputs import Plan, RunRecord, StageResult
from backend_engineer.verification import LocalRunner
from backend_engineer.workspace import SourceTree, write_change

__all__ = ["act", "configure"]

_EXAMPLES = """examples:
  backend-engineer run examples/incomplete
  backend-engineer run spec/ --base service/ --preset anthropic --model NAME --run-commands --write
  backend-engineer run spec/ --base service/ --preset ollama --model NAME --calls single --dry-run
  backend-engineer run examples/last-login/spec --base examples/last-login/service \\
      --replay examples/last-login/records/phases.json --run-commands --dry-run

A key is read from the preset's environment variable and never printed."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.epilog = _EXAMPLES
    parser.add_argument("inputs", metavar="FOLDER", help="the specification's documents")
    parser.add_argument(
        "--answers", metavar="FILE", help="answers to a clarification, JSON of field to value"
    )
    parser.add_argument("--request", metavar="FILE", help="the wanted change, in place of the folder's own")
    parser.add_argument("--base", metavar="FOLDER", help="the source tree that the change starts from")
    _model(parser.add_argument_group("the model"))
    _running(parser.add_argument_group("what is really run"))
    _result(parser.add_argument_group("the result"))


def _model(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--preset", choices=sorted(PRESETS), help="the server that is called")
    group.add_argument("--model", metavar="NAME", help="the model, as the server names it")
    group.add_argument("--base-url", metavar="URL", help="where the server is, if elsewhere")
    group.add_argument("--replay", metavar="FILE", help="answer from a record in place of a model")
    group.add_argument(
        "--calls",
        choices=("phases", "single"),
        default="phases",
        help="a call for each phase, or one for all",
    )
    group.add_argument("--effort", choices=[str(item) for item in ReasoningEffort], default="medium")
    group.add_argument("--verbosity", choices=[str(item) for item in Verbosity], default="balanced")
    group.add_argument(
        "--split", action="store_true", help="the work may be split into changes of at most 15 files"
    )
    group.add_argument("--approve", action="store_true", help="ask for approval of the plan on the terminal")


def _running(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--database",
        metavar="DATABASE",
        help="where migrations run: sqlite, postgres or a DSN (default: sqlite where TechSpec says so)",
    )
    group.add_argument(
        "--run-commands",
        action="store_true",
        help="run TechSpec's tests, type checks and lint on this machine, which is no sandbox",
    )
    group.add_argument("--no-verify", action="store_true", help="run nothing")


def _result(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--write",
        metavar="FOLDER",
        nargs="?",
        const="",
        help="write the change there when the run is ready (no value: into --base)",
    )
    group.add_argument("--dry-run", action="store_true", help="show the unified diff and write nothing")
    group.add_argument("--save-record", metavar="FILE", help="keep everything needed to replay the run")
    group.add_argument(
        "--output", metavar="FILE", help="write the report there, in the form that --format names"
    )
    group.add_argument("--format", choices=("text", *FORMATS), default="json", help="default: json")
    group.add_argument("--json", action="store_true", help="print the result as JSON and no events")


def act(arguments: argparse.Namespace, console: Console) -> int:
    """Run the stage and end with the exit code of its result."""
    inputs = sources.stage_inputs(arguments.inputs, arguments.answers)
    target = _target(arguments)
    tree = sources.base_tree(arguments.base)
    result = _run(arguments, console, inputs, tree)
    if arguments.save_record:
        write_text(arguments.save_record, result.record.model_dump_json(indent=1) + "\n")
        console.complain(f"Record: {arguments.save_record}")
    if arguments.json:
        console.say_json(result.model_dump(mode="json"))
    else:
        console.say("\n".join(result_lines(result, console)))
    if arguments.output and result.report is not None:
        change = result.changes[0] if result.changes else None
        write_report(result.report, change, arguments.format, arguments.output, console)
    if arguments.dry_run or target is not None:
        _deliver(result, target or arguments.base or ".", tree, arguments, console)
    return of_result(result)


def _target(arguments: argparse.Namespace) -> str | None:
    if arguments.write is None:
        return None
    if arguments.write == "" and not arguments.base:
        raise UsageError("--write does not say where.", hint="Pass --write FOLDER, or --base.")
    return str(arguments.write or arguments.base)


def _run(
    arguments: argparse.Namespace, console: Console, inputs: StageInputs, tree: SourceTree | None
) -> StageResult:
    return run(
        inputs,
        client=_client(arguments, console),
        request=sources.wanted_change(arguments.request),
        base=tree,
        parameters=Parameters(
            reasoning_effort=ReasoningEffort(arguments.effort),
            verbosity=Verbosity(arguments.verbosity),
            split=arguments.split,
        ),
        calls=arguments.calls,
        watch=None if arguments.json else Watcher(console.say),
        approve=_approval(console) if arguments.approve else None,
        verify=False if arguments.no_verify else None,
        database=arguments.database,
        runner=LocalRunner() if arguments.run_commands else None,
        configuration=sources.configuration(None, arguments.base or "."),
    )


def _client(arguments: argparse.Namespace, console: Console) -> ModelClient:
    if arguments.replay:
        client = ReplayClient(_record(arguments.replay))
        console.complain(
            f"Client: replay of a record, {client.label or 'without a label'}; no model is called."
        )
        return client
    if not (arguments.preset and arguments.model):
        raise UsageError(
            "No model was named.", hint="Pass --preset and --model, or --replay FILE with a record of a run."
        )
    console.complain(f"Client: {arguments.preset}, model {arguments.model}.")
    return Client(arguments.model, arguments.preset, base_url=arguments.base_url)


def _record(name: str) -> RunRecord:
    try:
        return RunRecord.model_validate_json(read_text(name))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise InvalidDocument(
            f"this is no record of a run: {first['msg']}.",
            path=name,
            pointer="".join(f"/{part}" for part in first["loc"]),
            hint="Make one with --save-record.",
        ) from None


def _approval(console: Console) -> Callable[[Plan], bool | str]:
    def approve(_plan: Plan) -> bool | str:
        console.complain("Approve the plan? Type yes, no, or what to plan differently:")
        try:
            answer = input().strip()
        except EOFError:
            return False
        return (
            True if answer.lower() in ("y", "yes") else False if answer.lower() in ("", "n", "no") else answer
        )

    return approve


def _deliver(
    result: StageResult, folder: str, tree: SourceTree | None, arguments: argparse.Namespace, console: Console
) -> None:
    """Write the changes one after the other, or show what would be written."""
    tell = console.complain if arguments.json else console.say
    if result.status is not Status.READY:
        tell("Change: not written, since the run is not ready.")
        return
    for number, change in enumerate(result.changes):
        # Only the first of a split series starts from the base itself.
        base = tree if number == 0 else None
        written = write_change(change, folder, planned=result.plan, dry_run=arguments.dry_run, base=base)
        if arguments.dry_run:
            tell(written.diff)
            tell(f"Change: {len(written.written)} file(s) would be written to {Path(folder)}; nothing was.")
        else:
            tell(f"Change: {len(written.written)} file(s) written to {Path(folder)}.")
