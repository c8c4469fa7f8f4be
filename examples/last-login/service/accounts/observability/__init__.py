"""Logs, metrics and service level probes."""
