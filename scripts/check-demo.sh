#!/usr/bin/env bash
# Fails unless the demo starts, delivers its events, answers its calls, stops when told to, and leaves nothing behind.
set -eu

cd "$(dirname "$0")/.."
folder=$(mktemp -d "${TMPDIR:-/tmp}/hookline-check.XXXXXX")
# Outside of that folder, which must be empty in the end.
log=$folder.log
demo=''
clean_up() {
    [ -z "$demo" ] || kill -TERM "$demo" 2>/dev/null || true
    wait
    rm -rf "$folder" "$log"
}
trap clean_up EXIT
fail() {
    echo "check-demo.sh: $*" >&2
    tail -n 40 "$log" >&2
    exit 1
}

TMPDIR=$folder scripts/demo.sh >"$log" 2>&1 &
demo=$!
end=$((SECONDS + 120))
until grep -q '^Press Ctrl-C to stop' "$log"; do
    kill -0 "$demo" 2>/dev/null || fail "the demo ended before it was ready"
    [ "$SECONDS" -lt "$end" ] || fail "the demo was not ready after 120 s"
    sleep 0.1
done
[ "$(grep -c '^  status 200$' "$log")" -eq 4 ] || fail "not all of the demo's calls answered 200"

kill -TERM "$demo"
wait "$demo" || fail "the demo ended with exit code $?"
demo=''
[ -z "$(ls -A "$folder")" ] || fail "the demo left files: $(ls -A "$folder")"
port=$(sed -n 's|.*https://127.0.0.1:\([0-9]*\)/ .*|\1|p' "$log" | head -n 1)
if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then fail "something still listens on port $port"; fi
left=$(pgrep -f -- "$folder/" || true)
[ -z "$left" ] || fail "the demo left processes: $left"
