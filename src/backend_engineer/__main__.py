"""`python -m backend_engineer`: the command line.

Owns: the way from the process to the command line and back.
Must never know: any command.
"""

from __future__ import annotations

import sys

from backend_engineer.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
