#!/usr/bin/env bash
# Says in one line what is missing to build Gatelodge, and how to get it.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

die() {
    printf 'gatelodge: %s\n' "$*" >&2
    exit 1
}

# Versions as numbers that compare: 1.95.2 becomes 1095.
number() { # MAJOR.MINOR[.PATCH]
    local major minor
    IFS=. read -r major minor _ <<<"$1"
    echo $((10#$major * 1000 + 10#$minor))
}

needed=$(sed -n 's/^rust-version = "\([0-9.]*\)"$/\1/p' Cargo.toml)
readonly how="install Rust $needed or newer with rustup (https://rustup.rs), then 'rustup default stable'"

command -v cargo >/dev/null || die "cargo is missing: $how"
command -v rustc >/dev/null || die "rustc is missing: $how"
found=$(rustc --version 2>/dev/null | sed -n 's/^rustc \([0-9]*\.[0-9]*\).*/\1/p')
[ -n "$found" ] || die "rustc does not run: $how"
[ "$(number "$found")" -ge "$(number "$needed")" ] ||
    die "Rust $found is too old, $needed is needed: 'rustup update stable', or $how"
command -v "$(cut -d " " -f 1 <<<"${CC:-cc}")" >/dev/null ||
    die "a C compiler is missing, which cryptography and SQLite need: apt-get install gcc libc6-dev (or your system's C compiler)"
