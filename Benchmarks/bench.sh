#!/bin/sh
# Measures the programs in .build/release beside C peers, prints a table and writes .build/bench.json.
#
# BENCH_QUICK=1 shortens the rounds.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
out="$root/.build/bench"
peers="$root/Benchmarks/peers"

for tool in cc nginx redis-server wrk python3; do
    if ! PATH="$PATH:/usr/sbin" command -v "$tool" >/dev/null; then
        echo "bench: $tool is missing; on Debian scripts/dependencies.sh bench installs it" >&2
        exit 1
    fi
done

# Debian's Python has Debian's Celery, whichever python3 comes first in PATH.
if ! /usr/bin/python3 -c 'import celery, redis, requests' 2>/dev/null; then
    echo "bench: python3-celery, python3-redis or python3-requests is missing; scripts/dependencies.sh bench" >&2
    exit 1
fi

for program in hookline hookline-fcgi hookline-worker; do
    if [ ! -x "$root/.build/release/$program" ]; then
        echo "bench: .build/release/$program is missing; run 'make build'" >&2
        exit 1
    fi
done

compile() {
    program=$1
    shift
    cc -std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra -Wconversion -Werror -o "$out/$program" "$@"
}

mkdir -p "$out"
cd "$peers"
compile log log.c newest.c serve.c -lhiredis -lfcgi -lpthread
compile fixed fixed.c serve.c -lfcgi -lpthread
compile log-cgi log-cgi.c newest.c -lhiredis
# The linker remarks on name look-ups in static programs; this one opens a unix socket only.
if ! remarks=$(compile log-cgi-static -static log-cgi.c newest.c -lhiredis 2>&1); then
    echo "$remarks" >&2
    exit 1
fi
compile cgi-clock cgi-clock.c
compile send send.c -lcurl

cd "$root"
PATH="$PATH:/usr/sbin" exec python3 Benchmarks/bench.py --programs "$root/.build/release" --peers "$out" \
    --json "$root/.build/bench.json"
