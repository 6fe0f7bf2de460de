# make demo | make test: both do all the set-up first, and nothing when it is done.
# make check: the same as in CI.

BIN := .venv/bin
SOURCES := src bots tasks tests
# Content is not a package: bots/<bot>/bot.py is bots.<bot>.bot, found from here.
TYPED := $(wildcard src bots tasks)

.PHONY: setup demo test test-real faults check bench pictures docs format constraints clean

setup:
	@tools/set-up.sh

demo: setup
	@$(BIN)/clerkwork demo

test: setup
	@$(BIN)/pytest -q -n 2 --dist worksteal

# Other people's programs and documents: an SSH and a telnet daemon, desktop programs, Tryton;
# statements, where they lie beside the project (../shared/corpus). And every screen driver
# held to the whole contract, each bad manner with each: the matrix of them is printed. And
# what is kept on PostgreSQL.
test-real: setup
	@tools/set-up-real.sh
	@CLERKWORK_REAL=1 CLERKWORK_HOSTILE=500 $(BIN)/pytest -q -rs -n 2 --dist worksteal tests/real tests/systems tests/bots/reconcile_teller/test_night.py tests/console/test_accessible.py
	@$(BIN)/pytest -q -n 2 --dist worksteal -k postgresql tests/engine tests/schedule

# The long campaigns: kills while keying, broken documents, generated layouts, planted errors,
# degraded scans; two schedulers at once killed 20 times; a live page cut off 1,000 times; 50 moves
# keyed in Tryton, the worker killed 20 times; the API called 100 times by each role with what
# Schemathesis makes up.
faults: setup
	@CLERKWORK_KILLS=200 CLERKWORK_FUZZ=2000 CLERKWORK_LAYOUTS=300 CLERKWORK_SEED=$$(date +%s) CLERKWORK_MUTATIONS=4000 CLERKWORK_SCANS=1 CLERKWORK_CUTS=1000 $(BIN)/pytest -q tests/faults tests/schedule/test_kills.py tests/console/test_live.py
	@CLERKWORK_REAL=1 CLERKWORK_MOVES=50 $(BIN)/pytest -q -rs tests/real/tryton/test_campaign.py
	@CLERKWORK_API_EXAMPLES=100 CLERKWORK_SEED=$$(date +%s) $(BIN)/pytest -q tests/console/test_api_fuzz.py

check: setup
	@$(BIN)/ruff format --check $(wildcard $(SOURCES))
	@$(BIN)/ruff check $(wildcard $(SOURCES))
	@MYPYPATH=src:. $(BIN)/mypy --strict --explicit-package-bases $(TYPED)
	@$(BIN)/pytest -q tests/house

bench: setup
	@for bench in $(wildcard tests/bench/*.py); do echo "== $$bench"; $(BIN)/python "$$bench" || exit 1; done

# The README's pictures, taken from the running console.
pictures: setup
	@CLERKWORK_README_PICTURES=docs/pictures $(BIN)/pytest -q tests/console/test_journeys.py

# The pages that are made from the sources: errors, events, commands, kinds of alert.
docs: setup
	@cd tests && ../$(BIN)/python -m house.pages

format: setup
	@$(BIN)/ruff check --fix -q $(wildcard $(SOURCES))
	@$(BIN)/ruff format -q $(wildcard $(SOURCES))

# Pins every distribution of a fresh environment, without the project and without an index.
# Make them with the oldest Python promised, e.g. the 3.11.2 of Debian 12: what a newer one
# resolves may refuse to be installed there.
PYTHON := python3
constraints:
	@rm -rf .venv-fresh && $(PYTHON) -m venv .venv-fresh
	@.venv-fresh/bin/pip install -q -e ".[ocr,practice,dev]"
	@.venv-fresh/bin/pip freeze --exclude-editable | grep -v " @ " >constraints.txt
	@rm -rf .venv-fresh

clean:
	@rm -rf .venv .venv-bench .venv-fresh .mypy_cache .ruff_cache .pytest_cache dist
	@find src bots tasks tests -name __pycache__ -type d -prune -exec rm -rf {} +
