"""Model clients: the protocol, its events, and the adapters that speak to providers.

Owns: everything between a `ModelRequest` and the wire.
Must never know: prompts, the session, rules, files of a change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_engineer.clients.protocol import (
    AsyncModelClient,
    Completion,
    ErrorFacts,
    Message,
    ModelClient,
    ModelEvent,
    ModelRequest,
    afold,
    fold,
)
from backend_engineer.clients.retry import GiveUp, RetryPolicy, Wait, decide
from backend_engineer.first_use import names_on_first_use

if TYPE_CHECKING:
    from backend_engineer.clients.failures import facts_of, to_error
    from backend_engineer.clients.http import AsyncClient, Client
    from backend_engineer.clients.presets import PRESETS, Preset
    from backend_engineer.clients.profiles import PROFILES, ModelProfile, profile_for
    from backend_engineer.clients.replay import AsyncReplayClient, ReplayClient
    from backend_engineer.clients.settings import CallPlan, Timeouts
    from backend_engineer.clients.sse import SSEDecoder, StreamLimits
    from backend_engineer.clients.structured import reply_schema, schema_for
    from backend_engineer.clients.telemetry import Telemetry
    from backend_engineer.clients.usage import TokenBudget, estimate_tokens, estimate_usage

__all__ = [
    "PRESETS",
    "PROFILES",
    "AsyncClient",
    "AsyncModelClient",
    "AsyncReplayClient",
    "CallPlan",
    "Client",
    "Completion",
    "ErrorFacts",
    "GiveUp",
    "Message",
    "ModelClient",
    "ModelEvent",
    "ModelProfile",
    "ModelRequest",
    "Preset",
    "ReplayClient",
    "RetryPolicy",
    "SSEDecoder",
    "StreamLimits",
    "Telemetry",
    "Timeouts",
    "TokenBudget",
    "Wait",
    "afold",
    "decide",
    "estimate_tokens",
    "estimate_usage",
    "facts_of",
    "fold",
    "profile_for",
    "reply_schema",
    "schema_for",
    "to_error",
]

# The session imports this room for values alone; only whoever speaks to a network pays for an HTTP library.
__getattr__, __dir__ = names_on_first_use(
    __name__,
    {
        "failures": ("facts_of", "to_error"),
        "http": ("AsyncClient", "Client"),
        "presets": ("PRESETS", "Preset"),
        "profiles": ("ModelProfile", "PROFILES", "profile_for"),
        "replay": ("AsyncReplayClient", "ReplayClient"),
        "settings": ("CallPlan", "Timeouts"),
        "sse": ("SSEDecoder", "StreamLimits"),
        "structured": ("reply_schema", "schema_for"),
        "telemetry": ("Telemetry",),
        "usage": ("TokenBudget", "estimate_tokens", "estimate_usage"),
    },
)
