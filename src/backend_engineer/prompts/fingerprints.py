"""The fingerprints of a prompt: what each is over, so that a moved one says what moved.

Owns: the digests of clauses, templates, parameters, inputs and request.
Must never know: messages, spans, budgets.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator

from backend_engineer.prompts.call import Call
from backend_engineer.prompts.example import worked_example
from backend_engineer.prompts.phases import PROMPT_PHASES, PromptPhase
from backend_engineer.prompts.spans import Document
from backend_engineer.prompts.wording import Skeleton

__all__ = ["contract_fingerprint", "fingerprints"]


def fingerprints(call: Call) -> dict[str, str]:
    """Every fingerprint but that of the contract, which follows from the clauses as they are rendered.

    templates: the own words. parameters: settings, dialect, form. inputs: the typed documents and
    upstream. request: all that the call was given, inputs included, but no words of ours.
    """
    inputs = _digest(_document_parts(item for group in call.specifications.values() for item in group))
    keyed = hmac.new(call.seal_key, b"fingerprint", "sha256").hexdigest() if call.seal_key else ""
    cut = (call.cut.path, str(call.cut.line)) if call.cut else ()
    return {
        "contract": "",
        "templates": _digest(
            (call.templates.fingerprint, worked_example(PROMPT_PHASES[PromptPhase.ALL].parts))
        ),
        "parameters": _digest(
            (call.parameters.model_dump_json(), repr(call.dialect), str(call.lean), str(call.gutter), keyed)
        ),
        "inputs": inputs,
        "request": _digest(
            (
                call.plan.phase.value,
                inputs,
                str(call.part),
                call.given_seal,
                *_counted(_document_parts(call.request)),
                *_counted(_document_parts(call.base)),
                *_counted(_document_parts(call.work)),
                *_counted(call.pinned),
                *_counted(call.wanted),
                *_counted(cut),
            )
        ),
    }


def contract_fingerprint(frame: Skeleton) -> str:
    """The digest of the clauses that a prompt states, with their ids and in their order."""
    return _digest(text for pair in frame.clauses for text in pair)


def _digest(parts: Iterable[str]) -> str:
    """SHA-256 over the parts, each with its length before it, so that no two lists collide."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8")
        digest.update(b"%d:" % len(data))
        digest.update(data)
    return digest.hexdigest()


def _counted(parts: Iterable[str]) -> tuple[str, ...]:
    listed = tuple(parts)
    return (str(len(listed)), *listed)


def _document_parts(documents: Iterable[Document]) -> Iterator[str]:
    for document in documents:
        yield document.name
        yield document.media
        yield document.text
