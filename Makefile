# The commands of the house. `make demo` and `make test` need Python 3.11 or newer and nothing else.
# Paths are relative and quoted, so that the folder's own name may hold spaces.
PYTHON ?= python3
BIN := .venv/bin
RUN := $(BIN)/python
PIP := $(RUN) -m pip install -qq --disable-pip-version-check --require-hashes
PACKAGES := config core accounts partnership portal

.DEFAULT_GOAL := help
.PHONY: help demo test mutants check format lint types contracts migrations messages messages-check deploy-check openapi bench lock shell vendor clean
MAKEFLAGS += --no-print-directory

help: ## What can be made
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' Makefile

# -- installation: once, then only when the pinned requirements change -------------------------------------------------
.venv/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "portal: Python 3.11 or newer is needed; this is " + sys.version.split()[0] + ". Choose one with make PYTHON=python3.12")'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "portal: this Python cannot make virtual environments (on Debian: apt install python3-venv)"; exit 1; }
	@$(PYTHON) -m venv .venv
	@touch $@
	@echo "✓ virtual environment made in .venv"

.venv/.run: requirements.txt .venv/.python
	@if [ -f .venv/.dev ] && cmp -s requirements-dev.txt .venv/.dev; then :; else \
		echo "… installing the pinned requirements (a minute or two the first time)"; \
		$(PIP) -r requirements.txt && echo "✓ requirements installed"; fi
	@cp requirements.txt $@

.venv/.dev: requirements-dev.txt .venv/.python
	@echo "… installing the pinned requirements of development (a minute or two the first time)"
	@$(PIP) -r requirements-dev.txt && echo "✓ requirements installed"
	@cp requirements-dev.txt $@

# -- the two commands --------------------------------------------------------------------------------------------------
demo: .venv/.run ## The whole portal on this machine with demo data, until Ctrl-C (PORT=8000)
	@exec $(RUN) manage.py demo

test: .venv/.dev ## The whole test suite, on a real PostgreSQL and a real broker
	@exec sh deploy/test.sh

mutants: .venv/.dev ## Plant faults on purpose, one by one: the tests must see each of them
	@exec $(RUN) -m tests.mutants

check: .venv/.dev ## Everything that must hold before a change lands: format to tests
	@exec sh deploy/check.sh

# -- histories: also the last parts of `make check` ---------------------------------------------------------------------
.PHONY: faults drill
faults: .venv/.dev ## Mails, reminders and reports under drawn faults (LARGE=1: 210 faults, 5,000 mails; SEED=2026)
	@$(RUN) -m tests.faults $(if $(LARGE),--large) $(if $(SEED),--seed $(SEED))

drill: .venv/.dev ## Back up a filled portal, restore it elsewhere, compare it row by row
	@$(RUN) -m tests.drill

# -- the parts of `make check`, one by one -----------------------------------------------------------------------------
format: .venv/.dev ## Rewrite the code in the house's format
	@$(RUN) -m ruff format .
	@$(RUN) -m ruff check --fix-only --quiet .

lint: .venv/.dev ## Format, lint and templates
	@sh deploy/check.sh format lint templates

types: .venv/.dev ## Types
	@sh deploy/check.sh types

contracts: .venv/.dev ## Who may import whom
	@sh deploy/check.sh contracts

migrations: .venv/.dev ## No model change without its migration
	@sh deploy/check.sh migrations

deploy-check: .venv/.dev ## Django's deployment check with production settings
	@sh deploy/check.sh deploy

openapi: .venv/.dev ## The API's description, with no warning
	@sh deploy/check.sh openapi

messages-check: .venv/.dev ## French and Arabic are complete and up to date
	@sh deploy/check.sh messages

# -- speed -------------------------------------------------------------------------------------------------------------
.venv-bench/.ready: pyproject.toml .venv/.dev
	@$(PYTHON) -m venv .venv-bench
	@$(RUN) -m uv pip install --quiet --python .venv-bench/bin/python --group bench
	@touch $@

bench: .venv/.dev .venv-bench/.ready ## Ratios beside the limit and the usual way (ARGS="--ci", "--full", "--only api-list,mail")
	@exec $(RUN) -m bench $(ARGS)

# -- upkeep ------------------------------------------------------------------------------------------------------------
messages: .venv/.dev ## Collect the texts to translate into locale/, then compile
	@$(RUN) manage.py extract_messages
	@$(RUN) manage.py compile_messages

lock: .venv/.dev ## Compile pyproject.toml into the two requirements files, with hashes
	@$(RUN) -m uv pip compile pyproject.toml --python-version 3.11 --generate-hashes --no-emit-index-url --quiet -o requirements.txt
	@$(RUN) -m uv pip compile pyproject.toml --group dev --python-version 3.11 --generate-hashes --no-emit-index-url --quiet -o requirements-dev.txt

shell: .venv/.dev ## Django's shell on the embedded database
	@exec $(RUN) manage.py shell

vendor: .venv/.dev ## Fetch the front-end files again (maintainers; needs npm)
	@PYTHON=$(RUN) bash deploy/vendor.sh

clean: ## Remove caches, compiled messages and the tests' data; keeps .venv and the demo's data
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis staticfiles var/test-cluster
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
	@find locale -name '*.mo' -delete
