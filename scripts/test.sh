#!/usr/bin/env bash
# Runs the tests and prints their summary last.
set -eu

cd "$(dirname "$0")/.."
log=$(mktemp "${TMPDIR:-/tmp}/hookline-test.XXXXXX")
trap 'rm -f "$log"' EXIT

set +e
swift test "$@" 2>&1 | tee "$log"
status=${PIPESTATUS[0]}
set -e

summary=$(grep -E 'Test run with [0-9]+ tests?' "$log" | tail -n 1 || true)
if [ "$status" -ne 0 ]; then
    echo "---- failed ----"
    grep -E 'recorded an issue|^[^ ].*error:|Fatal error|unexpected signal' "$log" | cut -c 1-300 | sort -u | tail -n 40 || true
    echo "${summary:-No test summary: the run stopped early with exit code $status.}"
    exit "$status"
fi
if [ -z "$summary" ]; then
    echo "The test program exited without a summary."
    exit 1
fi
echo "$summary"
