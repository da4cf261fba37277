#!/usr/bin/env bash
# Copies what a self-hosted Sentry needs to run the responder into its folder (docs/beside-sentry.md). Called by make
# sentry-folder. Changes no file that is there already, except those in its own folder "hookline".
set -eu

if [ $# -ne 2 ] || [ -z "$2" ]; then
    echo "usage: make sentry-folder SENTRY=FOLDER   (the folder that has Sentry's docker-compose.yml)" >&2
    exit 64
fi
products=$1 sentry=$2
cd "$(dirname "$0")/.."
if [ ! -f "$sentry/docker-compose.yml" ]; then
    echo "sentry-folder.sh: $sentry has no docker-compose.yml: it is not the folder of a self-hosted Sentry" >&2
    exit 66
fi
for program in hookline-fcgi hookline; do
    if [ ! -x "$products/$program" ]; then
        echo "sentry-folder.sh: $products/$program does not exist: run make build first" >&2
        exit 66
    fi
done

folder=$sentry/hookline
install -D -m 755 -t "$folder/bin" "$products/hookline-fcgi" "$products/hookline"
install -D -m 644 -t "$folder" conf/sentry/Dockerfile conf/postgresql/role.sql
install -D -m 644 -t "$folder/nginx" nginx/hookline-sentry.locations nginx/hookline-sentry.params
# Neither the secret nor the files of nginx belong into the image.
printf '*\n!bin\n' >"$folder/.dockerignore"

override=$sentry/docker-compose.override.yml
if [ ! -e "$override" ]; then
    install -m 644 conf/sentry/docker-compose.override.yml "$override"
elif ! cmp -s conf/sentry/docker-compose.override.yml "$override"; then
    install -m 644 conf/sentry/docker-compose.override.yml "$folder/docker-compose.override.yml"
    echo "NOTE: kept $override. Merge $folder/docker-compose.override.yml into it." >&2
fi
echo "Copied the responder to $folder. Go on with docs/beside-sentry.md."
