#!/usr/bin/env bash
# Tests a running demo against docs/openapi.yaml: as a signed-in user, with a token, and without credentials.
# schemathesis generates valid and invalid requests, the same in every run.
set -eu

usage() {
    cat <<'TEXT'
usage: Tests/OpenAPI/openapi.sh [OPTION…]

Options are passed to "schemathesis run", which runs six times.
HOOKLINE_SKIP_OPENAPI      1 skips the test; schemathesis is installed from PyPI, which requires network access
HOOKLINE_PRODUCTS          directory of the built programs (default: .build/release)
HOOKLINE_OPENAPI_EXAMPLES  number of random requests per endpoint (default: 25)
TEXT
}
case "${1:-}" in
    -h | --help) usage; exit 0 ;;
esac

here=$(cd "$(dirname "$0")/../.." && pwd)
products=${HOOKLINE_PRODUCTS:-$here/.build/release}
if [ "${HOOKLINE_SKIP_OPENAPI:-0}" = 1 ]; then
    echo "openapi.sh: skipped because HOOKLINE_SKIP_OPENAPI=1 is set"
    exit 0
fi
# shellcheck source=scripts/python-tools.bash
. "$here/scripts/python-tools.bash"
# shellcheck source=scripts/demo/background.bash
. "$here/scripts/demo/background.bash"

tools=$here/.build/openapi
python_tools "$tools" "$here/Tests/OpenAPI/requirements.txt" HOOKLINE_SKIP_OPENAPI

# schemathesis would exceed nginx' rate limit.
export HOOKLINE_DEMO_PASSWORD=openapi-test HOOKLINE_DEMO_RATE=5000r/s
start_demo openapi
user=alice@acme.example

token=$("$products/hookline" token create --user "$user" --scope org:read --scope org:write --scope event:write \
    --name openapi --directory "sqlite:$data/directory.sqlite" 2>>"$demo_log")

administrator=$("$products/hookline" token create --user "$user" --scope hookline:admin --name openapi-administrator \
    --directory "sqlite:$data/directory.sqlite" 2>>"$demo_log")
/usr/bin/python3 "$here/Tests/OpenAPI/known_values.py" --spare "$data/directory.json" \
    | "$products/hookline" directory import --directory "sqlite:$data/directory.sqlite" - >>"$demo_log"

# Dead letters and a redelivery job.
redis=unix:$data/redis.sock
/usr/bin/python3 "$here/Tests/OpenAPI/known_values.py" --spare-events >"$folder/events"
count=$(wc -l <"$folder/events")
"$products/hookline" event send --from "$folder/events" --redis "$redis" \
    --directory "sqlite:$data/directory.sqlite" >>"$demo_log"
for ((tries = 0; ; tries++)); do
    "$products/hookline" queue list --app spare-dead --json --limit 1000 --redis "$redis" \
        --directory "sqlite:$data/directory.sqlite" >"$folder/letters" 2>>"$demo_log"
    [ "$(wc -l <"$folder/letters")" -lt "$count" ] || break
    [ "$tries" -lt 300 ] || fail_demo "the events of spare-dead did not become dead letters"
    sleep 0.1
done
job=$("$products/hookline" redelivery create --app spare-dead --since 1h --redis "$redis" \
    --directory "sqlite:$data/directory.sqlite" 2>>"$demo_log")

# A webhook that no target of its relay wants. The secret is that of known_values.py.
webhook='{"action":"created"}'
signature=$(printf %s "$webhook" | openssl dgst -sha256 -hmac "$(printf '5%.0s' {1..64})" -r | cut -d ' ' -f 1)
curl -sSf -m 20 --cacert "$data/tls.crt" -H "Sentry-Hook-Signature: $signature" -H 'Sentry-Hook-Resource: issue' \
    --data-binary "$webhook" "$base/relay/spare-relay/" >>"$demo_log"

# Values that exist in the demo: with random values nearly every response would be 404.
/usr/bin/python3 "$here/Tests/OpenAPI/known_values.py" "$data/directory.json" "$data/ledger" "$folder/letters" "$job" \
    >"$folder/schemathesis.toml"

checks=not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance
checks=$checks,response_headers_conformance,unsupported_method
failed=''
# check WHO OPTION…
check() {
    local who=$1
    shift
    echo "---- $who"
    (cd "$folder" && env -u http_proxy -u https_proxy -u HTTP_PROXY -u HTTPS_PROXY -u ALL_PROXY NO_PROXY=127.0.0.1 \
        "$tools/bin/schemathesis" --config-file "$folder/schemathesis.toml" run "$here/docs/openapi.yaml" \
        --url "$base" --tls-verify "$data/tls.crt" --checks "$checks" --phases examples,coverage,fuzzing \
        --max-examples "${HOOKLINE_OPENAPI_EXAMPLES:-25}" --generation-deterministic \
        --generation-with-security-parameters false --generation-allow-x00 false \
        --suppress-health-check all --continue-on-failure --request-timeout 20 --max-redirects 0 --warnings off \
        --no-color "$@" "${extra[@]}") || failed+=" $who"
}
extra=("$@")
check user --auth "$user:$HOOKLINE_DEMO_PASSWORD" -H 'Sec-Fetch-Site: same-origin'
check token -H "Authorization: Bearer $token"
check anonymous
check superuser --auth "root@hookline.example:$HOOKLINE_DEMO_PASSWORD" -H 'Sec-Fetch-Site: same-origin' \
    --include-operation-id getStatus
# Last, because it may remove every row.
check administrator -H "Authorization: Bearer $administrator" --include-operation-id exportDirectory \
    --include-operation-id importDirectory
echo "---- statuses by operation"
"$tools/bin/python" "$here/Tests/OpenAPI/statuses.py" "$here/docs/openapi.yaml" "$data/nginx-access.log" \
    || failed+=' statuses'
kill -0 "$demo" 2>/dev/null || fail_demo "the demo has ended"

# The shapes of the newest release, with few requests: what it has in common with the oldest one was tested above.
stop_demo
HOOKLINE_DEMO_PROTOCOL=26.9 start_demo openapi
/usr/bin/python3 "$here/Tests/OpenAPI/known_values.py" "$data/directory.json" "$data/ledger" \
    >"$folder/schemathesis.toml"
extra=(--phases fuzzing --max-examples 5)
for operation in getInfo listApps getApp listWebhookRequests getInteractions getStatistics; do
    extra+=(--include-operation-id "$operation")
done
check newest-user --auth "$user:$HOOKLINE_DEMO_PASSWORD" -H 'Sec-Fetch-Site: same-origin'
check newest-member --auth "mark@acme.example:$HOOKLINE_DEMO_PASSWORD" -H 'Sec-Fetch-Site: same-origin'
status=$(curl -s --noproxy '*' --cacert "$data/tls.crt" -o /dev/null -w '%{http_code}' \
    -u "$user:$HOOKLINE_DEMO_PASSWORD" "$base/api/0/sentry-apps/release-radar/requests/")
[ "$status" = 404 ] || { echo "openapi.sh: requests/ is $status in release 26.9"; failed+=' requests'; }
kill -0 "$demo" 2>/dev/null || fail_demo "the demo has ended"
[ -z "$failed" ] || { echo "openapi.sh: failed:$failed" >&2; exit 1; }
