# Every target does its own set-up, without root and without questions.
.DEFAULT_GOAL := help
.PHONY: help setup eval test check bench demo seed-audio train-ads train-speakers train-notes fuzz audit clean
PYTHON ?= python3
BIN := .venv/bin
OUT ?= out
JOBS ?= 2
PYTEST := $(BIN)/python -m pytest -n $(JOBS) --dist loadfile
export PYANNOTE_METRICS_ENABLED := 0

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

.venv/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt torch
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	$(BIN)/python -m compileall -q audio models pipeline && touch $@

setup: .venv/.installed ## install into .venv and fetch the weights
	$(BIN)/cleancast models pull

eval: setup ## seed episode in; clean audio, transcript, notes and error rates out (AUDIO=file, CASES=dirs)
	$(BIN)/cleancast eval -o $(OUT)/eval $(if $(AUDIO),--audio '$(AUDIO)') $(foreach case,$(wildcard $(CASES)),--case '$(case)') $(if $(STRICT),--strict)

test: setup ## every test, real networks included, in JOBS processes
	$(BIN)/cleancast models pull whisper-tiny.en
	$(PYTEST)

check: .venv/.installed ## lint, types and the tests that need no weights
	$(BIN)/ruff check . && $(BIN)/mypy
	$(PYTEST) -m 'not weights and not slow'

bench: setup ## speed and accuracy beside other tools, in one run
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	$(BIN)/python -m tests.bench && $(BIN)/python -m tests.readme

demo: .venv/.installed ## the whole way in a second with scripted networks, no weights
	$(BIN)/cleancast run audio/seed/audio.mp3 --scripted audio/seed -o $(OUT)/demo

seed-audio: setup ## render the seed episode again (synthetic voices)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[seed]'
	$(BIN)/cleancast models pull kokoro kokoro-voices
	$(BIN)/python -m audio.rendering

train-ads: setup ## train the ad detector again: make train-ads DATA=folder
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[train]'
	$(BIN)/python -m models.ads.training '$(DATA)'

train-speakers: setup ## fit the naming of voices again: make train-speakers DATA=folder
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[train]'
	$(BIN)/python -m models.speakers.training '$(DATA)'

train-notes: setup ## fit chapters and notes again, and print how good they are on shows left out: make train-notes DATA=folder
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[train]'
	$(BIN)/python -m models.notes.training '$(DATA)'
	$(BIN)/python -m models.notes.validation '$(DATA)'

fuzz: .venv/.installed ## every parser against a fuzzer: make fuzz SECONDS=600
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[fuzz]'
	$(BIN)/python -m tests.fuzz $(or $(SECONDS),60)

audit: .venv/.installed ## known holes in the pinned packages (asks the package index)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[audit]'
	$(BIN)/pip-audit --strict --no-deps --disable-pip -r constraints.txt

clean: ## remove outputs and the environment, keep downloaded weights
	rm -rf .venv out dist
