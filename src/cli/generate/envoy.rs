//! Envoy with its HTTP or gRPC service, and what is built on it.

use super::{Authority, Site};

/// What the gate reads besides `Authorization`, method, host and path, which
/// Envoy always sends.
const ASKED: [&str; 6] = [
    "accept",
    "origin",
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-request-id",
    "traceparent",
];
/// What it reads besides where browsers may pass that somebody signed in with.
const ASKED_OF_BROWSERS: [&str; 7] = [
    "cookie",
    "sec-fetch-site",
    "sec-fetch-mode",
    "sec-fetch-dest",
    "sec-websocket-key",
    "x-requested-with",
    "access-control-request-method",
];
/// What a refusal tells the client besides the status.
const TOLD: [&str; 8] = [
    "www-authenticate",
    "x-auth-status",
    "location",
    "set-cookie",
    "retry-after",
    "content-type",
    "cache-control",
    "x-request-id",
];

fn asked(site: &Site) -> Vec<String> {
    let key_header = site.key_header.to_ascii_lowercase();
    std::iter::once(key_header)
        .chain(ASKED.map(str::to_owned))
        .chain(
            ASKED_OF_BROWSERS
                .map(str::to_owned)
                .into_iter()
                .filter(|_| site.sessions),
        )
        .collect()
}

fn lines(names: impl IntoIterator<Item = impl AsRef<str>>, before: &str, after: &str) -> String {
    names
        .into_iter()
        .map(|name| format!("{before}{}{after}", name.as_ref()))
        .collect::<Vec<_>>()
        .join("\n")
}

/// A whole bootstrap that asks by HTTP.
pub(super) fn http(site: &Site) -> String {
    let Site {
        gate,
        service,
        timeout,
        ..
    } = site;
    let indent = " ".repeat(26);
    let asked = lines(asked(site), &format!("{indent}- exact: "), "");
    let indent = " ".repeat(30);
    let identity = lines(
        site.identity.iter().map(|name| name.to_ascii_lowercase()),
        &format!("{indent}- exact: "),
        "",
    );
    let told = lines(TOLD, &format!("{indent}- exact: "), "");
    let filter = format!(
        "                      allowed_headers:
                        patterns:
{asked}
                      http_service:
                        server_uri:
                          uri: http://{service}
                          cluster: gatelodge
                          timeout: {timeout}s
                        path_prefix: /ext-authz/{gate}
                        authorization_response:
                          allowed_upstream_headers:
                            patterns:
{identity}
                          allowed_client_headers:
                            patterns:
{told}"
    );
    let parts = Bootstrap {
        about: "its HTTP service",
        filter: &filter,
        route: "",
        protocol: "http_protocol_options: {}",
    };
    bootstrap(site, &parts)
}

/// A whole bootstrap that asks by gRPC. All headers are sent, and the answer says
/// which are set and which are taken off; the route names the gate.
pub(super) fn grpc(site: &Site) -> String {
    let timeout = site.timeout;
    let filter = format!(
        "                      grpc_service:
                        envoy_grpc: {{ cluster_name: gatelodge }}
                        timeout: {timeout}s"
    );
    let route = format!(
        "
                          typed_per_filter_config:
                            envoy.filters.http.ext_authz:
                              \"@type\": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute
                              check_settings:
                                context_extensions: {{ gate: {} }}",
        site.gate
    );
    let parts = Bootstrap {
        about: "its gRPC service",
        filter: &filter,
        route: &route,
        protocol: "http2_protocol_options: { connection_keepalive: { interval: 10s, timeout: 2s } }",
    };
    bootstrap(site, &parts)
}

/// In what the two differ.
struct Bootstrap<'b> {
    about: &'static str,
    /// The filter's own service.
    filter: &'b str,
    /// What the route adds.
    route: &'b str,
    /// How the service is spoken to.
    protocol: &'static str,
}

fn bootstrap(site: &Site, parts: &Bootstrap<'_>) -> String {
    let Site {
        gate,
        host,
        service,
        upstream,
        ..
    } = site;
    let Bootstrap {
        about,
        filter,
        route,
        protocol,
    } = parts;
    let port = site.http_port.unwrap_or(8000);
    let own = cluster("gatelodge", service, protocol);
    let upstreams = cluster("upstream", upstream, "http_protocol_options: {}");
    format!(
        "\
# Envoy, {about}. A client's own identity headers are taken off first; the
# gate sets its own.
static_resources:
  listeners:
    - name: http
      address:
        socket_address: {{ address: 0.0.0.0, port_value: {port} }}
      filter_chains:
        - filters:
            - name: envoy.filters.network.http_connection_manager
              typed_config:
                \"@type\": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: http
                use_remote_address: true
                normalize_path: true
                merge_slashes: true
                path_with_escaped_slashes_action: REJECT_REQUEST
                common_http_protocol_options:
                  headers_with_underscores_action: REJECT_REQUEST
                early_header_mutation_extensions:
                  - name: envoy.http.early_header_mutation.header_mutation
                    typed_config:
                      \"@type\": type.googleapis.com/envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation
                      mutations:
{mutations}
                upgrade_configs:
                  - upgrade_type: websocket
                http_filters:
                  - name: envoy.filters.http.ext_authz
                    typed_config:
                      \"@type\": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz
                      transport_api_version: V3
                      failure_mode_allow: false
                      status_on_error: {{ code: ServiceUnavailable }}
{filter}
                  - name: envoy.filters.http.router
                    typed_config:
                      \"@type\": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
                route_config:
                  name: routes
                  ignore_port_in_host_matching: true
                  virtual_hosts:
                    - name: {gate}
                      domains: [\"{host}\"]
                      routes:
                        - match: {{ prefix: \"/\" }}
                          route: {{ cluster: upstream }}{route}
  clusters:
{own}{upstreams}",
        mutations = mutations(site),
    )
}

/// Takes off what a client says of itself, and the twins of these headers, which
/// some upstreams take for the same.
fn mutations(site: &Site) -> String {
    let indent = " ".repeat(24);
    let own = site.each(|name| format!("{indent}- remove: {}", name.to_ascii_lowercase()));
    let twins = site.each(|name| {
        let twin = name.to_ascii_lowercase().replace('-', "[-_.]");
        let matcher = format!("key_matcher: {{ safe_regex: {{ regex: \"{twin}\" }} }}");
        format!("{indent}- remove_on_match: {{ {matcher} }}")
    });
    format!("{own}\n{indent}# Their twins, which some upstreams take for the same.\n{twins}")
}

fn cluster(name: &str, at: &Authority, protocol: &str) -> String {
    let Authority { host, port } = at;
    format!(
        "    - name: {name}
      type: STRICT_DNS
      connect_timeout: 1s
      typed_extension_protocol_options:
        envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
          \"@type\": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
          common_http_protocol_options: {{ idle_timeout: 60s }}
          explicit_http_config: {{ {protocol} }}
      load_assignment:
        cluster_name: {name}
        endpoints:
          - lb_endpoints:
              - endpoint:
                  address:
                    socket_address: {{ address: \"{host}\", port_value: {port} }}
"
    )
}

/// Envoy Gateway's `SecurityPolicy`.
pub(super) fn gateway(site: &Site) -> String {
    let Site {
        gate,
        service,
        timeout,
        ..
    } = site;
    let asked = lines(asked(site), "      - ", "");
    let identity = site.each(|name| format!("        - {name}"));
    let (name, namespace) = kubernetes(&service.host);
    format!(
        "\
# Envoy Gateway. Attach it to the HTTPRoute of the same name, in the same namespace; a
# service in another namespace needs a ReferenceGrant there.
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: SecurityPolicy
metadata:
  name: gatelodge-{gate}
spec:
  targetRefs:
    - group: gateway.networking.k8s.io
      kind: HTTPRoute
      name: {gate}
  extAuth:
    failOpen: false
    timeout: {timeout}s
    headersToExtAuth:
{asked}
    http:
      backendRefs:
        - name: {name}
          namespace: {namespace}
          port: {port}
      path: /ext-authz/{gate}
      headersToBackend:
{identity}
",
        port = service.port,
    )
}

/// Istio's extension provider and policy.
pub(super) fn istio(site: &Site) -> String {
    let Site {
        gate,
        service,
        timeout,
        ..
    } = site;
    let mut names = vec!["authorization".to_owned()];
    names.extend(asked(site));
    let asked = lines(names, "          - ", "");
    let identity = lines(
        site.identity.iter().map(|name| name.to_ascii_lowercase()),
        "          - ",
        "",
    );
    let told = lines(TOLD, "          - ", "");
    format!(
        "\
# Istio, part of the mesh configuration (IstioOperator, or the values of istiod).
meshConfig:
  extensionProviders:
    - name: gatelodge-{gate}
      envoyExtAuthzHttp:
        service: {host}
        port: {port}
        pathPrefix: /ext-authz/{gate}
        timeout: {timeout}s
        failOpen: false
        statusOnError: \"503\"
        includeRequestHeadersInCheck:
{asked}
        headersToUpstreamOnAllow:
{identity}
        headersToDownstreamOnDeny:
{told}
---
# The policy covers everything behind the gateway; which paths are open, the gate decides.
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: gatelodge-{gate}
spec:
  selector:
    matchLabels:
      app: {gate}
  action: CUSTOM
  provider:
    name: gatelodge-{gate}
  rules:
    - {{}}
",
        host = service.host,
        port = service.port,
    )
}

/// `name.namespace.svc…` as its parts.
fn kubernetes(host: &str) -> (&str, &str) {
    let mut parts = host.split('.');
    let name = parts.next().unwrap_or(host);
    (name, parts.next().unwrap_or("default"))
}
