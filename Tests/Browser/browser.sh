#!/usr/bin/env bash
# Tests the pages of demos that it starts, with headless Chromium. Screenshots are stored in .build/browser. A signal
# ends the tests, their browsers and the demos.
set -eu

usage() {
    cat <<'TEXT'
usage: Tests/Browser/browser.sh [TEST…]

TEST is a test module, class or method in unittest's notation: test_log, test_log.FilterTests. Default: all tests.
HOOKLINE_BROWSER   all: each state of a page at both widths, light and dark, with all checks; default: wide and light, and
                   narrow and dark, with axe-core once
HOOKLINE_HOSTILE_EVENTS=10000 with the test test_hostile: that many events with hostile content (default: 60)
HOOKLINE_HOSTILE_SEED    makes up their content; the test prints it
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
# The test makes more calls than a user.
[ -z "${HOOKLINE_HOSTILE_EVENTS:-}" ] || export HOOKLINE_DEMO_RATE=1000r/s
export HOOKLINE_AXE HOOKLINE_DEMO_PASSWORD=browser-test HOOKLINE_DEMO_EVENTS HOOKLINE_DEMO_BREAKER=on

mkdir -p "$here/.build/browser"
export HOOKLINE_PRODUCTS=${HOOKLINE_PRODUCTS:-$here/.build/release}
export HOOKLINE_SCREENS=$here/.build/browser
export PYTHONDONTWRITEBYTECODE=1
cd "$here/Tests/Browser"

# Makes a signal end the shell. Bash runs a trap at once only while it waits for a background process, so all long
# commands run in the background. The trap of EXIT then ends them.
stop_on_signals() {
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
}

# run_tests TEST…: runs tests with a demo of their own, which has the settings of the environment. The shell must exit
# afterwards: the trap of EXIT stops the demo.
tests=''
run_tests() {
    stop_on_signals
    start_demo browser
    export HOOKLINE_BASE=$base HOOKLINE_FOLDER=$data
    trap stop_tests EXIT
    # setsid: a process group of their own, so that stop_tests can end the browsers, too. TMPDIR: browsers leave files
    # behind; stop_demo removes the folder. chmod: the Apache of test_shared_hosting has a folder in it, which it reads as
    # another user if root starts it.
    chmod 711 "$folder"
    TMPDIR=$folder setsid /usr/bin/python3 timed.py "$@" &
    tests=$!
    wait "$tests"
}

# Ends the tests and then the demo. Tests that have not closed their browsers within 20 s are killed with them.
stop_tests() {
    trap '' HUP INT TERM
    local tries
    kill -TERM "$tests" 2>/dev/null || true
    for ((tries = 0; tries < 200; tries++)); do
        kill -0 "$tests" 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL -- "-$tests" 2>/dev/null || true
    stop_demo
}

if [ $# -gt 0 ]; then
    run_tests "$@"
    exit
fi

# Ends the runs that have not ended, and removes the output of those in the background.
output=$(mktemp)
stop_runs() {
    trap '' HUP INT TERM
    jobs -rp | xargs -r kill -TERM 2>/dev/null || true
    wait
    rm -f "$output" "$output".*
}
trap stop_runs EXIT
stop_on_signals

# report NAME PID: waits for a run, notes its status, and adds a line to the summary.
status=0
summary=''
report() {
    local result=0
    wait "$2" || result=$?
    if [ "$result" -eq 0 ]; then
        summary+="browser.sh: $1: passed"$'\n'
    else
        summary+="browser.sh: $1: failed with status $result"$'\n'
        status=1
    fi
}

# Four parts at the same time, because the tests wait more than they work; each takes about as long as the others. The
# first part uses port 8443 if it is free. It contains no test that disables an app of the demo, because responders cache
# an app's state for some seconds and the next test would see it. For the same reason test_outcomes, which makes apps, is
# the last one of its part.
first=(test_access test_failures test_log test_settings)
second=(
    test_details test_events test_exchange test_hostile test_installations test_name test_secrets test_settings_states
    test_usage
)
third=(test_create test_deliveries test_redelivery test_states test_outcomes)
fourth=()
for file in test_*.py; do
    [[ " ${first[*]} ${second[*]} ${third[*]} test_release " == *" ${file%.py} "* ]] || fourth+=("${file%.py}")
done
ports() {
    /usr/bin/python3 - <<'PYTHON'
import socket

sockets = [socket.socket() for _ in range(3)]
for one in sockets:
    one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in sockets))
PYTHON
}
read -r second_port third_port fourth_port < <(ports)
(run_tests "${first[@]}") >"$output.first" 2>&1 &
first_run=$!
(HOOKLINE_DEMO_PORT=$second_port run_tests "${second[@]}") >"$output.second" 2>&1 &
second_run=$!
(HOOKLINE_DEMO_PORT=$third_port run_tests "${third[@]}") >"$output.third" 2>&1 &
third_run=$!
(HOOKLINE_DEMO_PORT=$fourth_port run_tests "${fourth[@]}") &
fourth_run=$!
# The second part is shorter than the others by the time of these tests.
report "second part" "$second_run"
(HOOKLINE_DEMO_PORT=$second_port HOOKLINE_DEMO_PROTOCOL=26.9 run_tests test_release) >"$output.release" 2>&1 &
report "test_release" "$!"
report "fourth part" "$fourth_run"
report "third part" "$third_run"
report "first part" "$first_run"
cat "$output.first" "$output.second" "$output.third" "$output.release"
printf '%s' "$summary"
[ "$status" -eq 0 ]
