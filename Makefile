# Two commands for a fresh machine: `make demo` runs the main job, `make test` passes the tests.
# Only Python 3.11 or newer, git and make are needed; each makes its own virtual environment.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
WORKERS ?= auto

.PHONY: help test lint types arch
help:
	@grep -E '^## ' Makefile | sed 's/^## //'

$(VENV)/.dev: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --upgrade 'pip>=25.1'
	$(PIP) install -e '.[all]' --group dev
	@touch $@

## make test       run the tests (makes .venv first)
test: $(VENV)/.dev
	$(BIN)/python -m pytest -n $(WORKERS) -q

## make lint       ruff, mypy --strict, import-linter
lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict
	$(BIN)/lint-imports
