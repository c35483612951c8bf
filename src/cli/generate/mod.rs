//! `gatelodge generate PROXY`: configuration for the proxy in front, ready to
//! paste: every identity header named, deadlines set, shut when in doubt.

mod caddy;
mod envoy;
mod haproxy;
mod nginx;
mod traefik;

use std::process::ExitCode;

use anyhow::{Context as _, bail};

use super::args::{Generate, ProxyKind};
use super::output;
use crate::domain::facts::normalise_host;
use crate::domain::matching::HostPattern;
use crate::settings::{IdentityHeaderSettings, Loaded, RuleSettings, Settings, Sources};

/// What every configuration is made of.
struct Site {
    gate: String,
    host: String,
    service: Authority,
    upstream: Authority,
    /// Plain HTTP at this port; as is usual for the proxy otherwise.
    http_port: Option<u16>,
    /// Of one question to the gate, in seconds.
    timeout: u8,
    identity: Vec<String>,
    key_header: String,
    /// Whether browsers may pass that somebody signed in with.
    sessions: bool,
}

/// A name or address with a port.
struct Authority {
    host: String,
    port: u16,
}

impl Authority {
    fn parse(text: &str) -> anyhow::Result<Self> {
        let (host, port) = text
            .rsplit_once(':')
            .with_context(|| format!("{text:?} needs a port, for example gatelodge:8080"))?;
        let port = port
            .parse()
            .with_context(|| format!("{text:?} has no port that can be read"))?;
        match normalise_host(host.as_bytes()) {
            Ok(host) => Ok(Self {
                host: host.into_owned(),
                port,
            }),
            Err(_) => bail!("{host:?} is no host"),
        }
    }
}

impl std::fmt::Display for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

pub(super) fn run(wanted: &Generate, loaded: &Loaded) -> anyhow::Result<ExitCode> {
    let settings = &loaded.settings;
    let gates = &settings.gates;
    let gate = gates.iter().find(|gate| gate.name == wanted.gate);
    let gate = gate.with_context(|| {
        format!(
            "there is no gate {:?}; gatelodge gate list names those that there are",
            wanted.gate
        )
    })?;
    let host = HostPattern::parse(&wanted.host)
        .with_context(|| format!("--host {:?}", wanted.host))?
        .to_string();
    let site = Site {
        gate: wanted.gate.clone(),
        host,
        service: Authority::parse(&wanted.service).context("--service")?,
        upstream: Authority::parse(&wanted.upstream).context("--upstream")?,
        http_port: wanted.http_port,
        timeout: wanted.timeout,
        identity: names(&settings.identity_headers),
        key_header: settings.keys.header.clone(),
        sessions: gate.rules.iter().any(RuleSettings::takes_sessions),
    };
    output::line(&text(wanted.proxy, &site).trim_end())?;
    Ok(ExitCode::SUCCESS)
}

/// The printed half of `examples/`, by file.
pub(super) fn examples() -> Vec<(&'static str, String)> {
    let loaded = Settings::load(&Sources::default());
    let settings = loaded.as_ref().map(|loaded| &loaded.settings).ok();
    let site = |port| Site {
        gate: "app".to_owned(),
        host: "app.localhost".to_owned(),
        service: Authority {
            host: "gatelodge".to_owned(),
            port,
        },
        upstream: Authority {
            host: "app".to_owned(),
            port: 80,
        },
        http_port: Some(8000),
        timeout: 1,
        identity: settings.map_or_else(Vec::new, |settings| names(&settings.identity_headers)),
        key_header: settings.map_or_else(String::new, |settings| settings.keys.header.clone()),
        sessions: false,
    };
    [
        ("examples/traefik/app.yml", ProxyKind::Traefik, 8080),
        ("examples/envoy/envoy.yaml", ProxyKind::Envoy, 8080),
        ("examples/envoy/envoy-grpc.yaml", ProxyKind::EnvoyGrpc, 9001),
        ("examples/nginx/app.conf", ProxyKind::Nginx, 8080),
        ("examples/caddy/app.caddy", ProxyKind::Caddy, 8080),
        ("examples/haproxy/app.cfg", ProxyKind::Haproxy, 8080),
        (
            "examples/haproxy/gatelodge.lua",
            ProxyKind::HaproxyLua,
            8080,
        ),
    ]
    .map(|(file, proxy, port)| (file, text(proxy, &site(port))))
    .into()
}

fn names(headers: &IdentityHeaderSettings) -> Vec<String> {
    headers.names.iter().map(|(_, name)| name.clone()).collect()
}

fn text(proxy: ProxyKind, site: &Site) -> String {
    match proxy {
        ProxyKind::Traefik => traefik::file(site),
        ProxyKind::TraefikCrd => traefik::crd(site),
        ProxyKind::Envoy => envoy::http(site),
        ProxyKind::EnvoyGrpc => envoy::grpc(site),
        ProxyKind::EnvoyGateway => envoy::gateway(site),
        ProxyKind::Istio => envoy::istio(site),
        ProxyKind::Nginx => nginx::plain(site),
        ProxyKind::IngressNginx => nginx::ingress(site),
        ProxyKind::Caddy => caddy::file(site),
        ProxyKind::Haproxy => haproxy::file(site),
        ProxyKind::HaproxyLua => haproxy::action().to_owned(),
    }
}

impl Site {
    /// One line for each identity header.
    fn each(&self, line: impl Fn(&str) -> String) -> String {
        self.identity
            .iter()
            .map(|name| line(name))
            .collect::<Vec<_>>()
            .join("\n")
    }
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::*;

    fn site() -> Site {
        Site {
            gate: "models".to_owned(),
            host: "app.example.com".to_owned(),
            service: Authority::parse("gatelodge.auth.svc.cluster.local:8080").unwrap(),
            upstream: Authority::parse("app:8000").unwrap(),
            http_port: None,
            timeout: 1,
            identity: [
                "User", "Token-Id", "Groups", "Scopes", "Method", "Email", "Name", "Tenant",
            ]
            .map(|name| format!("X-Authenticated-{name}"))
            .to_vec(),
            key_header: "X-API-Key".to_owned(),
            sessions: false,
        }
    }

    #[test]
    fn each_proxy_is_given_the_same_rules_in_its_own_words() {
        for proxy in ProxyKind::value_variants() {
            let name = proxy.to_possible_value().unwrap();
            insta::assert_snapshot!(name.get_name(), text(*proxy, &site()));
        }
    }

    #[test]
    fn where_browsers_may_pass_each_proxy_leads_them_to_the_sign_in() {
        let site = Site {
            sessions: true,
            ..site()
        };
        for proxy in ProxyKind::value_variants() {
            let name = proxy.to_possible_value().unwrap();
            let with = text(*proxy, &site);
            if with != text(*proxy, &self::site()) {
                insta::assert_snapshot!(format!("{}-sessions", name.get_name()), with);
            }
        }
    }

    /// CVE-2026-30851 and the like: a header that a configuration forgets is a
    /// header that a client can send.
    #[test]
    fn every_configuration_names_every_identity_header() {
        let named = |proxy: &&ProxyKind| **proxy != ProxyKind::HaproxyLua;
        for proxy in ProxyKind::value_variants().iter().filter(named) {
            let text = text(*proxy, &site()).to_ascii_lowercase();
            for name in site().identity {
                let name = name.to_ascii_lowercase();
                assert!(text.contains(&name), "{proxy:?} lacks {name}");
            }
        }
    }

    #[test]
    fn what_could_break_out_of_a_configuration_is_refused() {
        for bad in [
            "gatelodge",
            "a b:1",
            "a\n:1",
            "a;b:1",
            "a\"b:1",
            "a:0x",
            ":1",
        ] {
            assert!(Authority::parse(bad).is_err(), "{bad:?}");
        }
    }
}
