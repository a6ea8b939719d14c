# Everything goes through one launcher that needs nothing but Python 3.11 or newer.
PYTHON ?= python3
LAUNCH = $(PYTHON) scripts/launch.py

.DEFAULT_GOAL := help
.PHONY: help run up down status test check bench drill docs format lock

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## Start everything in this terminal; Ctrl-C stops it
	@$(LAUNCH) run

up: ## Start everything in the background; returns when it is healthy
	@$(LAUNCH) up

down: ## Stop it
	@$(LAUNCH) down

status: ## Tell what runs, where, and how much memory it takes
	@$(LAUNCH) status

test: ## All tests on servers of their own; ARGS='-k orders' goes to pytest
	@$(LAUNCH) test $(ARGS)

check: ## Format, lint, types, import contracts, templates, migrations, docs
	@$(LAUNCH) check

bench: ## Measure: make bench NAME=dashboard, with ARGS= for its options
	@$(LAUNCH) bench $(NAME) $(ARGS)

drill: ## Break things on purpose: make drill NAME=pull
	@$(LAUNCH) drill $(NAME) $(ARGS)

docs: ## Write the generated pages of docs/ again
	@$(LAUNCH) docs

format: ## Format Python files and templates
	@$(LAUNCH) format

lock: ## Write the hashed locks in requirements/ from pyproject.toml
	@$(LAUNCH) lock
