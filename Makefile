PY := .venv/bin/python
PYTHON ?= python3
RUNTIME := .venv/.runtime
DEV := .venv/.dev
MUTMUT := var/mutmut/.installed

.PHONY: demo test check-extensions prove lint format bench mutate screenshots lock clean

demo: $(RUNTIME)  ## set up and start both sandboxes, the proxy and a shop page on loopback
	@bash extensions/preview/build.sh
	@$(PY) -m proxy demo

test: $(DEV)  ## set up and run every check and every test
	@bash tests/parts.sh
	@$(MAKE) --no-print-directory lint check-extensions
	@$(PY) -m pytest -n 2 --dist worksteal -q

check-extensions:  ## types, tests, texts, contract, Theme Check, Shopify's own build and the bundles; some: CHECK="types tests"
	@bash extensions/tools/check.sh $(CHECK)

prove: $(DEV)  ## prove it long, and go on where the last run was stopped; options in PROVE, as in PROVE=--fresh
	@bash tests/parts.sh
	@$(PY) -m tests.prove $(PROVE)

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
	@$(PY) tests/bench/verify.py

mutate: $(DEV) $(MUTMUT)  ## change the domain and what moves value in thousands of small ways; print what no test notices
	@var/mutmut/bin/python -m tests.mutation

screenshots: $(DEV)  ## take the pictures of README anew
	@DEMO_SCREENSHOTS=proxy/sandbox/demo $(PY) -m pytest -q tests/e2e -k "twelve_fifty or look_up_to_the_share"
	@bash extensions/tools/check.sh preview
	@mkdir -p extensions/preview/pictures var/states
	@PREVIEW_PICTURES=extensions/preview/pictures PREVIEW_STATES=var/states $(PY) -m pytest -q tests/e2e -k "half_of_the or a_part_of_a_sale or join_another or an_account_shows or every_state"

# Beside the project's packages, not among them: no test needs it.
$(MUTMUT):
	@$(PYTHON) -m venv var/mutmut
	@var/mutmut/bin/python -m pip install --quiet --disable-pip-version-check mutmut==3.8.1
	@$(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))' \
	  >"$$(var/mutmut/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/project.pth"
	@touch $@

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
	@rm -rf .venv var tests/e2e/front_end/node_modules extensions/node_modules extensions/tools/node/node_modules extensions/preview/dist
