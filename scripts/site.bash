# Sourced by nginx-site.sh and apache-site.sh, which define usage, and option: it gets the name of an option and its
# value, and returns 1 if there is no such option.
# shellcheck shell=bash

fail() {
    echo "$(basename "$0"): $*" >&2
    exit 64
}

# Reads the script's arguments: calls option for each, and sets folder.
read_arguments() {
    folder=''
    while [ $# -gt 0 ]; do
        case "$1" in
            -h | --help) usage; exit 0 ;;
            --*)
                [ $# -ge 2 ] || fail "$1 needs a value"
                option "$1" "$2" || fail "unknown option $1 (--help lists them)"
                shift 2
                ;;
            *)
                [ -z "$folder" ] || fail "more than one folder: $folder, $1"
                folder=$1
                shift
                ;;
        esac
    done
    [ -n "$folder" ] || { usage >&2; exit 64; }
}

# Creates a certificate for localhost unless the folder has one.
make_certificate() {
    [ ! -f "$folder/tls.crt" ] || return 0
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
        -keyout "$folder/tls.key" -out "$folder/tls.crt" 2>"$folder/openssl.log" \
        || fail "openssl could not create a certificate: $(cat "$folder/openssl.log")"
}
