//! What a second start finds, and what it says.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use super::support::lodge::{Deployment, Lodge};
use super::support::process::wait_until;

const SOON: Duration = Duration::from_secs(10);

/// What a start says that makes up the administrator's password.
const SHOWN_ONCE: &str = "It is shown this once:\n  ";

/// What the server says to people, wherever it listens.
fn greeting(lodge: &Lodge) -> String {
    let log = lodge.log();
    let at = log.find("Gatelodge listens on ").unwrap();
    log[at..].replace(&lodge.address, "ADDRESS")
}

/// The secrets beside the database, by name.
fn secrets(deployment: &Deployment) -> BTreeMap<String, Vec<u8>> {
    let database = |name: &str| name.contains(".db") || name.contains(".sqlite");
    fs::read_dir(deployment.data(""))
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), entry.path()))
        .filter(|(name, _)| !database(name))
        .map(|(name, path)| (name, fs::read(path).unwrap()))
        .collect()
}

#[tokio::test]
async fn a_second_start_says_the_same_and_makes_no_new_secrets() {
    let deployment = Deployment::embedded().with("GATELODGE_LOG__FILTER", "off");
    let mut lodge = deployment.start().await;
    let first_key = deployment.read("first-key");
    let passed = lodge.gate(&first_key).await;
    assert_eq!(passed.header("x-authenticated-user"), "local:admin");
    wait_until("the greeting is complete", SOON, async || {
        greeting(&lodge).contains("Passes with 204")
    })
    .await;
    let (said, made) = (greeting(&lodge), secrets(&deployment));
    let password = deployment.read("admin-password");
    let once = format!("{SHOWN_ONCE}{password}\n");
    assert!(said.contains(&once), "{said}");
    let said = said.replace(&once, "");
    assert!(!said.contains(&password), "{said}");
    assert!(made.len() >= 3, "{:?}", made.keys());
    lodge.terminate();
    assert_eq!(lodge.exit_code().await, Some(0));

    let lodge = deployment.start().await;
    wait_until("the greeting is the same", SOON, async || {
        greeting(&lodge) == said
    })
    .await;
    assert_eq!(secrets(&deployment), made);
    assert_eq!(lodge.gate(&first_key).await.status, 204);
}
