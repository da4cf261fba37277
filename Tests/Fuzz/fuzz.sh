#!/bin/sh
# Runs libFuzzer with AddressSanitizer on the parsers of Buffer and Redis, and on what is computed from what Redis holds:
# fuzz.sh [SECONDS], 600 by default, a half for each.
# The inputs found are kept in .build/fuzz/corpus and .build/fuzz/state-corpus, an input that fails in .build/fuzz.
set -eu

seconds=${1:-600}
root=$(cd "$(dirname "$0")/../.." && pwd)
out=$root/.build/fuzz
mkdir -p "$out/corpus" "$out/state-corpus"

compile() {
    module=$1
    shift
    swiftc -O -wmo -parse-as-library -swift-version 6 -sanitize=fuzzer,address -package-name hookline \
        -enable-upcoming-feature ExistentialAny -enable-upcoming-feature MemberImportVisibility \
        -enable-upcoming-feature InternalImportsByDefault -module-name "$module" -I "$out" \
        -I "$root/Sources/CSystem" -I "$root/Sources/CHiredis" -I "$root/Sources/CMessageDigest" \
        -I "$root/Sources/CZlib" -I "$root/Sources/CSQLite" -I "$root/Sources/CSodium" "$@"
}

# Writes the list of a target's files, which the compiler reads.
list() {
    find "$root/Sources/$1" -name '*.swift' | sed 's/.*/"&"/' >"$out/$1.files"
}

library() {
    list "$1"
    compile "$1" -enable-testing -emit-module -emit-module-path "$out/$1.swiftmodule" -emit-object -o "$out/$1.o" "@$out/$1.files"
}

for target in Model WireJSON System Redis; do library "$target"; done
list Buffer
compile Buffer -use-ld=lld -o "$out/buffer-fuzzer" \
    "@$out/Buffer.files" "$root/Tests/Fuzz/BufferFuzzer.swift" "$out/Model.o" "$out/WireJSON.o" \
    "$out/System.o" "$out/Redis.o"

for target in Buffer Queue Directory WebhookRules; do library "$target"; done
list Handlers
compile Handlers -use-ld=lld -o "$out/state-fuzzer" \
    "@$out/Handlers.files" "$root/Tests/Fuzz/StateFuzzer.swift" "$root/Sources/CLI/Queue/QueueReport.swift" \
    "$root/Sources/CLI/Queue/DeadLetterListing.swift" "$root/Sources/CLI/Support/TextTable.swift" \
    "$out/Model.o" "$out/WireJSON.o" "$out/System.o" "$out/Redis.o" "$out/Buffer.o" "$out/Queue.o" \
    "$out/Directory.o" "$out/WebhookRules.o"

cd "$out"
# Without this, a trap starts the interactive backtracer, which never ends without a terminal.
export SWIFT_BACKTRACE=enable=no
half=$(((seconds + 1) / 2))
./buffer-fuzzer -max_total_time="$half" -max_len=2048 -print_final_stats=1 -timeout=20 \
    -dict="$root/Tests/Fuzz/buffer.dict" corpus "$root/Tests/Fuzz/seeds"
exec ./state-fuzzer -max_total_time="$half" -max_len=512 -print_final_stats=1 -timeout=20 state-corpus
