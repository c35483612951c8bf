//! HAProxy with haproxy-auth-request.

use super::Site;

/// The sections that are needed.
pub(super) fn file(site: &Site) -> String {
    let Site {
        gate,
        host,
        service,
        upstream,
        ..
    } = site;
    let removed = site.each(|name| format!("    http-request del-header {name}"));
    let identity = site.identity.join(",").to_ascii_lowercase();
    let matched = match host.strip_prefix('*') {
        None => format!("hdr(host),field(1,:) -i {host}"),
        Some(suffix) => format!("hdr(host),field(1,:) -m end -i {suffix}"),
    };
    format!(
        "\
# HAProxy 2.8 or newer, with auth-request.lua of haproxy-auth-request and its library
# haproxy-lua-http in the Lua path:
#   global
#     lua-load /usr/share/haproxy/auth-request.lua
frontend http
    mode http
    bind :80
    acl is_{gate} {matched}
    # A client's own identity headers and facts go first.
{removed}
    http-request del-header X-Forwarded-For
    http-request set-header X-Forwarded-For %[src]
    http-request set-header X-Forwarded-Method %[method]
    http-request set-header X-Forwarded-Proto http unless {{ ssl_fc }}
    http-request set-header X-Forwarded-Proto https if {{ ssl_fc }}
    http-request set-header X-Forwarded-Host %[req.hdr(host)]
    http-request set-header X-Forwarded-Uri %[pathq]
    http-request lua.auth-intercept gatelodge /forward-auth/{gate} GET * {identity} www-authenticate,location,set-cookie,retry-after,content-type if is_{gate}
    # Needed: where the service is down, the line above lets pass.
    http-request deny deny_status 503 if is_{gate} !{{ var(txn.auth_response_successful) -m bool }}
    use_backend {gate} if is_{gate}

backend {gate}
    mode http
    server upstream {upstream}

backend gatelodge
    mode http
    timeout connect 1s
    timeout server 1s
    server gatelodge {service}
"
    )
}
