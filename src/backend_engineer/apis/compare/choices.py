"""What a value of the discriminator's property leads to.

Owns: `mapping`, and the names that branches have without it.
Must never know: what the schemas behind them accept.
"""

from __future__ import annotations

from typing import Any

from backend_engineer.apis.compare.places import Place
from backend_engineer.apis.compare.view import Choice
from backend_engineer.apis.openapi import ApiDocument
from backend_engineer.apis.pointers import MISSING, follow, join, split

__all__ = ["choices_of", "default_choice"]

_SCHEMAS = "/components/schemas"


def choices_of(
    api: ApiDocument, discriminator: dict[str, Any], pointer: str, branches: list[Place]
) -> tuple[dict[str, Choice], bool]:
    """Value -> choice, and whether a branch stands there itself, so that no value for it is told.

    A branch that `mapping` does not lead to is chosen by its name in the components.
    """
    mapping = discriminator.get("mapping")
    found: dict[str, Choice] = {}
    for value, name in mapping.items() if isinstance(mapping, dict) else ():
        if isinstance(name, str):
            place = (name, join(pointer, "discriminator", "mapping", value))
            found[value] = Choice(place, _named(api, name, place[1]), True)
    mapped = {_target(api, choice.target) for choice in found.values()}
    unnamed = False
    for branch in branches:
        target = _target(api, branch)
        if target in mapped and target is not None:
            continue
        if target is None or not target.startswith(_SCHEMAS + "/"):
            unnamed = True
            continue
        found.setdefault(split(target)[-1], Choice(branch, branch, False))
    return found, unnamed


def default_choice(api: ApiDocument, discriminator: Any, pointer: str) -> Place | None:
    """The schema for a value that leads nowhere, which 3.2 lets a discriminator name."""
    name = discriminator.get("defaultMapping") if isinstance(discriminator, dict) else None
    if not isinstance(name, str):
        return None
    return _named(api, name, join(pointer, "discriminator", "defaultMapping"))


def _named(api: ApiDocument, name: str, pointer: str) -> Place:
    """A schema by its name in the components or by a reference."""
    reference = name if "/" in name or "#" in name else join("#" + _SCHEMAS, name)
    # A bare name may be of a component that was left out: what it accepts is not known.
    known = reference is name or follow(api.data, split(reference[1:])) is not MISSING
    return ({"$ref": reference} if known else None), pointer


def _target(api: ApiDocument, place: Place) -> str | None:
    """Where a place that is a reference leads, None for one that is not or leads nowhere."""
    node = place[0]
    reference = node.get("$ref") if isinstance(node, dict) else None
    target = api.target(reference) if isinstance(reference, str) else None
    return None if target is None or follow(api.data, split(target)) is MISSING else target
