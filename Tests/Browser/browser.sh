#!/usr/bin/env bash
# Tests the dashboard of a running demo with headless Chromium. Screenshots are stored in .build/browser.
set -eu

usage() {
    cat <<'TEXT'
usage: Tests/Browser/browser.sh [TEST…]

TEST is a test module, class or method in unittest's notation: test_log, test_log.FilterTests. Default: all tests.
HOOKLINE_SKIP_AXE  1 skips axe-core, one of the accessibility checks; it is installed from PyPI
HOOKLINE_DEMO_PROTOCOL=26.9 with the test test_release: the pages under the newest release
HOOKLINE_PRODUCTS  directory of the built programs (default: .build/release)
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
    echo "browser.sh: axe-core is skipped because HOOKLINE_SKIP_AXE=1 is set"
else
    python_tools "$here/.build/axe" "$here/Tests/Browser/requirements.txt" HOOKLINE_SKIP_AXE
    HOOKLINE_AXE=$(echo "$here"/.build/axe/lib/python3*/site-packages/axe_core_python/axe.min.js)
fi
# Those of 23.7 and one of the deployment's own.
HOOKLINE_DEMO_EVENTS=issue.created,issue.resolved,issue.ignored,issue.assigned,error.created,comment.created
HOOKLINE_DEMO_EVENTS+=,comment.updated,comment.deleted,event_alert.triggered,external_issue.created
HOOKLINE_DEMO_EVENTS+=,external_issue.linked,installation.created,installation.deleted,select_options.requested
HOOKLINE_DEMO_EVENTS+=,metric_alert.open,metric_alert.resolved,metric_alert.critical,metric_alert.warning
HOOKLINE_DEMO_EVENTS+=,alert_rule_action.requested,alert_rule_action.error,deploy.finished
export HOOKLINE_AXE HOOKLINE_DEMO_PASSWORD=browser-test HOOKLINE_DEMO_EVENTS HOOKLINE_DEMO_BREAKER=on

mkdir -p "$here/.build/browser"
export HOOKLINE_PRODUCTS=${HOOKLINE_PRODUCTS:-$here/.build/release}
export HOOKLINE_SCREENS=$here/.build/browser
export PYTHONDONTWRITEBYTECODE=1
cd "$here/Tests/Browser"

# run_tests TEST…: with a demo of their own, by the settings of the environment.
run_tests() {
    start_demo browser
    export HOOKLINE_BASE=$base HOOKLINE_FOLDER=$data
    /usr/bin/python3 -m unittest --verbose "$@"
    trap - EXIT
    stop_demo
}

if [ $# -gt 0 ]; then
    run_tests "$@"
    exit
fi

# Two parts at the same time, because the tests wait more than they work. The first begins with port 8443 if it is free,
# and has no test that disables apps: responders would know that of an app for some seconds more than its next test.
first=(test_access test_details test_events test_failures test_log)
second=()
for file in test_*.py; do
    [[ " ${first[*]} test_release " == *" ${file%.py} "* ]] || second+=("${file%.py}")
done
port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
output=$(mktemp)
(run_tests "${first[@]}") >"$output" 2>&1 &
other=$!
# In the background, too: behind "||" the shell would go on after a failure.
(
    export HOOKLINE_DEMO_PORT=$port
    run_tests "${second[@]}"
    HOOKLINE_DEMO_PROTOCOL=26.9 run_tests test_release
) &
main=$!
status=0
wait "$main" || status=$?
wait "$other" || status=$?
cat "$output"
rm -f "$output"
exit "$status"
