# `make` lists the commands. They need only Python 3.11 or later, make and a package index.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup demo test lint bench schemas clients docs sbom up down --keep

BIN := .venv/bin

# One line, before Docker prints its usage or anything is changed.
otherwise = or use `make setup` and `./probation up`, which need no Docker
compose = $(if $(shell docker compose version 2>/dev/null),$(if $(shell docker info >/dev/null 2>&1 && echo yes),,\
  $(error Docker does not answer: start it, $(otherwise))),\
  $(error this needs Docker with Compose v2: install it, $(otherwise)))

help: ## list these commands
	@echo "make COMMAND, where COMMAND is one of:"
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

demo: setup ## watch a simulated year of 300 people (under 3 minutes); "make demo -- --keep" then shows it as pages
	@env -u KAFKA_BOOTSTRAP_SERVERS -u DATABASE_URL $(BIN)/probation demo $(filter --keep,$(MAKECMDGOALS))

--keep: # not a command: an option of demo
	@:

test: setup ## run all tests on the best Kafka and PostgreSQL available; ARGS="-k name" selects tests
	@$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)

lint: setup ## check style, types, imports, the published schemas and the tables in docs
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/probation schemas check
	$(BIN)/python -m tools.rules check
	$(BIN)/python -m tools.metrics check

bench: setup ## measure throughput and latency on Apache Kafka and PostgreSQL
	@$(BIN)/python -m tools.bench $(ARGS)

schemas: setup ## generate JSON Schemas, the AsyncAPI document and Strimzi's topics and users
	@$(BIN)/probation schemas write

clients: ## generate types of all events for TypeScript and Java, and compile docs/clients (needs Node.js and Maven)
	npm ci --prefix docs/clients --ignore-scripts --no-audit --no-fund --silent
	npm run build --prefix docs/clients --silent
	mvn --quiet --batch-mode --file docs/clients/java compile

docs: setup ## generate the tables of rules (docs/rules.md, the services' READMEs) and of metrics (docs/metrics.md)
	@$(BIN)/python -m tools.rules write
	@$(BIN)/python -m tools.metrics write

sbom: setup ## list what production contains, with versions and licences (CycloneDX), in build/sbom.cdx.json
	@UV_PROJECT_ENVIRONMENT=build/production $$(command -v uv || echo .probation/uv/bin/uv) \
	  sync --locked --no-default-groups --extra tracing --no-editable --quiet
	@$(BIN)/cyclonedx-py environment --output-reproducible --pyproject \
	  <(sed "s/^dynamic = .*/version = \"$$($(BIN)/python -m hatchling version)\"/" pyproject.toml) \
	  --output-file build/sbom.cdx.json build/production/bin/python
	@echo "written: build/sbom.cdx.json"

up: ## build the image and run the whole system in Docker: Kafka, PostgreSQL, services, feeds and ticker
	$(compose)
	@deploy/make-secrets
	VERSION=$$(git describe --tags --match 'v*' --abbrev=0 2>/dev/null | sed 's/^v//') \
	  REVISION=$$(git rev-parse HEAD 2>/dev/null) \
	  docker compose up --build --detach --wait

down: ## stop what `make up` started and keep its data (docker compose down --volumes removes it)
	$(compose)
	docker compose down

setup: ## create the locked environment in .venv (the other commands do this when needed)
	@tools/setup
