"""What a run leaves for its replay: each effect with its answer, and the name of the run.

Owns: the form of an exchange, and which parts of an effect are kept.
Must never know: what an answer led to.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from backend_engineer.outputs import Exchange
from backend_engineer.session.effects import Effect
from backend_engineer.session.state import SessionState

__all__ = ["book", "name_of"]


def book(state: SessionState, effect: Effect, typed: Any) -> None:
    """Put an answered effect into the record."""
    entry = Exchange(
        id=effect.id, kind=effect.kind, request=_asked(effect), answer=_answer_data(effect, typed)
    )
    state.exchanges = (*state.exchanges, entry)


def name_of(state: SessionState) -> str:
    """The run's name: a hash of all that it was begun with."""
    text = json.dumps(state.model_dump(mode="json", exclude={"run"}), sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:16]


def _asked(effect: Effect) -> dict[str, Any]:
    """The effect as the record keeps it: what was asked, without the texts of files."""
    data: dict[str, Any] = effect.model_dump(mode="json", exclude={"id", "kind", "answer_schema"})
    if effect.kind == "verify":
        data["files"] = {file.path: file.hash for file in effect.files}
        data["earlier"] = len(effect.earlier)
    return data


def _answer_data(effect: Effect, typed: Any) -> dict[str, Any]:
    if effect.kind == "read-files":
        return {"hashes": {path: _hash(text) for path, text in typed.items()}}
    if effect.kind == "verify":
        return {"reports": [report.model_dump(mode="json") for report in typed]}
    return {"answer": typed}


def _hash(text: str | None) -> str | None:
    return None if text is None else hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
