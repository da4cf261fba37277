#!/usr/bin/env bash
# Checks scripts, Python files and texts. Called by make lint with the shell scripts to check.
set -eu

cd "$(dirname "$0")/.."
# shellcheck source=scripts/python-tools.bash
. scripts/python-tools.bash

shellcheck -x "$@"
if [ "${HOOKLINE_SKIP_RUFF:-0}" = 1 ]; then
    echo "lint.sh: without ruff, because HOOKLINE_SKIP_RUFF=1 is set"
else
    python_tools "$PWD/.build/ruff" "$PWD/scripts/lint/requirements.txt" HOOKLINE_SKIP_RUFF
    .build/ruff/bin/ruff check --quiet Benchmarks Tests scripts
fi
/usr/bin/python3 scripts/check-text.py
scripts/check-pointers.sh
scripts/check-architecture.sh
export PYTHONDONTWRITEBYTECODE=1
/usr/bin/python3 -m unittest discover --quiet --start-directory Tests/Scripts
PYTHONPATH=Benchmarks /usr/bin/python3 -m unittest discover --quiet --start-directory Tests/Faults
