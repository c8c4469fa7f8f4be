"""Files of many migrations that grow: what stood in them before the change stays what it was.

Owns: telling the migrations of such a file that the base holds already.
Must never know: changes, rules, databases.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from backend_engineer.migrations.discovery import discover
from backend_engineer.migrations.migration import Migration

__all__ = ["only_added_to", "stayed"]


def stayed(
    found: Iterable[Migration],
    below: Mapping[str, str],
    dialect: str | None,
    transactional: bool | None = None,
) -> frozenset[str]:
    """The places of migrations that the base holds with the same texts, in files that hold several."""
    every = tuple(found)
    counts = Counter(item.forward.path for item in every)
    shared = {path: below[path] for path, count in counts.items() if count > 1 and path in below}
    if not shared:
        return frozenset()
    old = Counter(
        _texts(item) for item in discover(shared, folder="", dialect=dialect, transactional=transactional)
    )
    places: list[str] = []
    for item in every:
        if old[_texts(item)]:
            old[_texts(item)] -= 1
            places.append(item.place)
    return frozenset(places)


def only_added_to(
    path: str,
    found: Iterable[Migration],
    below: Mapping[str, str],
    dialect: str | None,
    transactional: bool | None = None,
) -> bool:
    """Whether every migration that the base holds in a file stands in it still, with the same texts."""
    if path not in below:
        return False
    old = Counter(
        _texts(item)
        for item in discover({path: below[path]}, folder="", dialect=dialect, transactional=transactional)
    )
    now = Counter(_texts(item) for item in found if item.forward.path == path)
    return bool(old) and now.total() > 1 and not old - now


def _texts(item: Migration) -> tuple[str, ...]:
    scripts = (item.forward, item.rollback) if item.rollback is not None else (item.forward,)
    return (item.forward.path, *(script.sql.strip() for script in scripts), str(item.transactional))
