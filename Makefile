PYTHON ?= python3
PORT ?= 8501
BIN := .venv/bin
CODE_ENVIRONMENT := .venv-code
RUN_READY := .venv/.run-ready
TEST_READY := .venv/.test-ready

.PHONY: run test check lint fix bench screenshots look chromium code-env doctor image-check clean

run: $(RUN_READY)
	$(BIN)/uvicorn app:app --host 127.0.0.1 --port $(PORT)

test: $(TEST_READY) chromium
	$(BIN)/python -m pytest -n auto --dist worksteal

check: lint test

lint: $(TEST_READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(TEST_READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# ONLY="answers streams" measures parts; QUICK=1 looks whether all of it works, in a few minutes; SOAK=600 has the load last ten minutes.
bench: $(TEST_READY) chromium
	QUICK=$(QUICK) SOAK=$(SOAK) $(BIN)/python -m tests.benchmarks $(ONLY)

# The browser tests use the system's Chromium or Chrome; only where there is none does Playwright download one.
chromium: $(TEST_READY)
	@$(BIN)/python -m tests.browser.chromium || $(BIN)/playwright install chromium

# Takes the pictures in docs/pictures anew, with the demo model.
screenshots: $(TEST_READY) chromium
	$(BIN)/python -m tests.browser.screenshots

# Takes pictures of the whole interface for people to look at, on three screens, light and dark, into survey/; WALK=team only some of them.
look: $(TEST_READY) chromium
	$(BIN)/python -m tests.browser.survey survey $(WALK)

# Looks whether settings, disk, conversations, model and sandbox are in order; a server may be running meanwhile.
doctor: $(RUN_READY)
	@$(BIN)/python -m agents.doctor

# Does the Dockerfile's steps without a Docker engine and starts what came of them, as root: `sudo make image-check`. Two minutes, so not a test.
image-check: $(TEST_READY)
	$(BIN)/python -m tests.image

# A Python with numpy, pandas and matplotlib for the code that agents write. Roundtable's own environment is never shown to it.
code-env: requirements-code.txt
	@$(PYTHON) -c 'import sys; sys.exit("The code environment needs Python 3.11 or newer; say which with PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(CODE_ENVIRONMENT)
	$(CODE_ENVIRONMENT)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-code.txt

clean:
	rm -rf .venv .venv-bench $(CODE_ENVIRONMENT) .mypy_cache .ruff_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("Roundtable needs Python 3.11 or newer; say which with PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv

$(RUN_READY): requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(TEST_READY): requirements.txt requirements-dev.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(RUN_READY)
