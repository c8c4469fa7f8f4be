"""The words from which builders make specifications: resources, columns, wordings.

Owns: these lists and the seeded choice among them.
Must never know: how a document or a file is made of them.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

__all__ = ["Theme", "theme"]

_RESOURCES = (
    ("user", "users"), ("order", "orders"), ("invoice", "invoices"), ("device", "devices"), ("ticket", "tickets"),
    ("project", "projects"), ("booking", "bookings"), ("shipment", "shipments"), ("article", "articles"),
    ("course", "courses"), ("account", "accounts"), ("message", "messages"),
)  # fmt: skip
_COLUMNS = (
    "last_seen_at",
    "archived_at",
    "confirmed_at",
    "reviewed_at",
    "paused_at",
    "closed_at",
    "started_at",
)
_OWNED = ("email", "phone_number", "full_name", "street_address")
_TEAMS = ("platform", "core", "growth", "field", "desk")


@dataclass(frozen=True, slots=True)
class Theme:
    """One seeded choice: the resource in one and many, the new column, a personal field, numbers."""

    seed: int
    one: str
    many: str
    column: str
    personal: str
    team: str
    dialect: str
    openapi: str
    latency: int
    rate: int
    days: int

    @property
    def type_name(self) -> str:
        """The resource as a class name."""
        return self.one.capitalize()

    @property
    def number(self) -> str:
        """The migration's number, four digits."""
        return f"{2 + self.seed % 40:04d}"


def theme(seed: int) -> Theme:
    """The theme of a seed; the same seed gives the same theme on every platform."""
    chance = random.Random(seed)  # noqa: S311  made to be repeatable, not secret
    one, many = chance.choice(_RESOURCES)
    return Theme(
        seed=seed,
        one=one,
        many=many,
        column=chance.choice(_COLUMNS),
        personal=chance.choice(_OWNED),
        team=chance.choice(_TEAMS),
        dialect=chance.choice(("sqlite", "postgresql")),
        openapi=chance.choice(("3.0.3", "3.1.0")),
        latency=chance.choice((100, 150, 200, 250, 300)),
        rate=chance.choice((60, 100, 120, 300)),
        days=chance.choice((30, 90, 180, 365)),
    )
