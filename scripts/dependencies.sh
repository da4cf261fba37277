#!/usr/bin/env bash
# Installs the missing Debian packages for a task. If the user has no right to install, prints the command for an
# administrator.
set -eu

usage() {
    cat <<'TEXT'
usage: scripts/dependencies.sh TASK…

Tasks: build (to compile), run (the demo), test (everything `make test` needs), bench.
--list only prints the packages.
TEXT
}

build=(build-essential ca-certificates git libcurl4-openssl-dev libfcgi-dev libhiredis-dev libmd-dev libpq-dev
    libsodium-dev libsqlite3-dev libssl-dev zlib1g-dev)
run=(curl libjs-chart.js nginx openssl python3 python3-aiosmtpd redis-server redis-tools)
test=("${build[@]}" "${run[@]}" apache2-bin chromium chromium-driver fcgiwrap libfcgi-bin media-types pgbouncer
    postgresql procps python3-cryptography python3-prometheus-client python3-selenium python3-venv shellcheck
    spawn-fcgi strace systemd valgrind)
# orjson is not in Debian 12: Benchmarks/bench.sh installs the Python peers from PyPI into a folder under .build.
bench=("${build[@]}" "${run[@]}" php8.2-cli php8.2-fpm php8.2-opcache php8.2-redis python3-celery python3-redis
    python3-requests python3-venv wrk)

wanted=()
list=no
for task in "$@"; do
    case "$task" in
        build) wanted+=("${build[@]}") ;;
        run) wanted+=("${run[@]}") ;;
        test) wanted+=("${test[@]}") ;;
        bench) wanted+=("${bench[@]}") ;;
        --list) list=yes ;;
        -h | --help) usage; exit 0 ;;
        *) echo "dependencies.sh: unknown task $task (build, run, test or bench)" >&2; exit 64 ;;
    esac
done
[ ${#wanted[@]} -gt 0 ] || { usage >&2; exit 64; }
mapfile -t wanted < <(printf '%s\n' "${wanted[@]}" | sort -u)
if [ "$list" = yes ]; then
    printf '%s\n' "${wanted[@]}"
    exit 0
fi

if ! command -v swift >/dev/null; then
    echo "dependencies.sh: no swift in PATH. Install a Swift 6.3 toolchain: https://www.swift.org/install/linux/" >&2
    exit 69
fi
if ! command -v dpkg-query >/dev/null; then
    echo "dependencies.sh: not a Debian system; install the equivalents of: ${wanted[*]}" >&2
    exit 0
fi

installed=$(dpkg-query --show --showformat='${Status} ${Package}\n' "${wanted[@]}" 2>/dev/null || true)
missing=()
for package in "${wanted[@]}"; do
    grep -qx "install ok installed $package" <<<"$installed" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! sudo -n true 2>/dev/null; then
        echo "dependencies.sh: missing packages, and no right to install them. Ask an administrator to run:" >&2
        echo "    apt-get install ${missing[*]}" >&2
        exit 69
    fi
    as_root=(sudo -n)
fi

# Debian starts a server when it is installed. The demo and the tests run their own servers; the system's stay off.
policy=/usr/sbin/policy-rc.d
policy_is_ours=no
# Nor does the package postgresql make a cluster, which later releases of it would upgrade and start.
clusters=/etc/postgresql-common/createcluster.d/hookline.conf
clusters_is_ours=no
remove_policies() {
    [ "$policy_is_ours" = no ] || "${as_root[@]}" rm -f "$policy"
    [ "$clusters_is_ours" = no ] || "${as_root[@]}" rm -f "$clusters"
}
trap remove_policies EXIT
if [ ! -e "$policy" ]; then
    policy_is_ours=yes
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod 755 "$policy"
fi

if [[ " ${missing[*]} " = *" postgresql "* ]] && [ ! -e "$clusters" ]; then
    clusters_is_ours=yes
    "${as_root[@]}" mkdir -p "${clusters%/*}"
    echo 'create_main_cluster = false' | "${as_root[@]}" tee "$clusters" >/dev/null
fi

echo "Installing: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
if ! "${as_root[@]}" apt-get update -qq; then
    echo "dependencies.sh: apt-get update failed; using the existing package lists" >&2
fi
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null

if [ -d /run/systemd/system ]; then
    for unit in nginx.service redis-server.service php8.2-fpm.service fcgiwrap.service fcgiwrap.socket \
        postgresql.service pgbouncer.service; do
        for package in "${missing[@]}"; do
            # Not started at the next boot either.
            [ "${unit%.*}" != "$package" ] || "${as_root[@]}" systemctl disable --quiet "$unit" || true
        done
    done
fi
