#!/usr/bin/env bash
# Drives the dashboard of a running demo with headless Chromium. Screenshots go to .build/browser.
set -eu

usage() {
    cat <<'TEXT'
usage: Tests/Browser/browser.sh [TEST…]

TEST is a module or a test as unittest names it: test_log, test_log.FilterTests. Without one all are run.
HOOKLINE_PRODUCTS  folder with the built programs (default: .build/release)
TEXT
}
case "${1:-}" in
    -h | --help) usage; exit 0 ;;
esac

here=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d "${TMPDIR:-/tmp}/hookline-browser.XXXXXX")
demo=''
clean_up() {
    [ -z "$demo" ] || kill -TERM "$demo" 2>/dev/null || true
    wait
    rm -rf "$folder"
}
trap clean_up EXIT

export HOOKLINE_DEMO_PASSWORD=browser-test
TMPDIR=$folder "$here/scripts/demo.sh" >"$folder/demo.log" 2>&1 &
demo=$!
end=$((SECONDS + 120))
until grep -q '^Press Ctrl-C to stop' "$folder/demo.log"; do
    if ! kill -0 "$demo" 2>/dev/null || [ "$SECONDS" -ge "$end" ]; then
        tail -n 40 "$folder/demo.log" >&2
        echo "browser.sh: the demo is not ready" >&2
        exit 1
    fi
    sleep 0.1
done

mkdir -p "$here/.build/browser"
HOOKLINE_BASE=$(sed -n 's|.*Hookline is at  \(https://127.0.0.1:[0-9]*\)/.*|\1|p' "$folder/demo.log")
HOOKLINE_FOLDER=$(echo "$folder"/hookline-demo.*)
export HOOKLINE_BASE HOOKLINE_FOLDER HOOKLINE_SCREENS=$here/.build/browser
export PYTHONDONTWRITEBYTECODE=1
cd "$here/Tests/Browser"
if [ $# -gt 0 ]; then
    /usr/bin/python3 -m unittest --verbose "$@"
else
    /usr/bin/python3 -m unittest discover --verbose
fi
