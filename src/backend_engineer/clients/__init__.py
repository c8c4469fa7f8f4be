"""Model clients: the protocol, its events, and the adapters that speak to providers.

Owns: everything between a `ModelRequest` and the wire.
Must never know: prompts, the session, rules, files of a change.
"""

from backend_engineer.clients.protocol import (
    AsyncModelClient,
    Completion,
    ErrorFacts,
    Message,
    ModelClient,
    ModelEvent,
    ModelRequest,
    fold,
)
from backend_engineer.clients.retry import GiveUp, RetryPolicy, Wait, decide

__all__ = [
    "AsyncModelClient",
    "Completion",
    "ErrorFacts",
    "GiveUp",
    "Message",
    "ModelClient",
    "ModelEvent",
    "ModelRequest",
    "RetryPolicy",
    "Wait",
    "decide",
    "fold",
]
