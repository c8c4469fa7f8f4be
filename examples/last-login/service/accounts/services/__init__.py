"""Use cases; no HTTP and no SQL."""
