# derive: `make demo` solves a sheet, `make test` runs the tests. Both set up everything in .venv themselves.
# Another Python: make PYTHON=python3.13 demo

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --quiet --disable-pip-version-check
SHEET  := problems/sheets/calculus.toml

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test test-slow check bench clean

help:  ## what can be made
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/^([a-z-]+):.*## */  make \1\t/' | expand -t 18

demo: $(VENV)/.installed  ## solve the calculus sheet into output/
	@$(BIN)/derive solve $(SHEET) --quiet || [ $$? -eq 3 ]

test: $(VENV)/.testing  ## the fast tests
	@$(BIN)/python -m pytest -n 2 -m "not slow"

test-slow: $(VENV)/.testing  ## the slow tests
	@$(BIN)/python -m pytest -n 2 -m slow

check: $(VENV)/.testing  ## ruff and mypy
	@$(BIN)/ruff check .
	@$(BIN)/mypy

bench: $(VENV)/.testing  ## how fast it is, next to SymPy
	@for script in bench/*.py; do echo "== $$script"; $(BIN)/python $$script || exit; done

clean:  ## remove the environment and what runs wrote
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find output -mindepth 1 ! -name README.md -delete

# --- the environment: made once, again when pyproject.toml changes --------------------------------

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "derive needs Python 3.11 or newer, and '$(PYTHON)' is not;" \
	    "with another one: make PYTHON=python3.13 ..." >&2; exit 1; }
	@if $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then \
	  $(PYTHON) -m venv $(VENV); \
	elif $(PYTHON) -m pip --version >/dev/null 2>&1; then \
	  $(PYTHON) -m venv --without-pip $(VENV) && $(PYTHON) -m pip --python $(BIN)/python install --quiet pip; \
	else \
	  echo "This Python cannot make environments. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; \
	fi
	@touch $@

$(VENV)/.installed: pyproject.toml | $(VENV)/.made
	@echo "Installing derive into $(VENV) ..."
	@$(PIP) install --editable .
	@touch $@

$(VENV)/.testing: pyproject.toml $(VENV)/.installed
	@echo "Installing what the tests need ..."
	@$(PIP) install --editable '.[test]'
	@touch $@
