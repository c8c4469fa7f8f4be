"""The worked example of an answer, made by the writer of replies so that prompt and parser cannot part.

Owns: a tiny change, and the answer that carries it.
Must never know: templates, the caller's documents, the seal of a call.
"""

from __future__ import annotations

from functools import lru_cache

from backend_engineer.contract import IDENTITY, Section, Status
from backend_engineer.outputs import (
    Attestation,
    Change,
    FileChange,
    Plan,
    PlannedFile,
    ReviewFindings,
    SchemaChange,
    Trace,
)
from backend_engineer.parsing import write_reply

__all__ = ["EXAMPLE_SEAL", "example_change", "worked_example"]

EXAMPLE_SEAL = "SEAL"
"""The word in the example's headers; it is no seal, and the prompt says so."""

_UP = """\
-- Dry run: inside a transaction that ends in ROLLBACK
PRAGMA busy_timeout = 2000;
ALTER TABLE notes ADD COLUMN archived_at TEXT NULL;
-- VERIFY
-- SELECT count(*) = 1 FROM pragma_table_info('notes') WHERE name = 'archived_at';
-- OPERATIONS
-- duration: under 1 s
-- impact: none, the column is empty
-- throttling: not needed
"""
_DOWN = """\
ALTER TABLE notes DROP COLUMN archived_at;
"""
_SERVICE = """\
def archive(note, user, clock, notes):
    if note.owner_id != user.id:
        raise Forbidden("note:archive")
    notes.set_archived_at(note.id, clock.now())
    log.info("note archived", extra={"note_id": note.id})
"""
_TEST = """\
def test_a_stranger_cannot_archive(note, stranger, clock, notes):
    with raises(Forbidden):
        archive(note, stranger, clock, notes)
"""

_DOCS = """\
# Archiving
Only the owner of a note may archive it. Each time the service logs `note archived` with `note_id`.
"""

_CHECKLIST = (
    "Keep the time at which a note was archived",
    "Let the owner of a note, and nobody else, archive it",
    "Show by tests that a stranger is refused",
)
_FILES: tuple[tuple[str, Section, str, str, str], ...] = (
    ("db/0004_archived_at.up.sql", Section.MIGRATIONS, "new column", _UP, "Adds one empty column."),
    ("db/0004_archived_at.down.sql", Section.MIGRATIONS, "its rollback", _DOWN, "Undoes the script."),
    ("app/archive.py", Section.SERVICES, "the use case", _SERVICE, "Refuses strangers before it writes."),
    ("tests/test_archive.py", Section.TESTS, "the refusal", _TEST, "Fails without the check."),
    ("docs/archiving.md", Section.DOCS, "who may archive, what is logged", _DOCS, "Says what the code does."),
)


def example_change() -> Change:
    """The files of the example."""
    return Change(
        tuple(
            FileChange(path, content, section, action="add", stated=True)
            for path, section, _, content, _ in _FILES
        )
    )


def _plan() -> Plan:
    return Plan(
        summary="Store when a note was archived; only its owner may archive it.",
        files=tuple(
            PlannedFile(path=path, action="add", section=section, purpose=purpose)
            for path, section, purpose, _, _ in _FILES
        ),
        traceability=(
            Trace(endpoint="POST /notes/{id}/archive", service="archive", data=("notes.archived_at",)),
        ),
        schema_change=SchemaChange(kind="migration"),
        security=("owner checked in the service",),
        slo=("one indexed write, within 100 ms",),
    )


@lru_cache(maxsize=64)
def worked_example(parts: tuple[str, ...]) -> str:
    """An answer with these parts, in the form that the parser reads; empty where no part has an example."""
    shows_files = "files" in parts
    if not {"plan", "files", "attestations", "findings"} & set(parts):
        return ""
    return write_reply(
        example_change() if shows_files else (),
        checklist=_CHECKLIST if "checklist" in parts else (),
        plan=_plan() if "plan" in parts else None,
        validations={path: said for path, *_, said in _FILES} if shows_files else None,
        attestations=(
            Attestation(
                clause="SECU-01",
                path="app/archive.py",
                lines="2-3",
                quote="if note.owner_id != user.id:",
            ),
        )
        if "attestations" in parts
        else (),
        findings=ReviewFindings(tool=IDENTITY.id, version=IDENTITY.version, status=Status.READY, findings=())
        if "findings" in parts
        else None,
        seal=EXAMPLE_SEAL if shows_files else None,
    )
