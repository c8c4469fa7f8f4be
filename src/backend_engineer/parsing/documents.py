"""The JSON blocks of a reply: plan, attestations, findings, clarification, questions.

Owns: which root key means what, and keeping what is whole of a block that is cut or partly wrong.
Must never know: fences, files, which block of a reply counts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from backend_engineer import outputs
from backend_engineer.contract import Status
from backend_engineer.parsing.events import Question

if TYPE_CHECKING:  # at run time `outputs` brings each model when it is first used
    from pydantic import BaseModel

    from backend_engineer.outputs import Attestation, Clarification, Plan, ReviewFindings

__all__ = [
    "ROOTS",
    "Document",
    "Loaded",
    "decodes",
    "ends_inside_string",
    "load_document",
    "load_stray_findings",
    "looks_like_document",
]

_M = TypeVar("_M", bound="BaseModel")
_DECODER: Final = json.JSONDecoder(strict=False)
_BLANKS: Final = re.compile(r"[ \t\r\n]*")
_ROUNDS: Final = 200

ROOTS: Final = ("plan", "attestations", "findings", "clarification", "questions")
"""The keys of a block's root that make it a document of the reply."""


class Document(NamedTuple):
    """One block as values: which root, the value, and what was wrong with it as (code, message) pairs."""

    root: str
    value: Any
    problems: tuple[tuple[str, str], ...]


class Loaded(NamedTuple):
    """JSON text decoded: the data, whether the text was cut, and what was wrong with its form."""

    data: Any
    cut: bool
    problem: str = ""


def looks_like_document(text: str) -> bool:
    """Whether a block's text may be one of the documents; a quick look."""
    head = _BLANKS.match(text)
    at = head.end() if head else 0
    return text.startswith("{", at) and any(f'"{root}"' in text for root in ROOTS)


def ends_inside_string(text: str) -> bool:
    """Whether JSON text stops in the middle of a string, so that a fence after it is part of the string."""
    try:
        _DECODER.raw_decode(text.lstrip())
    except json.JSONDecodeError as error:
        return error.msg.startswith("Unterminated string")
    except RecursionError:
        return False
    return False


def decodes(text: str) -> bool:
    """Whether JSON text is whole."""
    try:
        _DECODER.raw_decode(text.lstrip())
    except (json.JSONDecodeError, RecursionError):
        return False
    return True


def _decode(text: str) -> Loaded:
    text = text.lstrip("\ufeff \t\r\n")
    try:
        return Loaded(_DECODER.raw_decode(text)[0], False)
    except json.JSONDecodeError as error:
        problem = f"{error.msg} at line {error.lineno}, column {error.colno} of the block"
    except RecursionError:
        return Loaded(None, False, "it is nested too deeply")
    data = _whole_parts(text)
    return Loaded(data, True, problem)


def _skip(text: str, at: int) -> int:
    match = _BLANKS.match(text, at)
    return match.end() if match else at


def _whole_parts(text: str) -> dict[str, Any]:
    """Of a cut or broken root object: the members that are whole, and of a last array its whole items."""
    found: dict[str, Any] = {}
    key, start = "", len(text)
    at = _skip(text, 1)
    while text.startswith('"', at):
        try:
            key, at = _DECODER.raw_decode(text, at)
            at = _skip(text, at)
            if not text.startswith(":", at):
                break
            at = _skip(text, at + 1)
            start = at
            value, at = _DECODER.raw_decode(text, at)
        except (json.JSONDecodeError, RecursionError):
            if text.startswith("[", start):
                found[key] = _whole_items(text, start)
            elif text.startswith("{", start) and key in ROOTS:
                found[key] = _whole_parts(text[start:])
            break
        found[key] = value
        at = _skip(text, at)
        if not text.startswith(",", at):
            break
        at = _skip(text, at + 1)
    return found


def _whole_items(text: str, at: int) -> list[Any]:
    items: list[Any] = []
    at = _skip(text, at + 1)
    while at < len(text):
        try:
            value, at = _DECODER.raw_decode(text, at)
        except (json.JSONDecodeError, RecursionError):
            break
        items.append(value)
        at = _skip(text, at)
        if not text.startswith(",", at):
            break
        at = _skip(text, at + 1)
    return items


def _salvage(model: type[_M], data: Any, root: str) -> tuple[_M | None, list[tuple[str, str]]]:
    """Validate; take out unknown keys and items of lists that are wrong, one problem for each, and try again."""
    problems: list[tuple[str, str]] = []
    for _ in range(_ROUNDS):
        try:
            return model.model_validate(data), problems
        except outputs.ValidationError as error:
            first = error.errors(include_url=False, include_context=False)[0]
        place = "/".join(str(part) for part in first["loc"])
        problems.append((f"invalid-{root}", f"/{place}: {first['msg']}"))
        data = _without(data, first["loc"], first["type"] == "extra_forbidden")
        if data is None:
            break
    return None, problems


def _without(data: Any, loc: tuple[int | str, ...], extra: bool) -> Any:
    """A copy of the data without the wrong key, or without the innermost list item that holds the error."""
    parts = list(loc)
    if not extra:
        while parts and not isinstance(parts[-1], int):
            parts.pop()
    if not parts:
        return None
    copy = json.loads(json.dumps(data))
    inner = copy
    try:
        for part in parts[:-1]:
            inner = inner[part]
        del inner[parts[-1]]
    except (KeyError, IndexError, TypeError):
        return None
    return copy


def _plan(data: Any) -> tuple[Plan | None, list[tuple[str, str]]]:
    return _salvage(outputs.Plan, data.get("plan"), "plan")


def _attestations(data: Any) -> tuple[tuple[Attestation, ...], list[tuple[str, str]]]:
    items = data.get("attestations")
    if not isinstance(items, list):
        return (), [("invalid-attestations", "/attestations: it is not a list.")]
    return _each(outputs.Attestation, items, "attestations")


def _each(model: type[_M], items: list[Any], root: str) -> tuple[tuple[_M, ...], list[tuple[str, str]]]:
    kept: list[_M] = []
    problems: list[tuple[str, str]] = []
    for index, item in enumerate(items):
        value, wrong = _salvage(model, item, root)
        problems += [(code, f"/{root}/{index}{message}") for code, message in wrong]
        if value is not None:
            kept.append(value)
    return tuple(kept), problems


def _findings(data: Any) -> tuple[ReviewFindings | None, list[tuple[str, str]]]:
    """The findings that are whole; a missing or unknown status becomes `blocked`, and that is said."""
    items = data.get("findings")
    if not isinstance(items, list):
        return None, [("invalid-findings", "/findings: it is not a list.")]
    kept, problems = _each(outputs.Finding, items, "findings")
    head = {**data, "findings": []}
    value, wrong = _salvage(outputs.ReviewFindings, head, "findings")
    problems += wrong
    if value is None:
        problems.append(
            (
                "invalid-findings",
                "The head cannot be used; what it lacks is left empty and the status is blocked.",
            )
        )
        words = {key: head[key] if isinstance(head.get(key), str) else "" for key in ("tool", "version")}
        value = outputs.ReviewFindings.model_validate({**words, "status": _status(head), "findings": []})
    return value.model_copy(update={"findings": kept}), problems


def _status(head: dict[str, Any]) -> Status:
    try:
        return Status(str(head.get("status")))
    except ValueError:
        return Status.BLOCKED


def _clarification(data: Any) -> tuple[Clarification | None, list[tuple[str, str]]]:
    return _salvage(outputs.Clarification, data.get("clarification"), "clarification")


def _questions(data: Any) -> tuple[tuple[Question, ...], list[tuple[str, str]]]:
    """Questions as `{"pointer", "question", "options"}` objects or plain strings."""
    items = data.get("questions")
    if not isinstance(items, list):
        return (), [("invalid-questions", "/questions: it is not a list.")]
    kept: list[Question] = []
    problems: list[tuple[str, str]] = []
    for index, item in enumerate(items):
        asked = {"question": item} if isinstance(item, str) else item
        text = asked.get("question") or asked.get("text") if isinstance(asked, dict) else None
        if not isinstance(text, str) or not text.strip():
            problems.append(("invalid-questions", f"/questions/{index}: it has no question."))
            continue
        options = asked.get("options")
        options = options if isinstance(options, list) else []
        pointer = asked.get("pointer")
        shown = tuple(str(o.get("label", o)) if isinstance(o, dict) else str(o) for o in options)
        kept.append(Question(pointer if isinstance(pointer, str) else "", text, shown, 0))
    return tuple(kept), problems


_READERS: Final[dict[str, Callable[[Any], tuple[Any, list[tuple[str, str]]]]]] = {
    "plan": _plan,
    "attestations": _attestations,
    "findings": _findings,
    "clarification": _clarification,
    "questions": _questions,
}


def load_document(text: str) -> Document | None:
    """The document that a block holds, or None if its root is none of the known ones.

    What is wrong becomes problems; what is whole is kept. A value of None means that nothing was.
    """
    loaded = _decode(text)
    if loaded.data is None and loaded.problem:
        return Document("", None, (("unreadable-document", f"The block cannot be read: {loaded.problem}."),))
    if not isinstance(loaded.data, dict):
        return None
    root = next((key for key in ROOTS if key in loaded.data), None)
    if root is None:
        return None
    problems: list[tuple[str, str]] = []
    if loaded.problem:
        problems.append(
            (f"cut-{root}", f"The block is cut or malformed ({loaded.problem}); its whole items are kept.")
        )
    value, wrong = _READERS[root](loaded.data)
    return Document(root, value, tuple(problems + wrong))


def load_stray_findings(text: str) -> Document | None:
    """Findings out of a block that is not of the documented shape: a bare array, or an array under another key."""
    data = _decode(text).data
    arrays = [data] if isinstance(data, list) else list(data.values()) if isinstance(data, dict) else []
    for items in arrays:
        if isinstance(items, list) and items and all(_is_finding_like(item) for item in items):
            head = data if isinstance(data, dict) else {}
            kept = {key: head[key] for key in ("tool", "version", "status") if key in head}
            value, problems = _findings({**kept, "findings": items})
            return Document(
                "findings", value, (("stray-findings", "The findings stand in another shape."), *problems)
            )
    return None


def _is_finding_like(item: Any) -> bool:
    return isinstance(item, dict) and len(item.keys() & set(outputs.SEVEN_KEYS)) >= 4
