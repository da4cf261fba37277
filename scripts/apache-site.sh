#!/usr/bin/env bash
# Creates a private Apache configuration and a site folder from conf/shared-hosting/htaccess, as on shared hosting: the
# tests run the command that this script prints. Replaces only addresses and paths.
set -eu

usage() {
    cat <<'TEXT'
usage: scripts/apache-site.sh FOLDER --program PATH --redis URL --directory SQLITE-PATH [option…]

Writes the site and httpd.conf below FOLDER, creates a certificate for localhost unless FOLDER/tls.crt exists, and
prints the command that starts Apache in the foreground.

  --port NUMBER       HTTPS port on 127.0.0.1 (default 8443)
  --plain-port NUMBER HTTP port on 127.0.0.1 (default: none)
  --program PATH      hookline-cgi, which becomes hookline.cgi
  --redis URL         HOOKLINE_REDIS
  --directory PATH    the SQLite file
  --htpasswd PATH     users and password hashes (default: FOLDER/htpasswd)
TEXT
}

here=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=scripts/site.bash
. "$here/scripts/site.bash"

port=8443 plain_port='' program='' redis='' directory='' htpasswd=''
option() {
    case "$1" in
        --port) port=$2 ;;
        --plain-port) plain_port=$2 ;;
        --program) program=$2 ;;
        --redis) redis=$2 ;;
        --directory) directory=$2 ;;
        --htpasswd) htpasswd=$2 ;;
        *) return 1 ;;
    esac
}
read_arguments "$@"
for value in "$program" "$redis" "$directory"; do
    [ -n "$value" ] || { usage >&2; exit 64; }
done
mkdir -p "$folder/site"
folder=$(cd "$folder" && pwd)
[ -n "$htpasswd" ] || htpasswd=$folder/htpasswd

make_certificate

cp -r "$here/nginx/www/." "$folder/site/"
cp "$program" "$folder/site/hookline.cgi"
sed -e "s|unix:/home/me/redis\\.sock|$redis|" -e "s|/home/me/hookline/directory\\.sqlite|$directory|" \
    -e "s|/home/me/hookline/htpasswd|$htpasswd|" "$here/conf/shared-hosting/htaccess" >"$folder/site/.htaccess"

# Apache serves as another user if root starts it. SQLite creates files beside the directory.
user_lines=''
if [ "$(id -u)" -eq 0 ]; then
    user_lines=$'User www-data\nGroup www-data'
    chmod 755 "$folder"
    chown www-data: "$folder/site" "$folder/site/hookline.cgi" "$(dirname "$directory")" "$directory"*
fi
modules=/usr/lib/apache2/modules
{
    for module in mpm_event authn_core authz_core authn_file authz_user auth_basic cgid dir env headers mime rewrite \
        setenvif socache_shmcb ssl; do
        echo "LoadModule ${module}_module $modules/mod_$module.so"
    done
    [ -z "$plain_port" ] || echo "Listen 127.0.0.1:$plain_port"
    cat <<CONF
$user_lines
ServerRoot $folder
ServerName localhost
PidFile $folder/httpd.pid
ScriptSock $folder/cgid.sock
DefaultRuntimeDir $folder
ErrorLog $folder/httpd-error.log
TypesConfig /etc/mime.types
Listen 127.0.0.1:$port
DocumentRoot $folder/site
DirectoryIndex index.html
<Directory $folder/site>
    AllowOverride AuthConfig FileInfo Limit Options=ExecCGI
    Require all granted
</Directory>
<VirtualHost 127.0.0.1:$port>
    SSLEngine on
    SSLCertificateFile $folder/tls.crt
    SSLCertificateKeyFile $folder/tls.key
</VirtualHost>
CONF
} >"$folder/httpd.conf"
echo "apache2 -D FOREGROUND -f $folder/httpd.conf"
