//! A real Valkey server.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;
use tokio::time;
use url::Url;

use super::certificates::Certificates;
use super::process::{Process, part};
use super::resp::{self, Reply};

const NAME: &str = "valkey-server";

/// How long a server that is not frozen may take for one command.
const COMMAND_MAX: Duration = Duration::from_secs(10);

/// The user by whom the test itself commands a server that has users.
const CONTROL: &str = "test-control";

/// What a server keeps over its death.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Persistence {
    /// Nothing.
    #[default]
    Nothing,
    /// An append-only file, written to the disk every second.
    EverySecond,
    /// An append-only file, on the disk before a write is acknowledged.
    Always,
}

/// Whether connections to the port are encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tls {
    /// Plain text.
    #[default]
    Off,
    /// The server shows a certificate; plain text is refused.
    Server,
    /// The client must show one, too.
    Mutual,
}

/// What kind of server a test needs.
#[derive(Clone, Debug, Default)]
pub struct ValkeyOptions {
    /// What it keeps over its death.
    pub persistence: Persistence,
    /// The most memory it takes, `4mb` for one; writes fail beyond it.
    pub maxmemory: Option<&'static str>,
    /// Whether connections are encrypted.
    pub tls: Tls,
    /// The password of the default user.
    pub password: Option<&'static str>,
    /// Lines of an ACL file, `user app on >secret ~gl:* &* +@all` for one.
    pub acl: Vec<String>,
    /// Any other settings, as in `valkey.conf`.
    pub settings: Vec<(&'static str, String)>,
}

/// A running server, alone on its port; gone with this value.
pub struct Valkey {
    process: Process,
    port: u16,
    options: ValkeyOptions,
    certificates: Option<Certificates>,
    folder: TempDir,
}

impl Valkey {
    /// A server that keeps nothing and asks for nothing.
    pub async fn start() -> Self {
        Self::start_with(ValkeyOptions::default()).await
    }

    /// A server of that kind.
    pub async fn start_with(options: ValkeyOptions) -> Self {
        let folder = TempDir::new().unwrap_or_else(|error| panic!("no folder for {NAME}: {error}"));
        let certificates = (options.tls != Tls::Off).then(|| Certificates::issue(folder.path()));
        write_users(folder.path(), &options);
        let (process, port) = Process::start(
            NAME,
            &log(folder.path()),
            |port| command(folder.path(), port, &options, certificates.as_ref()),
            async |_| answers(folder.path(), &options).await,
        )
        .await;
        Self {
            process,
            port,
            options,
            certificates,
            folder,
        }
    }

    /// The port of the loopback address it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its address for the default user, with the password if there is one.
    pub fn url(&self) -> String {
        match self.options.password {
            Some(password) => self.url_as("default", password),
            None => self.plain_url().to_string(),
        }
    }

    /// Its address for that user.
    pub fn url_as(&self, user: &str, password: &str) -> String {
        let mut url = self.plain_url();
        let set = url
            .set_username(user)
            .and_then(|()| url.set_password(Some(password)));
        assert!(set.is_ok(), "an address with a host takes a user");
        url.to_string()
    }

    fn plain_url(&self) -> Url {
        let scheme = if self.certificates.is_some() {
            "rediss"
        } else {
            "redis"
        };
        Url::parse(&format!("{scheme}://127.0.0.1:{}/0", self.port))
            .unwrap_or_else(|error| panic!("not an address: {error}"))
    }

    /// The certificates of both sides, of a server with TLS.
    pub fn certificates(&self) -> &Certificates {
        match &self.certificates {
            Some(certificates) => certificates,
            None => panic!("this server was started without TLS"),
        }
    }

    /// Commands it from the side, past TLS and with all rights. Panics where
    /// it does not answer.
    pub async fn command(&self, words: &[&str]) -> Reply {
        let asked = ask(self.folder.path(), &self.options, words);
        time::timeout(COMMAND_MAX, asked)
            .await
            .unwrap_or_else(|late| panic!("{NAME} did not answer {words:?}: {late}"))
            .unwrap_or_else(|error| panic!("{NAME} did not take {words:?}: {error}"))
    }

    /// Ends it as a power cut would.
    pub fn kill9(&mut self) {
        self.process.kill9();
    }

    /// Freezes it: connections stay open, nothing answers.
    pub async fn stop(&mut self) {
        self.process.stop().await;
    }

    /// Lets it go on.
    pub fn cont(&mut self) {
        self.process.cont();
    }

    /// Kills it if it runs, and starts it on the same port and folder: with
    /// what it kept, if it keeps anything.
    pub async fn restart(&mut self) {
        self.process.kill9();
        let (folder, options) = (self.folder.path(), &self.options);
        self.process = Process::start_again(
            NAME,
            &log(folder),
            || command(folder, self.port, options, self.certificates.as_ref()),
            async |_| answers(folder, options).await,
        )
        .await;
    }

    /// All it said since it was started.
    pub fn log(&self) -> String {
        self.process.log()
    }
}

/// A way in that is the same whatever the options, and no other server's: who
/// answers here is the very process that was started.
fn socket(folder: &Path) -> PathBuf {
    folder.join("control")
}

fn log(folder: &Path) -> PathBuf {
    folder.join("log")
}

fn users(folder: &Path) -> PathBuf {
    folder.join("users.acl")
}

fn has_users(options: &ValkeyOptions) -> bool {
    options.password.is_some() || !options.acl.is_empty()
}

fn write_users(folder: &Path, options: &ValkeyOptions) {
    if !has_users(options) {
        return;
    }
    let mut lines = vec![format!("user {CONTROL} on >{CONTROL} ~* &* +@all")];
    if let Some(password) = options.password {
        lines.push(format!("user default on >{password} ~* &* +@all"));
    }
    lines.extend(options.acl.iter().cloned());
    let path = users(folder);
    fs::write(&path, lines.join("\n") + "\n")
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

/// The server of TLS is the older one, so each is in use.
fn command(
    folder: &Path,
    port: u16,
    options: &ValkeyOptions,
    certificates: Option<&Certificates>,
) -> Command {
    let mut command = Command::new(part(match certificates {
        Some(_) => "GATELODGE_TEST_VALKEY_TLS_SERVER",
        None => "GATELODGE_TEST_VALKEY_SERVER",
    }));
    command.current_dir(folder);
    let mut set = |name: &str, value: &str| {
        command.arg(format!("--{name}")).arg(value);
    };
    let text = |path: PathBuf| path.to_string_lossy().into_owned();
    set("bind", "127.0.0.1");
    set("dir", &text(folder.to_owned()));
    set("unixsocket", &text(socket(folder)));
    set("enable-debug-command", "local");
    set("save", "");
    let (appendonly, appendfsync) = match options.persistence {
        Persistence::Nothing => ("no", "everysec"),
        Persistence::EverySecond => ("yes", "everysec"),
        Persistence::Always => ("yes", "always"),
    };
    set("appendonly", appendonly);
    set("appendfsync", appendfsync);
    if let Some(bytes) = options.maxmemory {
        set("maxmemory", bytes);
    }
    if has_users(options) {
        set("aclfile", &text(users(folder)));
    }
    match certificates {
        None => set("port", &port.to_string()),
        Some(certificates) => {
            let (certificate, key) = certificates.server();
            set("port", "0");
            set("tls-port", &port.to_string());
            set("tls-ca-cert-file", &text(certificates.authority()));
            set("tls-cert-file", &text(certificate));
            set("tls-key-file", &text(key));
            set(
                "tls-auth-clients",
                if options.tls == Tls::Mutual {
                    "yes"
                } else {
                    "no"
                },
            );
        }
    }
    for (name, value) in &options.settings {
        set(name, value);
    }
    command
}

async fn answers(folder: &Path, options: &ValkeyOptions) -> bool {
    // An error reply is one of "still loading".
    matches!(ask(folder, options, &["PING"]).await, Ok(Ok(_)))
}

async fn ask(folder: &Path, options: &ValkeyOptions, words: &[&str]) -> io::Result<Reply> {
    let socket = socket(folder);
    if has_users(options) {
        resp::ask(&socket, &[&["AUTH", CONTROL, CONTROL], words]).await
    } else {
        resp::ask(&socket, &[words]).await
    }
}
