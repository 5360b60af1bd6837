# Two commands are for everyone: `make run` and `make test`. The rest is for people who change the code.
# Needs Python 3.11+ (with venv), git and make; everything else comes from the lock.

SHELL := bash
PYTHON ?= python3
UV_VERSION := 0.13.9
export UV_PYTHON_DOWNLOADS := never
export UV_PROJECT_ENVIRONMENT := $(CURDIR)/.venv
UV := .uv/bin/uv
PROMISE := .venv/bin/promise

.PHONY: run test up down install lint style types sql format bi-live bi-schemas help

help:            ## what there is to type
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /  make \1\t/' | expand -t 18

run: install     ## land, build, check and release everything, and build the site
	@$(PROMISE) run

up: install      ## the same, and keep it running: Airflow, site, database
	@$(PROMISE) up

down:            ## stop what `make up` and `make run` left running
	@test ! -x $(PROMISE) || $(PROMISE) down

# By file, in the order in which they are found: what takes longest, the real scheduler, begins first, and meanwhile the
# other process prepares what both test on (tests/conftest.py). A third would wait for the same two cores.
test: install lint ## every check and every test
	@.venv/bin/python -m pytest --numprocesses=2 --dist=loadfile --no-loadscope-reorder

bi-live: install ## provision a real Metabase: METABASE_JAR=path/of/metabase.jar
	@.venv/bin/python -m workbench.commands.bi_live "$(METABASE_JAR)"

bi-schemas: install ## what is sent to Metabase against its published schemas; npm fetches its tool
	@PYTHONPATH=.:tests .venv/bin/python -m stand_ins.official

install: .venv/.installed .venv/.generated .venv/.read

.venv/.installed: pyproject.toml uv.lock Makefile | $(UV)
	@echo "Installing from the lock (a few minutes the first time) ..."
	@$(UV) sync --frozen --quiet --compile-bytecode --python $(PYTHON)
	@touch $@

# What dbt reads of the catalogue. `promise` writes it whenever it runs dbt; plain dbt and an editor find it from the start.
.venv/.generated: .venv/.installed $(shell find framework ingestion promise warehouse/dbt_files dbt/contracts -name '*.yml' -o -name '*.py')
	@$(PROMISE) dbt generate 2>/dev/null
	@touch $@

# For homes that begin with what was installed. What is changed later is read beside a run, which also says what is wrong.
.venv/.read: .venv/.installed | .venv/.generated
	@.venv/bin/python -m warehouse.parsing installed >/dev/null 2>&1 || true
	@touch $@

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed; set PYTHON=..."; exit 1; }
	@$(PYTHON) -m venv .uv
	@.uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION) 2>&1 | grep -v ^WARNING || true
	@test -x $(UV)

# mypy and sqlfluff each take one core for as long as the other: side by side, and what each says stays together.
lint: install    ## formatting, lint, types, SQL
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target --keep-going sql types style

style: install
	@.venv/bin/ruff format --check --quiet .
	@.venv/bin/ruff check --quiet .
	@.venv/bin/lint-imports --no-logo --no-cache

types: install
	@.venv/bin/mypy

sql: install
	@.venv/bin/promise dbt generate
	@.venv/bin/sqlfluff lint --disable-progress-bar dbt/functions dbt/models dbt/tests

format: install  ## put code and SQL into shape
	@.venv/bin/ruff check --fix --quiet .
	@.venv/bin/ruff format --quiet .
	@.venv/bin/sqlfluff fix --disable-progress-bar dbt/functions dbt/models dbt/tests
