#!/usr/bin/env bash
# Fails unless the demo starts, delivers its events, serves its requests and stops on TERM without leaving files or
# processes.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=scripts/demo/background.bash
. "$here/scripts/demo/background.bash"

start_demo check
[ "$(grep -c '^  status 200$' "$demo_log")" -eq 4 ] || fail_demo "not all requests of the demo returned 200"

kill -TERM "$demo"
wait "$demo" || fail_demo "the demo ended with exit code $?"
demo=''
[ -z "$(ls -A "$folder")" ] || fail_demo "the demo left files: $(ls -A "$folder")"
if (exec 3<>"/dev/tcp/127.0.0.1/${base##*:}") 2>/dev/null; then fail_demo "a process still listens at $base"; fi
left=$(pgrep -f -- "$folder/" || true)
[ -z "$left" ] || fail_demo "the demo left processes: $left"
