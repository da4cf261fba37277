#!/usr/bin/env bash
# Fails where the documentation names something that is not there: a file, a setting, a default, a test.
set -eu

cd "$(dirname "$0")/.."
products=${HOOKLINE_PRODUCTS:-.build/release}
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

# Every setting of the responder with its default, in the table of settings and in the example file.
help=$(env -u HOOKLINE_PRODUCTS "$products/hookline-fcgi" --help)
while read -r flag _ variable; do
    default=$(grep -A1 -- "^  $flag " <<<"$help" | sed -n 's/.*Default: //p')
    row=$(grep -F "| \`$variable\` | \`$flag\` |" docs/configuration.md) \
        || { complain "docs/configuration.md has no row for $variable and $flag"; continue; }
    [ "$default" = none ] || grep -qF "| \`$default\` |" <<<"$row" \
        || complain "docs/configuration.md: $variable has the default $default"
    grep -q "$variable=" conf/hookline.env.example || complain "conf/hookline.env.example does not have $variable"
done < <(grep '^  --.*HOOKLINE_' <<<"$help")

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

# Tests that the deviations of compatibility.md name.
while read -r name; do
    grep -rqF -- "$name" Tests || complain "docs/compatibility.md names a test that does not exist: $name"
done < <(sed -n 's/^| D[0-9]* .*| \(.*\) |$/\1/p' docs/compatibility.md | grep -o '“[^”]*”' | tr -d '“”' | sort -u)

[ "$errors" -eq 0 ] || exit 1
