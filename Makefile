# One file for every command. `make` alone lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
PY := $(BIN)/python
PIP := $(PY) -m pip --disable-pip-version-check
SOURCES := app.py core pages ingest eval bench docs
LINTED := $(wildcard $(SOURCES) tests)

help: ## List the commands
	@grep -hE '^[a-z%-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

setup: .venv/.installed ## Make .venv, install what Plumbline runs on, index the default code by words
	@$(PY) -m ingest --no-embed

demo: .venv/.installed ## Set up where needed, then start the app (PORT=7860)
	@exec $(PY) app.py $(if $(PORT),--port $(PORT))

doctor: .venv/.installed ## Say what would run here, why, and what is missing
	@$(PY) app.py --doctor

check: .venv/.installed-dev ## Lint, format, types, layers, sizes
	@$(PY) -m ruff check $(LINTED)
	@$(PY) -m ruff format --check $(LINTED)
	@$(PY) -m pyright
	@$(BIN)/lint-imports --no-cache
	@$(PY) -m pytest tests/test_layers.py tests/test_sizes.py tests/test_words.py

fix: .venv/.installed-dev ## Mend what the linter and the formatter can mend
	@$(PY) -m ruff check --fix $(LINTED)
	@$(PY) -m ruff format $(LINTED)

# Which process runs which file is in tests/spread.py; one process more than cores, because many
# tests wait: with two more, pages come too late.
SPREAD := -n $$(($$(getconf _NPROCESSORS_ONLN) + 1)) --maxprocesses 4 --dist loadfile --no-loadscope-reorder

test: check suite ## Everything CI runs: check and every test

suite: .venv/.installed-dev packages ## Every test, without check
	@$(PY) -m pytest $(SPREAD) -m "not prove" -rs --durations=40

coverage: .venv/.installed-dev packages ## Every test, and which lines none of them runs
	@$(PY) -m pytest $(SPREAD) -m "not prove" --cov --cov-report=term:skip-covered

prove: .venv/.installed-dev packages ## The long crash, fuzz and soak suites; kept in bench/results/prove.json
	@$(PY) -m bench.prove

# The peers have pins of their own: a second environment that also sees the first one's packages.
.venv-peers/.installed: .venv/.installed-dev requirements-peers.txt
	@$(PY) -m venv .venv-peers
	@$(PY) -c "import site; print(site.getsitepackages()[0])" \
	  > "$$(.venv-peers/bin/python -c 'import site; print(site.getsitepackages()[0])')/plumbline.pth"
	@.venv-peers/bin/python -m pip --disable-pip-version-check install -q -r requirements-peers.txt
	@touch $@

bench-peers: .venv-peers/.installed ## Our runner beside lm_eval and inspect_ai, on the same samples
	@$(PY) -m bench.peers

bench-%: .venv/.installed-dev packages ## Measure one thing and keep the result: start, overhead, stream, …
	@$(PY) -m bench.$*

shots: .venv/.installed-dev packages ## Screenshots of every page, both palettes, three widths
	@$(PY) -m bench.shots

docs: .venv/.installed ## Write again what is generated: .env.example, tables, README blocks
	@$(PY) -m docs.generate

clean: ## Remove .venv and caches; data/ stays
	@rm -rf .venv .venv-peers .ruff_cache .coverage .hypothesis .import_linter_cache build *.egg-info
	@find . -name __pycache__ -type d -not -path './data/*' -prune -exec rm -rf {} +

# A stamp is written last, so that an interrupted install is taken up again.
.venv/.installed: requirements.txt
	@found=; for python in $${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do \
	  if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	  then found="$$python"; break; fi; done; \
	if [ -z "$$found" ]; then \
	  echo "Plumbline needs Python 3.11 or newer; set PYTHON=/path/to/python3." >&2; exit 1; fi; \
	[ -x $(PY) ] || "$$found" -m venv .venv || { \
	  echo "Python could not make .venv; on Debian, install python3-venv." >&2; exit 1; }
	@echo "Installing what requirements.txt names (a minute or two)"
	@$(PIP) install -q -r requirements.txt
	@touch $@

.venv/.installed-dev: .venv/.installed requirements-dev.txt
	@$(PIP) install -q -r requirements-dev.txt
	@touch $@

# Browser tests need a Chromium of the system. As root on Debian it is installed; elsewhere
# its absence is said, the tests are skipped, and under CI a skipped browser test fails.
packages:
	@if command -v chromium >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
	  apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
	else echo "No Chromium found: browser tests will be skipped (install 'chromium')." >&2; fi

.PHONY: help setup demo doctor check fix test suite coverage prove shots docs clean packages
