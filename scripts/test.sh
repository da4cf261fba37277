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
# Secrets that the tests give to programs have this mark.
mark=hidden-9f3b6c
grep -rq "$mark" Tests || { echo "No secret in Tests has the mark $mark."; exit 1; }
if grep -q "$mark" "$log"; then
    echo "---- a secret was printed ----"
    grep -n "$mark" "$log" | cut -c 1-300 | head -n 10
    exit 1
fi
if [ -z "$summary" ]; then
    echo "The test program exited without a summary."
    exit 1
fi
echo "$summary"
