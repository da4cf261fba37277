#!/usr/bin/env bash
# Installs test tools from PyPI that Debian does not have. Sourced by the tests that use them.
set -eu

# python_tools FOLDER REQUIREMENTS SKIP: creates the virtual environment FOLDER with exactly the packages that the file
# REQUIREMENTS names, or exits. SKIP is the variable that skips the check.
python_tools() {
    local folder=$1 requirements=$2 skip=$3
    if cmp -s "$requirements" "$folder/requirements.txt"; then return 0; fi
    echo "Installing the tools of ${0##*/} from PyPI in $folder …"
    rm -rf "$folder"
    if ! /usr/bin/python3 -m venv "$folder" \
        || ! "$folder/bin/pip" install --quiet --disable-pip-version-check --retries 2 --timeout 15 --require-hashes -r "$requirements"; then
        rm -rf "$folder"
        cat >&2 <<TEXT
${0##*/}: the tools of this check could not be installed from PyPI, see above. They are listed in
    $requirements
Without access to PyPI, set $skip=1 to skip this check.
TEXT
        exit 69
    fi
    cp "$requirements" "$folder/requirements.txt"
}
