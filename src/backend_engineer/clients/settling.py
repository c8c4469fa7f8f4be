"""What is really asked of a model: the request's wishes, cut to what model and server take, with every cut named.

Owns: the mapping of effort, verbosity, output cap, schema and cache marks, and the words for what was dropped.
Must never know: how a protocol writes any of it down.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from backend_engineer.clients.presets import Preset
from backend_engineer.clients.profiles import EFFORTS, ModelProfile
from backend_engineer.clients.protocol import Message, ModelRequest
from backend_engineer.clients.structured import ANTHROPIC, MASKING, OPENAI, SchemaDialect, schema_for
from backend_engineer.contract import Verbosity
from backend_engineer.errors import UsageError

__all__ = ["Settled", "Target", "marked_pieces", "settle", "with_schema_in_words"]

_VERBOSITY = {Verbosity.TERSE: "low", Verbosity.BALANCED: "medium", Verbosity.VERBOSE: "high"}
_SAMPLING = frozenset(
    {
        "temperature",
        "top_p",
        "top_k",
        "presence_penalty",
        "frequency_penalty",
        "logit_bias",
        "logprobs",
        "top_logprobs",
    }
)
_THINKING_BUDGETS = {"medium": 4_096, "high": 16_384}
_LEAST_BUDGET = 1_024
_MOST_MARKS = 4
# Anthropic requires a cap; for a model whose cap nobody published, this is what every one has taken.
_CAP_WITHOUT_ROW = 4_096


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a client speaks to: model name, server, what the model takes, and the caller's own body fields."""

    model: str
    preset: Preset
    profile: ModelProfile
    streaming: bool = True
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settled:
    """What will be sent, before a protocol writes it down; None means: not sent.

    system: the system messages, joined. messages: the others. effort, verbosity: in the provider's words.
    thinking_budget: tokens, for models that take a number. cap: the output cap. schema: in the vendor's dialect.
    cache_key: names the prefix for providers that want a key. extra: body fields of the caller, which are laid over what a protocol writes. dropped: every
    wish that was not sent as it was asked.
    """

    target: Target
    system: tuple[Message, ...]
    messages: tuple[Message, ...]
    effort: str | None
    verbosity: str | None
    thinking_budget: int | None
    cap: int | None
    schema: dict[str, Any] | None
    schema_name: str
    cache_key: str | None
    extra: dict[str, Any]
    dropped: tuple[str, ...]


def settle(request: ModelRequest, target: Target) -> Settled:
    """Cut the request to what the target takes.

    Raises `UsageError` for a request without a message of the user at its end: the models of today take no prefill.
    """
    if not request.messages or request.messages[-1].role != "user":
        raise UsageError(
            "The last message is not the user's.", hint="No provider's current models take a prefill."
        )
    dropped: list[str] = []
    cap = _cap(request, target, dropped)
    schema, messages = _schema(request, target, dropped)
    effort = _effort(request, target, dropped)
    return Settled(
        target=target,
        system=tuple(message for message in messages if message.role == "system"),
        messages=tuple(message for message in messages if message.role != "system"),
        effort=effort,
        verbosity=_verbosity(request, target, dropped),
        thinking_budget=_budget(request, target, cap, dropped),
        cap=cap,
        schema=schema,
        schema_name=request.schema_name or "reply",
        cache_key=_cache_key(request, target, dropped),
        extra=_extra(target, dropped),
        dropped=tuple(dropped),
    )


def _cap(request: ModelRequest, target: Target, dropped: list[str]) -> int | None:
    most = target.profile.max_output
    wanted = request.max_output_tokens
    if wanted is not None and most is not None and wanted > most:
        dropped.append(f"max_output_tokens={wanted}: sent as {most}, the most that {target.model} writes")
        return most
    if wanted is None and target.preset.wire == "messages":
        return most or _CAP_WITHOUT_ROW
    return wanted


def _effort(request: ModelRequest, target: Target, dropped: list[str]) -> str | None:
    wanted = str(request.parameters.reasoning_effort)
    if target.profile.thinking == "budget" and not target.profile.efforts:
        return None
    if target.preset.effort_field is None or not target.profile.efforts:
        dropped.append(
            f"reasoning_effort={wanted}: {_who(target, target.preset.effort_field)} is not known to take it"
        )
        return None
    accepted = [
        word for word in target.profile.efforts if word in (target.preset.efforts or target.profile.efforts)
    ]
    if wanted in accepted:
        return wanted
    if not accepted:
        dropped.append(
            f"reasoning_effort={wanted}: {target.preset.name} takes none of the words of {target.model}"
        )
        return None
    ranks = sorted(EFFORTS.index(word) for word in accepted)
    rank = next((rank for rank in ranks if rank >= EFFORTS.index(wanted)), ranks[-1])
    dropped.append(
        f"reasoning_effort={wanted}: sent as {EFFORTS[rank]}, the nearest that {target.model} takes"
    )
    return EFFORTS[rank]


def _verbosity(request: ModelRequest, target: Target, dropped: list[str]) -> str | None:
    wanted = request.parameters.verbosity
    if target.preset.verbosity and target.profile.verbosity:
        return _VERBOSITY[wanted]
    dropped.append(f"verbosity={wanted}: {_who(target, target.preset.verbosity)} is not known to take it")
    return None


def _who(target: Target, server_has_it: object) -> str:
    return target.model if server_has_it else target.preset.name


def _budget(request: ModelRequest, target: Target, cap: int | None, dropped: list[str]) -> int | None:
    if target.profile.thinking != "budget" or target.profile.efforts or target.preset.wire != "messages":
        return None
    wanted = str(request.parameters.reasoning_effort)
    budget = _THINKING_BUDGETS.get(wanted)
    if budget is None:
        return None
    # Half of the cap at most: the budget counts against it, and the answer has to fit into the rest.
    room = (cap or 0) // 2
    if room < _LEAST_BUDGET:
        dropped.append(f"reasoning_effort={wanted}: an output cap of {cap} leaves no room for thinking")
        return None
    if room < budget:
        dropped.append(
            f"reasoning_effort={wanted}: {room} thinking tokens instead of {budget}, half of the cap"
        )
    return min(budget, room)


def _schema(
    request: ModelRequest, target: Target, dropped: list[str]
) -> tuple[dict[str, Any] | None, tuple[Message, ...]]:
    if request.json_schema is None:
        return None, request.messages
    preset = target.preset
    sent: dict[str, Any] | None = None
    if preset.structured == "schema" or (preset.structured == "strict" and target.profile.structured):
        try:
            sent = schema_for(request.json_schema, _schema_dialect(preset))
        except UsageError as error:
            dropped.append(
                f"json_schema: asked for in words, because it cannot be enforced ({error.message})"
            )
    else:
        who = _who(target, preset.structured != "none")
        dropped.append(f"json_schema: asked for in words, because {who} does not enforce one")
    if sent is None or preset.schema_in_words:
        return sent, with_schema_in_words(request)
    return sent, request.messages


def _schema_dialect(preset: Preset) -> SchemaDialect:
    if preset.structured == "schema":
        return MASKING
    return ANTHROPIC if preset.wire == "messages" else OPENAI


def with_schema_in_words(request: ModelRequest) -> tuple[Message, ...]:
    """The messages, with the request's schema in words at the end of the last one."""
    last = request.messages[-1]
    schema = json.dumps(request.json_schema, ensure_ascii=False, sort_keys=True)
    words = f"\n\nReply with one JSON value and nothing else. It keeps this JSON Schema:\n{schema}\n"
    return (*request.messages[:-1], last.model_copy(update={"content": last.content + words}))


def _cache_key(request: ModelRequest, target: Target, dropped: list[str]) -> str | None:
    marked = sum(len(message.cache_marks) for message in request.messages)
    if not marked:
        return None
    if target.preset.cache == "key":
        # Requests that share contract and inputs share their prefix, which is what the provider routes by.
        shared = "/".join(request.fingerprints.get(part, "") for part in ("contract", "inputs"))
        return hashlib.sha256(shared.encode()).hexdigest()[:32]
    if target.preset.cache == "none" or not target.profile.marks:
        dropped.append(
            f"cache_marks: {marked} not sent, {_who(target, target.preset.cache != 'none')} takes none"
        )
    elif marked > _MOST_MARKS:
        dropped.append(f"cache_marks: the last {_MOST_MARKS} of {marked} sent, no more are taken")
    return None


def _extra(target: Target, dropped: list[str]) -> dict[str, Any]:
    extra = dict(target.extra)
    if not target.profile.sampling and target.preset.hosted:
        refused = sorted(_SAMPLING & extra.keys())
        dropped.extend(
            f"{name}={extra.pop(name)}: {target.model} refuses sampling parameters" for name in refused
        )
    return extra


def marked_pieces(messages: tuple[Message, ...]) -> list[list[tuple[str, bool]]]:
    """Each message cut at its cache marks, as (text, marked); of all marks the last four stand.

    The last ones are the longest prefixes, and a provider finds the shorter ones by itself.
    """
    marks = [
        (index, offset)
        for index, message in enumerate(messages)
        for offset in sorted({mark for mark in message.cache_marks if 0 < mark <= len(message.content)})
    ]
    standing = set(marks[-_MOST_MARKS:])
    return [
        _pieces(message.content, sorted(offset for owner, offset in standing if owner == index))
        for index, message in enumerate(messages)
    ]


def _pieces(content: str, offsets: list[int]) -> list[tuple[str, bool]]:
    """The content cut at the offsets; a blank piece joins its neighbour, because blank blocks are refused."""
    pieces: list[tuple[str, bool]] = []
    start = 0
    for offset in (*offsets, len(content)):
        text, marked = content[start:offset], offset in offsets
        start = offset
        if text.strip():
            pieces.append((text, marked))
        elif text and pieces:
            pieces[-1] = (pieces[-1][0] + text, pieces[-1][1])
        elif text:
            start -= len(text)
    return pieces
