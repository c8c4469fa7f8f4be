"""Migrations as they stand in files: discovery, conventions, sections, and the statement splitter.

Owns: which files are migrations, in which order they run, and where a statement begins and ends.
Must never know: databases, subprocesses, rules, prompts.
"""

from backend_engineer.migrations.conventions import BOOKKEEPING
from backend_engineer.migrations.discovery import discover
from backend_engineer.migrations.lexer import Dialect
from backend_engineer.migrations.migration import (
    Migration,
    MigrationScript,
    MigrationSet,
    Operations,
    Problem,
)
from backend_engineer.migrations.sections import Notes, read_notes, speaks_of_dry_run
from backend_engineer.migrations.statements import Script, Statement, read_script, split_statements

__all__ = [
    "BOOKKEEPING",
    "Dialect",
    "Migration",
    "MigrationScript",
    "MigrationSet",
    "Notes",
    "Operations",
    "Problem",
    "Script",
    "Statement",
    "discover",
    "read_notes",
    "read_script",
    "speaks_of_dry_run",
    "split_statements",
]
