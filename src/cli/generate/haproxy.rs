//! HAProxy: sections of its configuration, and the action in Lua that asks.

use super::Site;

/// The action. It knows nothing of a site: what it is told stands in the sections.
const ACTION: &str = include_str!("haproxy.lua");

/// The sections that are needed.
pub(super) fn file(site: &Site) -> String {
    let Site {
        gate,
        host,
        service,
        upstream,
        timeout,
        ..
    } = site;
    let port = site.http_port.unwrap_or(80);
    let identity = site.identity.join(",");
    let matched = match host.strip_prefix('*') {
        None => format!("hdr(host),field(1,:) -i {host}"),
        Some(suffix) => format!("hdr(host),field(1,:) -m end -i {suffix}"),
    };
    format!(
        "\
# HAProxy 2.6 or newer, with Lua. `gatelodge generate haproxy-lua` prints gatelodge.lua;
# the global section loads it:
#   lua-load /usr/local/etc/haproxy/gatelodge.lua
frontend {gate}
    mode http
    bind :{port}
    timeout client 60s
    acl is_{gate} {matched}
    http-request reject unless is_{gate}
    # A request may become a WebSocket, and nothing else.
    http-request del-header Upgrade unless {{ req.hdr(Upgrade) -i websocket }}
    # What a client says about its request does not count.
    http-request set-header X-Forwarded-For %[src]
    http-request set-header X-Forwarded-Method %[method]
    http-request set-header X-Forwarded-Proto http unless {{ ssl_fc }}
    http-request set-header X-Forwarded-Proto https if {{ ssl_fc }}
    http-request set-header X-Forwarded-Host %[req.hdr(host)]
    http-request set-header X-Forwarded-Uri %[pathq]
    # Where to ask, how many seconds to wait each of the four times that HAProxy asks, and
    # the headers that the gate alone may set.
    http-request lua.gatelodge http://{service}/forward-auth/{gate} {timeout} {identity}
    # Needed: an action in Lua that breaks lets the request go on.
    http-request deny deny_status 503 unless {{ var(txn.gatelodge_allows) -m bool }}
    default_backend {gate}

backend {gate}
    mode http
    timeout connect 5s
    timeout server 60s
    timeout tunnel 1h
    server upstream {upstream}
"
    )
}

/// `gatelodge.lua`.
pub(super) fn action() -> &'static str {
    ACTION
}
