#!/bin/sh
# Measures the programs in .build/release beside programs that do the same work, prints a table and writes
# .build/bench.json.
set -eu

usage() {
    cat <<'TEXT'
usage: Benchmarks/bench.sh [--only SECTION]…

Sections: reads, answers, memory, cgi, growth, dead-letters, outage, postgresql, deliveries,
build. Without --only all of them.
BENCH_QUICK=1   shorter rounds: all within three minutes, noisier
BENCH_LONG=1    also a million requests for the memory, 100,000 apps, and a build from nothing
BENCH_PROGRAMS  folder with the built programs (default: .build/release)
TEXT
}
case "${1:-}" in
    -h | --help) usage; exit 0 ;;
esac

root=$(cd "$(dirname "$0")/.." && pwd)
out="$root/.build/bench"
peers="$root/Benchmarks/peers"
programs=${BENCH_PROGRAMS:-$root/.build/release}
case "$programs" in
    /*) ;;
    *) programs=$PWD/$programs ;;
esac

for tool in cc nginx php-fpm8.2 redis-server wrk; do
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

for program in hookline hookline-fcgi hookline-cgi hookline-worker; do
    if [ ! -x "$programs/$program" ]; then
        echo "bench: $programs/$program is missing; run 'make build'" >&2
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
compile receive receive.c newest.c serve.c -lhiredis -lfcgi -lpthread
compile fixed fixed.c serve.c -lfcgi -lpthread
compile small small.c serve.c -lhiredis -lfcgi -lpthread
compile log-cgi log-cgi.c newest.c -lhiredis
# The linker remarks on name look-ups in static programs; this one opens a unix socket only.
if ! remarks=$(compile log-cgi-static -static log-cgi.c newest.c -lhiredis 2>&1); then
    echo "$remarks" >&2
    exit 1
fi
compile cgi-clock cgi-clock.c
compile send send.c -lcurl

# The packages of the Python peers, once for each list of versions.
python=$out/python
if ! cmp -s python/requirements.txt "$python/requirements.txt"; then
    echo "Installing the Python peers' packages in $python …"
    rm -rf "$python"
    /usr/bin/python3 -m venv "$python"
    "$python/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r python/requirements.txt
    cp python/requirements.txt "$python/requirements.txt"
fi

cd "$root"
PYTHONDONTWRITEBYTECODE=1 PATH="$PATH:/usr/sbin" exec /usr/bin/python3 Benchmarks/bench.py --programs "$programs" \
    --peers "$out" --python "$python/bin/python" --root "$root" --json "$root/.build/bench.json" "$@"
