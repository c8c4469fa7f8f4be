"""The ten output sections, in the order in which a reply gives them (OUTF-01).

Owns: their names and order.
Must never know: which path belongs to which section (that is `paths`).
"""

from __future__ import annotations

from enum import StrEnum

__all__ = ["SECTIONS", "Section"]


class Section(StrEnum):
    """One of the ten groups in which a reply emits its files; the value is the heading's text."""

    MIGRATIONS = "Migrations"
    MODELS = "Schema/Models"
    PORTS = "Ports/Adapters"
    SERVICES = "Services/Use-Cases"
    CONTROLLERS = "Controllers/Resolvers"
    VALIDATION = "Validation & Auth"
    JOBS = "Jobs/Workers"
    TESTS = "Tests"
    OBSERVABILITY = "Observability"
    DOCS = "Docs"

    @property
    def position(self) -> int:
        """The section's place in the order, from 1 to 10."""
        return SECTIONS.index(self) + 1


SECTIONS: tuple[Section, ...] = tuple(Section)
"""All sections in their order."""
