#!/usr/bin/env bash
# Starts, awaits and ends the demo's processes. Sourced by scripts/demo.sh, which creates $folder.
set -eu

# shellcheck disable=SC2154
: "${folder:?}"
pids=()
names=()

# Ends the processes, last first, and removes the folder. A process that does not end in time is killed.
clean_up() {
    trap '' INT TERM HUP
    local index pid tries
    for ((index = ${#pids[@]} - 1; index >= 0; index--)); do
        pid=${pids[index]}
        kill -TERM "$pid" 2>/dev/null || true
        for ((tries = 0; tries < 100; tries++)); do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.1
        done
        # Its children, too: it leads a process group.
        kill -KILL -- "-$pid" 2>/dev/null || true
    done
    jobs -p | xargs -r kill 2>/dev/null || true
    rm -rf "$folder"
}

# Prints a message and the last lines of a log, and ends.
fail() {
    local log=$1
    shift
    echo "demo.sh: $*" >&2
    if [ -s "$folder/$log" ]; then
        echo "---- the end of its log:" >&2
        tail -n 20 "$folder/$log" >&2
    fi
    exit 1
}

# start NAME PROGRAM ARGUMENT…: with a clean environment, its output in NAME.log. In a session of its own, so that Ctrl-C
# reaches only this script, which then stops one after the other.
start() {
    local name=$1
    shift
    setsid env -i PATH="$PATH" LANG=C.UTF-8 "$@" </dev/null >"$folder/$name.log" 2>&1 &
    pids+=($!)
    names+=("$name")
}

# await SECONDS COMMAND…: waits until the command succeeds; its status says whether it did.
await() {
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.1
    done
}

# ready NAME SECONDS COMMAND…: waits until the command succeeds; fails when the program NAME, started last, ends.
ready() {
    local name=$1 seconds=$2 pid=${pids[-1]}
    shift 2
    local end=$((SECONDS + seconds))
    until "$@" >/dev/null 2>&1; do
        kill -0 "$pid" 2>/dev/null || fail "$name.log" "$name ended before it was ready"
        [ "$SECONDS" -lt "$end" ] || fail "$name.log" "$name was not ready after $seconds s"
        sleep 0.1
    done
}

is_free() {
    ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}
