PY := .venv/bin/python
PYTHON ?= python3
RUNTIME := .venv/.runtime
DEV := .venv/.dev

.PHONY: demo test lint format bench lock clean

demo: $(RUNTIME)  ## set up and start both sandboxes, the proxy and a shop page on loopback
	@$(PY) -m proxy demo

test: $(DEV)  ## set up and run every check and every test
	@bash tests/parts.sh
	@$(MAKE) --no-print-directory lint
	@$(PY) -m pytest -n 2 --dist worksteal -q

lint: $(DEV)
	@.venv/bin/ruff check proxy tests
	@.venv/bin/ruff format --check --quiet proxy tests
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-logo

format: $(DEV)
	@.venv/bin/ruff check --fix proxy tests
	@.venv/bin/ruff format proxy tests

bench: $(DEV)  ## print the ratios that README claims; bounded, on loopback
	@$(PY) tests/bench/read.py

lock:  ## compile both lock files anew; needs uv
	@uv pip compile pyproject.toml --generate-hashes --universal --python-version 3.11 --no-header --no-emit-index-url -q -o requirements.lock
	@uv pip compile pyproject.toml --extra dev -c requirements.lock --generate-hashes --universal --python-version 3.11 --no-header --no-emit-index-url -q -o requirements-dev.lock

$(RUNTIME): requirements.lock
	@bash tests/venv.sh $(PYTHON) requirements.lock
	@touch $@

$(DEV): requirements-dev.lock requirements.lock
	@bash tests/venv.sh $(PYTHON) requirements-dev.lock
	@touch $@ $(RUNTIME)

clean:
	@rm -rf .venv var
