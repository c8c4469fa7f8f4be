"""One sans-I/O adapter a protocol: how a request is written, and what each event of its stream means.

Owns: the three wires, by name.
Must never know: HTTP libraries, clocks, keys, sessions.
"""

from backend_engineer.clients.wires import chat, messages, responses
from backend_engineer.clients.wires.wire import Answer, Piece, Wire

__all__ = ["WIRES", "Answer", "Piece", "Wire"]

WIRES: dict[str, Wire] = {wire.name: wire for wire in (responses.WIRE, chat.WIRE, messages.WIRE)}
