"""Adapters between this library and other people's programs; each is imported by its own name.

Owns: nothing itself; every module here stands alone and needs an extra of its own.
Must never know: each other; what uses them.
"""
