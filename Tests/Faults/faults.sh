#!/bin/sh
# Fault injection under a steady load: faults.sh [--short] [--only NAME…]
# HOOKLINE_PRODUCTS: folder of the programs (default: .build/release).
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
export HOOKLINE_PRODUCTS="${HOOKLINE_PRODUCTS:-$root/.build/release}"
# The folder with the processes of measurements: they are started and stopped in the same way here.
export PYTHONPATH="$root/Benchmarks" PYTHONDONTWRITEBYTECODE=1
exec /usr/bin/python3 "$root/Tests/Faults/faults.py" "$@"
