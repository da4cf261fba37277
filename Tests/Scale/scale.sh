#!/bin/sh
# Requests to a directory of a large installation: scale.sh [--apps N] [--members N] …
# HOOKLINE_PRODUCTS: folder of the programs (default: .build/release).
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
export HOOKLINE_PRODUCTS="${HOOKLINE_PRODUCTS:-$root/.build/release}"
# The folder with the processes of measurements: they are started and stopped in the same way here.
export PYTHONPATH="$root/Benchmarks" PYTHONDONTWRITEBYTECODE=1
exec /usr/bin/python3 "$root/Tests/Scale/scale.py" "$@"
