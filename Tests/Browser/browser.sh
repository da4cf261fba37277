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
# shellcheck source=scripts/demo/background.bash
. "$here/scripts/demo/background.bash"

export HOOKLINE_DEMO_PASSWORD=browser-test
start_demo browser

mkdir -p "$here/.build/browser"
export HOOKLINE_BASE=$base HOOKLINE_FOLDER=$data HOOKLINE_SCREENS=$here/.build/browser
export PYTHONDONTWRITEBYTECODE=1
cd "$here/Tests/Browser"
if [ $# -gt 0 ]; then
    /usr/bin/python3 -m unittest --verbose "$@"
else
    /usr/bin/python3 -m unittest discover --verbose
fi
