"""`backend-engineer migrations check FOLDER`: each migration forward, back and forward again.

Owns: the command's arguments, the progress lines, the summary, and its machine forms.
Must never know: databases, how a pair is judged.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from backend_engineer.cli.console import Console, read_text, write_text
from backend_engineer.cli.exit_codes import ExitCode
from backend_engineer.cli.exports import FORMATS
from backend_engineer.cli.verifying import is_dsn, migrations_report
from backend_engineer.errors import UsageError
from backend_engineer.outputs import MigrationReport, PairOutcome, PairVerdict
from backend_engineer.reporting.documents import spell
from backend_engineer.reporting.escaping import one_line
from backend_engineer.reporting.junit import migrations_to_junit
from backend_engineer.reporting.pair_findings import report_of
from backend_engineer.verification import LocalRunner

__all__ = ["act", "configure"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    check = actions.add_parser(
        "check", help="run every migration forward, back and forward again on scratch databases"
    )
    check.add_argument("folder", metavar="FOLDER", help="where the migrations stand, in any tool's layout")
    check.add_argument(
        "--database",
        metavar="DATABASE",
        required=True,
        help="sqlite, postgres (a throw-away server), or a PostgreSQL DSN",
    )
    check.add_argument(
        "--scratch-copy", action="store_true", help="the DSN's database holds objects and may be copied"
    )
    check.add_argument("--seed", metavar="FILE", help="a script that inserts rows, in place of made-up ones")
    check.add_argument("--no-rows", action="store_true", help="run on databases without rows only")
    check.add_argument(
        "--tool",
        metavar="PRESET",
        help="let the tool itself run them: alembic, django, knex, prisma, prisma6",
    )
    check.add_argument(
        "--no-transaction", action="store_true", help="the runner does not wrap scripts in a transaction"
    )
    check.add_argument(
        "--format", choices=("text", "json", *(name for name in FORMATS if name != "json")), default="text"
    )
    check.add_argument(
        "--json", action="store_true", help="the same as --format json: one object for each pair"
    )
    check.add_argument("--output", metavar="FILE", help="write the report there")


def act(arguments: argparse.Namespace, console: Console) -> int:
    """Run the pairs, and say how each ended."""
    folder = Path(arguments.folder)
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder.", hint="Name the folder of the migrations.")
    _refuse_contradictions(arguments)
    name = "json" if arguments.json else arguments.format
    quiet = name != "text" and not arguments.output

    def told(pair: PairOutcome) -> None:
        (console.complain if quiet else console.say)(_progress(pair))

    report = migrations_report(
        folder,
        arguments.database,
        seed=None if arguments.no_rows else read_text(arguments.seed) if arguments.seed else 1,
        commands=arguments.tool,
        runner=LocalRunner() if arguments.tool else None,
        transactional=False if arguments.no_transaction else None,
        scratch_copy=arguments.scratch_copy,
        progress=told,
    )
    _emit(report, name, arguments.output, console)
    return _code(report)


def _refuse_contradictions(arguments: argparse.Namespace) -> None:
    """An option that would have no effect was meant to have one."""
    if arguments.seed and arguments.no_rows:
        raise UsageError("--seed makes rows, and --no-rows wants none.", hint="Leave one of them out.")
    if arguments.scratch_copy and not is_dsn(arguments.database):
        raise UsageError("--scratch-copy is about a DSN's database.", hint="Leave it out, or name a DSN.")
    if arguments.scratch_copy and arguments.tool:
        raise UsageError("A tool starts from nothing, and takes no copy.", hint="Name an empty database.")


def _progress(pair: PairOutcome) -> str:
    return f"Pair: {one_line(pair.migration)}: {pair.verdict}, rows {pair.rows}, {pair.seconds * 1000:.0f} ms"


def _emit(report: MigrationReport, name: str, output: str | None, console: Console) -> None:
    if name == "json":
        if output:
            write_text(output, spell(_data(report)))
        else:
            console.say_json(_data(report))
    elif name != "text":
        text = migrations_to_junit(report) if name == "junit" else FORMATS[name](report_of(report), "")
        if output:
            write_text(output, text)
        elif text:
            console.say(text)
    elif output:
        write_text(output, "\n".join(_summary(report)) + "\n")
    if name == "text" or output:
        console.say("\n".join(_summary(report)))


def _data(report: MigrationReport) -> dict[str, Any]:
    """The pairs as JSON data; each verdict compares schemas only, what rows did stands in `rows`."""
    data = report.model_dump(mode="json")
    return {
        "pairs": data["pairs"],
        "dialect": report.dialect,
        "server_version": report.server_version,
        "not_checked": report.not_checked,
        "problems": data["problems"],
        "schema_after": data["schema_after"],
    }


def _summary(report: MigrationReport) -> Iterator[str]:
    yield ""
    yield f"Database: {report.dialect} {report.server_version}".rstrip()
    if report.not_checked:
        yield f"Not checked: {one_line(report.not_checked)}"
    for item in report.problems[:_SHOWN]:
        yield f"File: {one_line(item.message)}"
    if len(report.problems) > _SHOWN:
        yield f"File: {len(report.problems) - _SHOWN} more; --json lists them all."
    width = max(len("Migration"), *(len(one_line(pair.migration)) for pair in report.pairs), 0)
    yield f"{'Migration':<{width}}  {'Schema':<16}  {'Rows':<10}  VERIFY before/after/rolled back"
    for pair in report.pairs:
        verify = f"{pair.verify_before}/{pair.verify_after}/{pair.verify_after_rollback}"
        yield f"{one_line(pair.migration):<{width}}  {pair.verdict:<16}  {pair.rows:<10}  {verify}"
    for pair in report.pairs:
        yield from _details(pair)
    counts = ", ".join(f"{count} {verdict}" for verdict, count in _counted(report).items())
    yield f"Pairs: {len(report.pairs)} ({counts or 'none'})"


_SHOWN = 20


def _details(pair: PairOutcome) -> Iterator[str]:
    settings = (f"setting {item}" for item in pair.settings)
    refused = (f"refused: {item}" for item in pair.refused)
    rows = (*pair.differences, *pair.row_differences, *settings, *refused)
    words = [("Server", pair.message), ("Runner", pair.runner_message)]
    if pair.populated_message and pair.populated_message not in pair.message:
        words.append(("With rows", pair.populated_message))
    if pair.verify_message:
        words.append(("Check", pair.verify_message))
    if any(text for _, text in words) or rows:
        yield f"Details of {one_line(pair.migration)}"
        yield from (f"  {label}: {one_line(text)}" for label, text in words if text)
        yield from (f"  Difference: {one_line(row)}" for row in rows)


def _counted(report: MigrationReport) -> dict[str, int]:
    counts: dict[str, int] = {}
    for pair in report.pairs:
        counts[str(pair.verdict)] = counts.get(str(pair.verdict), 0) + 1
    return counts


def _code(report: MigrationReport) -> ExitCode:
    """1 when a pair is broken, 5 when something was not run, else 0."""
    if any(finding.violates for finding in report_of(report).findings):
        return ExitCode.VIOLATED
    left = report.not_checked or report.problems
    incomplete = left or any(pair.verdict is PairVerdict.NOT_RUN for pair in report.pairs)
    return ExitCode.NOT_CHECKED if incomplete else ExitCode.OK
