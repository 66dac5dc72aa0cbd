.PHONY: help report reports test lab check lock clean
PYTHON ?= python3
BIN := .venv/bin
FOUNDING := 2012-07-06-orange-fr-mobile 2021-01-07-proximus-be-emergency-calls \
	2021-06-02-orange-fr-emergency-calls 2025-09-12-orange-fr-tv

help:  ## show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

report: .venv/installed  ## make the comparative report, the founding dossiers and the index in reports/html
	$(BIN)/python -m outages render comparative-report $(addprefix incident-dossier-,$(FOUNDING)) --lang en --lang fr

reports: .venv/installed  ## make the whole catalogue, as far as it has changed
	$(BIN)/python -m outages render --all --jobs 2

test: .venv/installed  ## run all tests
	$(BIN)/python -m pytest

lab: .venv/installed  ## open JupyterLab on the notebooks
	$(BIN)/jupyter lab notebooks

check: .venv/installed  ## validate the registry
	$(BIN)/python -m outages check

lock:  ## resolve the lock file anew (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --extra test --no-header --no-annotate \
		pyproject.toml -o requirements.lock

clean:  ## remove the environment and the pages
	rm -rf .venv reports/html reports/failed

.venv/installed: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation -e .
	touch $@
