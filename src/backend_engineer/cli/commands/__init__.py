"""One module a command, each with `configure` and `act`.

Owns: nothing but its modules.
Must never know: each other; shared parts stand one floor up.
"""
