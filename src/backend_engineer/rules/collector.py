"""Python's cycle collector held back while many small values are made.

Owns: when it rests, and that it comes back.
Must never know: rules, changes.

The collector looks through all living values again and again while a check makes thousands of them, few of which
form cycles: a seventh of the time of a check of many files. Counted references go on freeing everything else.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["collector_at_rest"]


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Let the collector rest inside; whoever found it at work puts it to work again, also after an error."""
    worked = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if worked:
            _take_for_old()
            gc.enable()


def _take_for_old() -> None:
    """Count what was made meanwhile among the old values: the collector would look through all of it at once."""
    # Values that the caller has frozen, as a server does before it forks, would thaw.
    if gc.get_freeze_count() == 0:
        gc.freeze()
        gc.unfreeze()
