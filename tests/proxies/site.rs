//! A store, a lodge and an upstream, for one proxy to stand between.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU16, Ordering};

use tempfile::TempDir;

use super::upstream::{Seen, Upstream};
use crate::parts::ask::{self, get};
use crate::parts::lodge::{Deployment, Lodge};
use crate::parts::process::{Process, free_port, part};

/// Longer than any test machine lets a lodge wait for its turn. HAProxy asks four times.
const TIMEOUT_S: &str = "6";

/// Where a client would be that lies about its address. Nobody is there.
pub const FAR_AWAY: &str = "203.0.113.7";

/// One more rule than the examples have.
const FAR: &str = r#"
[[gates.rules]]
hosts = ["app.localhost"]
paths = ["/far/**"]
networks = ["203.0.113.0/24"]
allow = "anyone"

"#;

/// A lodge with the settings of the examples, and what it protects.
pub struct Site {
    pub deployment: Deployment,
    pub lodge: Lodge,
    pub upstream: Upstream,
}

impl Site {
    /// With these variables besides.
    pub async fn start(variables: &[(&'static str, &str)]) -> Self {
        let mut deployment = Deployment::valkey()
            .await
            .with("GATELODGE_ADDRESS", "127.0.0.1")
            .with("GATELODGE_EXT_AUTHZ__GRPC_ADDRESS", "127.0.0.1:0")
            .with("GATELODGE_STORE__TIMEOUT_MS", "2000");
        for (name, value) in variables {
            deployment = deployment.with(name, *value);
        }
        let rest = "# Everything else asks for a key.\n";
        let settings = example("settings.toml", &[(rest, &format!("{FAR}{rest}"))]);
        deployment.write_settings(&settings);
        let lodge = deployment.start().await;
        Self {
            deployment,
            lodge,
            upstream: Upstream::start().await,
        }
    }

    /// What `gatelodge generate` prints for this site and a proxy at that port.
    /// But for the addresses it is the file of the example.
    fn generate(&self, proxy: &str, file: &str, port: u16) -> String {
        let port = port.to_string();
        let (service, copied) = if proxy == "envoy-grpc" {
            (self.lodge.grpc_address(), "gatelodge:9001")
        } else {
            (self.lodge.address.clone(), "gatelodge:8080")
        };
        let printed = self.print(
            proxy,
            &service,
            &self.upstream.address,
            &port,
            if proxy == "haproxy" { "3" } else { TIMEOUT_S },
        );
        let copied = self.print(proxy, copied, "app:80", "8000", "1");
        assert_eq!(
            copied,
            example(file, &[]),
            "examples/{file} is not what is printed"
        );
        printed
    }

    fn print(
        &self,
        proxy: &str,
        service: &str,
        upstream: &str,
        port: &str,
        timeout: &str,
    ) -> String {
        let output = self.deployment.run(&[
            "generate",
            proxy,
            "--gate",
            "app",
            "--host",
            ask::HOST,
            "--service",
            service,
            "--upstream",
            upstream,
            "--http-port",
            port,
            "--timeout",
            timeout,
        ]);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }
}

/// A file of the examples with some of its addresses replaced.
pub fn example(file: &str, replaced: &[(&str, &str)]) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("examples")
        .join(file);
    let mut text =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    for (old, new) in replaced {
        assert!(text.contains(old), "{file} lacks {old:?}");
        text = text.replace(old, new);
    }
    text
}

/// Which proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Traefik,
    /// Traefik behind another proxy, whose word it takes.
    InnerTraefik,
    Nginx,
    Envoy,
    EnvoyGrpc,
    /// Envoy that was told to let pass where it gets no answer.
    OpenEnvoy,
    OpenEnvoyGrpc,
    Caddy,
    /// Caddy behind another proxy, whose word it takes.
    InnerCaddy,
    OldCaddy,
    Haproxy,
    /// HAProxy with an action in Lua that fails.
    BrokenHaproxy,
}

/// A running proxy; gone with this value.
pub struct Proxy {
    /// Host and port.
    pub address: String,
    /// Where HTTP/2 without TLS is spoken.
    pub http2: String,
    process: Process,
    _folder: TempDir,
}

/// A folder to run in, and what to write there.
struct Plan<'s> {
    site: &'s Site,
    folder: PathBuf,
}

impl Plan<'_> {
    fn write(&self, name: &str, text: &str) -> String {
        let path = self.folder.join(name);
        fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        path.to_string_lossy().into_owned()
    }

    fn command(&self, part_key: &str) -> Command {
        let mut command = Command::new(part(part_key));
        command.current_dir(&self.folder).env_clear();
        command
    }

    /// The static half lies beside the printed one.
    fn traefik(&self, kind: Kind, port: u16) -> Command {
        let mut printed = self.site.generate("traefik", "traefik/app.yml", port);
        let mut entry_point = format!("127.0.0.1:{port}\"");
        if kind == Kind::InnerTraefik {
            let (alone, inner) = ("trustForwardHeader: false", "trustForwardHeader: true");
            assert!(printed.contains(alone), "{printed}");
            printed = printed.replace(alone, inner);
            entry_point.push_str("\n    forwardedHeaders: { trustedIPs: [127.0.0.1/32] }");
        }
        let dynamic = self.write("app.yml", &printed);
        let replaced = [
            (":8000\"", &*entry_point),
            ("/etc/traefik/app.yml", &*dynamic),
        ];
        let file = self.write("traefik.yml", &example("traefik/traefik.yml", &replaced));
        let mut command = self.command("GATELODGE_TEST_TRAEFIK");
        command.arg(format!("--configFile={file}"));
        command
    }

    /// Around the printed server block lies what nginx.conf of any package holds.
    fn nginx(&self, port: u16, http2: u16) -> Command {
        let printed = self.site.generate("nginx", "nginx/app.conf", port);
        let listen = format!("listen {port};");
        assert!(printed.contains(&listen), "{printed}");
        let both = format!("listen 127.0.0.1:{port};\n    listen 127.0.0.1:{http2} http2;");
        self.write("app.conf", &printed.replace(&listen, &both));
        let folder = self.folder.display();
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {folder}/{kind};\n"))
            .concat();
        let file = self.write(
            "nginx.conf",
            &format!(
                "daemon off;\npid {folder}/pid;\nerror_log stderr warn;\nworker_processes 1;\n\
                 events {{ worker_connections 8192; }}\n\
                 http {{\naccess_log off;\n{temporary}include {folder}/app.conf;\n}}\n"
            ),
        );
        let mut command = self.command("GATELODGE_TEST_NGINX");
        command
            .args(["-c", &file, "-e", "stderr", "-p"])
            .arg(&self.folder);
        command
    }

    fn envoy(&self, kind: Kind, port: u16) -> Command {
        let mut printed = match kind {
            Kind::EnvoyGrpc | Kind::OpenEnvoyGrpc => {
                self.site
                    .generate("envoy-grpc", "envoy/envoy-grpc.yaml", port)
            }
            _ => self.site.generate("envoy", "envoy/envoy.yaml", port),
        };
        if matches!(kind, Kind::OpenEnvoy | Kind::OpenEnvoyGrpc) {
            let (shut, open) = ("failure_mode_allow: false", "failure_mode_allow: true");
            assert!(printed.contains(shut), "{printed}");
            printed = printed.replace(shut, open);
        }
        let file = self.write("envoy.yaml", &printed);
        let mut command = self.command("GATELODGE_TEST_ENVOY");
        // Each needs a name of its own for its shared memory.
        command.args(["-c", &file, "--concurrency", "2", "--log-level", "warning"]);
        command.args(["--base-id", &port.to_string()]);
        command
    }

    fn caddy(&self, kind: Kind, port: u16) -> Command {
        let site = self.site.generate("caddy", "caddy/app.caddy", port);
        self.write("app.caddy", &site);
        // HTTP/2 without TLS, which nobody needs but a test.
        let trust = match kind {
            Kind::InnerCaddy => "trusted_proxies static 127.0.0.1/32",
            _ => "",
        };
        let servers =
            format!("admin off\n\tservers {{\n\t\tprotocols h1 h2 h2c\n\t\t{trust}\n\t}}");
        let file = example("caddy/Caddyfile", &[("admin off", &servers)]);
        let file = self.write("Caddyfile", &file);
        let mut command = self.command(match kind {
            Kind::OldCaddy => "GATELODGE_TEST_CADDY_OLD",
            _ => "GATELODGE_TEST_CADDY",
        });
        command.args(["run", "--adapter", "caddyfile", "--config", &file]);
        command.env("HOME", &self.folder);
        command
    }

    fn haproxy(&self, kind: Kind, port: u16) -> Command {
        let sections = self.site.generate("haproxy", "haproxy/app.cfg", port);
        let app = self.write("app.cfg", &sections);
        let broken = [("core.httpclient()", "nothing")];
        let replaced: &[_] = if kind == Kind::Haproxy { &[] } else { &broken };
        let lua = self.write("gatelodge.lua", &example("haproxy/gatelodge.lua", replaced));
        let replaced = [("/usr/local/etc/haproxy/gatelodge.lua", lua.as_str())];
        let base = self.write("haproxy.cfg", &example("haproxy/haproxy.cfg", &replaced));
        let mut command = self.command("GATELODGE_TEST_HAPROXY");
        command.args(["-db", "-f", &base, "-f", &app]);
        command
    }
}

impl Proxy {
    /// Starts one in front of the site and waits until it lets the upstream be
    /// reached.
    pub async fn start(kind: Kind, site: &Site) -> Self {
        let folder = TempDir::new().unwrap();
        let plan = Plan {
            site,
            folder: folder.path().to_owned(),
        };
        let (chosen, http2) = (AtomicU16::new(0), AtomicU16::new(0));
        let command = |port: u16| {
            chosen.store(port, Ordering::SeqCst);
            http2.store(port, Ordering::SeqCst);
            match kind {
                Kind::Traefik | Kind::InnerTraefik => plan.traefik(kind, port),
                Kind::Nginx => {
                    let further = free_port();
                    http2.store(further, Ordering::SeqCst);
                    plan.nginx(port, further)
                }
                Kind::Envoy | Kind::EnvoyGrpc | Kind::OpenEnvoy | Kind::OpenEnvoyGrpc => {
                    plan.envoy(kind, port)
                }
                Kind::Caddy | Kind::InnerCaddy | Kind::OldCaddy => plan.caddy(kind, port),
                Kind::Haproxy | Kind::BrokenHaproxy => plan.haproxy(kind, port),
            }
        };
        // The upstream's own port in the path: who answers is this very proxy.
        let ours: SocketAddr = site.upstream.address.parse().unwrap();
        let probe = get(format!("/public/{}", ours.port()));
        let ready = async |_: &Process| {
            let address = format!("127.0.0.1:{}", chosen.load(Ordering::SeqCst));
            let reply = ask::send(&address, &probe).await;
            reply.is_ok_and(|reply| match kind {
                Kind::BrokenHaproxy => reply.status == 503,
                _ => Seen::of(&reply).is_some_and(|seen| seen.target == probe.target),
            })
        };
        let log = folder.path().join("log");
        let (process, port) = Process::start(name(kind), &log, command, ready).await;
        Self {
            address: format!("127.0.0.1:{port}"),
            http2: format!("127.0.0.1:{}", http2.load(Ordering::SeqCst)),
            process,
            _folder: folder,
        }
    }

    /// All it said.
    pub fn log(&self) -> String {
        self.process.log()
    }
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Traefik | Kind::InnerTraefik => "traefik",
        Kind::Nginx => "nginx",
        Kind::Envoy | Kind::EnvoyGrpc | Kind::OpenEnvoy | Kind::OpenEnvoyGrpc => "envoy",
        Kind::Caddy | Kind::InnerCaddy => "caddy",
        Kind::OldCaddy => "the old caddy",
        Kind::Haproxy | Kind::BrokenHaproxy => "haproxy",
    }
}
