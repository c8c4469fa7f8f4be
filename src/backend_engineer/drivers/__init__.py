"""`run` and `arun`: the only code that calls a client.

Owns: the two loops over a session's effects, and how each effect is carried out.
Must never know: prompts, replies, rules, the session's states.
"""

from backend_engineer.drivers.loop import aresume, arun, resume, run

__all__ = ["aresume", "arun", "resume", "run"]
