# Bare `make` lists the targets. Everything is set up on first use; Python 3.11+ and make suffice.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up
INTO ?= demo

.DEFAULT_GOAL := help
.PHONY: help demo dev test check lint types floors fast slow notebooks faults bench lock wheel catalogue site clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(STAMP): requirements.lock pyproject.toml
	@echo "setting up $(VENV) from requirements.lock (hash-pinned; a few minutes the first time)"
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "ops-model needs Python 3.11 or newer; this is " + sys.version.split()[0] + " (name another with: make PYTHON=python3.12 ...)")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@if command -v uv >/dev/null 2>&1; then \
	  uv pip sync --quiet --require-hashes --python $(BIN)/python requirements.lock && \
	  uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .; \
	else \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .; \
	fi
	@touch $(STAMP)

dev: $(STAMP) ## set up .venv and nothing else

demo: $(STAMP) ## build the example workbook ./demo from real flight data, run it all, build its site
	@$(BIN)/ops-model demo --into $(INTO) --fresh

# Those with kernels, browsers, servers and stopwatches have the machine for themselves.
QUICK := not kernel and not browser and not slow and not faults and not bench
SLOW := (kernel or browser or slow) and not faults and not bench

test: fast slow ## all tests but the long fault runs and the benchmarks

check: lint types floors fast ## what must pass at every commit: lint, types, import floors, fast tests

lint: $(STAMP) ## ruff: style and formatting
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(STAMP) ## mypy, strict
	@$(BIN)/mypy

floors: $(STAMP) ## import-linter: imports only go down
	@$(BIN)/lint-imports

fast: $(STAMP) ## tests that need no kernel and no browser, on all cores
	@$(BIN)/python -m pytest -q -n auto --dist loadfile -m "$(QUICK)"

slow: $(STAMP) ## only the tests with kernels, browsers and servers
	@$(BIN)/python -m pytest -q -m "$(SLOW)"

notebooks: $(STAMP) ## only the tests of the notebooks, nbval included
	@$(BIN)/python -m pytest -q tests/notebooks

faults: $(STAMP) ## long fault runs: kills, full disks, flipped bytes
	@$(BIN)/python -m pytest -q -m faults

bench: demo ## benchmarks; prints what belongs into docs/benchmarks.md
	@for b in tests/benchmarks/bench_*.py; do echo "## $$b"; $(BIN)/python $$b || exit 1; done

lock: $(STAMP) ## resolve requirements.lock anew (needs uv)
	@uv pip compile pyproject.toml --extra demo --extra dev --universal --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate --quiet -o requirements.lock

wheel: $(STAMP) ## build the wheel into dist/
	@$(BIN)/python -m hatchling build -t wheel

catalogue: $(STAMP) ## write checks/CATALOGUE.md anew, from the checks
	@cd / && $(CURDIR)/$(BIN)/ops-model checks list --markdown > $(CURDIR)/checks/CATALOGUE.md

site: $(STAMP) ## build the demo's site again
	@$(BIN)/ops-model site --workbook $(INTO)

clean: ## remove the environment and the demo
	@rm -rf $(VENV) demo build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
