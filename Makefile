# Everything a newcomer needs; `make` alone lists it. Only Python 3.11+, make and a package index are assumed.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup demo test lint bench schemas docs up down

BIN := .venv/bin

help: ## list these commands
	@echo "make COMMAND, where COMMAND is one of:"
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

demo: setup ## see it work: a year of 300 people, on an embedded broker and database (under 3 minutes)
	@env -u KAFKA_BOOTSTRAP_SERVERS -u DATABASE_URL $(BIN)/probation demo

test: setup ## run all tests on the best Kafka and PostgreSQL of this machine; ARGS="-k name" to choose
	@$(BIN)/pytest -n 2 --dist loadfile $(ARGS)

lint: setup ## check style, types, what imports what, and the published schemas
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/probation schemas check
	$(BIN)/python -m tools.rules check

bench: setup ## measure throughput and latency on Apache Kafka and PostgreSQL
	@$(BIN)/python -m tools.bench $(ARGS)

schemas: setup ## write the JSON Schemas and the AsyncAPI document anew from the models
	@$(BIN)/probation schemas write

docs: setup ## write the rule tables of docs/rules.md and of the services' READMEs anew from the code
	@$(BIN)/python -m tools.rules write

up: ## build the image and run the whole system in Docker: Kafka, PostgreSQL, services, ticker
	@deploy/make-secrets
	docker compose up --build --detach --wait

down: ## stop what `make up` started; its data stays (docker compose down --volumes removes it)
	docker compose down

setup: ## the locked environment in .venv (the others do this by themselves)
	@tools/setup
