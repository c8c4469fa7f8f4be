"""Migrations on SQLite: a process of their own, databases in memory, an authorizer and hard limits.

Owns: everything that is particular to SQLite.
Must never know: PostgreSQL, rules, prompts.
"""
