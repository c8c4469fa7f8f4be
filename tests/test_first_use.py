"""Rooms import their parts when a name of theirs is first used."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

import pytest

import backend_engineer

ROOMS = [
    importlib.import_module(f"backend_engineer.{found.name}")
    for found in pkgutil.iter_modules(backend_engineer.__path__)
    if found.ispkg
]


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.__name__)
def test_every_public_name_of_a_room_is_there_and_listed(room: ModuleType) -> None:
    for name in getattr(room, "__all__", ()):  # contrib has modules only
        assert getattr(room, name) is not None
        assert name in dir(room)


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.__name__)
def test_a_room_knows_no_other_name(room: ModuleType) -> None:
    with pytest.raises(AttributeError, match=f"module '{room.__name__}' has no attribute 'missing_name'"):
        _ = room.missing_name


def test_a_name_is_looked_up_once() -> None:
    outputs = importlib.import_module("backend_engineer.outputs")
    assert outputs.Finding is vars(outputs)["Finding"]
