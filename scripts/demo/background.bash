#!/usr/bin/env bash
# Runs the demo in the background. Sourced by scripts that send requests to it, with the project's folder in $here.
set -eu

: "${here:?}"
demo=''

# start_demo NAME: starts the demo, waits until it is ready, and sets
#   folder    a temporary folder, removed when the script exits; the demo creates its own folder in it
#   demo_log  the output of the demo, a file beside that folder
#   demo      its PID; the process is stopped when the script exits
#   base      its address, without a slash at the end
#   data      its folder: directory, ledger, logs, certificate
start_demo() {
    local end=$((SECONDS + 120))
    folder=$(mktemp -d "${TMPDIR:-/tmp}/hookline-$1.XXXXXX")
    demo_log=$folder.log
    : >"$demo_log"
    trap stop_demo EXIT
    TMPDIR=$folder "$here/scripts/demo.sh" >"$demo_log" 2>&1 &
    demo=$!
    until grep -q '^Press Ctrl-C to stop' "$demo_log"; do
        kill -0 "$demo" 2>/dev/null || fail_demo "the demo exited before it was ready"
        [ "$SECONDS" -lt "$end" ] || fail_demo "the demo was not ready after 120 s"
        sleep 0.1
    done
    # shellcheck disable=SC2034
    base=$(sed -n 's|.*Hookline is at  \(https://127.0.0.1:[0-9]*\)/.*|\1|p' "$demo_log")
    # shellcheck disable=SC2034
    data=$(echo "$folder"/hookline-demo.*)
}

stop_demo() {
    [ -z "$demo" ] || kill -TERM "$demo" 2>/dev/null || true
    wait
    rm -rf "$folder" "$demo_log"
}

# Prints the end of the demo's output and a message, and exits.
fail_demo() {
    tail -n 40 "$demo_log" >&2
    echo "${0##*/}: $*" >&2
    exit 1
}
