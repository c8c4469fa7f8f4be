"""Answers put where their gaps are.

Owns: how a pointer and a value change the given data.
Must never know: which fields are needed, where the data came from.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from backend_engineer.apis.pointers import join, split
from backend_engineer.errors import InvalidDocument, UsageError
from backend_engineer.inputs.reading import plain_data
from backend_engineer.inputs.sources import DOCUMENTS, RawInputs

__all__ = ["answered"]

_EXCEPTIONS = ("api_contract", "exceptions")


def answered(raw: RawInputs, answers: Mapping[Any, Any]) -> RawInputs:
    """The data with each answer at its pointer; the order of the answers does not matter.

    An answer to a part goes into the answer to the whole. `/api_contract/exceptions/CLAUSE` stands for
    the exception of that clause. Raises UsageError for a pointer that leads to no place in a document.
    """
    UsageError.unless(answers, Mapping, "The answers")
    if not all(isinstance(pointer, str) for pointer in answers):
        raise UsageError(
            "Answers are a mapping of pointers to values.", hint="Use the pointers of the clarification."
        )
    data = copy.deepcopy(raw.data)
    for tokens, pointer in sorted(
        ((split(pointer), pointer) for pointer in answers), key=lambda item: _order(item[0])
    ):
        if not tokens or tokens[0] not in (*DOCUMENTS, "request"):
            raise UsageError(
                f"The answer's pointer {pointer!r} leads into no document.",
                hint="Use the pointers of the clarification.",
            )
        value = plain_data(answers[pointer], f"the answer to {pointer}")
        if len(tokens) == 1 and not isinstance(value, dict):
            raise InvalidDocument(
                f"`{tokens[0]}` is no object of named fields.",
                pointer=pointer,
                hint="Give its fields by name.",
            )
        if tokens[:2] == _EXCEPTIONS and len(tokens) == 3 and not tokens[2].isdigit():
            _exception(data, tokens[2], value)
        else:
            _put(data, tokens, value, pointer)
    return RawInputs(data, raw.lines)


def _order(tokens: tuple[str, ...]) -> tuple[Any, ...]:
    """Wholes before their parts, and list entries by number, so that new ones follow on each other."""
    return (
        len(tokens),
        [(0, int(token), "") if token.isdecimal() and len(token) < 10 else (1, 0, token) for token in tokens],
    )


def _exception(data: dict[str, Any], clause: str, value: Any) -> None:
    contract = data.setdefault("api_contract", {})
    given = contract.get("exceptions")
    kept = [
        item
        for item in (given if isinstance(given, list) else ())
        if not (isinstance(item, dict) and item.get("clause") == clause)
    ]
    contract["exceptions"] = sorted(
        [*kept, value], key=lambda item: str(item.get("clause")) if isinstance(item, dict) else ""
    )


def _put(data: Any, tokens: tuple[str, ...], value: Any, pointer: str) -> None:
    place = data
    for index, token in enumerate(tokens):
        last = index == len(tokens) - 1
        if isinstance(place, list):
            number = int(token) if token.isdecimal() and len(token) < 10 else -1
            if not 0 <= number <= len(place):
                raise UsageError(
                    f"The answer's pointer {pointer!r} leads to no entry of {join('', *tokens[:index])}.",
                    hint=f"The list has {len(place)} entries.",
                )
            if number == len(place):
                place.append({})
            if last:
                place[number] = value
            else:
                place[number] = _container(place[number])
                place = place[number]
        elif last:
            place[token] = value
        else:
            place[token] = _container(place.get(token))
            place = place[token]


def _container(value: Any) -> Any:
    """What stands in the way of an answer to a part (nothing, a placeholder) gives way to an object."""
    return value if isinstance(value, (dict, list)) else {}
