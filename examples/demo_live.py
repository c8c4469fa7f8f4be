"""The last-login example, phase by phase, on a real model of a provider.

    OPENAI_API_KEY=... python examples/demo_live.py            # or ANTHROPIC_API_KEY=...
    ANTHROPIC_API_KEY=... python examples/demo_live.py --model claude-opus-5

This costs money: four calls, each with a prompt of up to 60,000 tokens and a reply of up to 32,000. The exit code is
0 when every reply that was completed is well-formed, 1 when one is not or none was completed, 2 without a key.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from demo_local import show, start

from backend_engineer.clients import Client
from backend_engineer.errors import BackendEngineerError

MODELS = {"ANTHROPIC_API_KEY": ("anthropic", "claude-sonnet-5-5"), "OPENAI_API_KEY": ("openai", "gpt-5")}
"""Which provider and which model each key is for, unless --model names another model."""

PROMPT_BUDGET = 60_000
MOST_REPLY_TOKENS = 32_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the example on the model that the environment has a key for."""
    parser = argparse.ArgumentParser(description="The last-login example on a real model.")
    parser.add_argument("--model", metavar="NAME", help="the model, as its provider names it")
    chosen = parser.parse_args(arguments).model
    variable = next((name for name in MODELS if os.environ.get(name)), None)
    if variable is None:
        print(f"No key: set {' or '.join(MODELS)}. Nothing was sent.", file=sys.stderr)
        return 2
    preset, usual = MODELS[variable]
    try:
        with Client(chosen or usual, preset) as client:
            print(f"{client}: a real model, and real money\n", flush=True)
            most = min(MOST_REPLY_TOKENS, client.model_profile.max_output or MOST_REPLY_TOKENS)
            walk = start(
                lambda seal: client, budget=PROMPT_BUDGET, most_reply=most, dialect=client.profile, lean=False
            )
            return show(walk)
    except BackendEngineerError as error:
        print(error, file=sys.stderr)
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
