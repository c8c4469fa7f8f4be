"""Migrations on PostgreSQL: a throw-away server or a DSN, scratch databases, a role without rights.

Owns: everything that is particular to PostgreSQL.
Must never know: SQLite, rules, prompts.
"""
