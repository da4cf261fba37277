#!/usr/bin/env bash
# Drives the dashboard of a running demo with headless Chromium. Screenshots go to .build/browser.
set -eu

usage() {
    cat <<'TEXT'
usage: Tests/Browser/browser.sh [TEST…]

TEST is a module or a test as unittest names it: test_log, test_log.FilterTests. Without one all are run.
HOOKLINE_SKIP_AXE  1 leaves axe-core out, one of the checks for access: it comes from PyPI
HOOKLINE_PRODUCTS  folder with the built programs (default: .build/release)
TEXT
}
case "${1:-}" in
    -h | --help) usage; exit 0 ;;
esac

here=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=scripts/python-tools.bash
. "$here/scripts/python-tools.bash"
# shellcheck source=scripts/demo/background.bash
. "$here/scripts/demo/background.bash"

HOOKLINE_AXE=''
if [ "${HOOKLINE_SKIP_AXE:-0}" = 1 ]; then
    echo "browser.sh: without axe-core, because HOOKLINE_SKIP_AXE=1 is set"
else
    python_tools "$here/.build/axe" "$here/Tests/Browser/requirements.txt" HOOKLINE_SKIP_AXE
    HOOKLINE_AXE=$(echo "$here"/.build/axe/lib/python3*/site-packages/axe_core_python/axe.min.js)
fi
export HOOKLINE_AXE HOOKLINE_DEMO_PASSWORD=browser-test
start_demo browser

mkdir -p "$here/.build/browser"
export HOOKLINE_PRODUCTS=${HOOKLINE_PRODUCTS:-$here/.build/release}
export HOOKLINE_BASE=$base HOOKLINE_FOLDER=$data HOOKLINE_SCREENS=$here/.build/browser
export PYTHONDONTWRITEBYTECODE=1
cd "$here/Tests/Browser"
if [ $# -gt 0 ]; then
    /usr/bin/python3 -m unittest --verbose "$@"
else
    /usr/bin/python3 -m unittest discover --verbose
fi
