"""Entities of the service; plain values."""
