//! nginx `auth_request`, and the ingress controller built on it.

use super::Site;

/// nginx takes no redirect from the gate: it makes one of the link that the gate
/// gives where a browser can sign in.
const REDIRECT: [&str; 3] = [
    "        auth_request_set $gatelodge_sign_in $upstream_http_x_auth_redirect;\n",
    "        error_page 401 = @gatelodge_unknown;\n",
    "
    # Where a browser can sign in, the gate says at which address.
    location @gatelodge_unknown {
        internal;
        if ($gatelodge_sign_in) { return 302 $gatelodge_sign_in; }
        return 401;
    }
",
];

/// A server block.
pub(super) fn plain(site: &Site) -> String {
    let Site {
        gate,
        host,
        service,
        upstream,
        timeout,
        ..
    } = site;
    let port = site.http_port.unwrap_or(80);
    let read = site.each(|name| {
        format!(
            "        auth_request_set ${} $upstream_http_{};",
            variable(name),
            lower(name)
        )
    });
    let sent = site.each(|name| format!("        proxy_set_header {name} ${};", variable(name)));
    let [redirect_read, redirect_sent, redirect] = if site.sessions { REDIRECT } else { [""; 3] };
    format!(
        "\
# nginx 1.25 or newer. An identity header that is empty is taken off the request, so that
# a client's own never reaches the upstream.
upstream gatelodge-{gate} {{
    server {service};
    keepalive 32;
    keepalive_timeout 60s;
}}

# A request may become a WebSocket, and nothing else.
map $http_upgrade $gatelodge_upgrade {{
    default \"\";
    ~*^websocket$ websocket;
}}
map $gatelodge_upgrade $gatelodge_connection {{
    default upgrade;
    \"\" \"\";
}}

server {{
    listen {port};
    server_name {host};

    location = /gatelodge-auth {{
        internal;
        proxy_pass http://gatelodge-{gate}/nginx-auth/{gate};
        proxy_http_version 1.1;
        proxy_connect_timeout {timeout}s;
        proxy_read_timeout {timeout}s;
        proxy_pass_request_body off;
        proxy_set_header Content-Length \"\";
        proxy_set_header Connection \"\";
        # What a client says about its request does not count. $host is what the upstream is
        # told, too; $http_host may be another one.
        proxy_set_header X-Original-Method $request_method;
        proxy_set_header X-Original-URL $scheme://$host$request_uri;
        proxy_set_header X-Forwarded-For $remote_addr;
    }}

    location / {{
        auth_request /gatelodge-auth;
        auth_request_set $gatelodge_status $upstream_http_x_auth_status;
        auth_request_set $gatelodge_retry $upstream_http_retry_after;
{redirect_read}{read}
{sent}
{redirect_sent}        error_page 403 = @gatelodge_refused;
        proxy_http_version 1.1;
        proxy_set_header Host $host;
        proxy_set_header Upgrade $gatelodge_upgrade;
        proxy_set_header Connection $gatelodge_connection;
        proxy_pass http://{upstream};
    }}

    # nginx knows 401 and 403 alone; what else was meant stands in X-Auth-Status.
    location @gatelodge_refused {{
        internal;
        add_header Retry-After $gatelodge_retry always;
        if ($gatelodge_status = 400) {{ return 400; }}
        if ($gatelodge_status = 429) {{ return 429; }}
        if ($gatelodge_status = 503) {{ return 503; }}
        return 403;
    }}
{redirect}}}
"
    )
}

/// Annotations of an `Ingress`.
pub(super) fn ingress(site: &Site) -> String {
    let Site {
        gate,
        host,
        service,
        upstream,
        ..
    } = site;
    let headers = site.identity.join(",");
    let (name, port) = (&upstream.host, upstream.port);
    format!(
        "\
# ingress-nginx. Refusals other than 401 reach the client as 403.
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {gate}
  annotations:
    nginx.ingress.kubernetes.io/auth-url: http://{service}/nginx-auth/{gate}
    nginx.ingress.kubernetes.io/auth-response-headers: {headers}
    nginx.ingress.kubernetes.io/auth-keepalive: \"32\"
    nginx.ingress.kubernetes.io/auth-keepalive-timeout: \"60\"
spec:
  ingressClassName: nginx
  rules:
    - host: \"{host}\"
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: {name}
                port:
                  number: {port}
"
    )
}

fn lower(name: &str) -> String {
    name.to_ascii_lowercase().replace('-', "_")
}

fn variable(name: &str) -> String {
    format!("gatelodge_{}", lower(name))
}
