#!/usr/bin/env bash
# The variables of the demo for another shell. Sourced by scripts/demo.sh.
set -eu

: "${folder:?}" "${products:?}"

# write_variables: writes demo.env, for shells to source. Then hookline has the settings of the demo's programs, and curl
# accepts the demo's certificate. The file has no token and no password.
write_variables() {
    local name
    {
        printf 'export PATH=%q:$PATH\n' "$(cd "$products" && pwd)"
        for name in HOOKLINE="$base" CURL_CA_BUNDLE="$folder/tls.crt" HOOKLINE_SETTINGS_FILE=none \
            HOOKLINE_DIRECTORY="$directory" HOOKLINE_REDIS="$redis" HOOKLINE_POLICY=standard \
            HOOKLINE_ALLOWED_NETWORKS="$allowed_networks" HOOKLINE_RETRY_DELAYS="$retry_delays" \
            HOOKLINE_PLATFORM_URL="$base" HOOKLINE_MAIL_LINKS=dashboard \
            HOOKLINE_EVENTS="$events" HOOKLINE_PROTOCOL="$protocol" HOOKLINE_BREAKER="$breaker"; do
            printf 'export %s=%q\n' "${name%%=*}" "${name#*=}"
        done
    } >"$folder/demo.env"
}
