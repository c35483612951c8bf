//! Gatelodge itself: the real binary, told what to do by variables alone.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::Value;
use tempfile::TempDir;

use super::process::{Process, wait_until};
use super::valkey::{Persistence, Valkey, ValkeyOptions};

const NAME: &str = "gatelodge";
const LISTENS: &str = "Gatelodge listens on http://";

const SALT: &str = "5a17be25a17be25a17be25a17be25a17be25a17be25a17be25a17be25a17be2f";

/// How long one request may take.
const REQUEST_MAX: Duration = Duration::from_secs(20);
/// How long a stop may take.
const STOP_MAX: Duration = Duration::from_secs(20);

/// Where a server keeps its data, and how it is told to run. Several servers
/// may run on one deployment: on the embedded store one after the other.
pub struct Deployment {
    folder: TempDir,
    variables: Vec<(&'static str, String)>,
    valkey: Option<Valkey>,
    starts: AtomicU32,
}

impl Deployment {
    /// On the embedded store, with nothing around it.
    pub fn embedded() -> Self {
        let folder = TempDir::new().unwrap_or_else(|error| panic!("no folder for {NAME}: {error}"));
        let data = folder.path().join("data").to_string_lossy().into_owned();
        Self {
            folder,
            variables: vec![
                ("GATELODGE_PORT", "0".to_owned()),
                ("GATELODGE_SERVER__WORKERS", "2".to_owned()),
                ("GATELODGE_DATA_DIR", data),
                // What a hash costs is not what these tests are about.
                ("GATELODGE_ACCOUNTS__ARGON2_MEMORY_KIB", "64".to_owned()),
            ],
            valkey: None,
            starts: AtomicU32::new(0),
        }
    }

    /// On a Valkey of its own that has on its disk what it acknowledged.
    pub async fn valkey() -> Self {
        let valkey = Valkey::start_with(ValkeyOptions {
            persistence: Persistence::Always,
            ..ValkeyOptions::default()
        })
        .await;
        let this = Self::embedded()
            .with("GATELODGE_VALKEY_URL", valkey.url())
            .with("GATELODGE_TOKEN_SALT", SALT);
        Self {
            valkey: Some(valkey),
            ..this
        }
    }

    /// Its Valkey, to be stopped and killed.
    pub fn store(&mut self) -> &mut Valkey {
        let valkey = self.valkey.as_mut();
        valkey.unwrap_or_else(|| panic!("{NAME} runs on its embedded store"))
    }

    /// The server of the store.
    pub fn server(&mut self) -> &mut Valkey {
        match &mut self.valkey {
            Some(valkey) => valkey,
            None => panic!("this deployment is on the embedded store"),
        }
    }

    /// The same with one more variable.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    /// Puts a settings file where the program looks for it, all at once.
    pub fn write_settings(&self, text: &str) {
        let fresh = self.folder.path().join("settings.fresh");
        std::fs::write(&fresh, text).unwrap();
        std::fs::rename(fresh, self.folder.path().join("settings.toml")).unwrap();
    }

    /// Writes a file beside the settings, where relative paths lead.
    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    /// A file of the embedded store's folder.
    pub fn data(&self, name: &str) -> PathBuf {
        self.folder.path().join("data").join(name)
    }

    /// What stands in such a file.
    pub fn read(&self, name: &str) -> String {
        let path = self.data(name);
        std::fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
            .trim()
            .to_owned()
    }

    /// The program with these arguments, in an environment that holds nothing else.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gatelodge"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Starts a server and waits until it listens.
    pub async fn start(&self) -> Lodge {
        let log = self.folder.path().join(format!(
            "log-{}",
            self.starts.fetch_add(1, Ordering::Relaxed)
        ));
        let process = Process::start_again(
            NAME,
            &log,
            || self.command(&[]),
            async |process| address(process).is_some(),
        )
        .await;
        let address = address(&process).unwrap_or_default();
        Lodge {
            process,
            address,
            http: http(),
        }
    }

    /// Runs the command line beside whatever runs.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments)
            .output()
            .unwrap_or_else(|error| panic!("{NAME} {arguments:?} does not start: {error}"))
    }

    /// A key that the command line mints for an owner, a subject or `realm:subject`.
    pub fn mint(&self, owner: &str, further: &[&str]) -> String {
        let mut arguments = vec!["key", "create", "--owner", owner];
        arguments.extend(further);
        let output = self.run(&arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
}

/// A running server; killed with this value.
pub struct Lodge {
    process: Process,
    /// Host and port.
    pub address: String,
    http: reqwest::Client,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, which all of ours can be read as text.
    pub body: String,
}

impl Answer {
    /// The one value of a header; empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body)
            .unwrap_or_else(|error| panic!("not JSON: {error}: {self:?}"))
    }
}

impl Lodge {
    /// One request.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let answered = self.try_send(method, path, headers, body).await;
        answered.unwrap_or_else(|error| {
            panic!(
                "{method} {path} was not answered: {error:?}\n{}",
                self.log()
            )
        })
    }

    /// One request to a server that may be gone.
    pub async fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> reqwest::Result<Answer> {
        let method = Method::from_bytes(method.as_bytes())
            .unwrap_or_else(|error| panic!("{method}: {error}"));
        let url = format!("http://{}{path}", self.address);
        let mut request = self.http.request(method, url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !body.is_empty() {
            request = request
                .header("content-type", "application/json")
                .body(body.to_owned());
        }
        let answer = request.send().await?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = answer.bytes().await?;
        Ok(Answer {
            status,
            headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        })
    }

    /// GET without a body.
    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send("GET", path, headers, "").await
    }

    /// Asks the default gate with a credential.
    pub async fn gate(&self, credential: &str) -> Answer {
        let value = format!("Bearer {credential}");
        self.get("/forward-auth", &[("authorization", &value)])
            .await
    }

    /// Calls the API with a credential.
    pub async fn api(&self, credential: &str, method: &str, path: &str, body: &str) -> Answer {
        let value = format!("Bearer {credential}");
        self.send(method, path, &[("authorization", &value)], body)
            .await
    }

    /// Ends it as a power cut would.
    pub fn kill9(&mut self) {
        self.process.kill9();
    }

    /// The same while requests to it are under way.
    pub fn kill9_from_the_side(&self) {
        self.process.kill9_from_the_side();
    }

    /// Freezes it: its connections stay open and nothing answers.
    pub async fn freeze(&mut self) {
        self.process.stop().await;
    }

    /// Lets a frozen one go on.
    pub fn thaw(&mut self) {
        self.process.cont();
    }

    /// Asks it to read its settings anew.
    pub fn hang_up(&mut self) {
        self.process.signal("HUP");
    }

    /// Asks it to stop.
    pub fn terminate(&mut self) {
        self.process.signal("TERM");
    }

    /// Waits for its end, and says the exit code.
    pub async fn exit_code(&mut self) -> Option<i32> {
        let process = &mut self.process;
        wait_until("the server has stopped", STOP_MAX, async || {
            process.has_ended()
        })
        .await;
        self.process.ended_with()?.code()
    }

    /// Where it answers Envoy's gRPC.
    pub fn grpc_address(&self) -> String {
        let log = self.process.log();
        let said = log.lines().find_map(|line| {
            let (_, address) = line.split_once("gRPC is answered on ")?;
            Some(address.trim().to_owned())
        });
        said.unwrap_or_else(|| panic!("{NAME} answers no gRPC: {log}"))
    }

    /// All it said.
    pub fn log(&self) -> String {
        self.process.log()
    }
}

fn address(process: &Process) -> Option<String> {
    process
        .log()
        .split_inclusive('\n')
        .filter(|line| line.ends_with('\n'))
        .find_map(|line| Some(line.strip_prefix(LISTENS)?.trim_end().to_owned()))
}

#[expect(
    clippy::disallowed_methods,
    reason = "a client of tests, not of the product"
)]
fn http() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(REQUEST_MAX)
        .build()
        .unwrap_or_else(|error| panic!("no HTTP client: {error}"))
}
