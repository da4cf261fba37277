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

# Every setting of the programs with its default, in the tables of settings and in the example file.
for program in hookline-fcgi hookline-worker; do
    help=$("$products/$program" --help)
    while read -r flag _ variable; do
        default=$(grep -A1 -- "^  $flag " <<<"$help" | sed -n 's/.*Default: //p')
        row=$(grep -F "| \`$variable\` | \`$flag\` |" docs/configuration.md) \
            || { complain "docs/configuration.md has no row for $variable and $flag"; continue; }
        [ "$default" = none ] || grep -qF "| \`$default\` |" <<<"$row" \
            || complain "docs/configuration.md: $variable has the default $default"
        grep -q "$variable=" conf/hookline.env.example || complain "conf/hookline.env.example does not have $variable"
    done < <(grep '^  --.*HOOKLINE_' <<<"$help")
done

# Every variable in the tables of settings is one.
while read -r variable; do
    grep -q "^#$variable=" conf/hookline.env.example || complain "docs/configuration.md has a row for unknown $variable"
done < <(sed -n 's/^| .\(HOOKLINE_[A-Z_]*\). | \(.--\|–\).*/\1/p' docs/configuration.md)

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
