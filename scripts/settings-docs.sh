#!/usr/bin/env bash
# Writes conf/hookline.env.example and the tables of settings in docs/configuration.md from the programs' table of
# settings. With --check it writes nothing and fails where the files differ.
set -eu

cd "$(dirname "$0")/.."
hookline=${HOOKLINE_PRODUCTS:-.build/release}/hookline
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT

"$hookline" settings > "$temporary/hookline.env.example"
"$hookline" settings --page docs/configuration.md > "$temporary/configuration.md"

status=0
for file in conf/hookline.env.example docs/configuration.md; do
    written=$temporary/${file##*/}
    if [ "${1:-}" != --check ]; then
        cat "$written" > "$file"
    elif ! diff -u "$file" "$written" >&2; then
        echo "settings-docs.sh: $file is out of date: run make settings-docs" >&2
        status=1
    fi
done
exit "$status"
