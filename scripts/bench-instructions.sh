#!/usr/bin/env bash
# Counts the instructions of one decision under valgrind: of N and of 2N, so
# that the start cancels out. Numbers are the same in every run of one build.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly times=${TIMES:-2000}
readonly builds=${CARGO_TARGET_DIR:-target}

die() {
    printf 'bench-instructions: %s\n' "$*" >&2
    exit 1
}

# shellcheck disable=SC1091 # made by scripts/parts.sh
if [ -r .parts/env ]; then . .parts/env; fi
valgrind=${GATELODGE_BENCH_VALGRIND:-valgrind}
command -v "$valgrind" >/dev/null || die "valgrind is missing: run scripts/parts.sh bench"

cargo build --release --locked --example decide

instructions() { # PATH TIMES
    local said
    said=$("$valgrind" --tool=callgrind --callgrind-out-file=/dev/null \
        "$builds/release/examples/decide" "$1" "$2" 2>&1) || die "$said"
    sed -n 's/.*Collected : \([0-9]*\).*/\1/p' <<<"$said"
}

printf '\ninstructions per decision\n'
for path in sealed filed made-up; do
    once=$(instructions "$path" "$times")
    twice=$(instructions "$path" $((2 * times)))
    printf '  %-8s %8d\n' "$path" $(((twice - once) / times))
done
