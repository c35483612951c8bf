#!/usr/bin/env bash
# Requests a second of /forward-auth beside a bare actix handler that answers
# 204, in turns, and their ratios. Only ratios can be compared between machines.
#
#   ROUNDS=3 SECONDS_EACH=5 THREADS=2 CONNECTIONS=32 scripts/bench-http.sh
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly rounds=${ROUNDS:-3} each=${SECONDS_EACH:-5}
readonly threads=${THREADS:-2} connections=${CONNECTIONS:-32}
readonly builds=${CARGO_TARGET_DIR:-target}

die() {
    printf 'bench-http: %s\n' "$*" >&2
    exit 1
}

# shellcheck disable=SC1091 # made by scripts/parts.sh
if [ -r .parts/env ]; then . .parts/env; fi
wrk=${GATELODGE_BENCH_WRK:-wrk}
command -v "$wrk" >/dev/null || die "wrk is missing: run scripts/parts.sh bench"

work=$(mktemp -d)
readonly work
children=()

stop_all() {
    if [ "${#children[@]}" -gt 0 ]; then
        kill "${children[@]}" 2>/dev/null || true
        wait "${children[@]}" 2>/dev/null || true
    fi
    rm -rf "$work"
}
trap stop_all EXIT
trap 'exit 130' INT TERM

# Waits until a server says where it listens; leaves that in $url.
await_url() { # FILE PID
    local tries
    for ((tries = 0; tries < 100; tries++)); do
        url=$(sed -n 's/.*listens on \(http:[^ ]*\)$/\1/p' "$1" | head -n 1)
        if [ -n "$url" ]; then return 0; fi
        kill -0 "$2" 2>/dev/null || return 1
        sleep 0.1
    done
    return 1
}

start() { # NAME COMMAND...: its address goes to $url
    local name=$1
    shift
    "$@" >"$work/$name.out" 2>"$work/$name.err" &
    children+=("$!")
    await_url "$work/$name.out" "$!" || return 1
}

# The environment of the caller must not choose the store. Refusals are logged
# at info; the log is not what is measured.
lodge() { # DATA_DIR ARGUMENTS...
    local data=$1
    shift
    exec env -i PATH="$PATH" GATELODGE_DATA_DIR="$data" GATELODGE_PORT=0 \
        GATELODGE_LOG__FILTER=warn GATELODGE_CACHE__ENABLED="$cached" \
        ${store[@]+"${store[@]}"} \
        "$builds/release/gatelodge" "$@"
}

status() { # URL [HEADER]
    curl --silent --output /dev/null --write-out '%{http_code}' ${2:+--header "$2"} "$1"
}

# Requests a second. What was answered under load counts only if it is what was
# asked for: all 2xx, or none; and no connection may have failed.
rate() { # URL refused|allowed [HEADER]
    local said=$work/wrk.out
    "$wrk" --threads "$threads" --connections "$connections" --duration "${each}s" \
        ${3:+--header "$3"} "$1" >"$said"
    awk -v wanted="$2" '
        / requests in / { all = $1 }
        /Non-2xx or 3xx responses:/ { refused = $NF }
        /Socket errors:/ { errors = $0 }
        /^Requests\/sec:/ { rate = $2 }
        END {
            if (errors != "" || refused + 0 != (wanted == "refused" ? all : 0)) {
                printf "of %d answers %d were no 2xx; %s\n", all, refused, errors >"/dev/stderr"
                exit 1
            }
            print rate
        }' "$said" || die "$1: not the answers that were asked for"
}

# Bare and gate in turns; prints each rate and the ratios' minimum, median, maximum.
compare() { # LABEL URL STATUS ROUNDS [HEADER]
    local label=$1 gate=$2 wanted=$3 times=$4 header=${5:-} round one other found kind=refused
    if [ "$wanted" = 204 ]; then kind=allowed; fi
    found=$(status "$gate" "$header")
    [ "$found" = "$wanted" ] || die "$label: answered $found, not $wanted"
    : >"$work/ratios"
    printf '\n%s\n' "$label"
    for ((round = 1; round <= times; round++)); do
        one=$(rate "$bare" allowed "$header")
        other=$(rate "$gate" "$kind" "$header")
        awk -v one="$one" -v other="$other" -v round="$round" -v file="$work/ratios" 'BEGIN {
            printf "  round %d: bare %8.0f/s   gate %8.0f/s   ratio %.3f\n", round, one, other, other / one
            printf "%.3f\n", other / one >>file }'
    done
    sort -n "$work/ratios" | awk '{ r[NR] = $1 } END {
        printf "  ratio: min %s  median %s  max %s\n", r[1], r[int((NR + 1) / 2)], r[NR] }'
}

cargo build --release --locked --bin gatelodge --example bare --example decide

start bare "$builds/release/examples/bare" || die "the bare handler did not start"
bare=$url/forward-auth

store=()
for cached in false true; do
    name=embedded-$cached
    start "$name" lodge "$work/$name" serve ||
        die "gatelodge did not start: $(cat "$work/$name.err")"
    gate=$url/forward-auth
    key=$(<"$work/$name/first-key")
    compare "embedded store, a valid key, cache: $cached" "$gate" 204 "$rounds" \
        "Authorization: Bearer $key"
done
# Its checksum is right and its filter is of another deployment: no store is asked.
made_up=$("$builds/release/examples/decide" key)
compare "a made-up key" "$gate" 401 "$rounds" "Authorization: Bearer $made_up"
compare "no credential" "$gate" 401 "$rounds"

server=${GATELODGE_TEST_VALKEY_SERVER:-$(command -v valkey-server || true)}
if [ -z "$server" ]; then
    printf '\nskipped: Valkey is missing (scripts/parts.sh test)\n'
    exit 0
fi
salt=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
socket=$work/valkey.sock
# A port that is taken ends the server at once: then another.
for ((attempt = 0; attempt < 10; attempt++)); do
    port=$((20000 + RANDOM % 10000))
    "$server" --bind 127.0.0.1 --port "$port" --unixsocket "$socket" --save '' \
        --appendonly no --dir "$work" >"$work/valkey.log" 2>&1 &
    pid=$!
    for ((tries = 0; tries < 100; tries++)); do
        if [ -S "$socket" ] || ! kill -0 "$pid" 2>/dev/null; then break; fi
        sleep 0.1
    done
    if [ -S "$socket" ]; then break; fi
done
[ -S "$socket" ] || die "Valkey did not start: $(cat "$work/valkey.log")"
children+=("$pid")
store=("GATELODGE_VALKEY_URL=redis://127.0.0.1:$port" "GATELODGE_TOKEN_SALT=$salt")
for cached in false true; do
    name=valkey-$cached
    if ! start "$name" lodge "$work/$name" serve; then
        if grep -q 'no Valkey store' "$work/$name.err"; then
            printf '\nskipped: this build has no Valkey store\n'
            exit 0
        fi
        die "gatelodge did not start on Valkey: $(cat "$work/$name.err")"
    fi
    gate=$url/forward-auth
    key=$(lodge "$work/$name" key create --owner bench)
    compare "Valkey on this machine, a valid key, cache: $cached" "$gate" 204 "$rounds" \
        "Authorization: Bearer $key"
done
