"""A schema in the mind: what scripts would build, told from their text alone.

Owns: applying statements to a set of named objects, and comparing two such sets.
Must never know: databases, files, rules. It is an early hint; only a run is a verdict.
"""

from backend_engineer.migrations.shadow.comparing import Difference, differences
from backend_engineer.migrations.shadow.schema import Entry, Shadow, Trouble
from backend_engineer.migrations.shadow.statements import apply, calls_something

__all__ = ["Difference", "Entry", "Shadow", "Trouble", "apply", "calls_something", "differences"]
