"""Adapters between this library and other people's programs; each is imported by its own name.

Owns: nothing itself; each module needs an extra of its own.
Must never know: what uses them.
"""
