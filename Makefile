# Needs make and a Python from 3.11 to 3.14; the rest is installed into .venv and instance/. `make help` lists all.
# PYTHON=/path/to/python names the one that .venv is made with; remove .venv to change it later.
.PHONY: help run test soak lint types pins
.DEFAULT_GOAL := help
export PYTHONUTF8 := 1

# Root in somebody's folder works as that somebody, so that nothing is left there that its owner cannot remove.
OWNER := $(shell [ "$$(id -u)" != 0 ] || stat -c '--reuid=%u --regid=%g' . 2>/dev/null | grep -v 'reuid=0 ')
AS_OWNER := $(if $(OWNER),setpriv $(OWNER) --clear-groups env -u HOME -u XDG_STATE_HOME -u XDG_CACHE_HOME)
AS_OWNER := $(shell $(AS_OWNER) sh -c 'cd "$$PWD"' 2>/dev/null && echo '$(AS_OWNER)')
# What make started ends with make, even when make is killed; where the system can do that.
WITH_MAKE := $(shell setpriv --pdeathsig TERM true 2>/dev/null && echo setpriv --pdeathsig TERM)

SUITS := import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 15))
CANDIDATES := $(or $(PYTHON),python3.14 python3.13 python3.12 python3.11 python3)
FOUND := $(shell for p in $(CANDIDATES); do $(AS_OWNER) "$$p" -c '$(SUITS)' 2>/dev/null && echo "$$p" && break; done)
ifeq ($(FOUND),)
$(error No Python from 3.11 to 3.14 with venv among: $(CANDIDATES). On Debian: apt-get install python3-venv)
endif
IN_VENV := $(AS_OWNER) $(WITH_MAKE) $(FOUND) -P app/venv.py requirements.txt
IN_DEV_VENV := $(IN_VENV) requirements-dev.txt
# Each process has a PostgreSQL of its own and takes whole files in their order, the small ones of tests/unit last.
IN_TWO := -n 2 --dist loadfile --no-loadscope-reorder

help:  ## this list
	@awk -F ':.*## *' '/^[a-z]+:.*##/ {printf "  make %-6s %s\n", $$1, $$2}' Makefile

run:  ## everything at http://127.0.0.1:8000 with demo data; Ctrl-C stops it (settings: docs/settings.md)
	@$(IN_VENV) -- -m app.supervisor

test: lint types  ## all tests, the browser's too, and the checks of lint and types
	@$(FOUND) tests/harness/machine.py
	@$(IN_DEV_VENV) -- -m pytest -m "not soak" $(IN_TWO)

soak:  ## the full race and kill rounds and the large cases: hours, not minutes
	@$(FOUND) tests/harness/machine.py
	@$(IN_DEV_VENV) -- -m pytest -m soak

lint:  ## style, format and the import contracts
	@$(IN_DEV_VENV) -- -m ruff check .
	@$(IN_DEV_VENV) -- -m ruff format --check .
	@$(IN_DEV_VENV) -- -c "from importlinter.cli import lint_imports_command as run; run()"

types:  ## mypy --strict
	@$(IN_DEV_VENV) -- -m mypy

pins:  ## renew requirements*.txt from requirements*.in; review the difference
	@$(IN_VENV) -- -m pip install -qq uv
	@for part in requirements requirements-dev; do $(IN_VENV) -- -m uv pip compile --quiet --upgrade --universal \
	    --no-build --generate-hashes --no-header --python-version 3.11 $$part.in -o $$part.txt || exit 1; done
