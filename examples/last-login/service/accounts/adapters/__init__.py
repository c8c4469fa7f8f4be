"""The ports carried out: SQLite and in-memory parts."""
