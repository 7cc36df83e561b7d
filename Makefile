# taktas: `make help` tells what each word does.

PYTHON ?= python3
BIN := .venv/bin
DEMO_ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo test test-again check lint types layers format locks migration bench clean

help:  ## what each word does
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/run-ready: requirements/run.txt pyproject.toml scripts/set_up.sh
	@PYTHON="$(PYTHON)" scripts/set_up.sh run

.venv/dev-ready: requirements/dev.txt pyproject.toml scripts/set_up.sh
	@PYTHON="$(PYTHON)" scripts/set_up.sh dev

demo: .venv/run-ready  ## set up, build a sample brokerage and work one Monday in it
	@$(BIN)/taktas demo $(DEMO_ARGS)

test: .venv/dev-ready  ## set up and run the whole suite (database tests once more on TAKTAS_TEST_DATABASE_URL)
	@env -u TAKTAS_TEST_DATABASE_URL $(BIN)/pytest -n 2 --dist loadgroup
	@if [ -n "$$TAKTAS_TEST_DATABASE_URL" ]; then $(BIN)/pytest -n 2 --dist loadgroup -m database; fi

check: lint types layers  ## everything a reviewer would ask a machine

lint: .venv/dev-ready  ## style
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: .venv/dev-ready  ## types, by both checkers
	@$(BIN)/mypy && $(BIN)/pyright --pythonpath $(BIN)/python

layers: .venv/dev-ready  ## each room imports only from rooms below it
	@$(BIN)/lint-imports

format: .venv/dev-ready  ## tidy the code
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

locks: .venv/dev-ready  ## lock the requirements anew, with hashes (needs uv)
	@scripts/lock.sh

migration: .venv/dev-ready  ## write a migration from the tables: make migration NAME=what_changed
	@$(BIN)/alembic revision --autogenerate -m "$(NAME)"

bench: .venv/dev-ready  ## measure what docs/performance.md tells
	@for file in benchmarks/*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

clean:  ## remove the environment and what tools left behind
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
