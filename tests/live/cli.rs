//! The command line, as operators use it: beside a running server, and without one.

use std::process::Output;

use serde_json::Value;

use super::support::lodge::Deployment;

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What a command says that must succeed.
fn said(deployment: &Deployment, arguments: &[&str]) -> String {
    let output = deployment.run(arguments);
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    out(&output)
}

fn json(deployment: &Deployment, arguments: &[&str]) -> Value {
    let text = said(deployment, arguments);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {text}"))
}

#[tokio::test]
async fn a_key_is_created_listed_changed_and_revoked_beside_a_running_server() {
    let deployment = Deployment::embedded();
    let lodge = deployment.start().await;
    let create = [
        "key", "create", "--owner", "alice", "--name", "ci", "--scope", "a:read",
    ];
    let text = said(&deployment, &create);
    let key = text.trim();
    assert_eq!(text, format!("{key}\n"), "the key alone, so that it pipes");
    assert_eq!(lodge.gate(key).await.status, 204);

    let list = json(&deployment, &["key", "list", "--owner", "alice", "--json"]);
    let id = list[0]["id"].as_str().unwrap();
    assert_eq!(
        (&list[0]["name"], &list[0]["status"]),
        (&"ci".into(), &"active".into())
    );
    let table = said(&deployment, &["key", "list", "--owner", "alice"]);
    assert!(
        table.starts_with("ID ") && table.contains(id) && table.contains("a:read"),
        "{table}"
    );
    assert!(said(&deployment, &["key", "show", id]).contains("ci"));

    said(&deployment, &["key", "disable", id]);
    assert_eq!(lodge.gate(key).await.status, 401);
    said(&deployment, &["key", "enable", id]);
    assert_eq!(lodge.gate(key).await.status, 204);

    let new = said(&deployment, &["key", "rotate", id, "--overlap", "0"]);
    assert_eq!(lodge.gate(key).await.status, 401);
    assert_eq!(lodge.gate(new.trim()).await.status, 204);
    assert_eq!(
        said(&deployment, &["key", "revoke", "--all-of", "alice"]),
        "2 keys revoked\n"
    );
    assert_eq!(lodge.gate(new.trim()).await.status, 401);
}

#[tokio::test]
async fn what_is_wrong_is_said_on_one_line_and_no_secret_with_it() {
    let deployment = Deployment::embedded();
    let key = deployment.mint("alice", &[]);
    for (arguments, word) in [
        (vec!["key", "show", &key], "give its id alone"),
        (vec!["key", "revoke", "0000000000000000"], "no such key"),
        (vec!["key", "show", "nonsense"], "no key id"),
        (vec!["key", "create", "--owner", ""], "must not be empty"),
        (
            vec!["key", "create", "--owner", "a", "--expires", "soon"],
            "30d",
        ),
        (
            vec!["key", "create", "--owner", "a", "--scope", "*"],
            "--scope",
        ),
        (
            vec!["key", "create", "--owner", "a", "--expires", "2020-01-01"],
            "in the future",
        ),
        (vec!["health"], "asking"),
    ] {
        let output = deployment.run(&arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {output:?}");
        let words = err(&output);
        assert!(words.contains(word), "{arguments:?}: {words}");
        assert_eq!(words.trim_end().lines().count(), 1, "{words}");
        assert!(!words.contains(&key), "{words}");
    }
    assert_eq!(deployment.run(&["key"]).status.code(), Some(64));
    assert_eq!(deployment.run(&["key", "create"]).status.code(), Some(64));
}

#[tokio::test]
async fn the_settings_are_checked_and_shown_with_their_source() {
    let salt = "0123456789abcdef".repeat(4);
    let deployment = Deployment::embedded().with("TOKEN_SALT", salt.clone());
    assert_eq!(
        said(&deployment, &["config", "check"]),
        "the settings are in order\n"
    );
    let shown = said(&deployment, &["config", "show"]);
    assert!(
        shown.contains("[secret]  (TOKEN_SALT)") && !shown.contains(&salt),
        "{shown}"
    );
    let shown = json(&deployment, &["config", "show", "--json"]);
    let port = shown
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["key"] == "port")
        .unwrap();
    assert_eq!(port["origin"], "GATELODGE_PORT");

    let wrong = Deployment::embedded()
        .with("GATELODGE_KEYS__PREFXI", "x")
        .with("ADDRESS", "here");
    let output = wrong.run(&["config", "check"]);
    assert_eq!(output.status.code(), Some(78));
    let words = err(&output);
    assert!(
        words.contains("GATELODGE_KEYS__PREFIX?") && words.contains("ADDRESS"),
        "{words}"
    );
}

#[tokio::test]
async fn the_doctor_says_what_is_wrong_and_what_to_do() {
    let well = Deployment::embedded().with("GATELODGE_ACCOUNTS__ARGON2_MEMORY_KIB", "65536");
    well.mint("alice", &[]);
    let said = said(&well, &["doctor"]);
    assert!(
        said.contains("ok     salts") && !said.contains("WRONG"),
        "{said}"
    );

    let down = Deployment::embedded().with(
        "GATELODGE_ISSUERS",
        r#"[{"realm":"corp","url":"http://127.0.0.1:9","audiences":["a"]}]"#,
    );
    let output = down.run(&["doctor", "--json"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let findings: Value = serde_json::from_str(&out(&output)).unwrap();
    let issuer = findings
        .as_array()
        .unwrap()
        .iter()
        .find(|finding| finding["well"] == false && finding["part"] != "settings");
    assert!(
        issuer.unwrap()["text"]
            .as_str()
            .unwrap()
            .contains("cannot be fetched"),
        "{findings}"
    );
}

#[tokio::test]
async fn health_is_asked_of_the_running_server() {
    let port = super::support::process::free_port().to_string();
    let deployment = Deployment::embedded().with("GATELODGE_PORT", port);
    let lodge = deployment.start().await;
    assert_eq!(said(&deployment, &["health"]), "ready\n", "{}", lodge.log());
}

#[test]
fn shells_complete() {
    let deployment = Deployment::embedded();
    for shell in ["bash", "zsh", "fish"] {
        assert!(
            said(&deployment, &["completions", shell]).contains("gatelodge"),
            "{shell}"
        );
    }
}

#[tokio::test]
async fn accounts_are_made_listed_and_taken_out_of_use_beside_a_running_server() {
    let deployment =
        Deployment::embedded().with("GATELODGE_PUBLIC_URL", "https://lodge.example.com");
    let lodge = deployment.start().await;
    let create = ["user", "create", "Alice", "--group", "staff", "--admin"];
    let link = said(&deployment, &create);
    let begin = "https://lodge.example.com/welcome#";
    assert!(
        link.starts_with(begin) && link.len() == begin.len() + 44,
        "{link}"
    );
    let account = |name: &str| {
        let list = json(&deployment, &["user", "list", "--json"]);
        let accounts = list.as_array().unwrap().clone();
        let found = accounts
            .into_iter()
            .find(|account| account["username"] == name);
        found.unwrap_or_else(|| panic!("{name} is not in {list}"))
    };
    assert_eq!(account("alice")["status"], "invited");
    assert_eq!(account("admin")["must_change_password"], true);
    assert_ne!(said(&deployment, &["user", "reset", "alice"]), link);

    let key = deployment.mint("local:alice", &[]);
    assert_eq!(lodge.gate(&key).await.status, 204);
    said(&deployment, &["user", "disable", "alice"]);
    assert_eq!(lodge.gate(&key).await.status, 401);
    assert_eq!(account("alice")["status"], "disabled");
    said(&deployment, &["user", "enable", "alice"]);
    assert_eq!(lodge.gate(&key).await.status, 204);
    assert_eq!(
        said(&deployment, &["user", "sessions", "alice", "--end"]),
        "0 sessions ended\n"
    );
    for (arguments, word) in [
        (vec!["user", "create", "alice"], "already"),
        (vec!["user", "create", "a b"], "user name"),
        (vec!["user", "reset", "nobody"], "no such account"),
        (vec!["user", "disable", "admin"], "last administrator"),
    ] {
        let output = deployment.run(&arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {output:?}");
        assert!(err(&output).contains(word), "{arguments:?}: {output:?}");
    }
    let off = deployment.with("GATELODGE_ACCOUNTS__ENABLED", "off");
    let output = off.run(&["user", "list"]);
    assert!(err(&output).contains("accounts.enabled"), "{output:?}");
}
