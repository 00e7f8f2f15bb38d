# `just` alone lists what there is. Everything here is also a plain command.

default:
    @just --list

# migrate, load the sample region, serve
run *ARGS:
    ./run {{ARGS}}

# everything CI runs
check:
    ./test

# some tests: just test -k penalty
test *ARGS:
    .venv/bin/pytest -q {{ARGS}}

# lint, types, contracts: seconds
lint:
    .venv/bin/ruff check .
    .venv/bin/ruff format --check .
    .venv/bin/lint-imports
    .venv/bin/mypy

# put the code in the one format
format:
    .venv/bin/ruff check --fix .
    .venv/bin/ruff format .

# write the requirement locks anew after changing pyproject.toml
lock:
    .venv/bin/python tools/lock.py

# all benchmarks, with the table for docs/performance.md
bench:
    benchmarks/classify
    benchmarks/collect
    benchmarks/search
    benchmarks/ledger
    benchmarks/inquire

# make the README's screenshot anew from a running node
screenshot:
    .venv/bin/python tools/screenshot.py

# a new app with its rooms; place it in the ladder of pyproject.toml yourself
new-app GROUP NAME:
    .venv/bin/python tools/new_app.py {{GROUP}} {{NAME}}

# install the local pre-commit hooks
hooks:
    .venv/bin/prek install
