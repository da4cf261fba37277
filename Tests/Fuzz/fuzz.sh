#!/bin/sh
# Runs libFuzzer with AddressSanitizer on the parsers of Buffer and Redis: fuzz.sh [SECONDS], 600 by default.
# The inputs found are kept in .build/fuzz/corpus, an input that fails in .build/fuzz.
set -eu

seconds=${1:-600}
root=$(cd "$(dirname "$0")/../.." && pwd)
out=$root/.build/fuzz
mkdir -p "$out/corpus"

compile() {
    module=$1
    shift
    swiftc -O -wmo -parse-as-library -swift-version 6 -sanitize=fuzzer,address -package-name hookline \
        -enable-upcoming-feature ExistentialAny -enable-upcoming-feature MemberImportVisibility \
        -enable-upcoming-feature InternalImportsByDefault -module-name "$module" -I "$out" \
        -I "$root/Sources/CSystem" -I "$root/Sources/CHiredis" -I "$root/Sources/CMessageDigest" \
        -I "$root/Sources/CZlib" "$@"
}

# Writes the list of a target's files, which the compiler reads.
list() {
    find "$root/Sources/$1" -name '*.swift' | sed 's/.*/"&"/' >"$out/$1.files"
}

library() {
    list "$1"
    compile "$1" -enable-testing -emit-module -emit-module-path "$out/$1.swiftmodule" -emit-object -o "$out/$1.o" "@$out/$1.files"
}

library Model
library WireJSON
library System
library Redis
list Buffer
compile Buffer -use-ld=lld -o "$out/buffer-fuzzer" \
    "@$out/Buffer.files" "$root/Tests/Fuzz/BufferFuzzer.swift" "$out/Model.o" "$out/WireJSON.o" \
    "$out/System.o" "$out/Redis.o"

cd "$out"
# Without this, a trap starts the interactive backtracer, which never ends without a terminal.
export SWIFT_BACKTRACE=enable=no
exec ./buffer-fuzzer -max_total_time="$seconds" -max_len=2048 -print_final_stats=1 -timeout=20 \
    -dict="$root/Tests/Fuzz/buffer.dict" corpus "$root/Tests/Fuzz/seeds"
