"""What each server takes: a table of presets, one row a server and protocol.

Owns: the rows, and the check of a base URL.
Must never know: models, requests, HTTP libraries.

A server that calls itself compatible differs from the original in fields, not in kind: hence rows and no subclasses.
Nothing is guessed: a server without a row is described by a `Preset` of the caller.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from backend_engineer.errors import UsageError

__all__ = ["PRESETS", "Preset", "preset_for"]


@dataclass(frozen=True, slots=True)
class Preset:
    """One server and the protocol that is spoken with it.

    name: what it is called. wire: `responses`, `chat` or `messages`. base_url: without the protocol's own path.
    key_env: the environment variable that holds the key; None where none is needed. key_header: how it is sent.
    headers: sent always. max_tokens_field: the name of the output cap. effort_field: the name of the effort
    parameter, with a point for a nested one; None where there is none. efforts: the words that the server itself
    takes; None leaves it to the model. verbosity: whether that parameter is passed on. structured: `strict`
    (a schema in the vendor's dialect), `schema` (a schema, masked by the server) or `none`. schema_in_words: whether
    the schema is also put into the prompt. usage_option: whether usage has to be asked for in a stream.
    reasoning_fields: where a delta carries reasoning. cache: `key` (a cache key), `marks` or `none`.
    store: whether `store: false` has to be said. obfuscation: whether padding has to be switched off.
    sequenced: whether events carry rising numbers and the last one repeats the text exactly. hosted: a public
    service, for which https is required. close: whether the connection is closed after each call, for servers that
    drop a kept-alive connection after a stream.
    """

    name: str
    wire: Literal["responses", "chat", "messages"]
    base_url: str
    key_env: str | None = None
    key_header: Literal["authorization", "x-api-key"] = "authorization"
    headers: tuple[tuple[str, str], ...] = ()
    max_tokens_field: str = "max_tokens"
    effort_field: str | None = None
    efforts: tuple[str, ...] | None = None
    verbosity: bool = False
    structured: Literal["strict", "schema", "none"] = "schema"
    schema_in_words: bool = False
    usage_option: bool = True
    reasoning_fields: tuple[str, ...] = ("reasoning", "reasoning_content")
    cache: Literal["key", "marks", "none"] = "none"
    store: bool = False
    obfuscation: bool = False
    sequenced: bool = False
    hosted: bool = False
    close: bool = False
    verified_on: str = "2026-11-23"
    source: str = "vendor documentation"


_OLLAMA_EFFORTS = ("none", "low", "medium", "high", "max")
_MEASURED = "measured against the server of xllamacpp 2026.10"

_ROWS: tuple[Preset, ...] = (
    Preset(
        "openai",
        "responses",
        "https://api.openai.com/v1",
        key_env="OPENAI_API_KEY",
        max_tokens_field="max_output_tokens",
        effort_field="reasoning.effort",
        verbosity=True,
        structured="strict",
        cache="key",
        store=True,
        obfuscation=True,
        sequenced=True,
        hosted=True,
        source="vendor SDK 3.54",
    ),
    Preset(
        "openai-chat",
        "chat",
        "https://api.openai.com/v1",
        key_env="OPENAI_API_KEY",
        max_tokens_field="max_completion_tokens",
        effort_field="reasoning_effort",
        verbosity=True,
        structured="strict",
        cache="key",
        store=True,
        obfuscation=True,
        hosted=True,
        source="vendor SDK 3.54",
    ),
    Preset(
        "anthropic",
        "messages",
        "https://api.anthropic.com",
        key_env="ANTHROPIC_API_KEY",
        key_header="x-api-key",
        headers=(("anthropic-version", "2026-10-21"),),
        effort_field="output_config.effort",
        structured="strict",
        cache="marks",
        hosted=True,
        source="vendor SDK 2.12",
    ),
    Preset("vllm", "chat", "http://127.0.0.1:8000/v1", effort_field="reasoning_effort", schema_in_words=True),
    Preset(
        "ollama",
        "chat",
        "http://127.0.0.1:11434/v1",
        effort_field="reasoning_effort",
        efforts=_OLLAMA_EFFORTS,
        schema_in_words=True,
    ),
    Preset("llama.cpp", "chat", "http://127.0.0.1:8080/v1", close=True, source=_MEASURED),
    Preset(
        "llama.cpp-responses",
        "responses",
        "http://127.0.0.1:8080/v1",
        max_tokens_field="max_output_tokens",
        structured="none",
        close=True,
        source=_MEASURED,
    ),
    Preset(
        "llama.cpp-messages",
        "messages",
        "http://127.0.0.1:8080",
        key_header="x-api-key",
        structured="none",
        close=True,
        source=_MEASURED,
    ),
    Preset("lm-studio", "chat", "http://127.0.0.1:1234/v1", schema_in_words=True, source="third parties"),
    Preset(
        "openrouter",
        "chat",
        "https://openrouter.ai/api/v1",
        key_env="OPENROUTER_API_KEY",
        effort_field="reasoning.effort",
        verbosity=True,
        schema_in_words=True,
        hosted=True,
        source="third parties",
    ),
    Preset(
        "litellm",
        "chat",
        "http://127.0.0.1:4000/v1",
        key_env="LITELLM_API_KEY",
        effort_field="reasoning_effort",
        schema_in_words=True,
        source="third parties",
    ),
)

PRESETS: dict[str, Preset] = {row.name: row for row in _ROWS}
"""Every server that has been looked at, by name."""


def preset_for(name: str | Preset) -> Preset:
    """The row of that name; an unknown name raises `UsageError` with the known ones."""
    if isinstance(name, Preset):
        return name
    if name not in PRESETS:
        raise UsageError(
            f"There is no preset {name!r}.",
            hint=f"Use one of {', '.join(PRESETS)}, or pass a Preset of your own.",
        )
    return PRESETS[name]


def checked_base_url(preset: Preset, base_url: str | None) -> str:
    """The URL to use, without a slash at its end.

    Raises `UsageError` for anything but http and https, for credentials inside the URL, for a query, which belongs
    behind the protocol's path and is written to logs, and for plain http to a public service that is sent a key,
    unless the host is this machine.
    """
    url = (base_url or preset.base_url).rstrip("/")
    parts = _parts(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError("The base URL is not an http or https URL with a host.", hint="Pass a full URL.")
    if parts.username is not None or parts.password is not None:
        raise UsageError("The base URL holds credentials.", hint="Pass them as `key` instead.")
    if "?" in url or "#" in url:
        raise UsageError(
            "The base URL holds a query or a fragment.", hint="Leave it out; a key is passed as `key`."
        )
    if preset.hosted and parts.scheme == "http" and not _is_this_machine(parts.hostname):
        raise UsageError(
            f"The key of {preset.name} would travel unencrypted to {parts.hostname}.",
            hint="Use an https URL.",
        )
    return url


_WRITABLE = re.compile("[!-~]+")


def _parts(url: str) -> SplitResult:
    """The parts of a URL that a connection can be opened with."""
    try:
        # `urlsplit` would pass over line feeds, and looks at port and host only when asked for them.
        parts = urlsplit(url) if _WRITABLE.fullmatch(url) else None
        if parts is not None and (parts.port, (parts.hostname or "").encode("idna").decode("idna")):
            return parts
    except ValueError:
        pass
    raise UsageError(
        "The base URL is not a URL that can be called: look at its host, its port and its characters.",
        hint="Write it in ASCII, an international host in its xn-- form.",
    )


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
