#!/bin/sh
# Counts what one request costs .build/release/hookline-fcgi: instructions, allocations, system calls, bytes.
#
# With --check also fails where a request allocates, or calls the system, more often than Benchmarks/costs.json says.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
products=${HOOKLINE_PRODUCTS:-$root/.build/release}

for tool in valgrind callgrind_control strace redis-server python3; do
    if ! command -v "$tool" >/dev/null; then
        echo "profile: $tool is missing; on Debian scripts/dependencies.sh test installs it" >&2
        exit 1
    fi
done

for program in hookline hookline-fcgi; do
    if [ ! -x "$products/$program" ]; then
        echo "profile: $products/$program is missing; run 'make build'" >&2
        exit 1
    fi
done

exec python3 "$root/Benchmarks/request_costs.py" --programs "$products" --limits "$root/Benchmarks/costs.json" "$@"
