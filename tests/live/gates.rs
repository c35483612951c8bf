//! Gates that change under a running server, and the command line that tries them.

use std::time::Duration;

use serde_json::Value;

use super::support::lodge::Deployment;
use super::support::process::wait_until;

const SOON: Duration = Duration::from_secs(15);

const OPEN: &str = "[[gates]]\nname = \"app\"\n[[gates.rules]]\nallow = \"anyone\"\n";
const SHUT: &str = "[[gates]]\nname = \"app\"\n[[gates.rules]]\nallow = \"nobody\"\n";
const BROKEN: &str = "[[gates]]\nname = \"app\"\n[[gates.rules]]\npaths = [\"v1\"]\n";

#[tokio::test]
async fn gates_are_read_anew_and_a_bad_file_keeps_the_old_ones() {
    let deployment = Deployment::embedded();
    deployment.write_settings(OPEN);
    let lodge = deployment.start().await;
    let status = async || lodge.get("/forward-auth/app", &[]).await.status;
    assert_eq!(status().await, 204);

    deployment.write_settings(SHUT);
    wait_until("the file is noticed", SOON, async || status().await == 403).await;

    deployment.write_settings(BROKEN);
    wait_until("the fault is told", SOON, async || {
        lodge.log().contains("[0] rules[0] paths: \"v1\"")
    })
    .await;
    assert!(lodge.log().contains("settings.toml"), "{}", lodge.log());
    assert_eq!(status().await, 403, "the old ones stay");

    deployment.write_settings(&format!("port = 1\n{OPEN}"));
    wait_until("the file is noticed", SOON, async || status().await == 204).await;
}

#[tokio::test]
async fn a_hangup_reads_the_gates_and_drops_no_request() {
    let deployment = Deployment::embedded();
    deployment.write_settings(OPEN);
    let mut lodge = deployment.start().await;
    for round in 1..=5 {
        lodge.hang_up();
        let read = format!("round {round}: the gates are read");
        wait_until(&read, SOON, async || {
            let log = lodge.log();
            assert_eq!(lodge.get("/forward-auth/app", &[]).await.status, 204);
            log.matches("the gates were read anew").count() >= round
        })
        .await;
    }
}

const RULES: &str = r#"
[[gates]]
name = "app"
[[gates.rules]]
hosts = ["app.test"]
paths = ["/public/**"]
allow = "anyone"
[[gates.rules]]
hosts = ["app.test"]
methods = ["GET"]
scopes = ["app:read"]
"#;

#[test]
fn the_command_line_says_what_the_gate_would() {
    let deployment = Deployment::embedded();
    deployment.write_settings(RULES);
    let create = ["key", "create", "--owner", "alice", "--json"];
    let created: Value = serde_json::from_slice(&deployment.run(&create).stdout).unwrap();
    let id = created["id"].as_str().unwrap().to_owned();
    let explain = |more: &[&str]| -> (Option<i32>, Value) {
        let arguments = [&["gate", "explain", "app", "--json"][..], more].concat();
        let output = deployment.run(&arguments);
        let said = serde_json::from_slice(&output.stdout);
        let said = said.unwrap_or_else(|error| panic!("{error}: {output:?}"));
        (output.status.code(), said)
    };
    let (code, said) = explain(&["--url", "https://APP.test/public/a?x"]);
    assert_eq!(
        (code, &said["outcome"], &said["rule"]),
        (Some(0), &"allow".into(), &0.into())
    );
    let url = ["--url", "https://app.test/v1"];
    let (code, said) = explain(&url);
    assert_eq!((code, &said["reason"]), (Some(1), &"no_credential".into()));
    let (_, said) = explain(&[&url[..], &["--key-id", &id]].concat());
    assert_eq!(
        (&said["reason"], &said["rule"]),
        (&"missing_scope".into(), &1.into())
    );
    assert!(said["text"].as_str().unwrap().contains("app:read"));
    let (_, said) = explain(&["--url", "https://app.test/public/../v1"]);
    assert_eq!(said["reason"], "path_ambiguous");
    let (_, said) = explain(&["--url", "https://app.test/v1", "--method", "POST"]);
    assert_eq!(
        (&said["reason"], &said["rule"]),
        (&"no_rule".into(), &Value::Null)
    );
    let (_, said) = explain(&[]);
    assert_eq!(said["reason"], "fact_missing");

    let check = deployment.run(&["gate", "check", "app", "--url", "https://app.test/public"]);
    assert_eq!(String::from_utf8_lossy(&check.stdout), "allow\n");
    let list = deployment.run(&["gate", "list"]);
    let list = String::from_utf8_lossy(&list.stdout).into_owned();
    assert!(
        list.contains("rules[0]  allow anyone, hosts app.test, paths /public/**"),
        "{list}"
    );

    let generate = ["generate", "nginx", "--gate", "app", "--host", "app.test"];
    let text = deployment.run(&generate).stdout;
    assert!(String::from_utf8_lossy(&text).contains("/nginx-auth/app;"));
    for bad in [
        ["--gate", "nowhere", "--host", "app.test"],
        ["--gate", "app", "--host", "app.test; evil"],
    ] {
        let output = deployment.run(&[&["generate", "nginx"][..], &bad].concat());
        assert!(
            !output.status.success() && output.stdout.is_empty(),
            "{bad:?}"
        );
    }
}
