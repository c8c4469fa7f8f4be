"""A migration cut into the pieces that are sent, and when one transaction may hold them all.

Owns: the record of a migration's pieces, and the server's codes for what cannot run in one transaction.
Must never know: connections, the order of the steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from backend_engineer.migrations import Migration
from backend_engineer.verification.scripts import Piece, pieces_of, verify_pieces

__all__ = ["NOT_IN_ONE_TRANSACTION", "Job", "job_of"]

# 25001 cannot run in a transaction block, 55P04 a new enum value used before it is committed, 2D000 a routine
# that commits, 55006 pending trigger events of rows that the same transaction wrote.
NOT_IN_ONE_TRANSACTION: Final = frozenset({"25001", "55P04", "2D000", "55006"})


@dataclass(slots=True)
class Job:
    """A migration cut into pieces once."""

    forward: tuple[Piece, ...]
    rollback: tuple[Piece, ...] | None
    verify: tuple[tuple[str, int], ...] | None

    @property
    def fits(self) -> bool:
        """Whether one transaction is the same as what the runner does, as far as the text tells."""
        pieces = (*self.forward, *(self.rollback or ()))
        # DEALLOCATE would take the comparison's own prepared statements along.
        return not any(
            piece.controls or piece.wrap is False or "deallocate" in piece.sql.lower() for piece in pieces
        )


def job_of(migration: Migration) -> Job:
    back = migration.rollback
    return Job(
        forward=pieces_of(migration.forward, "postgresql"),
        rollback=pieces_of(back, "postgresql") if back is not None and back.runnable else None,
        verify=verify_pieces(migration.verify, "postgresql"),
    )
