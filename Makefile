# Everything a developer types. `make help` lists it.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8013
DJANGO_SETTINGS_MODULE ?= settings.development
run: export HOST := $(HOST)
run: export PORT := $(PORT)
run: export DJANGO_SETTINGS_MODULE := $(DJANGO_SETTINGS_MODULE)

BIN := .venv/bin
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check --no-input --require-hashes
COMPILE := $(BIN)/python -m piptools compile --quiet --no-strip-extras --generate-hashes --allow-unsafe \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test test-faults lint bench format lock secrets clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/installed staticfiles/staticfiles.json ## Install, migrate, create the first admin, and serve on HOST:PORT
	@$(BIN)/python -m awx_oauth.gunicorn
	@$(BIN)/python manage.py bootstrap
	@echo "==> Serving on http://$(HOST):$(PORT), Ctrl-C stops it"
	@exec $(BIN)/python -m gunicorn --config python:awx_oauth.gunicorn

test: .venv/installed-dev ## Run the suite on SQLite, then all but the browser tests on PostgreSQL (DATABASE_URL, or one of its own)
	@echo "==> Tests on SQLite"
	@env -u DATABASE_URL $(BIN)/python -m pytest $(ARGS)
	@echo "==> Tests on PostgreSQL"
	@$(if $(DATABASE_URL),,$(BIN)/python -m tests.postgres) $(BIN)/python -m pytest -m "not browser and not faults" $(ARGS)

test-faults: .venv/installed-dev ## Kill, stop, fill and fail over what the service stands on, under load; takes minutes
	@env -u DATABASE_URL -u CACHE_URL $(BIN)/python -m pytest -m faults $(ARGS) tests/faults

lint: .venv/installed-dev ## Check style, types, layers, migrations, OpenAPI and the production settings
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run --settings settings.test
	$(BIN)/python manage.py spectacular --validate --fail-on-warn --file /dev/null --settings settings.test
	env -u DATABASE_URL -u CACHE_URL SECRET_KEY=lint-only-$$(printf '%060d' 0)-xyzABC ALLOWED_HOSTS=auth.example.org \
		DATABASE_URL=postgres://awx_oauth@127.0.0.1/awx_oauth OAUTH2_ISSUER=https://auth.example.org \
		PASSWORD_GRANT_ENABLED=false $(BIN)/python manage.py check --deploy --fail-level WARNING --settings settings.production

bench: .venv/installed-dev staticfiles/staticfiles.json ## Measure the service beside its peers, on DATABASE_URL's PostgreSQL or one of its own
	@$(BIN)/python -m benchmarks $(ARGS)

format: .venv/installed-dev ## Format the code and repair what ruff can repair
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: .venv/installed-dev ## Compile the pinned requirements from pyproject.toml
	CUSTOM_COMPILE_COMMAND="make lock" $(COMPILE) --output-file requirements.txt pyproject.toml
	CUSTOM_COMPILE_COMMAND="make lock" $(COMPILE) --extra dev --constraint requirements.txt \
		--output-file requirements-dev.txt pyproject.toml

secrets: ## Make the secrets that docker compose mounts, in .secrets/, where there are none yet
	@mkdir -p -m 700 .secrets
	@umask 022; cd .secrets; \
	for name in secret_key postgres_password admin_password; do \
		test -s $$name || $(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(48))' >$$name; \
	done; \
	test -e secret_key_fallbacks || : >secret_key_fallbacks; \
	test -s database_url || \
		echo "postgres://awx_oauth:$$(cat postgres_password)@postgres:5432/awx_oauth" >database_url
	@echo "==> The secrets are in .secrets/, the first admin's password in .secrets/admin_password"

clean: ## Remove what the other targets made, but keep the database and the secret key
	rm -rf .venv staticfiles .make-lock .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage

.venv/installed: requirements.txt
	@$(call install,requirements.txt)

.venv/installed-dev: requirements-dev.txt
	@$(call install,requirements-dev.txt)
	@touch .venv/installed

staticfiles/staticfiles.json: .venv/installed $(shell find awx_oauth/static -type f)
	@set -e; \
	$(alone); \
	echo "==> Collecting static files"; \
	$(BIN)/python manage.py collectstatic --no-input --clear --verbosity 0 --settings settings.development

# $(alone): let another make in this checkout finish first; there is nothing to do if it has made the target meanwhile
define alone
	exec 9>.make-lock; \
	$(PYTHON) -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX)'; \
	if [ -e $@ ] && [ -z "$$(find $? -newer $@)" ]; then exit 0; fi
endef

# $(call install,FILE): the virtual environment with what FILE pins; touches the target when all of it is there
define install
	set -e; \
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || \
		{ echo "$(PYTHON) is not Python 3.11 or later: install one, or name it: make PYTHON=/path/to/python3." >&2; exit 1; }; \
	$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
		{ echo "$(PYTHON) cannot make virtual environments: install its venv package (Debian: apt install python3-venv)." >&2; exit 1; }; \
	$(alone); \
	$(BIN)/python -c '' 2>/dev/null || \
		{ echo "==> Creating the virtual environment .venv"; $(PYTHON) -m venv --clear .venv; }; \
	echo "==> Installing $(1)"; \
	$(PIP) --requirement $(1); \
	touch $@
endef
