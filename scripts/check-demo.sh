#!/usr/bin/env bash
# Fails unless the demo starts, delivers its events, serves its requests and stops on TERM without leaving files or
# processes.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=scripts/demo/background.bash
. "$here/scripts/demo/background.bash"

start_demo check
[ "$(grep -c '^  status 200$' "$demo_log")" -eq 4 ] || fail_demo "not all requests of the demo returned 200"
# A target that was down for a while has got what the relay took, and the other one did not wait for it.
for line in 'chat received issue.created: signatures verified, returned 503' \
    'chat received issue.created: signatures verified, returned 200' \
    'ci received issue.created: signatures verified, returned 200'; do
    grep -qF "issue-relay/$line" "$demo_log" || fail_demo "not in the output: issue-relay/$line"
done

# Another shell needs only demo.env: for Redis, the policy, addresses of this machine, the directory and the API.
bash -eu >>"$demo_log" 2>&1 -s "$data/demo.env" <<'SHELL' || fail_demo "a shell with the demo's variables cannot use it"
. "$1"
hookline queue status
hookline app show release-radar --json | grep -F '"effective_policy":"standard"'
hookline relay list issue-relay --json | grep -F '"target":"chat"' | grep -F '"state":"enabled"'
hookline app set release-radar --webhook-url http://127.0.0.1:9/hook
token=$(hookline token create --user alice@acme.example --scope org:write --scope event:read)
curl -sSf -m 20 -H "Authorization: Bearer $token" "$HOOKLINE/api/0/sentry-apps/release-radar/"
SHELL

kill -TERM "$demo"
wait "$demo" || fail_demo "the demo ended with exit code $?"
demo=''
[ -z "$(ls -A "$folder")" ] || fail_demo "the demo left files: $(ls -A "$folder")"
if (exec 3<>"/dev/tcp/127.0.0.1/${base##*:}") 2>/dev/null; then fail_demo "a process still listens at $base"; fi
left=$(pgrep -f -- "$folder/" || true)
[ -z "$left" ] || fail_demo "the demo left processes: $left"
