# Every command makes its own virtual environment in .venv and installs what it needs, pinned.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
PINS := .ci/constraints.txt
NODE := tests/mcp/node/node_modules/.installed
DEMO_RECIPIENTS ?= 4113
WORKERS ?= --numprocesses=2
REPOSITORY ?= example/seax-toolkit

.PHONY: help demo test check tests coverage lab page kernels docs bench soak notebooks bundle constraints clean

help: ## show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: $(VENV)/.app ## import contacts, plan, approve, send and measure a campaign on the embedded workspace
	@if [ -t 0 ]; then $(BIN)/seax demo; else $(BIN)/seax demo --yes-recipients $(DEMO_RECIPIENTS); fi

test: check docs tests ## the whole gate: format, lint, types, documentation, tests, notebooks

check: $(VENV)/.gate
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

tests: $(VENV)/.gate $(NODE)
	$(BIN)/python -m pytest $(WORKERS)

coverage: $(VENV)/.gate $(NODE) ## run the tests and show the lines that none of them reaches
	$(BIN)/python -m pytest $(WORKERS) --cov --cov-report=term

lab: $(VENV)/.gate ## open JupyterLab on the notebooks
	$(BIN)/jupyter lab notebooks

page: $(VENV)/.gate ## serve the campaign builder as a page, with Voilà
	JUPYTER_PATH=notebooks/.jupyter $(BIN)/voila --template=offline notebooks/09_campaign_page.ipynb

kernels: $(VENV)/.gate ## drive the widgets in a browser on older kernels, as a nightly run
	for version in 6.31.0 7.1.0; do \
		$(PYTHON) -m venv --clear .venv-kernels && grep -v '^ipykernel==' $(PINS) > .venv-kernels/pins.txt && \
		.venv-kernels/bin/python -m pip --disable-pip-version-check install --quiet -c .venv-kernels/pins.txt \
			-e '.[test]' ipykernel==$$version && \
		.venv-kernels/bin/python -m pytest tests/browser || exit 1; \
	done
	rm -rf .venv-kernels

notebooks: $(VENV)/.gate ## run the notebooks and keep their outputs
	$(BIN)/python notebooks/.build.py

docs: $(VENV)/.gate ## build the documentation site into build/docs, offline
	$(BIN)/python -m sphinx -W --keep-going -q -E docs build/docs

bench: $(VENV)/.gate ## measure speed and memory, beside peers that are installed for it
	$(PIP) install --quiet -c $(PINS) -e '.[bench]'
	for script in tests/*/bench_*.py; do PYTHONPATH=. $(BIN)/python $$script || exit 1; done

soak: $(VENV)/.gate ## run what the gate samples at full length: faults, races, kills
	for script in tests/*/soak_*.py; do PYTHONPATH=. $(BIN)/python $$script || exit 1; done

bundle: $(VENV)/.gate ## pack the MCP server for hosts, with its server.json: REPOSITORY=owner/name
	PYTHONPATH=. $(BIN)/python .ci/bundle.py $(REPOSITORY) dist

constraints: ## resolve all dependencies anew and pin them
	rm -rf .venv-pins && $(PYTHON) -m venv .venv-pins
	.venv-pins/bin/python -m pip --disable-pip-version-check install --quiet -e '.[test]'
	.venv-pins/bin/python -m pip --disable-pip-version-check freeze --exclude-editable > $(PINS)
	rm -rf .venv-pins

clean: ## remove the environment and all caches
	rm -rf $(VENV) .venv-pins .venv-kernels build docs/house tests/mcp/node/node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage*

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'Python 3.11 or newer is needed: name one, as in make PYTHON=python3.11' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(NODE): tests/mcp/node/package-lock.json # checkers of the MCP server that run on Node
	cd $(dir $<) && npm ci --silent --no-progress
	@touch $@

$(VENV)/.app: $(BIN)/python pyproject.toml $(PINS)
	$(PIP) install --quiet -c $(PINS) -e .
	@touch $@

$(VENV)/.gate: $(BIN)/python pyproject.toml $(PINS)
	$(PIP) install --quiet -c $(PINS) -e '.[test]'
	@touch $@ $(VENV)/.app
