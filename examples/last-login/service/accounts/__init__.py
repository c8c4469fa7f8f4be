"""The accounts service: a small directory of users behind an HTTP API, on Python's standard library."""
