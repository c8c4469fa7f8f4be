"""Settings, read once from the environment; secrets come from mounted files, never from variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator may set; `docs/operations.md` explains each."""

    database: str
    host: str
    port: int
    admin_port: int
    token_key_file: str
    reads_per_minute: int
    writes_per_minute: int
    drain_seconds: float

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read the settings; a missing mandatory variable raises KeyError with its name."""
        return cls(
            database=environment["ACCOUNTS_DATABASE"],
            host=environment.get("ACCOUNTS_HOST", "127.0.0.1"),
            port=int(environment.get("ACCOUNTS_PORT", "8080")),
            admin_port=int(environment.get("ACCOUNTS_ADMIN_PORT", "8081")),
            token_key_file=environment["ACCOUNTS_TOKEN_KEY_FILE"],
            reads_per_minute=int(environment.get("ACCOUNTS_READS_PER_MINUTE", "600")),
            writes_per_minute=int(environment.get("ACCOUNTS_WRITES_PER_MINUTE", "120")),
            drain_seconds=float(environment.get("ACCOUNTS_DRAIN_SECONDS", "10")),
        )

    def token_key(self) -> bytes:
        """The key that signs tokens, as the secret store mounted it."""
        return Path(self.token_key_file).read_bytes().strip()
