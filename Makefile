# Bare `make` lists the targets. Everything is set up on first use; Python 3.11+ and make suffice.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up
SPARK := $(VENV)/.set-up-spark
INTO ?= demo

.DEFAULT_GOAL := help
.PHONY: help demo dev spark test check lint types floors fast slow together alone notebooks faults bench lock wheel catalogue site clean

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

# Setting up anew takes Spark away again, for it is no part of requirements.lock.
$(SPARK): $(STAMP) requirements-spark.lock
	@echo "adding Spark from requirements-spark.lock (400 MB; it needs Java 17 to run)"
	@if command -v uv >/dev/null 2>&1; then \
	  uv pip install --quiet --require-hashes --no-deps --python $(BIN)/python -r requirements-spark.lock; \
	else \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-spark.lock; \
	fi
	@touch $(SPARK)

dev: $(STAMP) ## set up .venv and nothing else

spark: $(SPARK) ## add Spark to .venv, for logs that lie there and the tests of it

demo: $(STAMP) ## build the example workbook ./demo from real flight data, run it all, build its site
	@$(BIN)/ops-model demo --into $(INTO) --fresh

# A test bears company, one more than there are cores since many wait for a process, unless a
# stopwatch judges it: of those, two run at a time and nothing else. What takes long is begun first
# (tests/conftest.py), and a file stays in one process.
WORKERS := $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')
COMPANY := -n $(WORKERS) --dist loadfile --no-loadscope-reorder
SHORT := not faults and not bench
HEAVY := kernel or browser or slow

test: together alone ## all tests but the long fault runs and the benchmarks

check: lint types floors fast ## what must pass at every commit: lint, types, import floors, fast tests

lint: $(STAMP) ## ruff: style and formatting
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(STAMP) ## mypy, strict
	@$(BIN)/mypy

floors: $(STAMP) ## import-linter: imports only go down
	@$(BIN)/lint-imports

fast: $(STAMP) ## tests that need no kernel and no browser, on all cores
	@$(BIN)/python -m pytest -q $(COMPANY) -m "not ($(HEAVY)) and not alone and $(SHORT)"

slow: $(STAMP) ## only the tests with kernels, browsers and servers
	@$(BIN)/python -m pytest -q $(COMPANY) -m "($(HEAVY)) and not alone and $(SHORT)"
	@$(MAKE) --no-print-directory alone

together: $(STAMP) ## all tests that bear company, on all cores
	@$(BIN)/python -m pytest -q $(COMPANY) -m "not alone and $(SHORT)"

alone: $(STAMP) ## only the tests that a stopwatch judges, two at a time
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile -m "alone and $(SHORT)" $$(grep -rl --include='test_*.py' 'mark\.alone' tests)

notebooks: $(STAMP) ## only the tests of the notebooks, nbval included
	@$(BIN)/python -m pytest -q tests/notebooks

faults: $(STAMP) ## long fault runs: kills, full disks, flipped bytes
	@$(BIN)/python -m pytest -q -m faults

bench: demo ## benchmarks; prints what belongs into docs/benchmarks.md
	@missed=; for b in tests/benchmarks/bench_*.py; do \
	  echo "## $$b"; began=$$(date +%s); $(BIN)/python $$b || missed="$$missed $$b"; \
	  echo "$$b took $$(($$(date +%s) - began)) s"; echo; \
	done; \
	test -z "$$missed" || { echo "missed a figure, or did not finish:$$missed"; exit 1; }

lock: $(STAMP) ## resolve requirements.lock anew (needs uv)
	@uv pip compile pyproject.toml --extra demo --extra dev --universal --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate --quiet -o requirements.lock
	@$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["spark"], sep="\n")' | \
	  uv pip compile - --universal --generate-hashes --no-emit-index-url --no-header --no-annotate --quiet -o requirements-spark.lock

wheel: $(STAMP) ## build the wheel into dist/
	@$(BIN)/python -m hatchling build -t wheel

catalogue: $(STAMP) ## write checks/CATALOGUE.md anew, from the checks
	@cd / && $(CURDIR)/$(BIN)/ops-model checks list --markdown > $(CURDIR)/checks/CATALOGUE.md

site: $(STAMP) ## build the demo's site again
	@$(BIN)/ops-model site --workbook $(INTO)

clean: ## remove the environment and the demo
	@rm -rf $(VENV) demo build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
