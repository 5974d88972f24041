# The whole project by name. Nothing needs to be configured: see config/embedded.
#
#   make run    the demo on http://localhost:8000 (PORT=… and CASES=… for others)
#   make test   every check and test (ARGS="tests/cases -k claim" for some)
#   make lint   format, rules, types and imports alone
#   make messages  find the words of the pages anew and compile their translations
#   make bench  the measurements of the README
#   make clean  stop the local servers and delete all local data
#   make pins   write constraints.txt anew after a change of the requirements

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.SILENT:
.DEFAULT_GOAL := run
.PHONY: run test lint messages bench clean pins setup setup-dev tesseract chromium

ARGS ?=
LIBRARY_THREADS := OMP_NUM_THREADS=1 OMP_THREAD_LIMIT=1 OPENBLAS_NUM_THREADS=1

run: setup tesseract
	exec .venv/bin/python -m config.run

# In the order of the files: those that take longest, with browsers and servers, are not the last ones then.
test: setup-dev tesseract chromium
	exec env COUNTERSIGN_MODE=test $(LIBRARY_THREADS) .venv/bin/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder $(ARGS)

lint: setup-dev
	exec .venv/bin/python -m pytest tests/config/test_house.py

messages: setup
	exec .venv/bin/python -m config.messages

bench: setup-dev tesseract
	exec .venv/bin/python -m config.embedded run env $(LIBRARY_THREADS) .venv/bin/python -m bench $(ARGS)

clean:
	if [ -d .local ]; then .venv/bin/python -m config.embedded remove; fi
	rm -rf .local .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

pins:
	fresh=$$(mktemp -d)
	trap 'rm -rf "$$fresh"' EXIT
	python3 -m venv "$$fresh"
	grep -vh '^--constraint' requirements.txt requirements-dev.txt > "$$fresh/requirements.txt"
	"$$fresh/bin/pip" install --quiet --requirement "$$fresh/requirements.txt"
	{ head -1 constraints.txt; "$$fresh/bin/pip" freeze; } > "$$fresh/constraints.txt"
	mv "$$fresh/constraints.txt" constraints.txt

# ---------------------------------------------------------------- what a fresh machine lacks

# The virtual environment is made anew where the clone was moved (its scripts name their directory),
# and filled again where the requirements have changed.
define install
	for name in python3.11 python3.12 python3; do
	  if $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$name; break; fi
	done
	[ -n "$${python:-}" ] || { echo "Python 3.11 or newer is needed: sudo apt-get install python3.11 python3.11-venv" >&2; exit 1; }
	made_from=$$({ pwd -P; cat $(1) constraints.txt; } | sha256sum)
	if [ "$$(cat .venv/$(2) 2>/dev/null)" != "$$made_from" ]; then
	  echo "Installing the requirements (a few minutes, once) …"
	  if ! grep -qsF "$$(pwd -P)/.venv/bin/python" .venv/bin/pip; then
	    rm -rf .venv
	    $$python -c 'import ensurepip' 2>/dev/null || { $(call apt,python3-venv); }
	    $$python -m venv .venv
	  fi
	  .venv/bin/python -m pip install -qq --disable-pip-version-check $(addprefix --requirement ,$(1))
	  echo "$$made_from" > .venv/$(2)
	fi
endef

# Installs a Debian package where that is allowed, else says what to type.
apt = if [ "$$(id -u)" = 0 ]; then sudo=; elif sudo -n true 2>/dev/null; then sudo=sudo; \
  else echo "$(1) is needed. Type: sudo apt-get install $(1)" >&2; exit 1; fi; \
  echo "Installing $(1) …"; \
  { $$sudo apt-get update -qq && $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends $(1); } >/dev/null \
  || { echo "$(1) could not be installed. Type: sudo apt-get install $(1)" >&2; exit 1; }

setup:
	$(call install,requirements.txt,made-from)

setup-dev:
	$(call install,requirements.txt requirements-dev.txt,made-from-dev)

tesseract:
	command -v tesseract >/dev/null || { $(call apt,tesseract-ocr); }

chromium:
	command -v chromium >/dev/null || { $(call apt,chromium); }
