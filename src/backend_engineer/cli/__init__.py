"""The command line: arguments in, exit codes out, and nothing that a caller of the library could not do.

Owns: the commands, their arguments, how results are shown, and the exit codes.
Must never know: how anything is parsed, rendered, checked or run.
"""

from backend_engineer.cli.main import main

__all__ = ["main"]
