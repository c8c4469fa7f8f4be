"""Paths as strings: which may be used, which collide, and what a path says about its file.

Owns: the path policy, collisions, and the classification into sections by known layouts.
Must never know: files, folders, replies, rules.
"""

from backend_engineer.paths.classify import (
    LayoutEntry,
    classify,
    is_migration_path,
    is_rollback_path,
    is_test_path,
)
from backend_engineer.paths.layouts import LAYOUTS, LayoutRow
from backend_engineer.paths.policy import PLAIN_PATH, Collision, PathIndex, check_path, path_problem

__all__ = [
    "LAYOUTS",
    "PLAIN_PATH",
    "Collision",
    "LayoutEntry",
    "LayoutRow",
    "PathIndex",
    "check_path",
    "classify",
    "is_migration_path",
    "is_rollback_path",
    "is_test_path",
    "path_problem",
]
