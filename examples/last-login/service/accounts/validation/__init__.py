"""Checks of what callers send."""
