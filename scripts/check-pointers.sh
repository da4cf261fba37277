#!/usr/bin/env bash
# Fails if code or documentation refers to a missing section "docs/FILE.md n.n" or row "docs/FILE.md Dn", or to a
# document that is not in the repository, or if a link "FILE.md#heading" of the documentation leads to no heading.
# Usage: scripts/check-pointers.sh [ROOT]
set -eu

cd "${1:-"$(dirname "$0")/.."}"
folders=()
for folder in Sources Tests nginx conf Benchmarks scripts docs; do
    [ ! -d "$folder" ] || folders+=("$folder")
done
[ "${#folders[@]}" -gt 0 ] || { echo "check-pointers.sh: nothing to check in $PWD" >&2; exit 1; }

# A reference can be wrapped after the file name, and can name several sections: "7.1 to 7.3", "5.2 and 2.7".
# shellcheck disable=SC2016
program='
    function complain(text) {
        print FILENAME ":" FNR ": " text
        errors++
    }
    function load(file,    line, fenced) {
        loaded[file] = 1
        exists[file] = (getline line < file) >= 0
        if (!exists[file]) return
        do {
            if (line ~ /^ *```/) fenced = !fenced
            if (!fenced && match(line, /^#+ [0-9]+(\.[0-9]+)*/)) {
                sub(/^#+ /, "", line)
                match(line, /^[0-9]+(\.[0-9]+)*/)
                sections[file, substr(line, 1, RLENGTH)] = 1
            }
            if (match(line, /^\| D[0-9]+ \|/)) sections[file, substr(line, 3, RLENGTH - 4)] = 1
        } while ((getline line < file) > 0)
        close(file)
    }
    function check(file, section) {
        if (!(file in loaded)) load(file)
        if (!exists[file]) complain(file " does not exist")
        else if (!((file, section) in sections)) complain(file " has no " section)
    }
    function pointers(text,    found, file) {
        while (match(text, /docs\/[A-Za-z0-9_-]+\.md,? (section )?D?[0-9]+(\.[0-9]+)*/)) {
            found = substr(text, RSTART, RLENGTH)
            text = substr(text, RSTART + RLENGTH)
            file = substr(found, 1, index(found, ".md") + 2)
            sub(/.* /, "", found)
            check(file, found)
            while (match(text, /^(,| to|,? and|,? or) (D[0-9]+|[0-9]+\.[0-9]+)/)) {
                found = substr(text, 1, RLENGTH)
                text = substr(text, 1 + RLENGTH)
                sub(/.* /, "", found)
                check(file, found)
            }
        }
    }
    FNR == 1 { open = "" }
    {
        text = $0
        if (open != "") {
            sub(/^[ \t]*(\/\/+|#+|\*|--)?[ \t]*/, "", text)
            # A number at the start of the next line may belong to a list.
            text = (text ~ /^[0-9]+\. /) ? $0 : open " " text
        }
        open = ""
        pointers(text)
        lower = tolower(text)
        if (lower ~ /(^|[^a-z])(contract|design)(.s)?,? \(?(section|end of [0-9]|d?[0-9])/ \
            || lower ~ /(^|[^a-z\/-])(contract|design)(-[0-9]+)?\.md/)
            complain("refers to a document that is not in the repository")
        if (match($0, /(docs\/[A-Za-z0-9_-]+\.md|[Cc]ontract|[Dd]esign),?$/)) open = substr($0, RSTART)
    }
    END { exit errors > 0 }
'

# The anchor of a heading is the one that GitHub makes: lower case, without punctuation, spaces as hyphens, repeated
# ones numbered.
# shellcheck disable=SC2016
links='
    function load(file,    line, fenced, anchor, count) {
        loaded[file] = 1
        while ((getline line < file) > 0) {
            if (line ~ /^ *```/) fenced = !fenced
            if (fenced || line !~ /^#+ /) continue
            sub(/^#+ /, "", line)
            gsub(/\]\([^)]*\)/, "", line)
            anchor = tolower(line)
            gsub(/[^a-z0-9_ -]/, "", anchor)
            gsub(/ /, "-", anchor)
            count = seen[file, anchor]++
            anchors[file, anchor (count ? "-" count : "")] = 1
        }
        close(file)
    }
    FNR == 1 { folder = FILENAME; if (!sub(/[^\/]*$/, "", folder)) folder = ""; fenced = 0 }
    /^ *```/ { fenced = !fenced }
    !fenced {
        text = $0
        while (match(text, /\]\(([^):# ]*\.md)?#[^) ]*\)/)) {
            target = substr(text, RSTART + 2, RLENGTH - 3)
            text = substr(text, RSTART + RLENGTH)
            hash = index(target, "#")
            file = hash == 1 ? FILENAME : folder substr(target, 1, hash - 1)
            while (sub(/[^\/.]+\/\.\.\//, "", file));
            if (!(file in loaded)) load(file)
            if (!((file, substr(target, hash + 1)) in anchors)) {
                print FILENAME ":" FNR ": " target " leads to no heading"
                errors++
            }
        }
    }
    END { exit errors > 0 }
'
pages=()
for file in *.md docs/*.md; do
    [ ! -f "$file" ] || pages+=("$file")
done
failed=0
[ "${#pages[@]}" -eq 0 ] || awk "$links" "${pages[@]}" >&2 || failed=1

# The tests of this script contain wrong references on purpose.
grep -rIlZEi --exclude-dir='.*' --exclude-dir=Scripts 'docs/[a-z0-9_-]+\.md|contract|design' "${folders[@]}" \
    | xargs -0 -r awk "$program" >&2 || failed=1
exit "$failed"
