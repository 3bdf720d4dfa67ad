# `make help` lists what there is.

PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3.11)
VENV ?= .venv
# An environment of its own for `make lock` and `make audit`.
TOOLS ?= .tools
PORT ?= 8000
STANDIN_PORT ?= 12111
FOLDER ?= var
# Whole installations under load or beside others, races, deaths at every point, workers that are killed and restarted,
# starts and ends of the whole, backups, and all migrations from nothing: what takes minutes by itself.
CAMPAIGNS := $(addprefix tests/,campaigns crashes races triggers/concurrency migrations/test_forward.py wheel bench/test_harness.py \
	site/tables/test_same.py site/test_demo.py site/test_serve.py site/test_production.py triggers/test_foreign_key_field.py \
	$(addprefix flows/test_,one_command.py faults.py looking_up.py secret_key.py restored_backup.py watchdog.py changes.py webhooks_out.py))
# Tests in parallel; each process has its own folder and database.
JOBS ?= 2

# Tests start Python hundreds of times; compiling each module again takes a third of each start.
unexport PYTHONDONTWRITEBYTECODE

# Another one each time; the first line of `make properties` shows it.
SEED ?= $(shell date +%s)

BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help install demo serve test test-browser campaigns properties schedules chaos fuzz fuzz-webhook fuzz-roles loop-memory screenshots messages lint \
	format lock audit check clean

help: ## Show this list
	@echo "StripeFlow: workflows for Stripe, owned by you."
	@echo
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | \
		while IFS="$$(printf '\t')" read -r name text; do printf '  make %-13s %s\n' "$$name" "$$text"; done

install: $(STAMP) ## Make the virtual environment in .venv

$(STAMP): requirements-pip.txt requirements-dev.txt pyproject.toml setup.py
	@$(PYTHON) -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Python 3.11 or later with venv is needed, and $(PYTHON) is not that. On Debian: apt-get install python3-venv"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --require-hashes -r requirements-pip.txt
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --no-index --editable .
	touch $(STAMP)

$(TOOLS)/.installed: requirements-pip.txt requirements-tools.txt
	test -x $(TOOLS)/bin/python || $(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/python -m pip install --disable-pip-version-check --quiet --require-hashes -r requirements-pip.txt
	$(TOOLS)/bin/python -m pip install --disable-pip-version-check --quiet --require-hashes -r requirements-tools.txt
	touch $@

demo: install ## Run the three workflows against the Stripe stand-in, and judge the effects (a minute)
	$(BIN)/python -m stripeflow_site.demo

serve: install ## Run site, worker and stand-in until Ctrl-C (PORT=8000 STANDIN_PORT=12111 FOLDER=var)
	@$(BIN)/python -m stripeflow_site.serve --port $(PORT) --standin-port $(STANDIN_PORT) --folder $(FOLDER)

test: install ## Run every test but the campaigns, and those in a browser (17 minutes)
	$(BIN)/python -m pytest -n $(JOBS) -m "not browser" $(CAMPAIGNS:%=--ignore=%) $(ARGS)

campaigns: install ## Run the short forms of chaos, fuzz and bench, kill workers at every point, and start and end the whole (20 minutes)
	$(BIN)/python -m pytest -n $(JOBS) $(CAMPAIGNS) $(ARGS)

properties: install ## Look for new examples that break what has to hold for any (SEED=1, 20 minutes)
	$(BIN)/python -m pytest -n $(JOBS) -m hypothesis --hypothesis-profile=search --hypothesis-seed=$(SEED) $(ARGS)

chaos: install ## Kill processes under load, and judge (ARGS="--events 2000 --kills 60 --database postgres --broker valkey")
	$(BIN)/python -m tests.campaigns.chaos $(ARGS)

fuzz: fuzz-webhook fuzz-roles ## Fire hostile requests at the webhook and, as each role, at every page, and judge

fuzz-webhook: install ## Fire hostile bodies at a live webhook, and judge
	$(BIN)/python -m tests.campaigns.fuzz $(ARGS)

fuzz-roles: install ## Send any request to any address as each role, and judge (10 minutes and more)
	$(BIN)/python -m tests.campaigns.role_fuzz $(ARGS)

schedules: install ## Compare ten years of schedules in five zones with a slow oracle (ARGS="2010 10")
	$(BIN)/python -m tests.triggers.types.recurring_schedule.whole $(ARGS)

loop-memory: install ## Measure the memory of a run over 10,000 listed items, beside one over 100
	$(BIN)/python -m tests.campaigns.loop_memory $(ARGS)

test-browser: install ## Run the tests in Debian's chromium
	.ci/chromium
	$(BIN)/python -m pytest -n $(JOBS) -m browser --no-skips $(ARGS)

screenshots: install ## Take the documentation's pictures again, into docs/images
	.ci/chromium
	$(BIN)/python -m tests.browser.screenshots

messages: install ## Bring the translations up to the sources, and compile them
	$(BIN)/python -m tests.translations

lint: install ## Check style, imports, types and migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/python .ci/network_imports.py
	$(BIN)/python .ci/types.py
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
		STRIPEFLOW_ENV_FILE= STRIPEFLOW_VAR_DIR="$$folder" $(BIN)/python manage.py makemigrations --check --dry-run

format: install ## Put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(TOOLS)/.installed ## Write requirements*.txt, with hashes, from requirements*.in (ARGS="--upgrade-package django")
	@for name in requirements requirements-dev requirements-sqlite requirements-pip requirements-tools; do \
		$(TOOLS)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
			$(ARGS) $$name.in --output-file $$name.txt || exit 1; done

audit: $(TOOLS)/.installed ## Look for known vulnerabilities of what is installed; needs a network
	$(TOOLS)/bin/pip-audit --strict --require-hashes --disable-pip -r requirements.txt
	$(TOOLS)/bin/pip-audit --strict --require-hashes --disable-pip -r requirements-dev.txt

check: lint test campaigns test-browser ## All of the above tests

clean: ## Remove the virtual environment and caches; leaves var/ alone
	rm -rf $(VENV) $(TOOLS) build dist ./*.egg-info .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
