"""`backend-engineer clauses`: the contract, clause by clause.

Owns: the command's arguments and the layout of the list.
Must never know: what checks a clause.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from backend_engineer.cli.console import Console
from backend_engineer.cli.exit_codes import ExitCode
from backend_engineer.contract import CLAUSES, Clause, Subject, clause

__all__ = ["act", "clause_data", "clause_lines", "configure"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("clauses", metavar="CLAUSE", nargs="*", help="ids to show (default: all)")
    parser.add_argument("--subject", choices=[str(item) for item in Subject], help="only clauses about this")
    parser.add_argument("--json", action="store_true", help="print JSON")


def act(arguments: argparse.Namespace, console: Console) -> int:
    """Print the clauses."""
    rows = [clause(name.upper()) for name in arguments.clauses] or list(CLAUSES.values())
    if arguments.subject:
        rows = [row for row in rows if row.subject == arguments.subject]
    if arguments.json:
        console.say_json({"clauses": [clause_data(row) for row in rows]})
        return ExitCode.OK
    for row in rows:
        console.say("\n".join(clause_lines(row)))
        console.say()
    console.say(f"Clauses: {len(rows)}")
    return ExitCode.OK


def clause_lines(row: Clause) -> Iterator[str]:
    """One clause as labelled lines."""
    yield f"Clause: {row.id} ({row.part})"
    yield f"  About: the {row.subject}"
    yield f"  Says: {row.statement}"
    yield f"  Shown by: {', '.join(str(kind) for kind in row.evidence)}"
    if row.derived_from:
        yield f"  Made of: {', '.join(row.derived_from)}"
    if row.judgement:
        yield f"  Why only judgement: {row.judgement}"


def clause_data(row: Clause) -> dict[str, Any]:
    """One clause as JSON data."""
    return {
        "id": row.id,
        "part": row.part,
        "subject": str(row.subject),
        "statement": row.statement,
        "evidence": [str(kind) for kind in row.evidence],
        "derived_from": list(row.derived_from),
        "judgement": row.judgement,
    }
