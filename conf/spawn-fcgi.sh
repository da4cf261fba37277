#!/bin/sh
# Starts and stops responders with spawn-fcgi, on machines without systemd. Run it as root; the responders run as $user.
# This script does not restart a responder after a crash. To use a supervisor, let it run a responder in the foreground:
#     spawn-fcgi -n -s SOCKET … -- /usr/bin/hookline-fcgi
set -eu

program=${HOOKLINE_PROGRAM:-/usr/bin/hookline-fcgi}
folder=${HOOKLINE_RUN:-/run/hookline}
settings=${HOOKLINE_SETTINGS:-/etc/hookline/hookline.env}
user=${HOOKLINE_USER:-hookline}
web_group=${HOOKLINE_WEB_GROUP:-www-data}
instances='1 2'

start() {
    # The responder rejects unknown variables that begin with HOOKLINE_, so the ones above must not be passed to it.
    (
        unset HOOKLINE_PROGRAM HOOKLINE_RUN HOOKLINE_SETTINGS HOOKLINE_USER HOOKLINE_WEB_GROUP
        # The responder reads the file itself, as its own user: the file is data, not shell commands.
        if [ -e "$settings" ]; then
            export HOOKLINE_SETTINGS_FILE="$settings"
        fi
        # A responder that reloads itself gets a new PID, but the PID file of spawn-fcgi does not change.
        export HOOKLINE_MAX_REQUESTS=0 HOOKLINE_MAX_AGE_SECONDS=0
        spawn-fcgi -s "$folder/hookline-$1.sock" -P "$folder/hookline-$1.pid" \
            -u "$user" -g "$(id -gn "$user")" -U "$user" -G "$web_group" -M 0660 -b 511 -- "$program"
    )
}

# Stops a responder. It drains; after 35 seconds it is killed.
stop() {
    pid=$(cat "$folder/hookline-$1.pid" 2>/dev/null) || return 0
    kill -TERM "$pid" 2>/dev/null || pid=''
    tries=0
    while [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null; do
        tries=$((tries + 1))
        if [ "$tries" -gt 350 ]; then
            kill -KILL "$pid" 2>/dev/null || true
            break
        fi
        sleep 0.1
    done
    rm -f "$folder/hookline-$1.pid" "$folder/hookline-$1.sock"
}

status() {
    if pid=$(cat "$folder/hookline-$1.pid" 2>/dev/null) && kill -0 "$pid" 2>/dev/null; then
        echo "hookline-$1 is running (PID $pid)"
    else
        echo "hookline-$1 is not running"
        return 1
    fi
}

mkdir -p "$folder"
failed=0
for instance in $instances; do
    case "${1:-}" in
        start) start "$instance" || failed=1 ;;
        stop) stop "$instance" || failed=1 ;;
        # One after the other: nginx uses the second while the first restarts.
        restart)
            stop "$instance"
            start "$instance" || failed=1
            ;;
        status) status "$instance" || failed=1 ;;
        *)
            echo "usage: $0 start|stop|restart|status" >&2
            exit 64
            ;;
    esac
done
exit "$failed"
