#!/usr/bin/env bash
# The delivery part of the demo: sends events and shows how they arrive at the receiver. Sourced by scripts/demo.sh.
set -eu

: "${folder:?}" "${products:?}" "${here:?}"
# All attempts of an event follow within seconds, to a receiver on this machine.
retry_delays=1,1,1
allowed_networks=127.0.0.0/8

# The receiver and the mail server print the ports that the system has assigned.
start_receivers() {
    touch "$folder/ledger"
    mkdir "$folder/mail"
    start receiver HOOKLINE_SETTINGS_FILE=none /usr/bin/python3 "$here/scripts/demo/receiver.py" \
        "$folder/directory.json" "$folder/ledger" "$products/hookline" directory export --directory "$directory"
    ready receiver 20 grep -q . "$folder/receiver.log"
    receiver=http://127.0.0.1:$(head -n 1 "$folder/receiver.log")
    start mailbox /usr/bin/python3 "$here/scripts/demo/mailbox.py" "$folder/mail"
    ready mailbox 20 grep -q . "$folder/mailbox.log"
    mail_port=$(head -n 1 "$folder/mailbox.log")
}

start_worker() {
    start worker HOOKLINE_REDIS="$redis" HOOKLINE_DIRECTORY="$directory" HOOKLINE_ALLOWED_NETWORKS="$allowed_networks" \
        HOOKLINE_POLICY=standard HOOKLINE_RETRY_DELAYS="$retry_delays" HOOKLINE_SMTP="smtp://127.0.0.1:$mail_port" \
        HOOKLINE_SMTP_TLS=off HOOKLINE_MAIL_FROM=hookline@demo.example \
        HOOKLINE_MAIL_TEMPLATES="$here/conf/templates" HOOKLINE_PLATFORM_URL="$base" \
        HOOKLINE_MAIL_LINKS=dashboard HOOKLINE_EVENTS="$events" HOOKLINE_PROTOCOL="$protocol" \
        HOOKLINE_BREAKER="$breaker" "$products/hookline-worker"
    ready worker 20 grep -q '"message":"delivering"' "$folder/worker.log"
}

# installation SLUG: prints the UUID of the app's installation in the organization that owns the app.
installation() {
    /usr/bin/python3 - "$folder/directory.json" "$1" <<'PYTHON'
import json, sys

document = json.load(open(sys.argv[1], encoding="utf-8"))
app = next(app for app in document["apps"] if app["slug"] == sys.argv[2])
print(next(
    i["uuid"] for i in document["installations"]
    if i["app_id"] == app["id"] and i["organization_id"] == app["owner_id"] and not i.get("date_deleted")))
PYTHON
}

arrived() {
    [ "$(grep -c " $1 " "$folder/ledger")" -ge "$2" ]
}

# send_over_http SLUG EVENT DATA: queues an event by the API, like a platform; prints the id.
send_over_http() {
    local path
    path=/api/0/sentry-app-installations/$(installation "$1")/events/
    curl -ksf -m 20 -H "Authorization: Bearer $send_token" -H 'Content-Type: application/json' \
        -H "Idempotency-Key: demo-$1-$2" -d "{\"event\":\"$2\",\"data\":$3}" "$base$path" \
        | sed -n 's/.*"id": *"\([0-9a-f]*\)".*/\1/p'
}

# show_arrivals ID COUNT: waits until the event has arrived COUNT times and prints the receiver's lines.
show_arrivals() {
    local id=$1 count=$2
    await 30 arrived "$id" "$count" || fail worker.log "event $id did not arrive $count times within 30 s"
    grep " $id " "$folder/ledger" | while read -r slug event _ verdict status; do
        echo "    $slug received $event: signatures $verdict, returned $status"
    done
}

has_mail() {
    [ -n "$(ls "$folder/mail")" ]
}

show_live() {
    local id
    echo "Events sent by POST …/sentry-app-installations/{uuid}/events/ and by hookline event send:"
    id=$(send_over_http release-radar issue.created '{"issue":{"id":"1","title":"It works"}}')
    [ -n "$id" ] || fail hookline-1.log "the event was not accepted"
    show_arrivals "$id" 1
    live_id=$id
    id=$(hookline event send "$(installation globex-sync)" issue.assigned --data '{"issue":{"id":"2"}}' \
        --directory "$directory" --redis "$redis" 2>"$folder/send.log") || fail send.log "hookline event send failed"
    show_arrivals "$id" 2
    id=$(hookline event send "$(installation pager-bridge)" issue.created --data '{"issue":{"id":"3"}}' \
        --directory "$directory" --redis "$redis" 2>"$folder/send.log") || fail send.log "hookline event send failed"
    show_arrivals "$id" 1
    await 30 has_mail || fail worker.log "no mail arrived within 30 s"
    echo "    pager-bridge returned 410 Gone and was disabled; its owner received this mail:"
    sed -n 's/^\(X-Envelope-To\|Subject\): /      \1: /p' "$folder"/mail/0001.eml
    echo
    if grep -v ' verified ' "$folder/ledger"; then fail worker.log "signatures did not verify"; fi
}
