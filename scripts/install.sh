#!/usr/bin/env bash
# Copies the built programs and their configuration to the paths of a Debian system. Called by make install. Never
# replaces files that an administrator edits.
set -eu

if [ $# -ne 4 ]; then
    echo "usage: scripts/install.sh PRODUCTS DESTDIR PREFIX SYSCONFDIR" >&2
    exit 64
fi
products=$1 prefix=$2$3 etc=$2$4
cd "$(dirname "$0")/.."
for program in hookline hookline-fcgi hookline-worker; do
    if [ ! -x "$products/$program" ]; then
        echo "install.sh: $products/$program does not exist: run make build first" >&2
        exit 66
    fi
done

# keep MODE SOURCE TARGET: installs a file unless it exists.
keep() {
    if [ -e "$3" ]; then
        echo "kept $3"
    else
        install -D -m "$1" "$2" "$3"
    fi
}

# needs FILE PATTERN PROBLEM: warns if an existing file lacks a line that this version needs. The new file is in
# share/hookline/nginx.
needs() {
    grep -q "$2" "$1" || echo "WARNING: $1 $3. Compare it with $prefix/share/hookline/nginx/$(basename "$1")." >&2
}

adapted=$(mktemp -d)
trap 'rm -rf "$adapted"' EXIT
# The default is correct only for PREFIX=/usr.
templates=$3/share/hookline/templates
sed -e "s|^#\(HOOKLINE_MAIL_TEMPLATES\)=/usr/share.*|\1=$templates|" conf/hookline.env.example >"$adapted/hookline.env"
for file in conf/systemd/* nginx/hookline*; do
    sed -e "s|/usr/bin/hookline|$3/bin/hookline|" -e "s|/usr/share/hookline|$3/share/hookline|" \
        -e "s|/etc/nginx/|$4/nginx/|g" -e "s|/etc/hookline/|$4/hookline/|" "$file" >"$adapted/$(basename "$file")"
done

install -D -m 755 -t "$prefix/bin" "$products/hookline" "$products/hookline-fcgi" "$products/hookline-worker"
install -D -m 644 -t "$prefix/share/hookline/www" nginx/www/*.*
install -D -m 644 -t "$prefix/share/hookline/www/js" nginx/www/js/*
install -D -m 644 -t "$prefix/share/hookline/templates" conf/templates/*
install -D -m 644 -t "$prefix/share/hookline/prometheus" conf/prometheus/*.yml
install -D -m 644 -t "$prefix/share/hookline/grafana" conf/grafana/hookline.json
install -D -m 644 -t "$prefix/share/doc/hookline" README.md CHANGELOG.md LICENSE docs/*.md
install -D -m 644 -t "$prefix/lib/systemd/system" "$adapted/hookline@.service" "$adapted/hookline@.socket" \
    "$adapted/hookline-worker.service"
install -D -m 644 "$adapted/hookline.sysusers" "$prefix/lib/sysusers.d/hookline.conf"
install -D -m 644 "$adapted/hookline.tmpfiles" "$prefix/lib/tmpfiles.d/hookline.conf"
keep 644 "$adapted/hookline.params" "$etc/nginx/hookline/hookline.params"
for file in hookline.backend hookline.locations hookline.pages; do
    install -D -m 644 "$adapted/$file" "$etc/nginx/hookline/$file"
done
keep 644 "$adapted/hookline.http" "$etc/nginx/hookline/hookline.http"
install -D -m 644 -t "$prefix/share/hookline/nginx" "$adapted/hookline.http" "$adapted/hookline.params"
needs "$etc/nginx/hookline/hookline.http" hookline_auth_type \
    'has no map hookline_auth_type: nginx will refuse its configuration'
needs "$etc/nginx/hookline/hookline.params" '^fastcgi_param AUTH_TYPE ' \
    'sets no AUTH_TYPE: every user is anonymous'
keep 644 "$adapted/hookline.conf" "$etc/nginx/sites-available/hookline.conf"
keep 644 "$adapted/hookline-sso.conf" "$etc/nginx/sites-available/hookline-sso.conf"
keep 644 conf/logrotate/hookline "$etc/logrotate.d/hookline"
keep 640 "$adapted/hookline.env" "$etc/hookline/hookline.env"
if [ "$3" != /usr ] && ! grep -q '^HOOKLINE_MAIL_TEMPLATES=' "$etc/hookline/hookline.env"; then
    echo "$etc/hookline/hookline.env: set HOOKLINE_MAIL_TEMPLATES=$templates to send mail"
fi
