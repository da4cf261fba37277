#!/usr/bin/env bash
# Creates a private nginx configuration from the shipped site files: copies them into a folder and replaces only ports,
# sockets and paths. The demo runs the command that this script prints. In production nginx/ is copied unchanged.
set -eu

usage() {
    cat <<'TEXT'
usage: scripts/nginx-site.sh FOLDER [option…]

Writes FOLDER/nginx.conf and its files below FOLDER, creates a certificate for localhost unless FOLDER/tls.crt exists,
and prints the command that starts nginx in the foreground.

  --site NAME         hookline.conf (default) or hookline-sso.conf
  --port NUMBER       HTTPS port on 127.0.0.1 (default 8443)
  --plain-port NUMBER HTTP port on 127.0.0.1 that redirects to it (default: none)
  --responder PATH    unix socket of a responder; give it twice for two (default: FOLDER/hookline-1.sock and -2.sock)
  --rate RATE         rate limit of API requests for each client address (default: as shipped)
  --burst NUMBER      burst of that limit (default: as shipped)
  --admins CIDR       network in which superusers have superuser rights (default: none)
  --htpasswd PATH     users and password hashes (default: FOLDER/htpasswd)
  --sso HOST:PORT     single sign-on of hookline-sso.conf (default: as shipped)
TEXT
}

here=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=scripts/site.bash
. "$here/scripts/site.bash"

site=hookline.conf port=8443 plain_port='' responders=() rate='' burst='' admins='' htpasswd='' sso=''
option() {
    case "$1" in
        --site) site=$2 ;;
        --port) port=$2 ;;
        --plain-port) plain_port=$2 ;;
        --responder) responders+=("$2") ;;
        --rate) rate=$2 ;;
        --burst) burst=$2 ;;
        --admins) admins=$2 ;;
        --htpasswd) htpasswd=$2 ;;
        --sso) sso=$2 ;;
        *) return 1 ;;
    esac
}
read_arguments "$@"
[ -f "$here/nginx/$site" ] || fail "no site file nginx/$site"
mkdir -p "$folder/nginx" "$folder/nginx-temp"
folder=$(cd "$folder" && pwd)
[ -n "$htpasswd" ] || htpasswd=$folder/htpasswd
if [ ${#responders[@]} -eq 0 ]; then
    responders=("$folder/hookline-1.sock" "$folder/hookline-2.sock")
fi

make_certificate

first=${responders[0]}
second=${responders[1]:-$first}
edits=(
    -e "s|/etc/nginx/hookline/htpasswd|$htpasswd|"
    -e "s|/etc/nginx/hookline/tls\\.|$folder/tls.|"
    -e "s|/etc/nginx/hookline/|$folder/nginx/|"
    -e "s|/run/hookline/hookline-1\\.sock|$first|"
    -e "s|/run/hookline/hookline-2\\.sock|$second|"
    -e "s|/usr/share/hookline/www|$here/nginx/www|"
    -e "s|server_name hookline\\.example|server_name localhost|"
    -e "/listen \\[::\\]/d"
    -e "s|listen 443 |listen 127.0.0.1:$port |"
)
if [ -n "$plain_port" ]; then
    edits+=(-e "s|listen 80;|listen 127.0.0.1:$plain_port;|" -e "s|https://[$]host[$]|https://\$host:$port\$|")
else
    edits+=(-e "s|listen 80;|listen unix:$folder/plain.sock;|")
fi
[ -z "$rate" ] || edits+=(-e "s|rate=[^;]*;|rate=$rate;|")
[ -z "$burst" ] || edits+=(-e "s|burst=[0-9]*|burst=$burst|")
[ -z "$admins" ] || edits+=(-e "s|# 10\\.20\\.30\\.0/24 1;|$admins 1;|")
[ -z "$sso" ] || edits+=(-e "s|server 127\\.0\\.0\\.1:4180;|server $sso;|")
for file in "$here"/nginx/hookline*; do
    sed "${edits[@]}" "$file" >"$folder/nginx/$(basename "$file")"
done

# If root starts nginx, its workers run as another user by default, who has no access to the sockets.
user_line=''
[ "$(id -u)" -ne 0 ] || user_line="user $(id -un) $(id -gn);"
mime_types=/etc/nginx/mime.types
cat >"$folder/nginx.conf" <<CONF
$user_line
daemon off;
worker_processes 2;
pid $folder/nginx.pid;
error_log $folder/nginx-error.log info;
events {
    worker_connections 1024;
}
http {
    include $mime_types;
    access_log $folder/nginx-access.log;
    client_body_temp_path $folder/nginx-temp/body;
    proxy_temp_path $folder/nginx-temp/proxy;
    fastcgi_temp_path $folder/nginx-temp/fastcgi;
    uwsgi_temp_path $folder/nginx-temp/uwsgi;
    scgi_temp_path $folder/nginx-temp/scgi;
    include $folder/nginx/$site;
}
CONF
echo "nginx -e $folder/nginx-error.log -c $folder/nginx.conf"
