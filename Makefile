# `make` lists what there is. Nothing but this needs to be installed first: make, Python 3.11 or newer.

MAKEFLAGS += --no-print-directory
BIN := .venv/bin
PORT ?= $(or $(ONCALL_PORT),8000)
# Else a checkout below “Büro” is found neither by pip nor by `oncall` where the locale is of ISO-8859-1.
export PYTHONUTF8 := 1

.PHONY: help setup demo test format-check lint types imports tests chaos fuzz bench screenshots format lock migration clean

help: ## this list (what `make` alone does)
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

setup: ## install what running takes into .venv (WITH=dev: also what the tests take)
	@sh .ci/setup $(WITH)

demo: setup ## the reference company on http://127.0.0.1:8000 until Ctrl-C; PORT=… for another port
	@ONCALL_PORT=$(PORT) $(BIN)/oncall demo

test: WITH = dev
test: setup format-check lint types imports tests ## everything that a change must pass

format-check:
	@echo "— format"
	@$(BIN)/ruff format --check --quiet . || { echo "Mend it with: make format"; exit 1; }

lint:
	@echo "— lint"
	@$(BIN)/ruff check --quiet .

types:
	@echo "— types"
	@$(BIN)/mypy --no-error-summary

imports:
	@echo "— imports"
	@report=$$($(BIN)/lint-imports --no-logo) || { echo "$$report"; exit 1; }

# Bytecode is kept also where the environment says not to: or each process that is started compiles all anew, and keeps
# 15 MB from having done so.
tests chaos bench: export PYTHONDONTWRITEBYTECODE =
tests:
	@echo "— tests"
	@$(BIN)/pytest -n auto

chaos: WITH = dev
chaos: setup ## processes killed, PostgreSQL away, the provider failing, clocks stepped: the long form; ONLY=… for one, MINUTES=… of a provider that fails
	@$(BIN)/pytest tests/chaos --long -o faulthandler_timeout=3600 $(if $(ONLY),-k "$(ONLY)") $(if $(MINUTES),--minutes "$(MINUTES)")

fuzz: WITH = dev
fuzz: setup ## tens of thousands of spoilt messages through every parser, of requests to every operation, and of schedules; ONLY=… for one tool, openapi or schedules
	@$(BIN)/pytest -n 2 --dist worksteal tests/ingest/test_fuzz.py tests/web/api/test_openapi.py tests/schedules --hypothesis-profile fuzz -o faulthandler_timeout=3600 $(if $(ONLY),-k "$(ONLY)")

screenshots: WITH = dev
screenshots: setup ## every page at 390 and 1440 px, light and dark, into screenshots/
	@$(BIN)/pytest tests/web/pages/test_every_page.py --long -k picture

format: WITH = dev
format: setup ## write the code the way the check wants it
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .

bench: WITH = dev
bench: setup ## schedules, pages, taking in, storms, event to provider, memory: figures and ratios, nothing asserted; ONLY=… for one
	@$(BIN)/python -m tests.bench $(ONLY)

lock: ## lock the dependencies of pyproject.toml anew; UPGRADE=--upgrade for newer versions (needs uv)
	@command -v uv >/dev/null || { echo "uv is missing; install it: https://docs.astral.sh/uv/getting-started/installation/"; exit 1; }
	uv pip compile --quiet --universal --generate-hashes $(UPGRADE) pyproject.toml --group build -o requirements.lock
	uv pip compile --quiet --universal --generate-hashes $(UPGRADE) pyproject.toml --group build --group dev \
		-c requirements.lock -o requirements-dev.lock

migration: WITH = dev
migration: setup ## write the migration that the models need: make migration m="what it does"
	@test -n "$(m)" || { echo 'Say what it does: make migration m="add the colour of a team"'; exit 1; }
	@scratch=$$(mktemp -d) && trap 'rm -rf "$$scratch"' EXIT && \
		export ONCALL_DATABASE_URL=sqlite:///$$scratch/scratch.db && \
		$(BIN)/alembic --quiet upgrade head && $(BIN)/alembic --quiet revision --autogenerate -m "$(m)" && \
		ls -t alembic/versions/*.py | head -1

clean: ## remove .venv and every cache
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build ./*.egg-info
