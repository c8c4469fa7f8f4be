"""Names of a room that are imported when they are first used (PEP 562).

Owns: the `__getattr__` and `__dir__` of every room that imports its parts late.
Must never know: which rooms there are, or what their names mean.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any


def names_on_first_use(
    package: str, parts: Mapping[str, tuple[str, ...]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The `__getattr__` and `__dir__` of `package`, whose `parts` say which of its modules defines which names.

    A name is looked up once and then stands in the package like any other. Raises AttributeError, as for any module,
    when no part defines the name.
    """
    part_of = {name: part for part, names in parts.items() for name in names}
    own = sys.modules[package].__dict__

    def get(name: str) -> Any:
        part = part_of.get(name)
        if part is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(f"{package}.{part}"), name)
        own[name] = value
        return value

    def listing() -> list[str]:
        return sorted({*own, *part_of})

    return get, listing
