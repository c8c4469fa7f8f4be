"""Credentials in text: found by their shape, and taken out for good before a text is shown or kept.

Owns: the shapes, the search, and the fingerprint that stands in a secret's place (CONS-04, SECU-02).
Must never know: rules, findings, logs, clients.
"""

from backend_engineer.redaction.secrets import Secret, find_secrets, fingerprint, redact, without_credentials

__all__ = ["Secret", "find_secrets", "fingerprint", "redact", "without_credentials"]
