"""What each family of models takes: a table, with the day on which a row was last verified.

Owns: the rows, how a model name finds its row, and the row for names that nobody knows.
Must never know: the wire, requests, keys.

A row stands for a name and for that name followed by `-`, `@` or `:`; so `gpt-5` covers `gpt-5-mini` and not a
later `gpt-5.7`, which gets the conservative row until somebody has looked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["EFFORTS", "PROFILES", "UNKNOWN", "UNKNOWN_CLAUDE", "UNKNOWN_GPT", "ModelProfile", "profile_for"]

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
"""Every word for effort that a provider takes, from least to most."""

_PHASES_BELOW = 16_384


@dataclass(frozen=True, slots=True)
class ModelProfile:
    """What one family of models takes.

    prefix: the model name that the row stands for. dialect: the prompt dialect that suits it.
    context_window, max_output: tokens; None where nobody published them. efforts: the words that it accepts,
    empty where it has no such parameter. verbosity: whether it has that parameter. sampling: whether temperature
    and its kin may be sent. structured: whether JSON Schema output is enforced. thinking: how Claude models are
    told to think: `budget` (tokens), `adaptive` (asked for), `always` (without asking), `none`.
    marks: whether cache marks are taken; other providers cache a repeated prefix by themselves.
    verified_on, source: when and where the row was last looked up; a source that begins with `unverified` is hearsay.
    """

    prefix: str
    dialect: Literal["gpt", "claude", "plain"]
    context_window: int | None = None
    max_output: int | None = None
    efforts: tuple[str, ...] = ()
    verbosity: bool = False
    sampling: bool = True
    structured: bool = False
    thinking: Literal["none", "budget", "adaptive", "always"] = "none"
    marks: bool = False
    verified_on: str = "2026-11-23"
    source: str = "unverified"
    note: str = ""

    @property
    def calls(self) -> Literal["single", "phases"]:
        """`phases` where one answer is too small for a whole change, as with Claude 3.x; else `single`."""
        return "phases" if self.max_output is not None and self.max_output < _PHASES_BELOW else "single"


_DOCUMENTED = "vendor documentation"
_TRIED = "vendor SDK; efforts, thinking and caps as third parties tried them against the vendor's API in 2026"
_THIRD = "unverified: third parties"
_PROBED = "unverified: probes by one gateway vendor"
_LOW_HIGH = ("low", "medium", "high")
_OPT_IN = ("none", "low", "medium", "high", "xhigh")
_FULL = ("none", "low", "medium", "high", "xhigh", "max")
_ALWAYS = ("low", "medium", "high", "xhigh", "max")
_PRO = ("medium", "high", "xhigh")


def _gpt(
    prefix: str,
    efforts: tuple[str, ...],
    *,
    context: int | None = 400_000,
    output: int | None = 128_000,
    verbosity: bool = True,
    source: str = _TRIED,
    note: str = "",
) -> ModelProfile:
    return ModelProfile(
        prefix,
        "gpt",
        context_window=context,
        max_output=output,
        efforts=efforts,
        verbosity=verbosity,
        sampling=not efforts,
        structured=True,
        source=source,
        note=note,
    )


def _claude(
    prefix: str,
    max_output: int,
    thinking: Literal["none", "budget", "adaptive", "always"],
    efforts: tuple[str, ...] = (),
    *,
    context: int | None = 200_000,
    structured: bool = True,
    source: str = _TRIED,
    note: str = "",
) -> ModelProfile:
    return ModelProfile(
        prefix,
        "claude",
        context_window=context,
        max_output=max_output,
        efforts=efforts,
        # Refused since the protocol's version of 2026-10-21, whatever the model.
        sampling=False,
        structured=structured,
        thinking=thinking,
        marks=True,
        source=source,
        note=note,
    )


def _claude_3(prefix: str, max_output: int, thinking: Literal["none", "budget"] = "none") -> ModelProfile:
    return _claude(
        prefix,
        max_output,
        thinking,
        structured=False,
        source=_DOCUMENTED,
        note="Retired by the vendor in 2025 and 2026; some clouds still serve it.",
    )


PROFILES: tuple[ModelProfile, ...] = (
    _gpt("gpt-6.2-sol", ("low", "medium", "high", "xhigh"), context=None, output=None, source=_PROBED),
    _gpt("gpt-6.2-astra", ("low", "medium", "high", "xhigh"), context=None, output=None, source=_PROBED),
    _gpt("gpt-6.1-sol", _ALWAYS, context=None, output=None),
    _gpt("gpt-6.1-terra", _FULL, context=None, output=None),
    _gpt("gpt-6-astra", _ALWAYS, context=None, output=None),
    _gpt("gpt-6-sol", _FULL, context=None, output=None),
    _gpt("gpt-6-luna", _FULL, context=None, output=None),
    _gpt("gpt-5.6", _FULL, context=None),
    _gpt("gpt-5.5-pro", _PRO, context=None),
    _gpt("gpt-5.5", _OPT_IN, context=None),
    _gpt("gpt-5.4-pro", _PRO, context=None),
    _gpt("gpt-5.4", _OPT_IN, context=None),
    _gpt("gpt-5.3", _OPT_IN),
    _gpt("gpt-5.3-chat", ("medium",), context=128_000, output=16_384, verbosity=False),
    _gpt("gpt-5.2-pro", _PRO),
    _gpt("gpt-5.2-chat", ("medium",), context=128_000, output=16_384, verbosity=False),
    _gpt("gpt-5.2", _OPT_IN),
    _gpt("gpt-5.1-chat", ("medium",), context=128_000, output=16_384, verbosity=False),
    _gpt("gpt-5.1", ("none", "low", "medium", "high")),
    _gpt("gpt-5-chat", (), context=128_000, output=16_384, verbosity=False),
    _gpt("gpt-5-pro", ("high",), output=272_000),
    _gpt("gpt-5", ("minimal", "low", "medium", "high")),
    _gpt("gpt-4.1", (), context=1_047_576, output=32_768, verbosity=False, source=_DOCUMENTED),
    _gpt("gpt-4o", (), context=128_000, output=16_384, verbosity=False, source=_DOCUMENTED),
    _gpt("o4-mini", _LOW_HIGH, context=200_000, output=100_000, verbosity=False, source=_DOCUMENTED),
    _gpt("o3", _LOW_HIGH, context=200_000, output=100_000, verbosity=False, source=_DOCUMENTED),
    _gpt("gpt-oss", _LOW_HIGH, context=131_072, output=None, verbosity=False, source=_DOCUMENTED),
    _claude("claude-fable-5", 128_000, "always", _ALWAYS, context=None),
    _claude("claude-mythos-5", 128_000, "always", _ALWAYS, context=None),
    _claude("claude-opus-5", 128_000, "always", _ALWAYS, context=None),
    _claude("claude-sonnet-5", 128_000, "always", _ALWAYS, context=None),
    _claude("claude-haiku-5-5", 128_000, "always", _ALWAYS, context=None),
    _claude("claude-opus-4-8", 128_000, "adaptive", _ALWAYS, context=None),
    _claude("claude-opus-4-7", 128_000, "adaptive", _ALWAYS, context=None),
    _claude("claude-opus-4-6", 128_000, "adaptive", ("low", "medium", "high", "max")),
    _claude("claude-sonnet-4-6", 128_000, "adaptive", ("low", "medium", "high", "max")),
    _claude("claude-opus-4-5", 64_000, "budget", _LOW_HIGH),
    _claude("claude-sonnet-4-5", 64_000, "budget"),
    _claude("claude-haiku-4-5", 64_000, "budget"),
    _claude("claude-opus-4-1", 32_000, "budget", source=_THIRD),
    _claude("claude-opus-4", 32_000, "budget", structured=False, source=_THIRD),
    _claude("claude-sonnet-4", 64_000, "budget", structured=False, source=_THIRD),
    _claude_3("claude-3-7-sonnet", 64_000, "budget"),
    _claude_3("claude-3-5-sonnet", 8_192),
    _claude_3("claude-3-5-haiku", 8_192),
    _claude_3("claude-3-opus", 4_096),
    _claude_3("claude-3-sonnet", 4_096),
    _claude_3("claude-3-haiku", 4_096),
)
"""Every family that has been looked up."""

_CONSERVATIVE = "none: an unknown name, so nothing optional is sent"
UNKNOWN = ModelProfile("", "plain", sampling=False, verified_on="", source=_CONSERVATIVE)
"""The row of a name that nobody knows: no optional parameter, no limit assumed."""
UNKNOWN_GPT = ModelProfile("gpt", "gpt", sampling=False, verified_on="", source=_CONSERVATIVE)
UNKNOWN_CLAUDE = ModelProfile(
    "claude", "claude", max_output=4_096, sampling=False, verified_on="", source=_CONSERVATIVE
)
"""A Claude model that has no row: the output cap is the one that every model of that name has taken."""

_VENDORS = ("openai/", "anthropic/")
_BY_LENGTH = tuple(sorted(PROFILES, key=lambda row: -len(row.prefix)))


def profile_for(model: str) -> ModelProfile:
    """The row for a model name; gateways' `openai/` and `anthropic/` in front are passed over.

    The longest matching row wins. A name without a row gets a conservative one and no guess.
    """
    name = model
    for vendor in _VENDORS:
        name = name.removeprefix(vendor)
    for row in _BY_LENGTH:
        if name.startswith(row.prefix) and name[len(row.prefix) : len(row.prefix) + 1] in ("", "-", "@", ":"):
            return row
    if name.startswith("gpt-"):
        return UNKNOWN_GPT
    return UNKNOWN_CLAUDE if name.startswith("claude") else UNKNOWN
