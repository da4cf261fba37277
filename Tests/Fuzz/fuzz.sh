#!/bin/sh
# Runs libFuzzer with AddressSanitizer on the parsers of Buffer and Redis, and on what is computed from what Redis holds:
# fuzz.sh [SECONDS], 600 by default, a half for each. fuzz.sh --check only type-checks the fuzzers.
# The inputs found are kept in .build/fuzz/corpus and .build/fuzz/state-corpus, one that fails in .build/fuzz/*.failure.
set -eu

seconds=${1:-600}
root=$(cd "$(dirname "$0")/../.." && pwd)
out=$root/.build/fuzz
if [ "$seconds" = --check ]; then out=$out/check; fi
mkdir -p "$out"

compile() {
    module=$1
    shift
    swiftc -parse-as-library -swift-version 6 -package-name hookline \
        -enable-upcoming-feature ExistentialAny -enable-upcoming-feature MemberImportVisibility \
        -enable-upcoming-feature InternalImportsByDefault -module-name "$module" -I "$out" \
        -I "$root/Sources/CSystem" -I "$root/Sources/CHiredis" -I "$root/Sources/CMessageDigest" \
        -I "$root/Sources/CZlib" -I "$root/Sources/CSQLite" -I "$root/Sources/CSodium" "$@"
}

# Writes the list of a target's files, which the compiler reads.
list() {
    find "$root/Sources/$1" -name '*.swift' | sed 's/.*/"&"/' >"$out/$1.files"
}

# library TARGET OPTION…: compiles a target that the fuzzers use.
library() {
    target=$1
    shift
    list "$target"
    compile "$target" -enable-testing -emit-module -emit-module-path "$out/$target.swiftmodule" "$@" "@$out/$target.files"
}

# Each fuzzer is compiled as a part of the target whose internals it calls.
buffer_fuzzer() {
    list Buffer
    compile Buffer "$@" "@$out/Buffer.files" "$root/Tests/Fuzz/BufferFuzzer.swift"
}

state_fuzzer() {
    list Handlers
    compile Handlers "$@" "@$out/Handlers.files" "$root/Tests/Fuzz/StateFuzzer.swift" \
        "$root/Sources/CLI/Queue/QueueReport.swift" "$root/Sources/CLI/Queue/DeadLetterListing.swift" \
        "$root/Sources/CLI/Support/TextTable.swift"
}

targets='Model WireJSON System Redis Buffer Queue Directory WebhookRules Management'
if [ "$seconds" = --check ]; then
    for target in $targets; do library "$target" -wmo -Xfrontend -experimental-skip-non-inlinable-function-bodies; done
    buffer_fuzzer -wmo -typecheck
    state_fuzzer -wmo -typecheck
    exit
fi

for target in $targets; do library "$target" -O -wmo -sanitize=fuzzer,address -emit-object -o "$out/$target.o"; done
buffer_fuzzer -O -wmo -sanitize=fuzzer,address -use-ld=lld -o "$out/buffer-fuzzer" \
    "$out/Model.o" "$out/WireJSON.o" "$out/System.o" "$out/Redis.o"
state_fuzzer -O -wmo -sanitize=fuzzer,address -use-ld=lld -o "$out/state-fuzzer" \
    "$out/Model.o" "$out/WireJSON.o" "$out/System.o" "$out/Redis.o" "$out/Buffer.o" "$out/Queue.o" \
    "$out/Directory.o" "$out/WebhookRules.o" "$out/Management.o"

cd "$out"
mkdir -p corpus state-corpus
# Without this, a trap starts the interactive backtracer, which never ends without a terminal.
export SWIFT_BACKTRACE=enable=no
half=$(((seconds + 1) / 2))
# run FUZZER ARGUMENT…: one that does not end by itself is ended; the input that fails is printed.
run() {
    fuzzer=$1
    shift
    input=$out/$fuzzer.failure
    rm -f "$input"
    timeout --foreground --kill-after=10 $((half + 120)) "./$fuzzer" -max_total_time="$half" -timeout=20 \
        -print_final_stats=1 -exact_artifact_path="$input" "$@" && return
    status=$?
    if [ -f "$input" ]; then
        echo "fuzz.sh: $fuzzer fails with this input ($input, here in base64):" >&2
        base64 "$input" >&2
    else
        echo "fuzz.sh: $fuzzer ended with status $status and left no input" >&2
    fi
    return "$status"
}
run buffer-fuzzer -max_len=2048 -dict="$root/Tests/Fuzz/buffer.dict" corpus "$root/Tests/Fuzz/seeds"
run state-fuzzer -max_len=512 state-corpus
