#!/usr/bin/env bash
# The demo: a complete Hookline with its own Redis, two responders, a worker and nginx in a temporary folder, with demo
# data, a receiver that verifies signatures and a mail server. Ctrl-C stops all processes and removes the folder.
set -eu

usage() {
    cat <<'TEXT'
usage: scripts/demo.sh [--once]

  --once    send the events, show the requests and stop; exit 0 if everything succeeded (also: HOOKLINE_DEMO_ONCE=1)

HOOKLINE_DEMO_DIRECTORY sqlite (default), or postgres for a directory in a PostgreSQL of its own
HOOKLINE_DEMO_PORT      HTTPS port on 127.0.0.1 (default: 8443 if free, otherwise another)
HOOKLINE_DEMO_PASSWORD  the users' password (default: random)
HOOKLINE_DEMO_EVENTS    HOOKLINE_EVENTS of all programs (default: as shipped)
HOOKLINE_DEMO_PROTOCOL  HOOKLINE_PROTOCOL of all programs (default: as shipped)
HOOKLINE_DEMO_BREAKER   HOOKLINE_BREAKER of all programs (default: as shipped)
HOOKLINE_DEMO_SIGN_OUT_URL
                        HOOKLINE_SIGN_OUT_URL of the responders (default: none)
HOOKLINE_DEMO_RATE      rate limit of nginx for API requests, such as 5000r/s (default: as shipped)
HOOKLINE_PRODUCTS       folder with the built programs (default: .build/release)
TEXT
}

here=$(cd "$(dirname "$0")/.." && pwd)
products=${HOOKLINE_PRODUCTS:-$here/.build/release}
once=${HOOKLINE_DEMO_ONCE:-0}
events=${HOOKLINE_DEMO_EVENTS:-auto}
protocol=${HOOKLINE_DEMO_PROTOCOL:-auto}
breaker=${HOOKLINE_DEMO_BREAKER:-auto}
sign_out=${HOOKLINE_DEMO_SIGN_OUT_URL:-}
store=${HOOKLINE_DEMO_DIRECTORY:-sqlite}
password=${HOOKLINE_DEMO_PASSWORD:-$(openssl rand -hex 6)}
users=(alice@acme.example mark@acme.example olga@globex.example root@hookline.example)
for argument in "$@"; do
    case "$argument" in
        --once) once=1 ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; exit 64 ;;
    esac
done
case "$store" in
    sqlite | postgres) ;;
    *) echo "demo.sh: HOOKLINE_DEMO_DIRECTORY is sqlite or postgres, not $store" >&2; exit 64 ;;
esac
PATH=$PATH:/usr/sbin:/sbin

folder=$(mktemp -d "${TMPDIR:-/tmp}/hookline-demo.XXXXXX")
# shellcheck source=scripts/demo/processes.bash
. "$here/scripts/demo/processes.bash"
# shellcheck source=scripts/demo/live.bash
. "$here/scripts/demo/live.bash"
# shellcheck source=scripts/demo/relay.bash
. "$here/scripts/demo/relay.bash"
# shellcheck source=scripts/demo/variables.bash
. "$here/scripts/demo/variables.bash"
# shellcheck source=scripts/demo/postgresql.bash
. "$here/scripts/demo/postgresql.bash"
trap clean_up EXIT
trap 'echo; echo "Stopping."; exit 0' INT TERM HUP

# Ctrl-C reaches make and this script. A signal sent to make alone does not reach this script: make then waits for it
# inside its signal handler, with that signal blocked. This function detects that, or that make has exited. A parent that
# is no make, such as a script of the tests, blocks signals for moments of its own.
parent=''
[ -z "${MAKELEVEL:-}" ] || parent=$(cat "/proc/$PPID/comm" 2>/dev/null || echo gone)
blocked_by_make() {
    case "$parent" in
        make | gmake) ;;
        *) return 0 ;;
    esac
    sed -n 's/^SigBlk:\t//p' "/proc/$PPID/status" 2>/dev/null || echo gone
}
blocked_at_start=$(blocked_by_make)
make_was_told_to_stop() {
    [ "$(blocked_by_make)" != "$blocked_at_start" ]
}

for program in hookline hookline-fcgi hookline-worker; do
    [ -x "$products/$program" ] || fail none "$products/$program does not exist: run make build first"
done

echo "Starting Redis, two responders, a worker, nginx, a receiver and a mail server in $folder …"
start redis redis-server --port 0 --unixsocket "$folder/redis.sock" --unixsocketperm 600 --save '' --appendonly no \
    --dir "$folder" --daemonize no
ready redis 20 redis-cli -s "$folder/redis.sock" ping

redis=unix:$folder/redis.sock
hookline() {
    env -i PATH="$PATH" LANG=C.UTF-8 HOOKLINE_SETTINGS_FILE=none HOOKLINE_ALLOWED_NETWORKS="$allowed_networks" \
        HOOKLINE_PLATFORM_URL="${base:-}" HOOKLINE_MAIL_LINKS=dashboard "$products/hookline" "$@"
}
case "$store" in
    sqlite) directory=sqlite:$folder/directory.sqlite ;;
    postgres)
        start_postgresql
        directory=$postgresql_url
        hookline directory migrate --standalone --directory "$directory" >"$folder/migrate.log" 2>&1 \
            || fail migrate.log "the directory's tables could not be created"
        ;;
esac
start_receivers
token=$(hookline demo seed --print-token --receiver "$receiver" --directory "$directory" --redis "$redis" \
    2>"$folder/seed.log") || fail seed.log "the demo data could not be created"
send_token=$(hookline token create --user root@hookline.example --scope hookline:enqueue --name 'demo: sends events' \
    --directory "$directory" 2>"$folder/token.log") || fail token.log "the token could not be created"
hookline directory export --directory "$directory" --output "$folder/directory.json"

for number in 1 2; do
    start "hookline-$number" "$products/hookline-fcgi" --listen "unix:$folder/hookline-$number.sock" \
        --redis "$redis" --directory "$directory" --policy standard --events "$events" \
        --protocol "$protocol" --breaker "$breaker" --allowed-networks "$allowed_networks" \
        --sign-out-url "$sign_out"
    ready "hookline-$number" 20 test -S "$folder/hookline-$number.sock"
done

hash=$(openssl passwd -apr1 "$password")
printf "%s:$hash\n" "${users[@]}" >"$folder/htpasswd"
for port in ${HOOKLINE_DEMO_PORT:-8443 $((RANDOM + 20000)) $((RANDOM + 20000)) $((RANDOM + 20000))}; do
    if is_free "$port"; then break; fi
done
site=(--port "$port" --admins 127.0.0.1/32)
[ -z "${HOOKLINE_DEMO_RATE:-}" ] || site+=(--rate "$HOOKLINE_DEMO_RATE" --burst 1000)
"$here/scripts/nginx-site.sh" "$folder" "${site[@]}" >"$folder/site.log" 2>&1 \
    || fail site.log "the nginx configuration could not be created"
start nginx nginx -e "$folder/nginx-error.log" -c "$folder/nginx.conf"
# nginx writes the file when it owns the port. Another server on the port is not mistaken for it.
ready nginx 20 test -s "$folder/nginx.pid"
base=https://127.0.0.1:$port
ready nginx 20 curl -ksf -m 5 "$base/-/ping"
start_worker
write_variables

cat <<TEXT

Hookline is at  $base/  (the certificate is self-signed: accept it in the browser)
Its directory:  $directory
Its variables:  . $folder/demo.env  (for hookline and curl in another shell)

  user                    password       sees
  alice@acme.example      $password   acme's apps: release-radar, night-watch, pager-bridge (owner)
  mark@acme.example       $password   the same (member)
  olga@globex.example     $password   globex's app: globex-sync
  root@hookline.example   $password   every app, issue-relay among them (superuser)

TEXT

# show ARGUMENT…: prints the curl command, runs it and prints the start of the response.
success_count=0
show() {
    local printed='' argument status
    for argument in "$@"; do
        case "$argument" in
            -*) printed+=" $argument" ;;
            *) printed+=" '$argument'" ;;
        esac
    done
    echo "\$ curl -k$printed"
    status=$(curl -ks -m 20 -o "$folder/response" -w '%{http_code}' "$@") || fail nginx-error.log "curl failed ($?)"
    if [ "$(wc -c <"$folder/response")" -gt 400 ]; then
        echo "$(head -c 400 "$folder/response") … ($(wc -c <"$folder/response") bytes)"
    else
        cat "$folder/response"
        echo
    fi
    echo "  status $status"
    echo
    [ "$status" != 200 ] || success_count=$((success_count + 1))
}
show_live
show_relay
apps=$base/api/0/sentry-apps
show -u "alice@acme.example:$password" "$apps/release-radar/webhook-requests/?eventType=issue.created"
grep -q "$live_id" "$folder/response" || fail worker.log "the event is not in the request log"
show -u "alice@acme.example:$password" "$apps/release-radar/webhook-requests/?errorsOnly=true&expand=bodies"
show -u "olga@globex.example:$password" "$apps/globex-sync/stats/"
show -H "Authorization: Bearer $token" "$apps/release-radar/interaction/"
[ "$success_count" -eq 4 ] || fail hookline-1.log "$((4 - success_count)) of the requests did not return 200"
[ "$once" != 1 ] || exit 0

echo "Press Ctrl-C to stop."
while ! make_was_told_to_stop; do
    sleep 1 &
    wait -n "$!" "${pids[@]}" || true
    for index in "${!pids[@]}"; do
        kill -0 "${pids[index]}" 2>/dev/null || fail "${names[index]}.log" "${names[index]} ended"
    done
done
echo "Stopping."
