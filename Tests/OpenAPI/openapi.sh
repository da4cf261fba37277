#!/usr/bin/env bash
# Asks a running demo what docs/openapi.yaml says it answers: as a signed-in user, with a token, and as nobody.
# schemathesis makes the requests, right ones and wrong ones, the same in every run.
set -eu

usage() {
    cat <<'TEXT'
usage: Tests/OpenAPI/openapi.sh [OPTION…]

Options are passed on to "schemathesis run", which is run three times.
HOOKLINE_SKIP_OPENAPI      1 leaves the check out: schemathesis comes from PyPI, which is not reached from everywhere
HOOKLINE_PRODUCTS          folder with the built programs (default: .build/release)
HOOKLINE_OPENAPI_EXAMPLES  how many random requests each address gets (default: 25)
TEXT
}
case "${1:-}" in
    -h | --help) usage; exit 0 ;;
esac

here=$(cd "$(dirname "$0")/../.." && pwd)
products=${HOOKLINE_PRODUCTS:-$here/.build/release}
if [ "${HOOKLINE_SKIP_OPENAPI:-0}" = 1 ]; then
    echo "openapi.sh: left out, because HOOKLINE_SKIP_OPENAPI=1 is set"
    exit 0
fi
# shellcheck source=scripts/python-tools.bash
. "$here/scripts/python-tools.bash"
# shellcheck source=scripts/demo/background.bash
. "$here/scripts/demo/background.bash"

tools=$here/.build/openapi
python_tools "$tools" "$here/Tests/OpenAPI/requirements.txt" HOOKLINE_SKIP_OPENAPI

# schemathesis asks faster than nginx lets an address ask.
export HOOKLINE_DEMO_PASSWORD=openapi-test HOOKLINE_DEMO_RATE=5000r/s
start_demo openapi
user=alice@acme.example

token=$("$products/hookline" token create --user "$user" --scope org:read --scope org:write --scope event:write \
    --name openapi --directory "sqlite:$data/directory.sqlite" 2>>"$demo_log")

# Names that the demo knows: with random ones nearly every answer would be 404.
/usr/bin/python3 "$here/Tests/OpenAPI/names.py" "$data/directory.json" "$data/ledger" >"$folder/schemathesis.toml"

checks=not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance
checks=$checks,response_headers_conformance,unsupported_method
failed=''
# ask WHO OPTION…
ask() {
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
ask user --auth "$user:$HOOKLINE_DEMO_PASSWORD" -H 'Sec-Fetch-Site: same-origin'
ask token -H "Authorization: Bearer $token"
ask nobody
echo "---- what was asked"
"$tools/bin/python" "$here/Tests/OpenAPI/answered.py" "$here/docs/openapi.yaml" "$data/nginx-access.log" \
    || failed+=' answers'
kill -0 "$demo" 2>/dev/null || fail_demo "the demo has ended"
[ -z "$failed" ] || { echo "openapi.sh: failed:$failed" >&2; exit 1; }
