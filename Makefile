# make up      the whole of happycall: sets up, simulates a network if the home is empty, serves
# make test    formatting, lint, types, import contracts, all tests
# make laws    the laws over thousands of random stars and histories, by a seed that is printed
# make setup   .venv from the hashed lock, and the project in it
# make bench   every benchmark, each beside a peer in the same run
# make lint    formatting, lint, types, import contracts
# make lock    compiles requirements/*.in again (needs uv)

SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
HASHED := --require-hashes --no-deps --only-binary :all:
LOCK := uv pip compile --universal --python-version 3.11 --generate-hashes --no-strip-extras \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate

.PHONY: up setup test laws lint bench lock
.DEFAULT_GOAL := up

# The shell is replaced by the supervisor, which watches make itself: make does not pass INT on.
up: .venv/.setup
	@exec $(BIN)/happycall up --parent $$PPID

setup: .venv/.setup

.venv/.setup: requirements/runtime.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "happycall needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 setup")'
	@echo "setting up .venv: about a minute, once"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) install --progress-bar off $(HASHED) -r requirements/runtime.txt | { grep --line-buffered -v -e '^Requirement already' || true; }; exit $${PIPESTATUS[0]}
	$(PIP) install -q --no-deps --no-build-isolation -e .
	@touch $@

.venv/.test: .venv/.setup requirements/test.txt
	$(PIP) install -q $(HASHED) -r requirements/test.txt
	@touch $@

.venv/.bench: .venv/.setup requirements/bench.txt
	$(PIP) install -q $(HASHED) -r requirements/bench.txt
	@touch $@

lint: .venv/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	$(BIN)/python -m pytest -n 3 --dist loadscope -q

laws: .venv/.test
	@seed=$${HAPPYCALL_LAW_SEED:-$$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}; \
	echo "the laws by seed $$seed; HAPPYCALL_LAW_SEED=$$seed make laws tries the same again"; \
	HAPPYCALL_LAW_EXAMPLES=$${HAPPYCALL_LAW_EXAMPLES:-10000} HAPPYCALL_LAW_SEED=$$seed \
		$(BIN)/python -m pytest -n 2 -q -rA --timeout 0 -m law --hypothesis-seed=$$seed tests

bench: .venv/.bench
	$(BIN)/python -m benchmarks

lock:
	@command -v uv >/dev/null || { echo "make lock needs uv on the path: install it, then make lock" >&2; exit 2; }
	for kind in runtime test bench; do $(LOCK) requirements/$$kind.in -o requirements/$$kind.txt || exit 1; done
