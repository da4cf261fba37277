#!/usr/bin/env bash
# A private PostgreSQL for the demo: a cluster on a unix socket, with a database and a role named hookline. Sourced by
# scripts/demo.sh.
set -eu

: "${folder:?}"

# start_postgresql: starts the server and sets postgresql_url.
start_postgresql() {
    local bin as=() data
    bin=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
    [ -n "$bin" ] || fail none "PostgreSQL is not installed: run scripts/dependencies.sh postgres"
    data=$folder/postgresql
    mkdir -m 700 "$data"
    # The server refuses to run as root.
    if [ "$(id -u)" -eq 0 ]; then
        chmod 711 "$folder"
        chown postgres: "$data"
        as=(setpriv --reuid=postgres --regid=postgres --init-groups)
    fi
    "${as[@]}" "$bin/initdb" --pgdata "$data/cluster" --username postgres --auth trust --encoding UTF8 --no-locale \
        --no-sync >"$folder/initdb.log" 2>&1 || fail initdb.log "the PostgreSQL cluster could not be created"
    start postgresql "${as[@]}" "$bin/postgres" -D "$data/cluster" -c listen_addresses= \
        -c "unix_socket_directories=$data" -c fsync=off -c shared_buffers=16MB -c max_connections=40
    ready postgresql 30 "$bin/pg_isready" --quiet --host "$data"
    "$bin/psql" --quiet --no-psqlrc --host "$data" --username postgres --set ON_ERROR_STOP=1 \
        --command 'CREATE ROLE hookline LOGIN' --command 'CREATE DATABASE hookline OWNER hookline' \
        >"$folder/psql.log" 2>&1 || fail psql.log "the database could not be created"
    # shellcheck disable=SC2034  # scripts/demo.sh reads it
    postgresql_url="postgres://hookline@/hookline?host=$data"
}
