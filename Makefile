# `make demo` and `make test` work on a fresh Debian-like machine with Python 3.11+, make and git. `make help` lists all.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
EXTRAS := dev

# The first of these that is new enough; PYTHON=… chooses another.
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3; do \
	if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$python; break; fi; done)

# Rasa 3.6 runs on Python 3.10 alone: one on the path, or one of pyenv's. RASA_PYTHON=… names another.
VENV_RASA := .venv-rasa
RASA_STAMP := $(VENV_RASA)/.installed
RASA_PYTHON ?= $(shell for python in python3.10 "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/3.10*/bin/python3.10; do \
	if "$$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 10))' 2>/dev/null; then echo "$$python"; break; fi; done)

PORT ?= 8000
WEAVER_HOME ?= var

BROWSER_PACKAGES := chromium fonts-noto-cjk
BENCHMARKS ?= $(basename $(notdir $(shell grep -l '^if __name__' benchmarks/*.py)))

.PHONY: help
help: ## say what each target does
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | awk -F'\t' '{printf "make %-12s %s\n", $$1, $$2}'

.PHONY: install
install: $(STAMP) ## make the environment in .venv, if need be

$(STAMP): pyproject.toml
	@if [ -z "$(PYTHON)" ]; then \
		echo "No Python 3.11 or newer was found: apt-get install python3 python3-venv, or name one with PYTHON=…" >&2; exit 1; fi
	@if ! $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then \
		package=$$($(PYTHON) -c 'import sys; print("python{}.{}-venv".format(*sys.version_info))'); \
		echo "$(PYTHON) lacks its venv module: apt-get install $$package" >&2; exit 1; fi
	@echo "Making the environment in $(VENV) with $$($(PYTHON) --version): 2.5 GB, a few minutes the first time."
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --disable-pip-version-check --editable '.[$(EXTRAS)]'
	@touch $(STAMP)
	@echo "The environment is ready."

.PHONY: browser
browser: ## install the browser and the Chinese fonts that the tests need (Debian packages, needs root)
	@missing=(); \
	command -v chromium >/dev/null || missing+=(chromium); \
	command -v fc-list >/dev/null && [ -n "$$(fc-list :lang=zh)" ] || missing+=(fonts-noto-cjk); \
	if [ $${#missing[@]} -eq 0 ]; then exit 0; fi; \
	if ! command -v apt-get >/dev/null || [ "$$(id -u)" -ne 0 ]; then \
		echo "The tests need $${missing[*]}: install them as root with: apt-get install $(BROWSER_PACKAGES)" >&2; exit 1; fi; \
	echo "Installing $(BROWSER_PACKAGES) …"; \
	export DEBIAN_FRONTEND=noninteractive; \
	apt-get update -qq; \
	apt-get install -y -qq --no-install-recommends fontconfig $(BROWSER_PACKAGES)

.PHONY: demo
demo: install ## serve the sample shop on http://127.0.0.1:8000 (PORT=… and WEAVER_HOME=… move it)
	@WEAVER_HOME='$(WEAVER_HOME)' exec $(BIN)/weaver demo --port '$(PORT)'

# Tests of one file share a server, so that a file is one process's.
PYTEST := $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

.PHONY: test
test: install browser ## run the tests that take seconds, with a real PostgreSQL and a real browser
	@$(PYTEST) -m 'not slow'

.PHONY: test-slow
test-slow: install browser ## run the other tests: trainings, killed processes, every page in each language, size and light
	@$(PYTEST) -m slow

.PHONY: rasa-python
rasa-python: ## say which Python 3.10 Rasa would run on; fails where there is none
	@if [ -z "$(RASA_PYTHON)" ]; then \
		echo "Rasa 3.6 needs Python 3.10, and none was found: pyenv install 3.10, or name one with RASA_PYTHON=…" >&2; exit 1; fi
	@echo "$(RASA_PYTHON)"

.PHONY: rasa-install
rasa-install: $(RASA_STAMP) ## make an environment for Rasa 3.6 in .venv-rasa, if need be (2.7 GB, some minutes)

$(RASA_STAMP):
	@$(MAKE) --no-print-directory rasa-python >/dev/null
	@echo "Making Rasa's environment in $(VENV_RASA): 2.7 GB, a few minutes the first time."
	@[ -x $(VENV_RASA)/bin/python ] || $(RASA_PYTHON) -m venv $(VENV_RASA)
	@$(VENV_RASA)/bin/python -m pip install --quiet --disable-pip-version-check 'rasa==3.6.21'
	@touch $(RASA_STAMP)
	@echo "Rasa's environment is ready."

.PHONY: rasa
rasa: install rasa-install ## test the example assistant in a real Rasa 3.6 against a real Weaver (Python 3.10)
	@WEAVER_RASA='$(VENV_RASA)' $(BIN)/python -m pytest tests/rasa

.PHONY: check
check: lint types contracts audit coverage ## run all that a commit must pass: format, lint, types, import contracts, dependencies, tests with coverage

.PHONY: lint
lint: install ## check the format and the rules of ruff
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

.PHONY: types
types: install ## check the types with mypy and pyright
	@$(BIN)/mypy
	@command -v node >/dev/null || { echo "pyright needs Node: apt-get install nodejs" >&2; exit 1; }
	@$(BIN)/pyright

.PHONY: contracts
contracts: install ## check who may import whom
	@$(BIN)/lint-imports

.PHONY: audit
audit: install ## look for known holes in the dependencies, releases that do not fit, licences (STRICT=1: advisories must be had)
	@$(BIN)/python -m tests.audit $(if $(STRICT),--strict)

.PHONY: coverage
coverage: install browser ## run the tests and report what they did not reach
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report

.PHONY: format
format: install ## format the code and mend what ruff can mend
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

.PHONY: tree
tree: install ## write the tree of the files into the README
	@$(BIN)/python -m tests.tree

.PHONY: screenshots
screenshots: install browser ## take the pictures in docs/screenshots again, from a sample shop and a team made for it
	@$(BIN)/python -m tests.flows.screenshots
	@$(BIN)/python -m tests.flows.page_screenshots

.PHONY: bench
bench: install ## run the benchmarks (BENCHMARKS=… chooses some)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@for name in $(BENCHMARKS); do echo "== $$name"; $(BIN)/python -m benchmarks.$$name; done
