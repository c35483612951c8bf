//! Caddy's `forward_auth`.

use super::Site;

/// A site of a Caddyfile.
pub(super) fn file(site: &Site) -> String {
    let Site {
        gate,
        service,
        upstream,
        timeout,
        ..
    } = site;
    let host = match site.http_port {
        None => site.host.clone(),
        Some(port) => format!("http://{}:{port}", site.host),
    };
    let removed = site.each(|name| format!("\t\trequest_header -{name}"));
    let named = site.identity.join("|");
    let copied = site.each(|name| format!("\t\t\t\t{name}"));
    format!(
        "\
# Caddy 2.11.2 or newer; with an older one also set identity_headers.none_value = \"-\".
{host} {{
\troute {{
\t\t# A client may not have an identity header dropped on the way to the upstream.
\t\t@dropping header_regexp Connection (?i)({named})
\t\trespond @dropping 400
\t\t# A request may become a WebSocket, and nothing else.
\t\t@switching {{
\t\t\theader Upgrade *
\t\t\tnot header_regexp Upgrade ^(?i)websocket$
\t\t}}
\t\trequest_header @switching -Upgrade
\t\t# A client's own identity headers go first.
{removed}
\t\tforward_auth {service} {{
\t\t\t# The question mark keeps the client's query out of the question.
\t\t\turi /forward-auth/{gate}?
\t\t\t# Also where trusted_proxies hands on what a client says.
\t\t\theader_up X-Forwarded-Host {{host}}
\t\t\tcopy_headers {{
{copied}
\t\t\t}}
\t\t\ttransport http {{
\t\t\t\tdial_timeout {timeout}s
\t\t\t\tresponse_header_timeout {timeout}s
\t\t\t\tkeepalive 60s
\t\t\t}}
\t\t}}
\t\treverse_proxy {upstream}
\t}}
}}
"
    )
}
