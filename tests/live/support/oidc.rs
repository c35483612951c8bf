//! A real OpenID provider, `tests/parts/oidc-provider.mjs`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use url::form_urlencoded;

use super::process::{Process, part};

const NAME: &str = "oidc-provider";

/// The secret of every client that has one, as the provider's script has it.
pub const CLIENT_SECRET: &str = "test-only-secret-of-every-machine-client";

/// How long one request to the provider may take.
const REQUEST_MAX: Duration = Duration::from_secs(10);

/// Every algorithm that the provider signs with. Of these, ES512 is one that
/// Gatelodge does not accept.
pub const ALGORITHMS: [&str; 10] = [
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
];

/// What a machine asks for.
#[derive(Clone, Copy, Debug)]
pub struct TokenRequest<'a> {
    /// One of [`ALGORITHMS`]; the client is `svc-` and this.
    pub alg: &'a str,
    /// Whether the token lives for a second only; five minutes otherwise.
    pub short: bool,
    /// The audience.
    pub resource: &'a str,
    /// Of `api`, `models:read` and `models:write`, separated by spaces.
    pub scope: &'a str,
    /// The groups claim, separated by spaces.
    pub groups: &'a str,
}

impl Default for TokenRequest<'_> {
    fn default() -> Self {
        Self {
            alg: "ES256",
            short: false,
            resource: "urn:api",
            scope: "",
            groups: "machines",
        }
    }
}

/// A running provider; gone with this value.
pub struct OidcProvider {
    process: Process,
    port: u16,
    http: reqwest::Client,
    folder: TempDir,
    lodge: Option<String>,
}

impl OidcProvider {
    /// A provider with keys of its own.
    pub async fn start() -> Self {
        Self::start_for(None).await
    }

    /// The same, and people sign in there for the Gatelodge at that address.
    pub async fn start_for(lodge: Option<String>) -> Self {
        let folder = TempDir::new().unwrap_or_else(|error| panic!("no folder for {NAME}: {error}"));
        let (process, port) = Process::start(
            NAME,
            &log(folder.path()),
            |port| command(folder.path(), port, lodge.as_deref()),
            async |process| listens(process),
        )
        .await;
        Self {
            process,
            port,
            http: http(),
            folder,
            lodge,
        }
    }

    /// Its issuer, which is also its address.
    pub fn issuer(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A JWT access token for that audience, signed with one of [`ALGORITHMS`].
    pub async fn token(&self, alg: &str, resource: &str) -> String {
        self.token_for(TokenRequest {
            alg,
            resource,
            ..TokenRequest::default()
        })
        .await
    }

    /// A JWT access token as asked for. Its subject is the client's name.
    pub async fn token_for(&self, asked: TokenRequest<'_>) -> String {
        let client = format!(
            "svc-{}{}",
            asked.alg,
            if asked.short { "-short" } else { "" }
        );
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials");
        form.append_pair("resource", asked.resource);
        form.append_pair("groups", asked.groups);
        if !asked.scope.is_empty() {
            form.append_pair("scope", asked.scope);
        }
        let request = self
            .http
            .post(format!("{}/token", self.issuer()))
            .basic_auth(client, Some(CLIENT_SECRET))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.finish());
        let answer = fetch(request).await;
        match answer["access_token"].as_str() {
            Some(token) => token.to_owned(),
            None => panic!("{NAME} gave no token for {asked:?}: {answer}"),
        }
    }

    /// The public keys, as everybody sees them.
    pub async fn jwks(&self) -> Value {
        fetch(self.http.get(format!("{}/jwks", self.issuer()))).await
    }

    /// All it said.
    pub fn log(&self) -> String {
        self.process.log()
    }

    /// Ends it: connections to it are refused.
    pub fn kill(&mut self) {
        self.process.kill9();
    }

    /// Freezes it: connections are taken, nothing answers.
    pub async fn stop(&mut self) {
        self.process.stop().await;
    }

    /// Lets it go on.
    pub fn cont(&mut self) {
        self.process.cont();
    }

    /// Kills it if it runs, and starts it with the same issuer and keys.
    pub async fn restart(&mut self) {
        self.process.kill9();
        let folder = self.folder.path();
        self.process = Process::start_again(
            NAME,
            &log(folder),
            || command(folder, self.port, self.lodge.as_deref()),
            async |process| listens(process),
        )
        .await;
    }

    /// Kills it if it runs, and starts it with the same issuer and other keys:
    /// what it signed before no key of its verifies.
    pub async fn restart_with_new_keys(&mut self) {
        self.process.kill9();
        let keys = self.keys_file();
        fs::remove_file(&keys).unwrap_or_else(|error| panic!("{}: {error}", keys.display()));
        self.restart().await;
    }

    /// The JWKS of its private keys, which a test may change before a restart:
    /// to have a key follow another, or to leave one out.
    pub fn keys_file(&self) -> PathBuf {
        keys_file(self.folder.path())
    }
}

fn log(folder: &Path) -> PathBuf {
    folder.join("log")
}

fn keys_file(folder: &Path) -> PathBuf {
    folder.join("keys.json")
}

fn command(folder: &Path, port: u16, lodge: Option<&str>) -> Command {
    let mut command = Command::new(part("GATELODGE_TEST_NODE"));
    command
        .arg(part("GATELODGE_TEST_OIDC_PROVIDER"))
        .arg(port.to_string())
        .current_dir(folder)
        .env("KEYS_FILE", keys_file(folder))
        .envs(lodge.map(|url| ("LODGE_URL", url)));
    command
}

/// Its own word, and not an answer on the port, which might be another's.
fn listens(process: &Process) -> bool {
    process.log().lines().any(|line| line == "listening")
}

#[expect(
    clippy::disallowed_methods,
    reason = "a client of tests, not of the product"
)]
fn http() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .timeout(REQUEST_MAX)
        .build()
        .unwrap_or_else(|error| panic!("no HTTP client: {error}"))
}

async fn fetch(request: reqwest::RequestBuilder) -> Value {
    let body = async { request.send().await?.bytes().await };
    let body = body
        .await
        .unwrap_or_else(|error| panic!("{NAME} does not answer: {error}"));
    serde_json::from_slice(&body)
        .unwrap_or_else(|error| panic!("{NAME} answered other than JSON: {error}: {body:?}"))
}
