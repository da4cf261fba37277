#!/usr/bin/env bash
# The relay part of the demo: sends webhooks to the relay as a Sentry does, and shows how they arrive at two targets, one
# of which is down for a while. Sourced by scripts/demo.sh.
set -eu

: "${folder:?}"
relay=issue-relay

# add_target NAME OPTION…: adds a target of the relay; the receiver knows it by its name.
add_target() {
    local name=$1
    shift
    hookline relay add "$relay" --target "$receiver/hooks/$relay/$name" --name "$name" "$@" --directory "$directory" \
        >"$folder/relay.log" 2>&1 || fail relay.log "hookline relay add failed"
}

# relay_webhook RESOURCE ACTION DATA: sends a webhook with the signature that a Sentry makes of it; prints its Request-ID.
relay_webhook() {
    local id signature status
    id=$(openssl rand -hex 16)
    printf '{"action":"%s","installation":{"uuid":"%s"},"data":%s,"actor":{"type":"application","id":"sentry"}}' \
        "$2" "$(openssl rand -hex 16)" "$3" >"$folder/relay-body"
    signature=$(openssl dgst -sha256 -hmac "$(cat "$folder/relay-secret")" -r "$folder/relay-body" | cut -d ' ' -f 1)
    status=$(curl -ks -m 20 -o "$folder/response" -w '%{http_code}' --data-binary "@$folder/relay-body" \
        -H 'Content-Type: application/json' -H "Request-ID: $id" -H "Sentry-Hook-Resource: $1" \
        -H "Sentry-Hook-Timestamp: $(date +%s)" -H "Sentry-Hook-Signature: $signature" "$base/relay/$relay/")
    [ "$status" = 202 ] || fail response "the relay returned $status"
    echo "$id"
}

# has_row ID: whether the log has the webhook's delivery to the target that was down.
has_row() {
    hookline log show "$relay" --json --redis "$redis" --directory "$directory" \
        | grep -F "\"webhook_id\":\"$1\"" | grep -F '"target":"chat"' | grep -qF '"response_code":200'
}

show_relay() {
    local id
    openssl rand -hex 32 >"$folder/relay-secret"
    add_target ci --secret-file "$folder/relay-secret"
    add_target chat --event issue
    echo "Webhooks as a Sentry sends them to $base/relay/$relay/; the target chat is down for a while:"
    id=$(relay_webhook issue created '{"issue":{"id":"4","title":"It is relayed"}}')
    show_arrivals "$id" 4
    await 30 has_row "$id" || fail worker.log "the delivery is not in the log of the relay"
    # An event that Hookline does not know, which only ci gets.
    id=$(relay_webhook seer root_cause_completed '{"run_id":5}')
    show_arrivals "$id" 1
    echo "    hookline relay list, and hookline log show $relay:"
    hookline relay list --directory "$directory" --redis "$redis" 2>"$folder/relay.log" | sed 's/^/      /'
    echo
    hookline log show "$relay" --directory "$directory" --redis "$redis" 2>"$folder/relay.log" | sed 's/^/      /'
    echo
    if grep -v ' verified ' "$folder/ledger"; then fail worker.log "signatures did not verify"; fi
}
