#!/usr/bin/env bash
# Fails where the documentation names something that is not there: a file, a setting, a default, a test.
set -eu

cd "$(dirname "$0")/.."
products=${HOOKLINE_PRODUCTS:-.build/release}
# Not a setting of the programs, which would say so.
unset HOOKLINE_PRODUCTS
errors=0
complain() {
    echo "check-docs.sh: $*" >&2
    errors=$((errors + 1))
}

# Links between files.
for file in README.md CHANGELOG.md docs/*.md; do
    while read -r target; do
        [ -e "$(dirname "$file")/$target" ] || complain "$file links to $target, which does not exist"
    done < <(grep -o '](\([^)#:]*\)[)#]' "$file" | sed 's/^](//; s/[)#]$//' | grep -v '^$')
done

# The tables of settings and the example file are those of the programs.
HOOKLINE_PRODUCTS=$products scripts/settings-docs.sh --check || complain "the documentation of settings is out of date"

# Commands of the operators' program.
while read -r group command; do
    [ "$group" != help ] || continue
    if ! grep -q "^  $group " < <("$products/hookline" --help); then
        complain "the documentation names 'hookline $group', which is no command"
    elif [ -n "$command" ] && subcommands=$("$products/hookline" "$group" --help | sed -n '/^SUBCOMMANDS:/,$p') \
        && [ -n "$subcommands" ] && ! grep -q "^  $command " <<<"$subcommands"; then
        complain "the documentation names 'hookline $group $command', which is no command"
    fi
done < <(grep -ohE '(^    |^    \$ |`|sudo -u hookline )hookline [a-z]+( [a-z]+)?' README.md docs/*.md \
    | sed -E 's/.*hookline ([a-z]+)( ([a-z]+))?$/\1 \3/' | sort -u)

# Routes and release of the program and of docs/openapi.yaml.
version=$("$products/hookline-fcgi" --version)
grep -qxF "  version: ${version##* }" docs/openapi.yaml || complain "docs/openapi.yaml is not of $version"
/usr/bin/python3 Tests/OpenAPI/routes.py || complain "docs/openapi.yaml is not what the program has"

# Tests that the deviations of compatibility.md name.
while read -r name; do
    grep -rqF -- "$name" Tests || complain "docs/compatibility.md names a test that does not exist: $name"
done < <(sed -n 's/^| D[0-9]* .*| \(.*\) |$/\1/p' docs/compatibility.md | grep -o '“[^”]*”' | tr -d '“”' | sort -u)

[ "$errors" -eq 0 ] || exit 1
