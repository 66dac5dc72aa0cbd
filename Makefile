.PHONY: help report reports test lab shell check lock clean
PYTHON ?= python3
BIN := .venv/bin
PAGES := landing decision-note comparative-report claims outage-length affected-users detection-and-communication status-pages \
	third-parties recommendations data-quality methods
FOUNDING := 2012-07-06-orange-fr-mobile 2021-01-07-proximus-be-emergency-calls \
	2021-06-02-orange-fr-emergency-calls 2025-09-12-orange-fr-tv
UV := $(shell command -v uv)
INSTALL := $(if $(UV),uv pip install --quiet --python $(BIN)/python,$(BIN)/python -m pip install --disable-pip-version-check --quiet)
COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --extra editable pyproject.toml

help:  ## show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

report: .venv/installed  ## make the landing page, the decision note, the reports and the founding dossiers in reports/html, as far as they have changed
	$(BIN)/python -m outages render --changed --jobs 2 $(PAGES) $(addprefix incident-dossier-,$(FOUNDING))

reports: .venv/installed  ## make the whole catalogue, as far as it has changed
	$(BIN)/python -m outages render --all --jobs 2

test: .venv/tested  ## check types and run all tests
	$(BIN)/python -m mypy
	$(BIN)/python -m pytest -n auto --dist worksteal

lab: .venv/tested  ## open JupyterLab on the notebooks
	$(BIN)/jupyter lab notebooks

shell: .venv/installed  ## open a shell in which python and outages are those of the environment
	@PATH="$(CURDIR)/$(BIN):$$PATH" VIRTUAL_ENV="$(CURDIR)/.venv" $${SHELL:-sh}

check: .venv/installed  ## validate the registry
	$(BIN)/python -m outages check

lock:  ## resolve the lock files anew (needs uv)
	$(COMPILE) -o requirements.lock
	$(COMPILE) --extra test --constraint requirements.lock -o requirements-test.lock

clean:  ## remove the environment and the pages
	rm -rf .venv reports/html reports/failed

.venv/installed: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv --clear .venv
	$(INSTALL) --require-hashes -r requirements.lock
	$(INSTALL) --no-deps --no-build-isolation -e .
	touch $@

.venv/tested: requirements-test.lock .venv/installed
	$(INSTALL) --require-hashes -r requirements-test.lock
	touch $@
