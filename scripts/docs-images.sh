#!/usr/bin/env bash
# Takes the pictures of the documentation from a running demo. Writes docs/images/dashboard.png.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=scripts/demo/background.bash
. "$here/scripts/demo/background.bash"

export HOOKLINE_DEMO_PASSWORD=picture
start_demo pictures
mkdir -p "$here/docs/images"
/usr/bin/python3 "$here/scripts/docs-images.py" \
    "${base/:\/\//:\/\/alice%40acme.example:$HOOKLINE_DEMO_PASSWORD@}/app.html?app=release-radar" \
    "$here/docs/images/dashboard.png"
