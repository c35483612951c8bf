//! Traefik: by file, and by Kubernetes resources.

use super::Site;

/// The dynamic configuration.
pub(super) fn file(site: &Site) -> String {
    let Site {
        gate,
        host,
        service,
        upstream,
        ..
    } = site;
    let rule = rule(host);
    let (entry_point, tls) = match site.http_port {
        None => ("websecure", "\n      tls: {}"),
        Some(_) => ("web", ""),
    };
    let headers = site.each(|name| format!("          - {name}"));
    let facts = facts("          ");
    format!(
        "\
# Traefik, dynamic configuration (a file below providers.file). The middlewares come
# before any that changes the path: the gate judges the path that the client sent.
# In the static configuration, so that no twin of a header reaches the upstream:
#   entryPoints.{entry_point}.http.underscoreHeadersStrategy: delete
http:
  routers:
    {gate}:
      rule: \"{rule}\"
      entryPoints: [{entry_point}]
      middlewares: [gatelodge-{gate}-facts, gatelodge-{gate}]
      service: {gate}{tls}
  middlewares:
    # What the client says about its request does not count, even where a proxy in front
    # passes it on.
    gatelodge-{gate}-facts:
      headers:
        customRequestHeaders:
{facts}
    gatelodge-{gate}:
      forwardAuth:
        address: \"http://{service}/forward-auth/{gate}\"
        # Behind another proxy: true, with forwardedHeaders.trustedIPs of the entry point
        # naming that proxy; never without the middleware above.
        trustForwardHeader: false
        maxResponseBodySize: 65536
        authResponseHeaders:
{headers}
  services:
    {gate}:
      loadBalancer:
        servers:
          - url: \"http://{upstream}\"
"
    )
}

/// `traefik.io/v1alpha1`.
pub(super) fn crd(site: &Site) -> String {
    let Site {
        gate,
        host,
        service,
        upstream,
        ..
    } = site;
    let rule = rule(host);
    let headers = site.each(|name| format!("      - {name}"));
    let facts = facts("      ");
    let (name, port) = (&upstream.host, upstream.port);
    format!(
        "\
# Traefik on Kubernetes. The middlewares come before any that changes the path. What the
# client says about its request does not count, even where a proxy in front passes it on.
apiVersion: traefik.io/v1alpha1
kind: Middleware
metadata:
  name: gatelodge-{gate}-facts
spec:
  headers:
    customRequestHeaders:
{facts}
---
apiVersion: traefik.io/v1alpha1
kind: Middleware
metadata:
  name: gatelodge-{gate}
spec:
  forwardAuth:
    address: http://{service}/forward-auth/{gate}
    trustForwardHeader: false
    maxResponseBodySize: 65536
    authResponseHeaders:
{headers}
---
apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata:
  name: {gate}
spec:
  entryPoints: [websecure]
  routes:
    - kind: Rule
      match: {rule}
      middlewares:
        - name: gatelodge-{gate}-facts
        - name: gatelodge-{gate}
      services:
        - name: {name}
          port: {port}
"
    )
}

/// An empty value takes a header off; Traefik then states what it saw itself.
fn facts(indent: &str) -> String {
    ["Uri", "Method", "Host"]
        .map(|name| format!("{indent}X-Forwarded-{name}: \"\""))
        .join("\n")
}

fn rule(host: &str) -> String {
    match host.strip_prefix("*.") {
        None => format!("Host(`{host}`)"),
        Some(suffix) => {
            let suffix = suffix.replace('.', "[.]");
            format!("HostRegexp(`^.+[.]{suffix}$`)")
        }
    }
}
