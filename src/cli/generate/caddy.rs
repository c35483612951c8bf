//! Caddy's `forward_auth`.

use super::Site;

/// A site of a Caddyfile.
pub(super) fn file(site: &Site) -> String {
    let Site {
        gate,
        host,
        service,
        upstream,
        ..
    } = site;
    let removed = site.each(|name| format!("\t\trequest_header -{name}"));
    let copied = site.each(|name| format!("\t\t\t\t{name}"));
    format!(
        "\
# Caddy 2.11.2 or newer; with an older one also set identity_headers.none_value = \"-\".
{host} {{
\troute {{
\t\t# A client's own identity headers go first.
{removed}
\t\tforward_auth {service} {{
\t\t\t# The question mark keeps the client's query out of the question.
\t\t\turi /forward-auth/{gate}?
\t\t\tcopy_headers {{
{copied}
\t\t\t}}
\t\t\ttransport http {{
\t\t\t\tdial_timeout 1s
\t\t\t\tresponse_header_timeout 1s
\t\t\t\tkeepalive 60s
\t\t\t}}
\t\t}}
\t\treverse_proxy {upstream}
\t}}
}}
"
    )
}
