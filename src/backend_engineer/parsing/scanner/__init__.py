"""The streaming scanner and the parts it is made of.

Owns: turning text into events.
Must never know: bytes, how events add up to a reply, folders.
"""

from backend_engineer.parsing.scanner.files import BaseText
from backend_engineer.parsing.scanner.machine import Scanner

__all__ = ["BaseText", "Scanner"]
