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
for program in hookline hookline-fcgi hookline-cgi hookline-worker; do
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

# The files as this version and the last one ship them. They tell whether a file in /etc was edited, and whether there is
# a new version of it.
shipped=$prefix/share/hookline/shipped

# is_changed NAME: the file differs from that of the last version, or it is not known which that was.
is_changed() {
    ! cmp -s "$adapted/$1" "$shipped/$1"
}

# is_edited NAME TARGET: the file exists and is neither the last version's nor this one's.
is_edited() {
    [ -e "$2" ] && ! cmp -s "$2" "$shipped/$1" && ! cmp -s "$2" "$adapted/$1"
}

# offer MODE NAME TARGET: keeps an existing file, and installs the new version beside it.
offer() {
    rm -f "$3.new"
    cmp -s "$adapted/$2" "$3" && return
    install -D -m "$1" "$adapted/$2" "$3.new"
    echo "NOTE: kept $3. The new version is $3.new: compare them." >&2
}

# settings MODE NAME TARGET: installs a file with settings. An existing file is never replaced.
settings() {
    if [ ! -e "$3" ]; then
        install -D -m "$1" "$adapted/$2" "$3"
    elif is_changed "$2"; then
        offer "$1" "$2" "$3"
    else
        echo "kept $3"
    fi
}

# together FOLDER NAME…: installs files that use each other's definitions. If one of them was edited, none is replaced,
# because nginx would refuse a mixture of two versions.
together() {
    local folder=$1 name edited='' changed=''
    shift
    for name in "$@"; do
        ! is_edited "$name" "$folder/$name" || edited="$edited $name"
        ! is_changed "$name" || changed=yes
    done
    for name in "$@"; do
        if [ -z "$edited" ] || [ ! -e "$folder/$name" ]; then
            install -D -m 644 "$adapted/$name" "$folder/$name"
            rm -f "$folder/$name.new"
        elif [ -n "$changed" ]; then
            offer 644 "$name" "$folder/$name"
        else
            echo "kept $folder/$name"
        fi
    done
    [ -z "$edited" ] || [ -z "$changed" ] || echo "WARNING: no file of this version replaced those in $folder," \
        "because these were edited:$edited. Move your settings to hookline.settings or hookline.extra-params, then" \
        "rename the files that end in .new, all at once." >&2
}

# needs FILE PATTERN PROBLEM: warns if an existing file lacks a line that this version needs.
needs() {
    grep -q "$2" "$1" || echo "WARNING: $1 $3. Compare it with $shipped/$(basename "$1")." >&2
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

install -D -m 755 -t "$prefix/bin" "$products/hookline" "$products/hookline-fcgi" "$products/hookline-cgi" \
    "$products/hookline-worker"
# completion SHELL FILE: what the shell completes behind "hookline". The program writes it, which may lack its libraries
# where it was only built.
completion() {
    if "$products/hookline" --generate-completion-script "$1" >"$adapted/completion" 2>/dev/null; then
        install -D -m 644 "$adapted/completion" "$prefix/share/$2"
    else
        echo "NOTE: no completions for $1, because $products/hookline cannot run here" >&2
    fi
}
completion bash bash-completion/completions/hookline
completion zsh zsh/vendor-completions/_hookline
completion fish fish/vendor_completions.d/hookline.fish
install -D -m 644 -t "$prefix/share/hookline/www" nginx/www/*.*
install -D -m 644 -t "$prefix/share/hookline/www/js" nginx/www/js/*
install -D -m 644 -t "$prefix/share/hookline/templates" conf/templates/*
install -D -m 644 -t "$prefix/share/hookline/prometheus" conf/prometheus/*.yml
install -D -m 644 -t "$prefix/share/hookline/grafana" conf/grafana/hookline.json
install -D -m 644 -t "$prefix/share/hookline/redis" conf/redis/hookline.acl
install -D -m 644 -t "$prefix/share/hookline/postgresql" conf/postgresql/role.sql
install -D -m 644 -t "$prefix/share/doc/hookline" README.md CHANGELOG.md LICENSE docs/*.md
install -D -m 644 -t "$prefix/lib/systemd/system" "$adapted/hookline@.service" "$adapted/hookline@.socket" \
    "$adapted/hookline-worker.service"
install -D -m 644 "$adapted/hookline.sysusers" "$prefix/lib/sysusers.d/hookline.conf"
install -D -m 644 "$adapted/hookline.tmpfiles" "$prefix/lib/tmpfiles.d/hookline.conf"
settings 644 hookline.settings "$etc/nginx/hookline/hookline.settings"
settings 644 hookline-relay-upstream.locations "$etc/nginx/hookline/hookline-relay-upstream.locations"
together "$etc/nginx/hookline" hookline.http hookline.params hookline.backend hookline.locations hookline.pages
needs "$etc/nginx/hookline/hookline.http" hookline_auth_type \
    'has no map hookline_auth_type: nginx will refuse its configuration'
needs "$etc/nginx/hookline/hookline.settings" 'zone=hookline_relay:' \
    'has no limit_req_zone hookline_relay: nginx will refuse its configuration'
needs "$etc/nginx/hookline/hookline.params" '^fastcgi_param AUTH_TYPE ' \
    'sets no AUTH_TYPE: every user is anonymous'
settings 644 hookline.conf "$etc/nginx/sites-available/hookline.conf"
settings 644 hookline-sso.conf "$etc/nginx/sites-available/hookline-sso.conf"
settings 640 hookline.env "$etc/hookline/hookline.env"
keep 644 conf/logrotate/hookline "$etc/logrotate.d/hookline"
install -D -m 644 -t "$shipped" "$adapted"/hookline.{http,params,backend,locations,pages,settings,conf,env} \
    "$adapted/hookline-sso.conf" "$adapted/hookline-relay-upstream.locations"
if [ "$3" != /usr ] && ! grep -q '^HOOKLINE_MAIL_TEMPLATES=' "$etc/hookline/hookline.env"; then
    echo "$etc/hookline/hookline.env: set HOOKLINE_MAIL_TEMPLATES=$templates to send mail"
fi
