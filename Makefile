# The commands of the development bench. `make help` lists them.
PYTHON ?= python3
ARGS ?=
KEHU = $(PYTHON) dev/kehu

.DEFAULT_GOAL := help
.PHONY: help demo test test-unit lint bench trace stop reset logs

help:  ## this list
	@awk -F':.*## ' '/^[a-z%-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

demo:  ## provision the bench, load the demo data, serve it, print the address and the log-ins
	@$(KEHU) demo

test:  ## lint, then every test on a site of its own; ARGS="-k name" goes to pytest
	@$(KEHU) test $(ARGS)

test-unit:  ## the tests that need no site, in seconds
	@$(KEHU) test-unit $(ARGS)

lint:  ## ruff, mypy, eslint
	@$(KEHU) lint

bench:  ## every benchmark, with its bounds
	@$(KEHU) bench $(ARGS)

bench-%:  ## one benchmark, by name
	@$(KEHU) bench $* $(ARGS)

trace:  ## how many requirements are done, partly done and open
	@$(KEHU) trace

stop:  ## stop every process of the bench
	@$(KEHU) stop

reset:  ## stop everything and delete the bench
	@$(KEHU) reset

logs:  ## the end of every log, followed on a terminal
	@$(KEHU) logs
