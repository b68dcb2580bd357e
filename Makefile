# The Makefile prints its own help: every target with a comment after `##` is listed.
SHELL := /bin/sh
UV := $(shell uv --version >/dev/null 2>&1 && echo uv || echo .uv/bin/uv)
BRIEF ?=
RUN = $(UV) run --locked
EXAMPLE = sqlite:///reports/example.db

.PHONY: help forecast test check slow bench backtest record skill prices outages mechanisms showcase docs
.DEFAULT_GOAL := help

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

forecast: | $(filter .uv/bin/uv,$(UV)) ## make the report of a brief (BRIEF=gulf if left out) from the bundled data
	$(RUN) forecast run $(if $(BRIEF),--brief $(BRIEF))

test: | $(filter .uv/bin/uv,$(UV)) ## run the fast tests
	$(RUN) pytest

check: | $(filter .uv/bin/uv,$(UV)) ## lint, types, walls between rooms, and the data, models and questions
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) mypy
	$(RUN) lint-imports --no-logo
	$(RUN) forecast check

slow: | $(filter .uv/bin/uv,$(UV)) ## run the statistical tests, which take a while
	$(RUN) pytest -m slow -n 1 --timeout 1800

bench: | $(filter .uv/bin/uv,$(UV)) ## say where the time of a run goes, half an hour on idle cores (MORE=--help shows what can be left out)
	@$(RUN) --group bench python bench/steps.py $(MORE)

backtest: | $(filter .uv/bin/uv,$(UV)) ## measure how fast a walk through the record is, and write docs/backtest.md, half an hour
	$(RUN) python bench/backtest.py

record: | $(filter .uv/bin/uv,$(UV)) ## walk all models through the record and write docs/record.md, half an hour
	$(RUN) forecast backtest --brief record --from 2016-01-15 --book sqlite:///reports/record.db
	$(RUN) python bench/record.py sqlite:///reports/record.db

skill: | $(filter .uv/bin/uv,$(UV)) ## measure the attack model on the record and write docs/attacks.md, an hour
	$(RUN) python bench/skill.py $(MORE)

prices: | $(filter .uv/bin/uv,$(UV)) ## measure the price model on the record and write docs/prices.md, ten minutes
	$(RUN) --group bench python bench/prices.py $(MORE)

outages: | $(filter .uv/bin/uv,$(UV)) ## measure the outage model on the record and write docs/outages.md, a quarter of an hour
	$(RUN) python bench/outages.py $(MORE)

mechanisms: | $(filter .uv/bin/uv,$(UV)) ## measure the mechanism model on the record and write docs/mechanisms.md, ten minutes
	$(RUN) python bench/mechanisms.py $(MORE)

showcase: | $(filter .uv/bin/uv,$(UV)) ## make the report of May 2019 with the year before it, reports/example and docs/seed-2019.md
	$(RUN) forecast backtest --brief seed-2019 --from 2018-05-17 --to 2019-04-17 --book $(EXAMPLE)
	$(RUN) forecast issue --brief seed-2019 --book $(EXAMPLE)
	$(RUN) forecast run --brief seed-2019 --book $(EXAMPLE)
	$(RUN) python bench/showcase.py

docs: | $(filter .uv/bin/uv,$(UV)) ## build the documentation into site/
	$(RUN) --group docs zensical build --clean

# A uv of our own, for machines without one.
.uv/bin/uv:
	python3 -m venv .uv
	.uv/bin/python -m pip install --quiet --disable-pip-version-check uv
