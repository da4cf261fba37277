#!/usr/bin/env bash
# Fails if the documentation names a missing file, setting, default, command or test.
set -eu

cd "$(dirname "$0")/.."
products=${HOOKLINE_PRODUCTS:-.build/release}
errors=0
complain() {
    echo "check-docs.sh: $*" >&2
    errors=$((errors + 1))
}

# Links between files.
for file in README.md CHANGELOG.md CONTRIBUTING.md docs/*.md; do
    while read -r target; do
        [ -e "$(dirname "$file")/$target" ] || complain "$file links to $target, which does not exist"
    done < <(grep -o '](\([^)#:]*\)[)#]' "$file" | sed 's/^](//; s/[)#]$//' | grep -v '^$')
done

# The tables of settings and the example file are those of the programs.
HOOKLINE_PRODUCTS=$products scripts/settings-docs.sh --check || complain "the documentation of settings is out of date"

# Commands of the command line.
while read -r group command; do
    [ "$group" != help ] || continue
    if ! grep -q "^  $group " < <("$products/hookline" --help); then
        complain "the documentation names the unknown command 'hookline $group'"
    elif [ -n "$command" ] && subcommands=$("$products/hookline" "$group" --help | sed -n '/^SUBCOMMANDS:/,$p') \
        && [ -n "$subcommands" ] && ! grep -qE "^  ([a-z]+, )*${command}[, ]" <<<"$subcommands"; then
        complain "the documentation names the unknown command 'hookline $group $command'"
    fi
done < <(grep -ohE '(^    |^    \$ |`|sudo -u hookline )hookline [a-z]+( [a-z][a-z-]*)?' README.md docs/*.md \
    | sed -E 's/.*hookline ([a-z]+)( ([a-z-]+))?$/\1 \3/' | sort -u)

# docs/openapi.yaml has the version and the routes of the program.
version=$("$products/hookline-fcgi" --version)
grep -qxF "  version: ${version##* }" docs/openapi.yaml || complain "docs/openapi.yaml is not of version ${version##* }"
/usr/bin/python3 Tests/OpenAPI/routes.py || complain "docs/openapi.yaml differs from the program"

# The tests named by the deviations in compatibility.md exist.
# shellcheck disable=SC2016 # the backticks are Markdown's
while read -r name; do
    grep -rqF -- "$name" Tests || complain "docs/compatibility.md names a missing test: $name"
done < <(sed -n 's/^| D[0-9]* .*| \(.*\) |$/\1/p' docs/compatibility.md | grep -o '`[^`]*`' | tr -d '`' | sort -u)

[ "$errors" -eq 0 ] || exit 1
