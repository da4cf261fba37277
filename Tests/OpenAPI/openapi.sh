#!/usr/bin/env bash
# Asks a running demo what docs/openapi.yaml says it answers: as a signed-in user, with a token, and as nobody.
# schemathesis makes the requests, right ones and wrong ones, the same in every run.
set -eu

usage() {
    cat <<'TEXT'
usage: Tests/OpenAPI/openapi.sh [OPTION…]

Options are passed on to "schemathesis run", which is run three times.
HOOKLINE_PRODUCTS          folder with the built programs (default: .build/release)
HOOKLINE_OPENAPI_EXAMPLES  how many random requests each address gets (default: 25)
TEXT
}
case "${1:-}" in
    -h | --help) usage; exit 0 ;;
esac

here=$(cd "$(dirname "$0")/../.." && pwd)
products=${HOOKLINE_PRODUCTS:-$here/.build/release}
folder=$(mktemp -d "${TMPDIR:-/tmp}/hookline-openapi.XXXXXX")
demo=''
clean_up() {
    [ -z "$demo" ] || kill -TERM "$demo" 2>/dev/null || true
    wait
    rm -rf "$folder"
}
trap clean_up EXIT

# The tools, once for each list of versions.
tools=$here/.build/openapi
if ! cmp -s "$here/Tests/OpenAPI/requirements.txt" "$tools/requirements.txt"; then
    echo "Installing schemathesis in $tools …"
    rm -rf "$tools"
    /usr/bin/python3 -m venv "$tools"
    "$tools/bin/pip" install --quiet --disable-pip-version-check -r "$here/Tests/OpenAPI/requirements.txt"
    cp "$here/Tests/OpenAPI/requirements.txt" "$tools/requirements.txt"
fi

# schemathesis asks faster than nginx lets an address ask.
export HOOKLINE_DEMO_PASSWORD=openapi-test HOOKLINE_DEMO_RATE=5000r/s
TMPDIR=$folder "$here/scripts/demo.sh" >"$folder/demo.log" 2>&1 &
demo=$!
end=$((SECONDS + 120))
until grep -q '^Press Ctrl-C to stop' "$folder/demo.log"; do
    if ! kill -0 "$demo" 2>/dev/null || [ "$SECONDS" -ge "$end" ]; then
        tail -n 40 "$folder/demo.log" >&2
        echo "openapi.sh: the demo is not ready" >&2
        exit 1
    fi
    sleep 0.1
done
base=$(sed -n 's|.*Hookline is at  \(https://127.0.0.1:[0-9]*\)/.*|\1|p' "$folder/demo.log")
data=$(echo "$folder"/hookline-demo.*)
user=alice@acme.example

token=$("$products/hookline" token create --user "$user" --scope org:read --scope org:write --scope event:write \
    --name openapi --directory "sqlite:$data/directory.sqlite" 2>>"$folder/demo.log")

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
if ! kill -0 "$demo" 2>/dev/null; then
    tail -n 20 "$folder/demo.log" >&2
    failed+=' demo'
fi
[ -z "$failed" ] || { echo "openapi.sh: failed:$failed" >&2; exit 1; }
