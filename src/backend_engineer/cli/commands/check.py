"""`backend-engineer check`: the gate for a change from any agent or person.

Owns: the command's arguments, and how a baseline and waivers come together.
Must never know: what a rule checks.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from backend_engineer.cli import sources
from backend_engineer.cli.console import Console, read_text, write_text
from backend_engineer.cli.exit_codes import ExitCode, of_report
from backend_engineer.cli.exports import FORMATS, emit_report, write_report
from backend_engineer.cli.verifying import migrations_report
from backend_engineer.errors import UsageError
from backend_engineer.inputs import NotApplicable, PartialInputs, StageInputs
from backend_engineer.outputs import Change, CommandReport, FileChange, MigrationReport, Report
from backend_engineer.parsing import Reply
from backend_engineer.rules import check
from backend_engineer.rules.baseline import Baseline, baseline_of, read_baseline
from backend_engineer.rules.configuration import Configuration
from backend_engineer.verification import LocalRunner, verify_commands
from backend_engineer.workspace import SourceTree

__all__ = ["act", "configure"]

_EXAMPLES = """examples:
  backend-engineer check reply.md --base service/ --inputs spec/ --run-migrations --run-commands
  backend-engineer check --git origin/main...HEAD --inputs spec/ --new-only --format github
  backend-engineer check --git main --baseline baseline.json --waive CONS-05 --because "checked nightly"
  backend-engineer check --staged
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.epilog = _EXAMPLES
    _subject(parser.add_argument_group("what is judged (exactly one)"))
    _inputs(parser.add_argument_group("what it is held against"))
    _choice(parser.add_argument_group("which rules, and what may stand"))
    _output(parser.add_argument_group("output"))


def _subject(group: argparse._ArgumentGroup) -> None:
    group.add_argument("reply", metavar="REPLY", nargs="?", help="a reply's file, - for standard input")
    group.add_argument(
        "--git", metavar="RANGE", help="committed changes: A...B (since they parted), A..B, or A (up to HEAD)"
    )
    group.add_argument("--staged", action="store_true", help="what is staged for the next commit")
    group.add_argument(
        "--diff", metavar="FILE", help="a unified diff, - for standard input; applied to --base"
    )
    group.add_argument(
        "--folder", metavar="FOLDER", help="a folder as it is after the change; compared with --base"
    )
    group.add_argument(
        "--repo", metavar="FOLDER", default=".", help="the git repository (default: this folder)"
    )
    group.add_argument(
        "--path",
        metavar="PATH",
        action="append",
        default=[],
        help="with --git: only this file or folder; may be repeated",
    )
    group.add_argument(
        "--names", choices=("header", "any"), default="header", help="where a reply names its files"
    )
    group.add_argument("--seal", metavar="WORD", help="the answer seal of a reply")


def _inputs(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--inputs", metavar="FOLDER", help="the specification's documents, as many as there are"
    )
    group.add_argument("--base", metavar="FOLDER", help="the source tree that the change starts from")
    group.add_argument(
        "--run-migrations",
        metavar="DATABASE",
        nargs="?",
        const="",
        help="run the migrations on scratch databases: sqlite, postgres, a DSN; without a value what TechSpec names",
    )
    group.add_argument(
        "--run-commands",
        action="store_true",
        help="run TechSpec's tests, type checks and lint on this machine, which is no sandbox",
    )


def _choice(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--select",
        metavar="CODES",
        action="append",
        help="only these rules or clauses, or beginnings of them: a list with commas; may be repeated",
    )
    group.add_argument(
        "--ignore",
        metavar="CODES",
        action="append",
        default=[],
        help="leave these out; their clauses are then not checked",
    )
    group.add_argument(
        "--config",
        metavar="FILE",
        help="configuration (default: backend-engineer.toml or pyproject.toml here)",
    )
    group.add_argument(
        "--waive",
        metavar="CLAUSE",
        action="append",
        default=[],
        help="this clause may stay unchecked; needs --because",
    )
    group.add_argument(
        "--because", metavar="REASON", action="append", default=[], help="the reason of the --waive before it"
    )
    group.add_argument("--baseline", metavar="FILE", help="findings known before, which then do not violate")
    group.add_argument(
        "--new-only", action="store_true", help="findings that the base has too do not violate"
    )
    group.add_argument(
        "--write-baseline", metavar="FILE", help="write what is found now as a baseline, and judge by it"
    )


def _output(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--allow-unchecked",
        action="store_true",
        help="end with 0 in place of 5; the report still says what was not checked",
    )
    group.add_argument("--format", choices=("text", *FORMATS), default="text", help="default: labelled text")
    group.add_argument("--json", action="store_true", help="the same as --format json")
    group.add_argument(
        "--output", metavar="FILE", help="write the report there; standard output then gives the outcome"
    )
    group.add_argument(
        "--findings-only", action="store_true", help="text without the verdicts of all clauses"
    )


def act(arguments: argparse.Namespace, console: Console) -> int:
    """Judge the change and end with the report's exit code."""
    case = _case(arguments)
    report = _judge(case, case.subject, _known(arguments, case))
    if arguments.write_baseline:
        made = baseline_of(report)
        write_text(arguments.write_baseline, made.model_dump_json(indent=2) + "\n")
        console.complain(f"Baseline: {len(made.findings)} finding(s) written to {arguments.write_baseline}")
        report = _judge(case, case.subject, made)
    name = "json" if arguments.json else arguments.format
    clauses = not arguments.findings_only
    if arguments.output:
        write_report(report, case.change, name, arguments.output, console, clauses=clauses)
        emit_report(report, case.change, "text", console, clauses=False)
    else:
        emit_report(report, case.change, name, console, clauses=clauses)
    code = of_report(report)
    return ExitCode.OK if arguments.allow_unchecked and code is ExitCode.NOT_CHECKED else code


@dataclass(frozen=True, slots=True)
class _Case:
    """Everything that the judgement rests on, read and run once."""

    subject: Reply | Change
    base: SourceTree | None
    inputs: StageInputs | PartialInputs | None
    verified: tuple[MigrationReport | CommandReport, ...]
    configuration: Configuration
    waivers: Mapping[str, str]
    select: Sequence[str] | None
    ignore: Sequence[str]

    @property
    def change(self) -> Change:
        """The change itself."""
        return self.subject.change if isinstance(self.subject, Reply) else self.subject


def _case(arguments: argparse.Namespace) -> _Case:
    waivers = _waivers(arguments)
    home = arguments.repo if arguments.git or arguments.staged else "."
    configuration = sources.configuration(arguments.config, home)
    subject, base = sources.subject_and_base(arguments)
    inputs = sources.partial_inputs(arguments.inputs)
    change = subject.change if isinstance(subject, Reply) else subject
    verified = _verified(arguments, change, base, inputs)
    select = None if arguments.select is None else _codes(arguments.select)
    return _Case(subject, base, inputs, verified, configuration, waivers, select, _codes(arguments.ignore))


def _codes(lists: Sequence[str]) -> tuple[str, ...]:
    """The codes of all lists, `--select CONS,SQL301 --select MIGR`."""
    return tuple(code.strip().upper() for text in lists for code in text.split(",") if code.strip())


def _judge(case: _Case, subject: Reply | Change, baseline: Baseline | None) -> Report:
    return check(
        subject,
        case.inputs,
        case.base,
        verified=case.verified,
        select=case.select,
        ignore=case.ignore,
        waive=case.waivers,
        configuration=case.configuration,
        baseline=baseline,
        today=datetime.now(UTC).date(),
    )


def _waivers(arguments: argparse.Namespace) -> dict[str, str]:
    if len(arguments.waive) != len(arguments.because):
        raise UsageError(
            f"{len(arguments.waive)} --waive and {len(arguments.because)} --because.",
            hint="Give each --waive CLAUSE its own --because REASON.",
        )
    return dict(zip((clause.upper() for clause in arguments.waive), arguments.because, strict=True))


def _verified(
    arguments: argparse.Namespace,
    change: Change,
    base: SourceTree | None,
    inputs: StageInputs | PartialInputs | None,
) -> tuple[MigrationReport | CommandReport, ...]:
    """What was asked to be really run, run once."""
    reports: list[MigrationReport | CommandReport] = []
    spec = inputs.tech_spec if inputs is not None else None
    if arguments.run_migrations is not None:
        reports.append(migrations_report(change, arguments.run_migrations or spec, base=base))
    if arguments.run_commands:
        if spec is None or isinstance(spec.commands, NotApplicable):
            raise UsageError(
                "--run-commands needs to know the commands.",
                hint="Pass --inputs with a TechSpec that names them.",
            )
        reports.append(verify_commands(change, base, spec, LocalRunner()))
    return tuple(reports)


def _known(arguments: argparse.Namespace, case: _Case) -> Baseline | None:
    """What the baseline's file knows, and with --new-only what the base already has."""
    known: Baseline | None = None
    if arguments.baseline:
        if not Path(arguments.baseline).is_file():
            raise UsageError(
                f"There is no baseline {arguments.baseline}.", hint="Make one with --write-baseline FILE."
            )
        known = read_baseline(read_text(arguments.baseline), arguments.baseline)
    if not arguments.new_only:
        return known
    if case.base is None:
        if known is None:
            raise UsageError(
                "--new-only needs something to compare with.",
                hint="Pass --git, --staged, --base or --baseline.",
            )
        return known
    old = _judge(case, _before(case.change, case.base), None)
    placed = tuple(finding for finding in old.findings if finding.where.lines)
    return Baseline(
        findings=(*(known.findings if known else ()), *baseline_of(Report(findings=placed)).findings)
    )


def _before(change: Change, base: SourceTree) -> Change:
    """The files of the change as they were, all of their lines counted.

    Findings about a change as a whole are not taken from it, since the base is no change.
    """
    files = []
    for file in change:
        text = base.get(file.previous_path or file.path)
        if text is not None:
            files.append(FileChange(file.path, text, section=file.section, language=file.language))
    return Change(tuple(files))
