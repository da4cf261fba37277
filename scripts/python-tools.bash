#!/usr/bin/env bash
# Tools of tests that come from PyPI, which Debian does not have. Sourced by those tests.
set -eu

# python_tools FOLDER REQUIREMENTS SKIP: sees to it that the virtual environment FOLDER holds exactly what the file
# REQUIREMENTS names; ends the script where that cannot be had. SKIP is the variable that leaves the check out.
python_tools() {
    local folder=$1 requirements=$2 skip=$3
    if cmp -s "$requirements" "$folder/requirements.txt"; then return 0; fi
    echo "Installing the tools of ${0##*/} from PyPI in $folder …"
    rm -rf "$folder"
    if ! /usr/bin/python3 -m venv "$folder" \
        || ! "$folder/bin/pip" install --quiet --disable-pip-version-check --retries 2 --timeout 15 --require-hashes -r "$requirements"; then
        rm -rf "$folder"
        cat >&2 <<TEXT
${0##*/}: the tools that this check needs could not be installed from PyPI; above is why. They are named in
    $requirements
Where PyPI cannot be reached, $skip=1 leaves this check out.
TEXT
        exit 69
    fi
    cp "$requirements" "$folder/requirements.txt"
}
